"""Really writes random messages with one side, reads them with the other, and tells what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.message import EncodeError

from law.compare import Comparison, Harm
from law.golang import Go
from law.model import Side, Unfit
from law.values import Writer
from schemactl.compat.contract import Writer as Profile
from schemactl.effect import DIRECTIONS, Direction, Encoding, Readers

_FILL = (0.5, 0.8, 1.0)


class Cell(NamedTuple):
    direction: Direction
    encoding: Encoding
    readers: Readers


@dataclass(frozen=True)
class Observation:
    """Harm that was seen: what was written, and by whose library it was read."""

    cell: Cell
    harm: Harm
    wire: bytes
    library: str


@dataclass(frozen=True)
class Written:
    """One message of one side in one encoding; `reads` are what readers have made of it without harm."""

    direction: Direction
    encoding: Encoding
    message: Any
    wire: bytes
    reads: list[Any] = field(default_factory=list)


class Sides(NamedTuple):
    """Who writes, who reads, and how JSON is printed."""

    writer: Side
    reader: Side
    profile: Profile

    @property
    def own(self) -> Sides:
        """What the writer itself cannot read, is not the change's fault."""
        return self._replace(reader=self.writer)


def observe(old: Side, new: Side, rng: Random, profile: Profile, count: int, go: Go | None = None) -> list[Observation]:
    """The first harm in each cell: `count` messages are written in each direction. Go reads what Python could."""
    found: dict[Cell, Observation] = {}
    for direction in DIRECTIONS:
        writer, reader = (old, new) if direction == "backward" else (new, old)
        written = list(_written(writer, rng, profile, direction, count, _packable(writer, reader)))
        for seen in _by_python(written, Sides(writer, reader, profile), found):
            found.setdefault(seen.cell, seen)
        if go:
            for seen in _by_go(written, Sides(writer, reader, profile), found, go):
                found.setdefault(seen.cell, seen)
    return list(found.values())


def _packable(writer: Side, reader: Side) -> list[str]:
    """What may be in an Any: no message that is only new, of which nobody can expect old readers to know."""
    names, known = ({each.name for each in side.schema.messages()} for side in (writer, reader))
    return sorted(names if known - names else names & known)


def _written(
    side: Side, rng: Random, profile: Profile, direction: Direction, count: int, packable: list[str]
) -> Iterator[Written]:
    for _ in range(count):
        try:
            message = Writer(rng, side, rng.choice(_FILL), packable).root()
            wire = message.SerializeToString()
        except (Unfit, EncodeError):
            continue
        yield Written(direction, "binary", message, wire)
        try:
            yield Written(direction, "json", message, _json(message, side, profile).encode())
        except (json_format.SerializeToJsonError, TypeError, ValueError, OverflowError):
            continue


def _json(message: Any, side: Side, profile: Profile) -> str:
    return json_format.MessageToJson(
        message,
        preserving_proto_field_name=profile.proto_names,
        use_integers_for_enums=profile.enum_numbers,
        always_print_fields_with_no_presence=profile.print_defaults,
        descriptor_pool=side.pool,
        indent=None,
        ensure_ascii=False,
    )


def _by_python(written: list[Written], sides: Sides, found: Mapping[Cell, object]) -> Iterator[Observation]:
    for each in written:
        for cell in _cells(each):
            if cell in found:
                continue
            harm = _read_by_python(each, cell.readers, sides)
            if harm and not _read_by_python(each, cell.readers, sides.own):
                yield Observation(cell, harm, each.wire, "python")
            if not harm:
                break  # what the strict read, the tolerant read


def _cells(written: Written) -> list[Cell]:
    """Nobody refuses unknown fields in binary."""
    readers: tuple[Readers, ...] = ("strict", "tolerant") if written.encoding == "json" else ("tolerant",)
    return [Cell(written.direction, written.encoding, each) for each in readers]


def _read_by_python(each: Written, readers: Readers, sides: Sides) -> Harm | None:
    pool, read = sides.reader.pool, sides.reader.message()
    try:
        if each.encoding == "binary":
            read.ParseFromString(each.wire)
        else:
            json_format.Parse(each.wire, read, ignore_unknown_fields=readers == "tolerant", descriptor_pool=pool)
    except Exception as error:
        return Harm("error", "", f"{type(error).__name__}: {error}")
    return _first(each, read, sides)


def _first(each: Written, read: Any, sides: Sides) -> Harm | None:
    if not read.IsInitialized():  # Python lets it pass, Go and Java do not
        return Harm("error", "", "required is missing")
    comparison = Comparison(sides.writer, sides.reader, each.encoding == "json", sides.profile)
    harm = next(comparison.harms(each.message, read), None)
    if not harm:
        each.reads.append(read)
    return harm


def _by_go(written: list[Written], sides: Sides, found: Mapping[Cell, object], go: Go) -> Iterator[Observation]:
    tasks = [(each, cell) for each in written for cell in _cells(each) if cell not in found]
    harms = _read_by_go(tasks, sides, go)
    suspects = [(task, harm) for task, harm in zip(tasks, harms, strict=True) if harm]
    again = _read_by_go([task for task, _ in suspects], sides.own, go)
    for ((each, cell), harm), own in zip(suspects, again, strict=True):
        if not own:
            yield Observation(cell, harm, each.wire, "go")


def _read_by_go(tasks: list[tuple[Written, Cell]], sides: Sides, go: Go) -> list[Harm | None]:
    if not tasks:
        return []
    answers = go.read(sides.reader, [(each.encoding, cell.readers, each.wire) for each, cell in tasks])
    found: list[Harm | None] = []
    for (each, _), (error, wire) in zip(tasks, answers, strict=True):
        if error:
            found.append(Harm("error", "", error))
            continue
        read = sides.reader.message.FromString(wire)
        found.append(None if read in each.reads else _first(each, read, sides))
    return found
