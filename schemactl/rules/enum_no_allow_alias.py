"""ENUM_NO_ALLOW_ALIAS: one name for each number of an enum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule

_ENUM_OPTIONS, _ALLOW_ALIAS = 3, 2
_HELP = "delete the option and the second names; JSON data may carry them: if it does, they have to stay"


def suspect(enum: Any) -> bool:
    return bool(enum.options.allow_alias)


def check(enum: Element, context: Context) -> Iterator[Hit]:
    if suspect(enum.proto):
        message = f"enum `{enum.name}` should have one name for each number, without `allow_alias`"
        yield Hit(message, _HELP, (_ENUM_OPTIONS, _ALLOW_ALIAS))


RULE = Rule(
    id="ENUM_NO_ALLOW_ALIAS",
    target="enum",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Enums have no aliases",
    why=(
        "JSON is written with names: of two names for one number the first is used, whichever was meant, and whoever "
        "reads back finds another value than was written. In some languages a `switch` over both does not compile."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  option allow_alias = true;  // error
  USER_STATUS_UNSPECIFIED = 0;
  USER_STATUS_ACTIVE = 1;
  USER_STATUS_ENABLED = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
  USER_STATUS_ACTIVE = 1;
  USER_STATUS_ENABLED = 2;
}
""",
)
