"""What readers of one side make of each field that writers of the other have written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from schemactl.compat import binary, jsonvalue
from schemactl.compat.contract import Writer
from schemactl.compat.shape import Field
from schemactl.compat.types import Body, Types
from schemactl.compat.values import Type
from schemactl.effect import OK, Direction, Encoding, Outcome, Reading, both, worst

_UNKNOWN = Outcome(Reading("skip"), Reading("error"))
_UNFOUND = Outcome(Reading("default"), Reading("error"))


class Later(Protocol):
    """What is known of the releases after the one that is compared: the first without a field that it has, if any."""

    def gone_number(self, message: str, number: int) -> str | None: ...

    def gone_name(self, message: str, key: str) -> str | None: ...


class _Nothing:
    def gone_number(self, message: str, number: int) -> str | None:
        return None

    def gone_name(self, message: str, key: str) -> str | None:
        return None


NO_LATER: Later = _Nothing()


class Way(NamedTuple):
    """One way that messages take: who reads whom, and how it is written."""

    direction: Direction
    encoding: Encoding
    printed: Writer = Writer()

    @property
    def binary(self) -> bool:
        return self.encoding == "binary"


@dataclass
class Reader:
    """Readers that know `reads`, of what writers that know `writes` send on the way.

    `later` knows of releases between the two, where the way goes backward.
    """

    writes: Types
    reads: Types
    way: Way
    later: Later = NO_LATER
    _inner: list[tuple[Field, Field]] | None = None
    _local: dict[tuple[str, str], tuple[Outcome, list[tuple[Field, Field]]]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    _clashing: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def key(self, written: Field) -> str:
        return written.name if self.way.printed.proto_names else written.json_name

    def target(self, written: Field, reader: Body) -> Field | None:
        """The field that the reader takes it for."""
        if self.way.binary:
            return reader.by_number.get(written.number)
        return reader.by_key.get(self.key(written))

    def field(self, written: Field, writer: Body, reader: Body) -> Outcome:
        """Of a field that the writer has set."""
        found = self.target(written, reader)
        if found is None:
            return self._missed(written, writer, reader)
        value = self.value(written, found)
        if not self._another(written, found, writer, reader):
            return worst((value, self.unset(written, found)))
        return value if value.tolerant.effect in ("default", "error") else worst((value, both("wrong")))

    def absent(self, expected: Field, writer: Body) -> Outcome:
        """Of a field that only the reader has."""
        if expected.presence != "required":
            return OK
        return OK if self._taken(expected, writer) else both("error")

    def _missed(self, written: Field, writer: Body, reader: Body) -> Outcome:
        """Nothing is found under its number or its key: it is gone, or the reader looks for it elsewhere."""
        if self.way.binary:
            moved = reader.by_name.get(written.name)
            same = moved and not self._taken(moved, writer) and not self._came_back(written, writer)
            return both("default" if same else "skip")
        if written.name.startswith("[") and not self._extends(written, reader):
            return both("error")  # Python refuses it, whatever it is told to ignore
        same = reader.by_number.get(written.number)
        if same is None or self._taken(same, writer):
            return _UNKNOWN
        if written.name != same.name and not self._related(written, same, writer, reader):
            return _UNKNOWN
        return both("error") if same.presence == "required" else _UNFOUND

    def _extends(self, written: Field, reader: Body) -> bool:
        """Whether the message could have the extension, for all that its readers know."""
        other = self.reads.extended(written.name)
        return bool(reader.message.proto.extension_range) and other in (None, reader.message.full_name)

    def _taken(self, expected: Field, writer: Body) -> bool:
        """Whether something else that is written is read as it."""
        if self.way.binary:
            return expected.number in writer.by_number
        keys = writer.by_name.keys() if self.way.printed.proto_names else writer.json_names
        return expected.json_name in keys or expected.name in keys

    def _related(self, written: Field, same: Field, writer: Body, reader: Body) -> bool:
        """Whether two fields of one number may be one, renamed: a value of the one is sometimes one of the other."""
        found = self.value(written, same).tolerant
        if _is_reserved(written, same, writer, reader):
            return found.effect == "ok"
        return not (found.effect == "error" and found.values == "all")

    def _another(self, written: Field, found: Field, writer: Body, reader: Body) -> bool:
        """Whether it is found under a number or key that meant something else before."""
        if self.way.binary:
            if written.name == found.name:
                return False
            if written.name in reader.by_name or found.name in writer.by_name:
                return True
            gone = self._backward and self.later.gone_number(writer.message.full_name, written.number)
            return bool(gone) or _is_reserved(written, found, writer, reader)
        if written.number == found.number:
            return False
        return written.name != found.name or self._again(written, found, writer, reader)

    @property
    def _backward(self) -> bool:
        return self.way.direction == "backward"

    def _again(self, written: Field, found: Field, writer: Body, reader: Body) -> bool:
        """Whether a name has another number because it was taken away, and came back for something else."""
        first, newer = (written, reader) if self._backward else (found, writer)
        return self._came_back(written, writer) or newer.message.reserves(first.number)

    def _came_back(self, written: Field, writer: Body) -> bool:
        """Whether a release in between had no such name: that it is another field is known, then."""
        return self._backward and bool(self.later.gone_name(writer.message.full_name, written.json_name))

    def value(self, written: Field, found: Field) -> Outcome:
        """Of the value alone, whatever it is called."""
        if self.way.binary:
            return self._binary(written, found)
        return self._json(written, found)

    def _json(self, written: Field, found: Field) -> Outcome:
        shapes = written.cardinality, found.cardinality
        if shapes == ("map", "map"):
            (key, value), (other_key, other) = _entry(written), _entry(found)
            keys = jsonvalue.read_key(self._type(key, self.writes), self._type(other_key, self.reads))
            return worst((keys, self._one(value, other, zero=True)))
        if shapes[0] == shapes[1]:
            zero = shapes[0] == "repeated" or written.presence != "implicit" or self.way.printed.print_defaults
            return self._one(written, found, zero=zero)
        if shapes == ("map", "singular") and found.kind == "message" and found.type not in jsonvalue.WELL_KNOWN:
            return _UNFOUND
        return both("error")

    def _binary(self, written: Field, found: Field) -> Outcome:
        shapes = written.cardinality, found.cardinality
        if shapes == ("map", "map"):
            (key, value), (other_key, other) = _entry(written), _entry(found)
            return worst((self._one(key, other_key, zero=True), self._one(value, other, zero=True)))
        if written.packed and binary.packs(written.kind):
            return self._packed(written, found)
        many = "singular" not in (written.cardinality, found.cardinality) or written.presence != "implicit"
        one = self._one(written, found, zero=many)
        if written.cardinality != "singular" and found.cardinality == "singular":  # the last one wins
            return one if one.tolerant.effect in ("default", "error") else both("wrong")
        if found.cardinality == "map" and written.cardinality != "map":  # one of two keys is lost; anything is an entry
            return worst((one, both("wrong", "some" if one.tolerant.effect == "ok" else "all")))
        return one

    def _packed(self, written: Field, found: Field) -> Outcome:
        """Its elements come as one run of bytes, whatever the reader expects."""
        if found.cardinality == "repeated" and binary.packs(found.kind):
            if binary.wire_type(self._type(written, self.writes)) != binary.wire_type(self._type(found, self.reads)):
                return both("error")
            return self._one(written, found, zero=True)
        return both("default") if binary.packs(found.kind) else both("error")

    def _one(self, written: Field, found: Field, *, zero: bool) -> Outcome:
        """Of one element."""
        if written.kind == found.kind == "message" and self._walks(written, found):
            if self.way.binary and written.delimited != found.delimited:
                return both("default")
            return OK if written.type == found.type else self.pair(written, found)
        if written.kind == found.kind == "enum" and written.type == found.type:
            return OK  # what its values do is told of them
        types = self._type(written, self.writes), self._type(found, self.reads)
        if self.way.binary:
            return binary.read(*types, zero=zero)
        return jsonvalue.read(*types, self.way.printed, zero=zero)

    def _walks(self, written: Field, found: Field) -> bool:
        if self.way.binary or written.type == found.type:
            return True
        return written.type not in jsonvalue.WELL_KNOWN and found.type not in jsonvalue.WELL_KNOWN

    def pair(self, written: Field, found: Field) -> Outcome:
        """Of a message of another type, by all that it is made of; types may hold each other, and go very deep."""
        if self._inner is not None:
            self._inner.append((written, found))
            return OK
        names = written.type, found.type
        if names not in self._known:
            self._known[names] = worst(self._closure(written, found))
        return self._known[names]

    def _closure(self, written: Field, found: Field) -> Iterator[Outcome]:
        pending, seen = [(written, found)], set()
        while pending:
            pair = pending.pop()
            names = pair[0].type, pair[1].type
            if names not in seen:
                seen.add(names)
                outcome, inner = self._alone(*pair)
                pending += inner
                yield outcome

    def _alone(self, written: Field, found: Field) -> tuple[Outcome, list[tuple[Field, Field]]]:
        """Of a message without those in it, and the fields that hold these."""
        names = written.type, found.type
        if names not in self._local:
            writer = self.writes.message(written.type, written.place.file)
            reader = self.reads.message(found.type, found.place.file)
            self._inner = inner = list[tuple[Field, Field]]()
            outcome = self.body(writer, reader) if writer and reader else both("error")
            self._inner = None
            self._local[names] = outcome, inner
        return self._local[names]

    def body(self, writer: Body, reader: Body) -> Outcome:
        return worst(
            (
                *(self.field(each, writer, reader) for each in writer.fields),
                *(self.absent(each, writer) for each in reader.fields),
                *(both("error" if not self.way.binary else "default") for _ in self.conflicts(writer, reader)),
            )
        )

    def unset(self, written: Field, found: Field) -> Outcome:
        """Of a field that is not set, or set to what is not written: presence, and the default that stands in."""
        if found.presence == "required" and written.presence != "required":
            return both("error")
        if written.cardinality != "singular" or found.cardinality != "singular":
            return OK
        if "message" not in (written.kind, found.kind) and self._other_default(written, found):
            return both("wrong")
        hidden = written.presence == "implicit" and not (self.way.printed.print_defaults and not self.way.binary)
        if hidden and found.presence == "explicit" and found.kind != "message" and self.way.direction == "forward":
            return both("default", "some")  # readers that tell unset from zero
        return OK

    def _other_default(self, written: Field, found: Field) -> bool:
        """Whether both sides take something else for it where it is not set; what an enum's own change does is its."""
        if written.kind == found.kind == "enum" and (written.type != found.type or written.default or found.default):
            here, there = self._first(written, self.writes), self._first(found, self.reads)
            return here[0] != there[0] and here[1] != there[1]
        return _default(written) != _default(found)

    def _first(self, of: Field, types: Types) -> tuple[str, int]:
        enum = types.enum(of.type, of.place.file)
        if enum is None:
            return of.default or "", 0
        name = of.default or enum.values[0][0]
        return name, enum.names.get(name, 0)

    def conflicts(self, writer: Body, reader: Body) -> frozenset[str]:
        """Full names of fields that writers may set together, and readers take for members of one oneof."""
        names = writer.message.full_name, reader.message.full_name
        if names not in self._clashing:
            self._clashing[names] = frozenset(each.full_name for each in self._clashes(writer, reader))
        return self._clashing[names]

    def _clashes(self, writer: Body, reader: Body) -> Iterator[Field]:
        groups: dict[str, list[Field]] = {}
        for written in writer.fields:
            found = self.target(written, reader)
            if found is not None and found.oneof:
                groups.setdefault(found.oneof, []).append(written)
        for oneof, fields in groups.items():
            if len({each.oneof or f".{each.name}" for each in fields}) > 1:
                # It is told of those that moved, not of those that they join.
                yield from [each for each in fields if each.oneof != oneof] or fields

    def _type(self, of: Field, types: Types) -> Type:
        enum = types.enum(of.type, of.place.file) if of.kind == "enum" else None
        return Type(of.kind, of.type, enum, of.checked, of.delimited)


def _is_reserved(written: Field, found: Field, writer: Body, reader: Body) -> bool:
    """Whether the name of one is kept from coming back by the other side: it was deleted, not renamed."""
    return written.name in reader.message.reserved_names or found.name in writer.message.reserved_names


def _entry(found: Field) -> tuple[Field, Field]:
    assert found.entry
    return found.entry


def _default(found: Field) -> str:
    """What stands in for it, where it is declared; nothing for zero."""
    if found.kind in ("string", "bytes"):
        return found.default or ""
    return "" if found.default in (None, "0", "false", "-0") else found.default or ""
