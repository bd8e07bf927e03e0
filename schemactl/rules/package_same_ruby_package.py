"""PACKAGE_SAME_RUBY_PACKAGE: one `ruby_package` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_RUBY_PACKAGE",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("ruby_package", "does the module that Ruby code uses"),
    title="All files of a package have the same `ruby_package`",
    why=(
        "Generated Ruby classes go to the module that `ruby_package` says. With two values, the types of one "
        "package are spread over two modules, and every user has to know which is where."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option ruby_package = "Acme::Example::V1";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option ruby_package = "Acme::Example";  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option ruby_package = "Acme::Example::V1";

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option ruby_package = "Acme::Example::V1";

message Account {
  string id = 1;
}
""",
)
