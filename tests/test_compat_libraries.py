"""The model of values beside Python's library: every class of every type is really written, and really read."""

from __future__ import annotations

import math
import struct
from functools import cache
from typing import Any, NamedTuple

import pytest
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

from schemactl.compat import binary, jsonforms, jsonvalue
from schemactl.compat.contract import Writer
from schemactl.compat.values import samples, usual
from schemactl.effect import HARM, Kind, Readers, Reading
from test_compat_values import GOOGLE, SCALARS, VALUES, WELL_KNOWN, type_of

RANK: dict[Kind, int] = {"ok": 0, "default": 1, "wrong": 2, "error": 3}
KEYS = [each for each in SCALARS if each not in ("double", "float", "bytes")]


class Kinder(NamedTuple):
    """Where Python lets pass what another library does not."""

    encoding: str
    writers: str
    readers: str
    why: str


_WRITTEN_64 = "int64 uint64 fixed64 sfixed64 sint64 Int64Value UInt64Value"
KINDER = (
    Kinder("json", _WRITTEN_64, "enum closed", "Go takes a number in quotes for a name"),
    Kinder("json", "bool BoolValue", "enum closed", "Python takes true for 1, nobody else does"),
    Kinder(
        "json", "bool BoolValue", "double float DoubleValue FloatValue", "Python takes true for 1, nobody else does"
    ),
    Kinder("json", f"{_WRITTEN_64} Timestamp Duration bytes BytesValue", "FieldMask", "Go wants paths of identifiers"),
    Kinder("binary", "bytes", "unchecked", "Java puts a replacement for what is no text, and writes that"),
    Kinder("binary", "unchecked", "string", "Go and C++ let writers write what is no text"),
    Kinder("binary", " ".join(WELL_KNOWN), "bytes", "Python keeps the bytes: a message to who expects one"),
    Kinder("binary", " ".join(WELL_KNOWN), "string unchecked", "most messages hold bytes that are no text"),
)


class Compared(NamedTuple):
    """What Python made of the values of a type, at worst, beside what the model says; `by` is the value."""

    writer: str
    reader: str
    readers: Readers
    python: Reading
    by: object
    model: Reading

    @property
    def is_promised_too_much(self) -> bool:
        return _badness(self.model) < _badness(self.python) or RANK[self.model.effect] < RANK[self.python.effect]

    @property
    def is_stricter(self) -> bool:
        return _badness(self.model) > _badness(self.python) or RANK[self.model.effect] > RANK[self.python.effect]


def _badness(reading: Reading) -> int:
    return 0 if reading.effect == "ok" else 2 if reading.values == "all" else 1


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_the_model_never_promises_more_than_python_keeps(encoding: str) -> None:
    assert not [each for each in _compared(encoding) if each.is_promised_too_much]


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_where_the_model_is_stricter_than_python_another_library_is(encoding: str) -> None:
    reasons = [each for each in KINDER if each.encoding == encoding]
    used = set()
    for case in _compared(encoding):
        if case.is_stricter:
            why = [
                each for each in reasons if case.writer in each.writers.split() and case.reader in each.readers.split()
            ]
            assert why, case
            used.update(why)
    assert used == set(reasons)


def test_keys_of_maps_are_read_as_python_reads_them() -> None:
    for writer, reader in ((one, two) for one in KEYS for two in KEYS):
        found = [(value, _read_key(writer, reader, value)) for value in samples(writer, zero=True)]
        real, said = _worst(found, every=True), jsonvalue.read_key(type_of(writer), type_of(reader)).strict
        assert (RANK[said.effect], _badness(said)) == (RANK[real[0].effect], _badness(real[0])), (writer, reader, real)


@cache
def _compared(encoding: str) -> tuple[Compared, ...]:
    words = [*SCALARS, "unchecked", "enum", "closed", *WELL_KNOWN]
    both: tuple[Readers, ...] = ("strict", "tolerant") if encoding == "json" else ("strict",)
    return tuple(
        _compare(writer, reader, encoding, readers)
        for writer in words
        for reader in words
        for readers in both
        if writer != reader and (encoding == "json" or {writer, reader} - set(WELL_KNOWN))
    )


