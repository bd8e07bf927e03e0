"""FIELD_NO_DESCRIPTOR: no field is called `descriptor`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import NAME

_DESCRIPTOR = re.compile("_*descriptor_*", re.ASCII | re.IGNORECASE).fullmatch
_HELP = "say whose descriptor it is: `type_descriptor`, `file_descriptor`"


def suspect(field: Any) -> bool:
    return _DESCRIPTOR(field.name) is not None


def check(field: Element, context: Context) -> Iterator[Hit]:
    if suspect(field.proto):
        yield Hit(f"field `{field.name}` should be called something other than `descriptor`", _HELP, NAME)


RULE = Rule(
    id="FIELD_NO_DESCRIPTOR",
    target="field",
    check=check,
    suspect=suspect,
    title="No field is called descriptor",
    why=(
        "Generated classes have a `descriptor`, `Descriptor`, `getDescriptor()` or `DESCRIPTOR` of their own, which "
        "describes the message: a field of that name clashes with it, or is renamed by the generator."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Type {
  string descriptor = 1;  // error
  string _Descriptor__ = 2;  // error
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message Type {
  string type_descriptor = 1;
}
""",
)
