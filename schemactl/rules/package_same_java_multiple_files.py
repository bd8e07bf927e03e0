"""PACKAGE_SAME_JAVA_MULTIPLE_FILES: one `java_multiple_files` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_JAVA_MULTIPLE_FILES",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("java_multiple_files", "do the names of Java classes"),
    title="All files of a package have the same `java_multiple_files`",
    why=(
        "It decides whether a message becomes a class of its own or one nested in a class for the whole file. A "
        "package that mixes both gives its users two ways to write the same kind of name."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option java_multiple_files = true;  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option java_multiple_files = false;  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option java_multiple_files = true;

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option java_multiple_files = true;

message Account {
  string id = 1;
}
""",
)