def _compare(writer: str, reader: str, encoding: str, readers: Readers) -> Compared:
    types, wires = (type_of(writer), type_of(reader)), _wires(writer, encoding)
    if encoding == "json":
        outcome = jsonvalue.read(*types, Writer(), zero=True)
    else:
        outcome = binary.read(*types, zero=True)
        if writer == "bytes" and reader in WELL_KNOWN:
            wires += (_wire(writer, _wrote(reader, _values(reader)[-1]).f.SerializeToString(), encoding),)
    found = [(each.value, _read(each, reader, encoding, readers)) for each in wires]
    return Compared(writer, reader, readers, *_worst(found), getattr(outcome, readers))


def _worst(found: list[tuple[Any, Kind]], *, every: bool = False) -> tuple[Reading, Any]:
    effect, by = max(((kind, value) for value, kind in found), key=lambda each: RANK[each[0]])
    harmed = all(kind in HARM for value, kind in found if every or usual(value))
    return Reading(effect, "all" if harmed or effect == "ok" else "some"), by


def _values(word: str) -> tuple[Any, ...]:
    if word in ("string", "unchecked", "StringValue", "Value"):
        known = samples("string", zero=True) if word != "Value" else jsonforms.printed_forms(GOOGLE + word)
        return (*known, "LEVEL_LOW")
    if word in SCALARS:
        return samples(word, zero=True)
    if word in ("enum", "closed"):
        return tuple(number for _, number in VALUES)
    name = GOOGLE + word
    return samples(jsonforms.WRAPPERS[name], True) if name in jsonforms.WRAPPERS else jsonforms.printed_forms(name)


def _wrote(word: str, value: Any) -> Any:
    message = _classes()[word]()
    if type_of(word).kind != "message":
        message.f = value
    elif GOOGLE + word in jsonforms.WRAPPERS:
        message.f.value = value
        message.f.SetInParent()
    else:
        json_format.ParseDict(value, message.f)
    return message


class Wire(NamedTuple):
    """A value, as its message holds it, and what was written."""

    value: Any
    content: Any
    json: str
    binary: bytes


@cache
def _wires(writer: str, encoding: str) -> tuple[Wire, ...]:
    return tuple(_wire(writer, each, encoding) for each in _values(writer))


def _wire(writer: str, value: Any, encoding: str) -> Wire:
    wrote = _wrote(writer, value)
    return Wire(value, _content(wrote, encoding), json_format.MessageToJson(wrote), wrote.SerializeToString())


def _read(wire: Wire, reader: str, encoding: str, readers: Readers) -> Kind:
    expected = _classes()[reader]
    try:
        if encoding == "json":
            read = json_format.Parse(wire.json, expected(), ignore_unknown_fields=readers == "tolerant")
        else:
            read = expected.FromString(wire.binary)
    except Exception:
        return "error"
    if not read.HasField("f"):
        return "default"
    same = _same_json if encoding == "json" else _same_binary
    return "ok" if same(wire.content, _content(read, encoding)) else "wrong"


def _read_key(writer: str, reader: str, value: Any) -> Kind:
    wrote, read = _classes()[f"{writer}_keys"](), _classes()[f"{reader}_keys"]()
    wrote.f[value] = True
    try:
        json_format.Parse(json_format.MessageToJson(wrote), read)
    except json_format.ParseError:
        return "error"
    texts = [str(next(iter(each.f))).lower() for each in (wrote, read)]
    return "ok" if texts[0] == texts[1] else "wrong"


class Named(NamedTuple):
    """A value of an enum."""

    number: int
    name: str


class Embedded(NamedTuple):
    """A message in binary."""

    wire: bytes


def _content(message: Any, encoding: str) -> Any:
    of, value = message.DESCRIPTOR.fields_by_name["f"], message.f
    if of.enum_type:
        known = of.enum_type.values_by_number.get(value)
        return Named(value, known.name if known else "")
    if not of.message_type:
        return value
    if encoding == "binary":
        return Embedded(value.SerializeToString())
    return value.value if of.message_type.full_name in jsonforms.WRAPPERS else json_format.MessageToDict(value)


