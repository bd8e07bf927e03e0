"""FIELD_NOT_REQUIRED: no field is required, in proto2 or by a feature of an edition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import Element, children, walk
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import NAME

_REQUIRED, _LEGACY_REQUIRED = 2, 3
_GROUP = 10
_HELP = "make it optional, in all readers before the first writer leaves it out: the old ones refuse such messages"


def suspect(file: Any) -> bool:
    return bool(file.syntax != "proto3")


def check(file: Element, context: Context) -> Iterator[Hit]:
    if suspect(file.proto):
        for field in walk(file.file, ("field",), {"field": _is_required}):
            yield Hit(f"field `{field.name}` should not be required", _HELP, NAME, element=_declared(field))


def _declared(field: Element) -> Element:
    """Of a group its message: both have one place, and the comment above, with an ignore in it, is the message's."""
    if field.proto.type != _GROUP or field.parent is None:
        return field
    name = field.proto.type_name.rpartition(".")[2]
    return next((each for each in children(field.parent) if each.kind == "message" and each.name == name), field)


def _is_required(field: Any) -> bool:
    return bool(field.label == _REQUIRED or field.options.features.field_presence == _LEGACY_REQUIRED)


RULE = Rule(
    id="FIELD_NOT_REQUIRED",
    target="file",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Fields are not required",
    why=(
        "A reader refuses a whole message that lacks one required field, also when it would never have looked at it. "
        "So the field can never be deleted again, and one producer that forgets it stops every consumer."
    ),
    bad="""\
syntax = "proto2";
package acme.example.v1;

message User {
  required string id = 1;  // error
}
""",
    good="""\
syntax = "proto2";
package acme.example.v1;

message User {
  optional string id = 1;
}
""",
)
