"""Fixes for names: the one that the rule asks for, wherever the old one stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemactl.casing import lower_snake, pascal, upper_snake
from schemactl.element import Element
from schemactl.finding import Finding
from schemactl.fix.edit import Fix, Fixer
from schemactl.fix.rename import rename
from schemactl.fix.view import View

# Last words of a value 0 that says nothing: any other says something, and would no longer.
_NOTHING = {"UNSPECIFIED", "UNKNOWN", "UNDEFINED", "UNSET", "INVALID", "DEFAULT", "NONE", "NULL", "NIL"}

Right = Callable[[Element, Mapping[str, Any]], str]


def _fixer(kind: str, right: Right) -> Fixer:
    def fix(finding: Finding, view: View) -> Fix | None:
        element = view.element(finding)
        if element is None or element.kind != kind:
            return None
        name = right(element, view.params(finding))
        return rename(view, element, name) if name else None

    return fix


def _prefixed(value: Element, params: Mapping[str, Any]) -> str:
    """`USER_STATUS_` before what is not of it already: in front of `STATUS_NEW` it is `USER_`."""
    assert value.parent
    words, own = upper_snake(value.parent.name).split("_"), upper_snake(value.name).split("_")
    shared = max((n for n in range(min(len(words), len(own) - 1) + 1) if words[len(words) - n :] == own[:n]), default=0)
    return "_".join([*words, _written(value.name, "_".join(own[shared:]))])


def _written(name: str, end: str) -> str:
    """The end of the name as it is written there: its case is another rule's business."""
    ends = (name[at:] for at in range(len(name)) if name[at] != "_")
    return next((each for each in ends if upper_snake(each) == end), end)


def _zero(value: Element, params: Mapping[str, Any]) -> str:
    """Nothing for a value that says something: as the default it would then say it for everybody."""
    assert value.parent
    if not _NOTHING & {upper_snake(value.name).rpartition("_")[2]} and not upper_snake(value.name).endswith("NOT_SET"):
        return ""
    return f"{upper_snake(value.parent.name)}{params['enum_zero_value_suffix']}"


def _suffixed(service: Element, params: Mapping[str, Any]) -> str:
    return f"{service.name}{params['service_suffix']}"


def _cased(case: Callable[[str], str]) -> Right:
    return lambda element, params: case(element.name)


FIXERS: Mapping[str, Fixer] = {
    "FIELD_LOWER_SNAKE_CASE": _fixer("field", _cased(lower_snake)),
    "ONEOF_LOWER_SNAKE_CASE": _fixer("oneof", _cased(lower_snake)),
    "MESSAGE_PASCAL_CASE": _fixer("message", _cased(pascal)),
    "ENUM_PASCAL_CASE": _fixer("enum", _cased(pascal)),
    "ENUM_VALUE_UPPER_SNAKE_CASE": _fixer("enum_value", _cased(upper_snake)),
    "ENUM_VALUE_PREFIX": _fixer("enum_value", _prefixed),
    "ENUM_ZERO_VALUE_SUFFIX": _fixer("enum_value", _zero),
    "SERVICE_PASCAL_CASE": _fixer("service", _cased(pascal)),
    "SERVICE_SUFFIX": _fixer("service", _suffixed),
    "RPC_PASCAL_CASE": _fixer("method", _cased(pascal)),
}
