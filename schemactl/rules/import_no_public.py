"""IMPORT_NO_PUBLIC: imports are not handed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import FILE_IMPORT, Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._groups import lasting

_HELP = "import it without `public`, and let every file that uses it import it by itself"


def suspect(proto: Any) -> bool:
    return bool(proto.public_dependency)


def check(file: Element, context: Context) -> Iterator[Hit]:
    for index in file.proto.public_dependency:
        name = file.proto.dependency[index]
        yield Hit(f"import of `{name}` should not be public", _HELP, (FILE_IMPORT, index), lasting(name))


RULE = Rule(
    id="IMPORT_NO_PUBLIC",
    target="file",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Imports are not public",
    why=(
        "With `import public` a file can use types that none of its own imports declares: nobody sees where they come "
        "from, and whoever deletes the import breaks files that never mention it. Several generators, Java's among "
        "them, do not support it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;
import public "acme/example/v1/user.proto";  // error

message Account {
  User owner = 1;
}
// file: acme/example/v1/user.proto
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;
import "acme/example/v1/user.proto";

message Account {
  User owner = 1;
}
// file: acme/example/v1/user.proto
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}
""",
)
