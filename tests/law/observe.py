"""Really writes random messages with one side, reads them with the other, and tells what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from google.protobuf import json_format
from google.protobuf.message import EncodeError

from schemactl.compat.contract import Writer as Profile
from schemactl.effect import DIRECTIONS, READERS, Direction, Encoding, Readers
from tests.law.compare import Comparison, Harm
from tests.law.golang import Go
from tests.law.model import Side, Unfit
from tests.law.values import Writer

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
    """One message of one side in one encoding."""

    direction: Direction
    encoding: Encoding
    message: Any
    wire: bytes


def observe(old: Side, new: Side, rng: Random, profile: Profile, count: int, go: Go | None = None) -> list[Observation]:
    """The first harm in each cell and library: `count` messages are written in each direction."""
    found: dict[tuple[Cell, str], Observation] = {}
    for direction in DIRECTIONS:
        writer, reader = (old, new) if direction == "backward" else (new, old)
        written = list(_written(writer, rng, profile, direction, count))
        seen = _by_python(written, writer, reader, profile)
        for each in (*seen, *(_by_go(written, writer, reader, profile, go) if go else ())):
            found.setdefault((each.cell, each.library), each)
    return list(found.values())


def _written(side: Side, rng: Random, profile: Profile, direction: Direction, count: int) -> Iterator[Written]:
    for _ in range(count):
        try:
            message = Writer(rng, side, rng.choice(_FILL)).root()
            wire = message.SerializeToString()
        except (Unfit, EncodeError):
            continue
        # What is written twice of one field, or is beyond what is allowed, is not what a reader can be blamed for.
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


def _by_python(written: list[Written], writer: Side, reader: Side, profile: Profile) -> Iterator[Observation]:
    for each in written:
        for readers in _readers(each):
            harm = _read_by_python(each, readers, writer, reader, profile)
            if harm and not _read_by_python(each, readers, writer, writer, profile):
                yield Observation(Cell(each.direction, each.encoding, readers), harm, each.wire, "python")


def _readers(written: Written) -> tuple[Readers, ...]:
    """Nobody refuses unknown fields in binary."""
    return READERS if written.encoding == "json" else ("tolerant",)


def _read_by_python(each: Written, readers: Readers, writer: Side, reader: Side, profile: Profile) -> Harm | None:
    read = reader.message()
    try:
        if each.encoding == "binary":
            read.ParseFromString(each.wire)
        else:
            json_format.Parse(
                each.wire, read, ignore_unknown_fields=readers == "tolerant", descriptor_pool=reader.pool
            )
    except Exception as error:
        return Harm("error", "", f"{type(error).__name__}: {error}")
    return _first(each, read, writer, reader, profile)


def _first(each: Written, read: Any, writer: Side, reader: Side, profile: Profile) -> Harm | None:
    if not read.IsInitialized():  # Python lets it pass, Go and Java do not
        return Harm("error", "", f"required: {read.FindInitializationErrors()}")
    comparison = Comparison(writer, reader, each.encoding == "json", profile.proto_names, profile.enum_numbers)
    return next(comparison.harms(each.message, read), None)


def _by_go(written: list[Written], writer: Side, reader: Side, profile: Profile, go: Go) -> Iterator[Observation]:
    tasks = [(each, readers) for each in written for readers in _readers(each)]
    harms = _read_by_go(tasks, writer, reader, profile, go)
    suspects = [(task, harm) for task, harm in zip(tasks, harms, strict=True) if harm]
    again = _read_by_go([task for task, _ in suspects], writer, writer, profile, go)
    for ((each, readers), harm), own in zip(suspects, again, strict=True):
        if not own:
            yield Observation(Cell(each.direction, each.encoding, readers), harm, each.wire, "go")


def _read_by_go(
    tasks: list[tuple[Written, Readers]], writer: Side, reader: Side, profile: Profile, go: Go
) -> list[Harm | None]:
    if not tasks:
        return []
    answers = go.read(reader, [(each.encoding, readers, each.wire) for each, readers in tasks])
    found: list[Harm | None] = []
    for (each, _), (error, wire) in zip(tasks, answers, strict=True):
        if error:
            found.append(Harm("error", "", error))
        else:
            found.append(_first(each, reader.message.FromString(wire), writer, reader, profile))
    return found
