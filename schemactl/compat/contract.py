"""How a message travels, and what must stay readable: what a topic declares, or the configuration says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from schemactl.effect import DIRECTIONS, Direction, Effect, Encoding, Readers

_T = TypeVar("_T")


class Writer(Struct, frozen=True):
    """How writers print JSON: names of fields as in the proto file, enum values as numbers, fields that are not set."""

    proto_names: bool = False
    enum_numbers: bool = False
    print_defaults: bool = False


class Contract(Struct, frozen=True):
    """What holds for all messages of one topic (or of one package, with no topic).

    `advisory`: nobody asked for a verdict here. What breaks is told, and Buf's rules alone judge.
    """

    topic: str = ""
    encodings: tuple[Encoding, ...] = ("json",)
    readers: tuple[Readers, ...] = ("tolerant",)
    directions: tuple[Direction, ...] = DIRECTIONS
    writers: tuple[Writer, ...] = (Writer(),)
    advisory: bool = False

    def covers(self, effect: Effect) -> bool:
        """Whether the effect is one that the contract says must not be."""
        return (
            effect.direction in self.directions
            and effect.encoding in self.encodings
            and (effect.encoding == "binary" or effect.readers in self.readers)
        )


def either(contracts: Sequence[Contract]) -> Contract:
    """What holds before and after: data of the one is still on the topic when readers and writers of the other come."""

    return Contract(
        contracts[-1].topic,
        _union([each.encodings for each in contracts]),
        _union([each.readers for each in contracts]),
        _union([each.directions for each in contracts]),
        _union([each.writers for each in contracts]),
        all(each.advisory for each in contracts),
    )


def _union(parts: Iterable[Iterable[_T]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))
