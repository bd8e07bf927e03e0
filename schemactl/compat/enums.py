"""Enum values as they travel: names in JSON, numbers in binary."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from schemactl.compat.contract import Writer
from schemactl.compat.shape import Enum
from schemactl.compat.values import over_all
from schemactl.effect import OK, Encoding, Outcome, Reading, both

UNKNOWN_NAME = Outcome(Reading("default"), Reading("error"))


class _Named:
    """The values of an enum, both ways round."""

    def __init__(self, enum: Enum) -> None:
        self.numbers = MappingProxyType(enum.names)
        self.printed = MappingProxyType(enum.printed)
        found: dict[int, set[str]] = {}
        for name, number in enum.values:
            found.setdefault(number, set()).add(name)
        self.names = {number: frozenset(names) for number, names in found.items()}


_named = lru_cache(maxsize=256)(_Named)


def read_value(
    writer: Enum, reader: Enum, value: tuple[str, int], encoding: Encoding, printed: Writer, single: bool
) -> Outcome:
    """What a reader makes of one value of the writer's."""
    _, number = value
    if encoding == "json" and not printed.enum_numbers:
        return OK if _named(writer).printed[number] in _named(reader).numbers else UNKNOWN_NAME
    here, there = _named(writer), _named(reader)
    written, read = here.names[number], there.names.get(number, frozenset())
    if not read and reader.closed:
        return both("error" if encoding == "json" else "default")
    if written & read:
        return OK
    moved = any(name in there.numbers for name in written) or any(name in here.numbers for name in read)
    return both("wrong") if moved else OK


def read_all(writer: Enum, reader: Enum, encoding: Encoding, printed: Writer, *, zero: bool) -> Outcome:
    """What may become of any of its values."""
    first = writer.values[0][1] if writer.closed else 0
    return over_all(
        (read_value(writer, reader, value, encoding, printed, True), value[1] != first)
        for value in writer.values
        if zero or value[1] != 0
    )
