"""Fixes for enums without a value 0: one that says nothing becomes the first."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from schemactl.casing import upper_snake
from schemactl.element import ENUM_VALUE
from schemactl.finding import Finding
from schemactl.fix import inserting
from schemactl.fix.edit import Fix, Fixer
from schemactl.fix.view import View

_NAMING, _SUFFIX = "ENUM_ZERO_VALUE_SUFFIX", "enum_zero_value_suffix"


def zero(finding: Finding, view: View) -> Fix | None:
    """Safe for a new enum only: the first value is what readers see where a field of a closed enum is not set."""
    enum = view.element(finding)
    if enum is None or enum.kind != "enum" or any(value.number == 0 for value in enum.proto.value):
        return None
    suffix = view.params(replace(finding, rule=_NAMING)).get(_SUFFIX, "_UNSPECIFIED")
    name = f"{upper_snake(enum.name)}{suffix}"
    beside = f"{enum.full_name.rpartition('.')[0]}.{name}".lstrip(".")
    reserved = any(block.start <= 0 <= block.end for block in enum.proto.reserved_range)
    if reserved or name in enum.proto.reserved_name or beside in view.index.names:
        return None
    edit = inserting.before(view, enum, (*enum.path, ENUM_VALUE, 0), [f"{name} = 0;"])
    safe = view.base is not None and enum.full_name not in view.base.names
    touches = frozenset({enum.full_name, f"{enum.full_name}.{name}"})
    return Fix(f"add `{name} = 0`", (edit,), safe, touches=touches) if edit else None


FIXERS: Mapping[str, Fixer] = {"ENUM_FIRST_VALUE_ZERO": zero}
