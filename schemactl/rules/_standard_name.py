"""What the rules about the types of RPCs share: the two names that a request or a response may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from schemactl.casing import IS_PASCAL, pascal
from schemactl.element import Element
from schemactl.names import short
from schemactl.rule import Check, Context, Hit

Side = Literal["request", "response"]

_EMPTY = ".google.protobuf.Empty"
# The field of a method that holds the type, and its number.
_TYPES = {"request": ("input_type", 2), "response": ("output_type", 3)}
_HELP = "under another name with the same fields, a message is the same to both ends of a call"


def suspect(side: Side) -> Callable[[Any], bool]:
    (attribute, _), suffix = _TYPES[side], side.capitalize()

    def suspects(method: Any) -> bool:
        name = method.name
        return not getattr(method, attribute).endswith(f".{name}{suffix}") or not IS_PASCAL(name)

    return suspects


def check(side: Side) -> Check:
    (attribute, number), option = _TYPES[side], f"rpc_allow_google_protobuf_empty_{side}s"

    def checked(method: Element, context: Context) -> Iterator[Hit]:
        full_name = getattr(method.proto, attribute)
        if full_name == _EMPTY and context.params[option]:
            return
        name, right, longer = short(full_name), *_right(method, side)
        if name not in (right, longer):
            message = f"{side} `{name}` of `{method.name}` should be called `{right}` or `{longer}`"
            help = f"{_HELP}; or allow it: `{option}: true`" if full_name == _EMPTY else _HELP
            yield Hit(message, help, (number,))

    return checked


def _right(method: Element, side: Side) -> tuple[str, str]:
    assert method.parent
    name = f"{pascal(method.name)}{side.capitalize()}"
    return name, f"{pascal(method.parent.name)}{name}"
