"""ENUM_VALUE_PREFIX: enum values start with the name of their enum."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.casing import upper_snake
from schemactl.element import Element, children
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_JSON, NAME


def check(enum: Element, context: Context) -> Iterator[Hit]:
    prefix = f"{upper_snake(enum.name)}_"
    for value in children(enum, {"enum_value": lambda value: not value.name.startswith(prefix)}):
        message = f"value `{value.name}` of enum `{enum.name}` should start with `{prefix}`"
        yield Hit(message, IN_JSON, NAME, element=value)


RULE = Rule(
    id="ENUM_VALUE_PREFIX",
    target="enum",
    categories=("STANDARD",),
    check=check,
    title="Enum values start with the name of their enum",
    why=(
        "A value's name belongs to what is around its enum, not to the enum: a second `ACTIVE` in the same package "
        "does not compile. With the prefix two enums never get in each other's way; some generators remove it again."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
  ACTIVE = 1;  // error
  STATUS_DELETED = 2;  // error
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
