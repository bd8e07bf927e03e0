"""Enum values as they travel: names in JSON, numbers in binary."""

from __future__ import annotations

from functools import lru_cache

from schemactl.compat.contract import Writer
from schemactl.compat.shape import Enum
from schemactl.compat.values import over_all
from schemactl.effect import OK, Encoding, Outcome, Reading, both

UNKNOWN_NAME = Outcome(Reading("default"), Reading("error"))


class Named:
    """The values of an enum, both ways round."""

    def __init__(self, enum: Enum) -> None:
        self.closed = enum.closed
        self.numbers = enum.names
        self.printed = enum.printed
        self.names: dict[int, set[str]] = {}
        for name, number in enum.values:
            self.names.setdefault(number, set()).add(name)


named = lru_cache(maxsize=256)(Named)


def read_value(writer: Enum, reader: Enum, value: tuple[str, int], encoding: Encoding, printed: Writer) -> Outcome:
    """What a reader makes of one value of the writer's."""
    return _read(named(writer), named(reader), value[1], encoding, printed)


def read_all(writer: Enum, reader: Enum, encoding: Encoding, printed: Writer, *, zero: bool) -> Outcome:
    """What may become of any of its values."""
    if writer.values == reader.values:
        return OK
    here, there = named(writer), named(reader)
    default = writer.values[0][1]
    return over_all(
        (_read(here, there, number, encoding, printed), number != default) for number in here.names if zero or number
    )


def _read(writer: Named, reader: Named, number: int, encoding: Encoding, printed: Writer) -> Outcome:
    if encoding == "json" and not printed.enum_numbers:
        return OK if writer.printed[number] in reader.numbers else UNKNOWN_NAME
    written, read = writer.names[number], reader.names.get(number, set())
    if not read and reader.closed:
        return both("error" if encoding == "json" else "default")
    if written & read:
        return OK
    moved = any(name in reader.numbers for name in written) or any(name in writer.numbers for name in read)
    return both("wrong") if moved else OK
