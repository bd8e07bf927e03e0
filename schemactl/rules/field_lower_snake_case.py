"""FIELD_LOWER_SNAKE_CASE: the names of fields and extensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_LOWER_SNAKE, lower_snake
from schemactl.element import Element
from schemactl.names import camel
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_JSON, misnamed


def suspect(field: Any) -> bool:
    return not IS_LOWER_SNAKE(field.name)


def check(field: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(field, "field", lower_snake(field.name), "lower_snake_case", _help(field))


def _help(field: Element) -> str:
    if field.proto.extendee:
        return IN_JSON
    name = field.proto.json_name
    is_chosen = name != camel(field.name)
    if is_chosen or name == camel(lower_snake(field.name)):
        return f"binary and JSON (`{name}`) stay the same; generated code changes"
    return f'once published, keep its name in JSON: `[json_name = "{name}"]`'


RULE = Rule(
    id="FIELD_LOWER_SNAKE_CASE",
    target="field",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Fields are lower_snake_case",
    why=(
        "Generators make each language's own names out of the words of a field, and protoc its name in JSON: `user_id` "
        "is `userId`, `getUserId()`, `UserId`. Where the words cannot be told apart, names come out as nobody writes "
        "them, and two fields may clash in one language only."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string userId = 1;  // error
  string FirstName = 2;  // error
  string home__town = 3;  // error
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string user_id = 1;
  string first_name = 2;
  string address_line1 = 3;
}
""",
)
