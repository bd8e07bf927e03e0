"""PACKAGE_SAME_SWIFT_PREFIX: one `swift_prefix` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_SWIFT_PREFIX",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("swift_prefix", "do the names of Swift types"),
    title="All files of a package have the same `swift_prefix`",
    why=(
        "The names of generated Swift types begin with what `swift_prefix` says. With two values, the types of one "
        "package begin in two ways, and nobody can guess the name of one."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option swift_prefix = "AEX";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";  // error
package acme.example.v1;

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option swift_prefix = "AEX";

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option swift_prefix = "AEX";

message Account {
  string id = 1;
}
""",
)
