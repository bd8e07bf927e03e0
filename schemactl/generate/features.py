"""Features of editions that protobuf for Python may not know yet: the API of Go's code, its enums, and visibility."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemactl.generate import wire

OPEN, HYBRID, OPAQUE = 1, 2, 3  # api_level
KEEP, BOTH, STRIP = 1, 2, 3  # strip_enum_prefix
EXPORT_ALL, EXPORT_TOP_LEVEL = 1, 2  # default_symbol_visibility; the others export nothing
_EDITION_2024 = 1001
_VISIBILITY, _GO = 8, 1002
_API_LEVEL, _STRIP_ENUM_PREFIX = 2, 3


class Features(NamedTuple):
    api: int
    strip: int
    visibility: int


def of_file(file: Any) -> Features:
    is_late = file.edition >= _EDITION_2024
    default = Features(OPAQUE if is_late else OPEN, KEEP, EXPORT_TOP_LEVEL if is_late else EXPORT_ALL)
    return within(default, file)


def within(outer: Features, element: Any) -> Features:
    """Those of an element in what has the `outer` ones."""
    if not (element.HasField("options") and element.options.HasField("features")):
        return outer
    own = _numbers(element.options.features.SerializeToString())
    go: dict[int, int] = {}
    for each in own.get(_GO, ()):
        if isinstance(each, bytes):
            go |= {number: _last(found, 0) for number, found in _numbers(each).items()}
    return Features(
        go.get(_API_LEVEL) or outer.api,
        go.get(_STRIP_ENUM_PREFIX) or outer.strip,
        _last(own.get(_VISIBILITY, []), 0) or outer.visibility,
    )


def number(element: Any, field: int) -> int:
    """A number that is a field of the element's descriptor, 0 where it is not set."""
    return _last(_numbers(element.SerializeToString()).get(field, []), 0)


def _numbers(message: bytes) -> dict[int, list[int | bytes]]:
    found: dict[int, list[int | bytes]] = {}
    for field, value in wire.values(message):
        found.setdefault(field, []).append(value)
    return found


def _last(found: list[int | bytes], default: int) -> int:
    return next((each for each in reversed(found) if isinstance(each, int)), default)
