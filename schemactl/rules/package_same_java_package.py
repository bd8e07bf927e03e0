"""PACKAGE_SAME_JAVA_PACKAGE: one `java_package` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_JAVA_PACKAGE",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("java_package", "does the package that Java code imports"),
    title="All files of a package have the same `java_package`",
    why=(
        "Generated Java classes go to the package that `java_package` says. With two values, the types of one "
        "Protobuf package are spread over two, and nobody can guess where one is."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option java_package = "com.acme.example.v1";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option java_package = "com.acme.example";  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option java_package = "com.acme.example.v1";

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option java_package = "com.acme.example.v1";

message Account {
  string id = 1;
}
""",
)
