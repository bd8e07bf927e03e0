"""MESSAGE_PASCAL_CASE: the names of messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_PASCAL, pascal
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import misnamed

_HELP = "binary and JSON do not carry the name; `Any` and schema registries do: once they have it, it has to stay"


def suspect(message: Any) -> bool:
    return not IS_PASCAL(message.name)


def check(message: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(message, "message", pascal(message.name), "PascalCase", _HELP)


RULE = Rule(
    id="MESSAGE_PASCAL_CASE",
    target="message",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Messages are PascalCase",
    why=(
        "A message becomes a class or a struct, and many generators take its name as it stands: in Go a small first "
        "letter is changed, in Java and C# it stays and breaks the conventions of whoever uses it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message user_address {  // error
  string city = 1;
}

message User {
  message homeTown {}  // error
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message UserAddress {
  string city = 1;
}

message HTTPHeader {
  string name = 1;
}
""",
)
