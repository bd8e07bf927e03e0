"""ENUM_PASCAL_CASE: the names of enums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_PASCAL, pascal
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import misnamed

_HELP = "no encoding carries the name of an enum: only generated code changes"


def suspect(enum: Any) -> bool:
    return not IS_PASCAL(enum.name)


def check(enum: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(enum, "enum", pascal(enum.name), "PascalCase", _HELP)


RULE = Rule(
    id="ENUM_PASCAL_CASE",
    target="enum",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Enums are PascalCase",
    why=(
        "An enum becomes a type, and many generators take its name as it stands. The prefix of its values is made from "
        "it, too: `UserStatus` has `USER_STATUS_ACTIVE`."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum user_status {  // error
  USER_STATUS_UNSPECIFIED = 0;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
}
""",
)
