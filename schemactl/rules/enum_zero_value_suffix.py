"""ENUM_ZERO_VALUE_SUFFIX: the value 0 of an enum says that nothing is said."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.casing import upper_snake
from schemactl.element import Element, children
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import NAME

_SUFFIX = "enum_zero_value_suffix"


def check(enum: Element, context: Context) -> Iterator[Hit]:
    suffix: str = context.params[_SUFFIX]
    wrong = {"enum_value": lambda value: not value.number and not value.name.endswith(suffix)}
    for value in children(enum, wrong):
        message = f"zero value `{value.name}` of enum `{enum.name}` should end in `{suffix}`"
        right = f"{upper_snake(enum.name)}{suffix}"
        help = f"make 0 `{right}` and give `{value.name}` another number, unless it is published: then it has to stay"
        yield Hit(message, help, NAME, element=value)


RULE = Rule(
    id="ENUM_ZERO_VALUE_SUFFIX",
    target="enum",
    categories=("STANDARD",),
    check=check,
    params={_SUFFIX: "_UNSPECIFIED"},
    title="The zero value of an enum ends in _UNSPECIFIED",
    why=(
        "A field that nobody set reads as 0. If 0 is `USER_STATUS_ACTIVE`, every producer that forgets the field, or "
        "does not know it yet, says that the user is active."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_ACTIVE = 0;  // error
  USER_STATUS_DELETED = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
  USER_STATUS_ACTIVE = 1;
  USER_STATUS_DELETED = 2;
}
""",
)
