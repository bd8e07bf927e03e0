"""ENUM_VALUE_UPPER_SNAKE_CASE: the names of enum values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_UPPER_SNAKE, upper_snake
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_JSON, misnamed


def suspect(value: Any) -> bool:
    return not IS_UPPER_SNAKE(value.name)


def check(value: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(value, "enum value", upper_snake(value.name), "UPPER_SNAKE_CASE", IN_JSON)


RULE = Rule(
    id="ENUM_VALUE_UPPER_SNAKE_CASE",
    target="enum_value",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Enum values are UPPER_SNAKE_CASE",
    why=(
        "The name of a value is what JSON, logs and queries show: it should look like a constant wherever it turns up. "
        "Generators take the words apart at the underscores to make each language's own name."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum Status {
  STATUS_UNSPECIFIED = 0;
  Status_Active = 1;  // error
  STATUS__DELETED = 2;  // error
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

enum Status {
  STATUS_UNSPECIFIED = 0;
  STATUS_ACTIVE = 1;
  STATUS_DELETED = 2;
}
""",
)
