"""What a change does to those who read: in which direction and encoding, to which readers, and for which values."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

Direction = Literal["backward", "forward"]  # backward: new readers of old data
Encoding = Literal["json", "binary"]
Readers = Literal["tolerant", "strict"]  # of fields and enum names that they do not know
# `skip`: the reader has no such field. `default`: it has, and sees it as if nothing had been written.
Kind = Literal["ok", "skip", "default", "wrong", "error"]
Values = Literal["all", "some"]

DIRECTIONS: tuple[Direction, ...] = ("backward", "forward")
ENCODINGS: tuple[Encoding, ...] = ("json", "binary")
READERS: tuple[Readers, ...] = ("tolerant", "strict")
_RANK: dict[Kind, int] = {"ok": 0, "skip": 1, "default": 2, "wrong": 3, "error": 4}
HARM: frozenset[Kind] = frozenset({"default", "wrong", "error"})


class Reading(NamedTuple):
    """What one kind of reader makes of what was written; `some`: only of some values."""

    effect: Kind = "ok"
    values: Values = "all"


class Outcome(NamedTuple):
    """What readers that ignore what they do not know, and readers that refuse it, make of what was written."""

    tolerant: Reading = Reading()
    strict: Reading = Reading()


class Effect(Struct, frozen=True):
    """One cell of the verdict on a change; `covered`: a contract says that it must not be harmed."""

    direction: Direction
    encoding: Encoding
    readers: Readers
    effect: Kind
    values: Values
    covered: bool = False


class Evidence(Struct, frozen=True):
    """A message that was really written by one side and read by the other: `wire` is its JSON text, or hex.

    `read` is what the reader made of it: its error, or the message as it then prints it as JSON.
    """

    direction: Direction
    encoding: Encoding
    readers: Readers
    effect: Kind
    message: str
    wrote: str
    wire: str
    read: str
    library: str


def both(effect: Kind, values: Values = "all") -> Outcome:
    """The same for all readers."""
    return Outcome(Reading(effect, values), Reading(effect, values))


OK = Outcome()


def worse(readings: Iterable[Reading]) -> Reading:
    """The worst of what may happen to one value: harm for all values is not outdone by harm for some."""
    found = [each for each in readings if each.effect != "ok"]
    if not found:
        return Reading()
    effect = max((each.effect for each in found), key=_RANK.__getitem__)
    harmful = [each for each in found if each.effect in HARM] or found
    return Reading(effect, "all" if any(each.values == "all" for each in harmful) else "some")


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    found = list(outcomes)
    return Outcome(worse(each.tolerant for each in found), worse(each.strict for each in found))


def joined(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """One effect for each direction, encoding and kind of reader, the worst; those that are fine are left out."""
    cells: dict[tuple[Direction, Encoding, Readers], list[Effect]] = {}
    for each in effects:
        cells.setdefault((each.direction, each.encoding, each.readers), []).append(each)
    order = [cell for cell in product(DIRECTIONS, ENCODINGS, READERS) if cell in cells]
    found = (_joined(cells[cell]) for cell in order)
    return tuple(each for each in found if each.effect != "ok")


def _joined(effects: list[Effect]) -> Effect:
    """Of one cell."""
    harmful = [each for each in effects if each.effect != "ok"]
    effect, values = worse(Reading(each.effect, each.values) for each in harmful)
    covered = any(each.covered for each in harmful)
    return replace(effects[0], effect=effect, values=values, covered=covered)
