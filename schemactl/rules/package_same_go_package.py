"""PACKAGE_SAME_GO_PACKAGE: one `go_package` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_GO_PACKAGE",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("go_package", "does the package that Go code imports"),
    title="All files of a package have the same `go_package`",
    why=(
        "Generated Go code goes to the package that `go_package` says. With two values, types that belong together end "
        "up in two Go packages, which soon need each other, and Go refuses imports in a circle."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option go_package = "acme.com/gen/example/v1;examplev1";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option go_package = "acme.com/gen/example";  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option go_package = "acme.com/gen/example/v1;examplev1";

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option go_package = "acme.com/gen/example/v1;examplev1";

message Account {
  string id = 1;
}
""",
)
