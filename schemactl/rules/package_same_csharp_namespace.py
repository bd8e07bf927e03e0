"""PACKAGE_SAME_CSHARP_NAMESPACE: one `csharp_namespace` for each package."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules._same_option import same

RULE = Rule(
    id="PACKAGE_SAME_CSHARP_NAMESPACE",
    target="files",
    categories=("BASIC", "STANDARD"),
    files_check=same("csharp_namespace", "does the namespace that C# code uses"),
    title="All files of a package have the same `csharp_namespace`",
    why=(
        "Generated C# types go to the namespace that `csharp_namespace` says. With two values, the types of one "
        "package are spread over two namespaces, and every user has to know which is where."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

option csharp_namespace = "Acme.Example.V1";  // error

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option csharp_namespace = "Acme.Example";  // error

message Account {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

option csharp_namespace = "Acme.Example.V1";

message User {
  string id = 1;
}
// file: acme/example/v1/account.proto
syntax = "proto3";
package acme.example.v1;

option csharp_namespace = "Acme.Example.V1";

message Account {
  string id = 1;
}
""",
)
