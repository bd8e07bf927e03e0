"""A change of one thing of the schema, with all that it does to readers and writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from msgspec.structs import replace

from schemactl.compat.contract import Contract
from schemactl.compat.shape import Enum, Field, Message, Place
from schemactl.effect import Effect, joined


class Root(NamedTuple):
    """A message that travels by itself, on both sides, under one contract; `was` and `now` are full names."""

    was: str
    now: str
    contract: Contract


class Use(NamedTuple):
    """One way from a root to a type: the fields to follow, each as it was and as it is."""

    root: Root
    steps: tuple[tuple[Field, Field], ...] = ()


class Judged(NamedTuple):
    """What a change does to what travels under one contract, by one of its uses there.

    `soft`: a new value of an enum whose readers can tell that they do not know it.
    """

    use: Use
    effects: tuple[Effect, ...]
    soft: bool = False


@dataclass(frozen=True)
class Value:
    """A value of an enum: its name, its number and where it stands."""

    full_name: str
    place: Place
    name: str
    number: int


Thing = Field | Value | Message | Enum


@dataclass(frozen=True)
class Change:
    """`was` or `now` is None for what is new or gone; `owners` are what holds it, or held it, on both sides.

    `judged` has one entry for each contract under which it travels.
    """

    rule: str
    kind: Literal["field", "enum_value", "message", "enum"]
    was: Thing | None
    now: Thing | None
    owners: tuple[Message | Enum | None, Message | Enum | None]
    message: str
    help: str
    judged: tuple[Judged, ...]

    @property
    def element(self) -> str:
        thing = self.now or self.was
        assert thing
        return thing.full_name

    @property
    def effects(self) -> tuple[Effect, ...]:
        """All cells, each as bad as under the contract where it is worst."""
        return joined(
            replace(effect, covered=each.use.root.contract.covers(effect))
            for each in self.judged
            for effect in each.effects
        )
