"""ENUM_FIRST_VALUE_ZERO: the first value of an enum is 0, also where the language does not ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import ENUM_VALUE, Element
from schemactl.rule import Context, Hit, Rule

_NUMBER = (2,)
_HELP = "declare a zero value first; it becomes the default of every field, so only while nothing is published"


def suspect(enum: Any) -> bool:
    return bool(enum.value and enum.value[0].number)


def check(enum: Element, context: Context) -> Iterator[Hit]:
    if suspect(enum.proto):
        first = enum.proto.value[0]
        message = f"first value `{first.name}` of enum `{enum.name}` should be 0, not {first.number}"
        yield Hit(message, _HELP, (ENUM_VALUE, 0, *_NUMBER))


RULE = Rule(
    id="ENUM_FIRST_VALUE_ZERO",
    target="enum",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="The first value of an enum is 0",
    why=(
        "The first value is the default of a closed enum, 0 that of an open one: where they differ, a field "
        "that nobody set reads differently once the enum is opened, or read in a language that opens every enum."
    ),
    bad="""\
syntax = "proto2";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_ACTIVE = 1;  // error
  USER_STATUS_UNSPECIFIED = 0;
}
""",
    good="""\
syntax = "proto2";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
  USER_STATUS_ACTIVE = 1;
}
""",
)
