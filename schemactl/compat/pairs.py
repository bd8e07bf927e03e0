"""Changes of the fields of a message: what each was and is, and what that does on every way it may travel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from schemactl.compat.change import Change, Judged, Use
from schemactl.compat.contract import Contract
from schemactl.compat.reading import NO_LATER, Later, Reader, Way
from schemactl.compat.shape import Field
from schemactl.compat.types import Body, Types
from schemactl.compat.wording import changed, remedy
from schemactl.effect import DIRECTIONS, HARM, OK, READERS, Effect, Outcome, both, joined, worst


class Couple(NamedTuple):
    """A field as it was and as it is."""

    was: Field | None
    now: Field | None

    @property
    def is_still(self) -> bool:
        return self.was == self.now

    @property
    def keys(self) -> set[str]:
        return {key for each in self if each for key in (each.name, each.json_name)}


def couples(old: Body, new: Body) -> Iterator[Couple]:
    """By number as Buf pairs them, then by what else they are called; then what is gone and what is new."""
    left = [each for each in old.fields if each.number not in new.by_number]
    fresh = {each.name: each for each in new.fields if each.number not in old.by_number}
    for was in old.fields:
        if (now := new.by_number.get(was.number)) is not None:
            yield Couple(was, now)
    keys = {each.json_name: each.name for each in fresh.values()}
    for was in left:
        # A name that is the JSON name of another field now is what it is read as.
        name = was.name if was.name in fresh else keys.get(was.json_name, "")
        yield Couple(was, fresh.pop(name, None))
    yield from (Couple(None, now) for now in fresh.values())


class Judge:
    """Reads messages on all ways of the contracts, and keeps what it found of pairs of types."""

    def __init__(self, old: Types, new: Types, later: Later = NO_LATER) -> None:
        self.old, self.new = old, new
        self._later = later
        self._readers: dict[Way, Reader] = {}
        self._said: dict[tuple[str, str], str] = {}

    def reader(self, way: Way) -> Reader:
        if way not in self._readers:
            sides = (self.old, self.new) if way.direction == "backward" else (self.new, self.old)
            self._readers[way] = Reader(*sides, way, self._later)
        return self._readers[way]

    def changes(self, old: Body, new: Body, uses: Iterable[Use], *, inside: bool = True) -> Iterator[Change]:
        """What changed of the message, and of what did not, what reads otherwise all the same.

        `inside`: of a type that is another one, it is told what differs in it.
        """
        if old.fields == new.fields:
            return
        used = {use.root.contract: use for use in reversed(list(uses))}
        shared = _shared(old) | _shared(new)
        for couple in couples(old, new):
            if couple.is_still and shared.isdisjoint(couple.keys):
                continue
            judged = tuple(Judged(use, self._effects(couple, old, new, contract)) for contract, use in used.items())
            rule = self._rule(couple, old, new)
            if rule or any(each.effects for each in judged):
                told = rule or _disturbed(couple, new)
                for part, effects in _parts(told, couple, judged):
                    yield self._change(part, couple, (old, new), effects, inside)

    def _change(
        self, rule: str, couple: Couple, bodies: tuple[Body, Body], judged: tuple[Judged, ...], inside: bool
    ) -> Change:
        was, now = couple
        owners = bodies[0].message, bodies[1].message
        between = self._between(was) if was and now and rule in ("NUMBER_REUSED", "JSON_NAME_REUSED") else None
        said = changed(rule, was, now, *owners, between) + (self._inside(rule, couple, judged) if inside else "")
        return Change(rule, "field", was, now, owners, said, remedy(rule, was, now, *owners), judged)

    def _inside(self, rule: str, couple: Couple, judged: tuple[Judged, ...]) -> str:
        """What differs between two types of messages, where that is what harms."""
        was, now = couple
        if rule != "FIELD_TYPE_CHANGED" or not (was and now and was.kind == now.kind == "message"):
            return ""
        if (was.type, now.type) not in self._said:
            self._said[was.type, now.type] = self._first_harm(was, now, judged)
        return self._said[was.type, now.type]

    def _first_harm(self, was: Field, now: Field, judged: tuple[Judged, ...]) -> str:
        old = self.old.message(was.type, was.place.file)
        new = self.new.message(now.type, now.place.file)
        if old is None or new is None or was.type == now.type:
            return ""
        inner = self.changes(old, new, [each.use for each in judged], inside=False)
        first = next((each for each in inner if any(effect.effect in HARM for effect in each.effects)), None)
        return f": in it, {first.message}" if first else ""

    def _between(self, was: Field) -> str | None:
        """A release after the base and before now that had no such field."""
        message = was.full_name.rpartition(".")[0]
        return self._later.gone_number(message, was.number) or self._later.gone_name(message, was.json_name)

    def _rule(self, couple: Couple, old: Body, new: Body) -> str | None:
        was, now = couple
        if was is None:
            assert now
            return _added(now, old)
        if now is None:
            return "FIELD_REMOVED"
        same = was.number == now.number, was.name == now.name
        message = old.message.full_name
        if same == (True, False) and (_crossed(was, now, old, new) or self._later.gone_number(message, was.number)):
            return "NUMBER_REUSED"
        if same == (False, False):
            return "JSON_NAME_REUSED"
        reserved = new.message.reserves(was.number) and _kind(was) != _kind(now)
        if same == (False, True) and (reserved or self._later.gone_name(message, was.json_name)):
            return "JSON_NAME_REUSED"
        return next((rule for rule, says in _TESTS if says(was, now)), None)

    def _effects(self, couple: Couple, old: Body, new: Body, contract: Contract) -> tuple[Effect, ...]:
        found = []
        for way in ways(contract):
            outcome = self._outcome(self.reader(way), couple, old, new)
            for readers in READERS:
                found.append(Effect(way.direction, way.encoding, readers, *getattr(outcome, readers)))
        return joined(found)

    def _outcome(self, reader: Reader, couple: Couple, old: Body, new: Body) -> Outcome:
        backward = reader.way.direction == "backward"
        written, expected = (couple.was, couple.now) if backward else (couple.now, couple.was)
        writer, reading = (old, new) if backward else (new, old)
        if written is None:
            assert expected
            if backward and (again := _again(reader, expected, old)):
                return again
            return reader.absent(expected, writer)
        missing = reader.absent(expected, writer) if expected else OK
        if written.full_name in reader.conflicts(writer, reading):
            return worst((missing, both("default" if reader.way.binary else "error")))
        return worst((missing, reader.field(written, writer, reading)))


def _shared(body: Body) -> set[str]:
    """Names and JSON names that several fields go by: what became of one then hangs on the others."""
    keys = Counter(key for each in body.fields for key in {each.name, each.json_name})
    return {key for key, count in keys.items() if count > 1}


def _parts(rule: str, couple: Couple, judged: tuple[Judged, ...]) -> Iterator[tuple[str, tuple[Judged, ...]]]:
    """A number that means another field is nothing to readers of JSON: what happens to them is told by itself."""
    if rule != "NUMBER_REUSED" or not (couple.was and couple.now):
        yield rule, judged
        return
    numbers, names = (
        tuple(each._replace(effects=tuple(e for e in each.effects if e.encoding == encoding)) for each in judged)
        for encoding in ("binary", "json")
    )
    yield rule, numbers
    if any(effect.effect in HARM for each in names for effect in each.effects):
        yield "FIELD_RENAMED", names


def ways(contract: Contract) -> Iterator[Way]:
    """Both encodings: what a change does is told of both, whatever the contract covers."""
    for direction in DIRECTIONS:
        yield from (Way(direction, "json", printed) for printed in contract.writers)
        yield Way(direction, "binary")


def _again(reader: Reader, now: Field, old: Body) -> Outcome | None:
    """Of a new field under a number or name that the base had reserved: data from before that may still be there."""
    if reader.way.binary:
        return both("wrong") if old.message.reserves(now.number) else None
    return both("wrong") if _reserved_name(now, old) else None


def _reserved_name(now: Field, old: Body) -> str | None:
    return old.reserved_keys.get(now.name) or old.reserved_keys.get(now.json_name)


_TESTS: tuple[tuple[str, Callable[[Field, Field], bool]], ...] = (
    ("FIELD_CARDINALITY_CHANGED", lambda was, now: was.cardinality != now.cardinality),
    ("FIELD_TYPE_CHANGED", lambda was, now: _kind(was) != _kind(now)),
    ("FIELD_RENUMBERED", lambda was, now: was.number != now.number),
    ("FIELD_RENAMED", lambda was, now: was.name != now.name),
    ("JSON_NAME_CHANGED", lambda was, now: was.json_name != now.json_name),
    ("FIELD_ONEOF_CHANGED", lambda was, now: was.oneof != now.oneof),
    ("FIELD_REQUIRED_CHANGED", lambda was, now: "required" in (was.presence, now.presence) and _presence(was, now)),
    ("OPTIONAL_TO_IMPLICIT", lambda was, now: was.presence == "explicit" and now.presence == "implicit"),
    ("FIELD_PRESENCE_CHANGED", lambda was, now: _presence(was, now)),
    ("FIELD_DEFAULT_CHANGED", lambda was, now: was.default != now.default),
    ("FIELD_TYPE_CHANGED", lambda was, now: (was.delimited, was.checked) != (now.delimited, now.checked)),
)


def _kind(of: Field) -> tuple[str, ...]:
    if of.entry:
        return (*_kind(of.entry[0]), *_kind(of.entry[1]))
    return of.kind, of.type


def _presence(was: Field, now: Field) -> bool:
    return was.presence != now.presence


def _added(now: Field, old: Body) -> str:
    if old.message.reserves(now.number):
        return "NUMBER_REUSED"
    if _reserved_name(now, old):
        return "JSON_NAME_REUSED"
    return "REQUIRED_FIELD_ADDED" if now.presence == "required" else "FIELD_ADDED"


def _crossed(was: Field, now: Field, old: Body, new: Body) -> bool:
    return was.name in new.by_name or now.name in old.by_name or was.name in new.message.reserved_names


def _disturbed(couple: Couple, new: Body) -> str:
    """A field that stayed as it was, and is read otherwise: another one took its key, or joined its oneof."""
    now = couple.now
    shared = now and now.oneof and sum(each.oneof == now.oneof for each in new.fields) > 1
    return "FIELD_ONEOF_CHANGED" if shared else "JSON_NAME_REUSED"