def _same_binary(wrote: Any, read: Any) -> bool:
    if isinstance(wrote, Embedded):
        return bool(wrote.wire == read)
    read = read.wire if isinstance(read, Embedded) else read
    wrote, read = (each.number if isinstance(each, Named) else each for each in (wrote, read))
    wrote, read = (each.encode() if isinstance(each, str) else each for each in (wrote, read))
    return bool(wrote == read or (wrote != wrote and read != read))


def _same_json(wrote: Any, read: Any) -> bool:
    if isinstance(wrote, Named) or isinstance(read, Named):
        return _same_named(wrote, read)
    if isinstance(wrote, bytes) or isinstance(read, bytes):
        return bool(wrote == read)
    if all(isinstance(each, int | float) for each in (wrote, read)):
        return bool(wrote == read or (wrote != wrote and read != read) or _narrow(read) == wrote)
    numbers = _numeric(wrote), _numeric(read)
    return bool(wrote == read or (numbers[0] == numbers[1] is not None) or numbers[0] != numbers[0])


def _same_named(*values: Any) -> bool:
    """By name, where both have one."""
    texts = [each.name if isinstance(each, Named) else each for each in values]
    return texts[0] == texts[1] or any(
        isinstance(one, Named) and _numeric(other) == one.number for one, other in (values, values[::-1])
    )


def _numeric(value: Any) -> Any:
    """Numbers and durations can be written in more than one way."""
    text = value.removesuffix("s") if isinstance(value, str) else value
    try:
        return int(text) if str(text).lstrip("-").isdigit() else float(text)
    except (TypeError, ValueError):
        return value if not isinstance(value, str) else None


def _narrow(number: float) -> float:
    if not math.isfinite(number) or abs(number) > 3e38:
        return number
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


@cache
def _classes() -> dict[str, Any]:
    """A message with one field `f` of each type."""
    pool = descriptor_pool.DescriptorPool()
    known = [
        each.DESCRIPTOR for each in (any_pb2, duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
    ]
    for each in known:
        pool.AddSerializedFile(each.serialized_pb)
    three = descriptor_pb2.FileDescriptorProto(name="three.proto", package="acme.three", syntax="proto3")
    three.dependency.extend(each.name for each in known)
    two = descriptor_pb2.FileDescriptorProto(name="two.proto", package="acme.two")
    for word in [*SCALARS, "enum", *WELL_KNOWN]:
        _declare(three, word, SCALARS.get(word, 14 if word == "enum" else 11))
    for word in KEYS:
        _declare_keys(three, word)
    for word, kind in (("unchecked", 9), ("closed", 14)):
        _declare(two, word, kind)
    for file in (three, two):
        pool.AddSerializedFile(file.SerializeToString())
    found = [pool.FindFileByName(each).message_types_by_name for each in ("three.proto", "two.proto")]
    return {
        name.removeprefix("Of_"): message_factory.GetMessageClass(each)
        for messages in found
        for name, each in messages.items()
    }


def _declare(file: Any, word: str, kind: int) -> None:
    message = file.message_type.add(name=f"Of_{word}")
    of = message.field.add(name="f", number=1, label=1, type=kind)
    if kind == 14:
        of.type_name = f".{file.package}.{word}"
        enum = file.enum_type.add(name=word)
        for name, number in VALUES:
            enum.value.add(name=name, number=number)
    elif kind == 11:
        of.type_name = f".{GOOGLE}{word}"
    if file.syntax == "proto3" and kind != 11:
        message.oneof_decl.add(name="_f")
        of.oneof_index, of.proto3_optional = 0, True


def _declare_keys(file: Any, word: str) -> None:
    message = file.message_type.add(name=f"Of_{word}_keys")
    entry = message.nested_type.add(name="FEntry", options={"map_entry": True})
    entry.field.add(name="key", number=1, label=1, type=SCALARS[word])
    entry.field.add(name="value", number=2, label=1, type=SCALARS["bool"])
    message.field.add(name="f", number=1, label=3, type=11, type_name=f".{file.package}.{message.name}.FEntry")
