"""Where things stand in a file: what a reader of a finding wants to look at in the old revision."""

from __future__ import annotations

from schemactl.element import (
    ENUM_RESERVED_NAME,
    ENUM_RESERVED_RANGE,
    MESSAGE_RESERVED_NAME,
    MESSAGE_RESERVED_RANGE,
    NAME,
    PACKAGE,
    Element,
)
from schemactl.file import File
from schemactl.said import Said

Place = tuple[str, int | None, int | None]
_FILE_OPTIONS, _EXTENSION_RANGE = 8, 5


def place(file: File, element: Element | None = None, option: str | None = None) -> Place:
    """Of an element: its name or its line; of a file: the option, else the package."""
    if element is not None:
        return _place(file, (*element.path, *((NAME,) if element.kind in ("message", "enum", "service") else ())))
    known = file.proto.options.DESCRIPTOR.fields_by_name.get(option) if option else None
    path = (_FILE_OPTIONS, known.number) if known else ()
    return _place(file, path if path and file.span(path) else (PACKAGE,))


def reservation(owner: Element, said: Said | None) -> Place | None:
    """The place of a reserved name or range, or of an extension range, as Buf's message calls it."""
    if said is None or said.reserved is None or owner.kind not in ("message", "enum"):
        return None
    for path in _candidates(owner, said.reserved):
        if owner.file.span((*owner.path, *path)) is not None:
            return _place(owner.file, (*owner.path, *path))
    return None


def _candidates(owner: Element, reserved: str) -> list[tuple[int, int]]:
    is_enum, proto = owner.kind == "enum", owner.proto
    if not reserved.startswith("["):
        step = ENUM_RESERVED_NAME if is_enum else MESSAGE_RESERVED_NAME
        return [(step, index) for index, name in enumerate(proto.reserved_name) if name == reserved]
    start = reserved.strip("[]").partition(",")[0]
    groups = [(ENUM_RESERVED_RANGE if is_enum else MESSAGE_RESERVED_RANGE, proto.reserved_range)]
    groups += [] if is_enum else [(_EXTENSION_RANGE, proto.extension_range)]
    return [(step, index) for step, ranges in groups for index, each in enumerate(ranges) if str(each.start) == start]


def _place(file: File, path: tuple[int, ...]) -> Place:
    found = file.location(path)
    return found.path, found.line, found.column
