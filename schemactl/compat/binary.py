"""What a reader with one type makes of the bytes that a writer with another type wrote."""

from __future__ import annotations

import struct
from functools import cache

from schemactl.compat import enums
from schemactl.compat.contract import Writer
from schemactl.compat.shape import Enum
from schemactl.compat.values import Type, over_all, samples, usual
from schemactl.effect import OK, Outcome, both

_VARINT, _EIGHT, _LENGTH, _GROUP, _FOUR = 0, 1, 2, 3, 5
_FIXED = {"double": "d", "fixed64": "Q", "sfixed64": "q", "float": "f", "fixed32": "I", "sfixed32": "i"}
_LENGTHS = frozenset({"string", "bytes", "message"})
_BITS = {"int32": 32, "enum": 32, "int64": 64}
_WHOLE = 2**64 - 1


def packs(kind: str) -> bool:
    """Whether repeated values may be written as one run of bytes."""
    return kind not in _LENGTHS


def wire_type(type: Type) -> int:
    if type.kind in _LENGTHS:
        return _GROUP if type.delimited else _LENGTH
    if type.kind not in _FIXED:
        return _VARINT
    return _EIGHT if struct.calcsize(f"<{_FIXED[type.kind]}") == 8 else _FOUR


def read(writer: Type, reader: Type, *, zero: bool) -> Outcome:
    """`zero`: whether it is written when it is zero. Not of two messages: what they hold tells."""
    if wire_type(writer) != wire_type(reader):
        return both("default")  # of another field for all that the reader knows; protobuf-es refuses it
    if writer.enum and reader.enum:
        return enums.read_all(writer.enum, reader.enum, "binary", Writer(), zero=zero)
    if writer.enum or reader.enum:
        values = tuple(dict.fromkeys(number for _, number in writer.enum.values)) if writer.enum else None
        return _read(writer.kind, reader.kind, zero, values, reader.enum)
    if "message" in (writer.kind, reader.kind):
        return _embedded(writer.kind, reader.kind)
    if writer.kind == reader.kind == "string":
        return both("error", "some") if reader.checked and not writer.checked else OK
    if (writer.kind, reader.kind) == ("bytes", "string") and not reader.checked:
        return both("wrong", "some")  # some libraries keep what is no text, some replace it
    return _known(writer.kind, reader.kind, zero)


@cache
def _known(writer: str, reader: str, zero: bool) -> Outcome:
    return _read(writer, reader, zero, None, None)


def _read(writer: str, reader: str, zero: bool, values: tuple[int, ...] | None, known: Enum | None) -> Outcome:
    written = samples(writer, zero) if values is None else tuple(each for each in values if each or zero)
    numbers = frozenset(known.names.values()) if known and known.closed else None
    return over_all((_one(writer, reader, each, numbers), usual(each)) for each in written)


def _one(writer: str, reader: str, value: object, numbers: frozenset[int] | None) -> Outcome:
    try:
        got = _taken(reader, _bytes_of(writer, value))
    except UnicodeDecodeError:
        return both("error")
    if numbers is not None and got not in numbers:
        return both("default")
    same = got == value or writer == reader or (isinstance(value, str) and got == value.encode())
    same = same or (isinstance(value, bytes) and isinstance(got, str))
    return OK if same else both("wrong")


def _embedded(writer: str, reader: str) -> Outcome:
    """Bytes may hold a message, and a message is bytes to who knows to parse them; a text is neither."""
    if writer == reader:
        return OK
    if "string" in (writer, reader):
        return both("error")
    return both("error" if writer == "bytes" else "wrong", "some")


def _bytes_of(kind: str, value: object) -> int | bytes:
    """What stands behind the tag: an integer for a varint."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    if kind in _FIXED:
        return struct.pack(f"<{_FIXED[kind]}", value)
    assert isinstance(value, int)
    return (value << 1) ^ (value >> 63) if kind.startswith("sint") else value & _WHOLE


def _taken(kind: str, wire: int | bytes) -> object:
    if isinstance(wire, bytes):
        if kind in _FIXED:
            return struct.unpack(f"<{_FIXED[kind]}", wire)[0]
        return wire.decode() if kind == "string" else wire
    if kind == "bool":
        return wire != 0
    if kind in _BITS:
        high = 1 << (_BITS[kind] - 1)
        return ((wire & (2 * high - 1)) ^ high) - high
    wire &= 2**32 - 1 if kind.endswith("32") else _WHOLE
    return (wire >> 1) ^ -(wire & 1) if kind.startswith("sint") else wire
