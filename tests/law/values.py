"""Random messages of any type: every class of value that decoders treat in a way of their own."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from random import Random
from typing import Any

from law.model import Side, Unfit

_INT32 = (0, 1, -1, 42, 2**31 - 1, -(2**31), 1000)
_INT64 = (*_INT32, 2**32, 2**53 + 1, 2**63 - 1, -(2**63))
_UINT32 = (0, 1, 42, 2**31, 2**32 - 1)
_UINT64 = (*_UINT32, 2**53 + 1, 2**64 - 1)
_FLOATS = (0.0, -0.0, 1.0, 1.5, 0.1, -2.0, 3e38, 1e-40, 16777217.0, float("inf"), float("-inf"), float("nan"))
_DOUBLES = (*_FLOATS, 1e300, 5e-324, 2.0**63, 2147483648.0, 0.1 + 0.2)
_STRINGS = (
    "", "a", "é", "日本語 \U0001f600", "x" * 300, "1", "-7", "3000000000", "1.5", "true", "YWJj", "YWJ", "not base64!",
    "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+02:00", "1.5s", "3s", "user_id", "userId,name", "\x00\n\"", "NaN",
)  # fmt: skip
_BYTES = (b"", b"abc", b"\xff\xfe", b"\x00", "é".encode(), b"\x08\x01", b"\x0a\x01a", bytes(range(256)))
_NUMBERS: dict[int, tuple[Any, ...]] = {
    1: _DOUBLES, 2: _FLOATS, 3: _INT64, 4: _UINT64, 5: _INT32, 6: _UINT64, 7: _UINT32, 8: (True, False), 9: _STRINGS,
    12: _BYTES, 13: _UINT32, 15: _INT32, 16: _INT64, 17: _INT32, 18: _INT64,
}  # fmt: skip
_ENUM, _MESSAGE = 14, (10, 11)
_DEEP, _TOO_DEEP = 3, 8


class Writer:
    """Fills messages of one side; `fill` is how likely a field is set, `packable` what an Any may hold."""

    def __init__(self, rng: Random, side: Side, fill: float, packable: Sequence[str]) -> None:
        self._rng, self._side, self._fill, self._packable = rng, side, fill, packable

    def root(self) -> Any:
        message = self._side.message()
        self._message(message, 0)
        return message

    def _message(self, message: Any, depth: int) -> None:
        if depth > _TOO_DEEP:
            raise Unfit("it requires itself")
        special = _SPECIAL.get(message.DESCRIPTOR.full_name)
        if special is not None:
            special(self, message, depth)
            return
        left_out = self._left_out(message.DESCRIPTOR)
        for field in (*message.DESCRIPTOR.fields, *self._side.pool.FindAllExtensions(message.DESCRIPTOR)):
            deep = depth >= _DEEP and field.message_type is not None
            wanted = field not in left_out and not deep and self._rng.random() < self._fill
            if field.is_required or wanted:
                self._field(message, field, depth)

    def _left_out(self, descriptor: Any) -> list[Any]:
        """Of each oneof all members but one."""
        found = []
        for oneof in descriptor.oneofs:
            chosen = self._rng.choice(oneof.fields)
            found += [field for field in oneof.fields if field is not chosen]
        return found

    def _field(self, message: Any, field: Any, depth: int) -> None:
        if is_map(field):
            self._entries(at(message, field), field, depth)
        elif field.is_repeated:
            for _ in range(self._rng.randint(1, 3)):
                if field.message_type is not None:
                    self._message(at(message, field).add(), depth + 1)
                else:
                    at(message, field).append(self.scalar(field))
        elif field.message_type is not None:
            at(message, field).SetInParent()
            self._message(at(message, field), depth + 1)
        else:
            put(message, field, self.scalar(field))

    def _entries(self, entries: Any, field: Any, depth: int) -> None:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        for _ in range(self._rng.randint(1, 3)):
            if value.message_type is not None:
                self._message(entries[self.scalar(key)], depth + 1)
            else:
                entries[self.scalar(key)] = self.scalar(value)

    def scalar(self, field: Any) -> Any:
        if field.type == _ENUM:
            return self._rng.choice(field.enum_type.values).number
        if field.type == 9 and self._rng.random() < 0.1:
            return self._rng.choice(self._enum_names() or ("",))
        return self._rng.choice(_NUMBERS[field.type])

    def _enum_names(self) -> list[str]:
        return [value.name for enum in self._side.schema.enums() for value in enum.proto.value]

    def any(self, message: Any, depth: int) -> None:
        if depth >= _DEEP or self._rng.random() < 0.1:
            return
        names = (*self._packable, "google.protobuf.Duration", "google.protobuf.StringValue")
        inner = self._side.named(self._rng.choice(names))()
        self._message(inner, depth + 1)
        message.Pack(inner)

    def timestamp(self, message: Any, depth: int) -> None:
        message.seconds = self._rng.choice((0, 1, 1577836800, -62135596800, 253402300799))
        message.nanos = self._rng.choice((0, 0, 1, 500_000_000, 999_999_999))

    def duration(self, message: Any, depth: int) -> None:
        message.seconds = self._rng.choice((0, 3, 315576000000))
        message.nanos = self._rng.choice((0, 0, 1, 500_000_000))

    def mask(self, message: Any, depth: int) -> None:
        message.paths.extend(self._rng.sample(("name", "user_id", "a.b_c"), self._rng.randint(0, 3)))

    def value(self, message: Any, depth: int) -> None:
        choice = self._rng.randrange(6 if depth < _DEEP + 2 else 4)
        if choice == 0:
            message.null_value = 0
        elif choice == 1:
            message.number_value = self._rng.choice((0.0, 1.0, -1.5, 1e20))
        elif choice == 2:
            message.string_value = self._rng.choice(_STRINGS)
        elif choice == 3:
            message.bool_value = self._rng.random() < 0.5
        elif choice == 4:
            message.list_value.SetInParent()
            self.list(message.list_value, depth + 1)
        else:
            message.struct_value.SetInParent()
            self.struct(message.struct_value, depth + 1)

    def list(self, message: Any, depth: int) -> None:
        for _ in range(self._rng.randint(0, 2)):
            self.value(message.values.add(), depth + 1)

    def struct(self, message: Any, depth: int) -> None:
        for name in self._rng.sample(("name", "userId", "x", "key", "@type"), self._rng.randint(0, 3)):
            self.value(message.fields[name], depth + 1)


_SPECIAL: dict[str, Any] = {
    "google.protobuf.Any": Writer.any,
    "google.protobuf.Timestamp": Writer.timestamp,
    "google.protobuf.Duration": Writer.duration,
    "google.protobuf.FieldMask": Writer.mask,
    "google.protobuf.Value": Writer.value,
    "google.protobuf.ListValue": Writer.list,
    "google.protobuf.Struct": Writer.struct,
}


def at(message: Any, field: Any) -> Any:
    """The value of a field, of an extension too."""
    return message.Extensions[field] if field.is_extension else getattr(message, field.name)


def put(message: Any, field: Any, value: Any) -> None:
    if field.is_extension:
        message.Extensions[field] = value
    else:
        setattr(message, field.name, value)


def is_map(field: Any) -> bool:
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def narrow(value: float) -> float:
    """As a `float` holds it."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
