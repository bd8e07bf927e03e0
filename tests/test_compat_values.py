"""What readers make of values of another type: the claims of the table, and the model beside a real library."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
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
from schemactl.compat.shape import KINDS, Enum, Place
from schemactl.compat.values import Type, samples, usual
from schemactl.effect import Kind, Outcome, both

GOOGLE = "google.protobuf."
SCALARS = {kind: number for number, kind in KINDS.items() if kind not in ("message", "enum")}
WELL_KNOWN = [each.removeprefix(GOOGLE) for each in sorted(jsonvalue.WELL_KNOWN)]
VALUES = (("LEVEL_UNSPECIFIED", 0), ("LEVEL_LOW", 1), ("LEVEL_HIGH", 7))
RANK: dict[Kind, int] = {"ok": 0, "skip": 0, "default": 1, "wrong": 2, "error": 3}


def type_of(word: str) -> Type:
    if word in ("enum", "closed"):
        return Type("enum", f"acme.{word}", Enum(f"acme.{word}", Place("x.proto", ()), VALUES, word == "closed"))
    if word in SCALARS or word == "unchecked":
        return Type("string", checked=False) if word == "unchecked" else Type(word)
    return Type("message", "acme.Plain" if word == "Plain" else GOOGLE + word)


def said(outcome: Outcome) -> str:
    """As the table says it: `strict/tolerant` where they differ."""
    letters = {"ok": "ok", "default": "D", "wrong": "W", "error": "E"}
    strict, tolerant = (
        letters[each.effect] + ("v" if each.values == "some" else "") for each in (outcome.strict, outcome.tolerant)
    )
    return strict if strict == tolerant else f"{strict}/{tolerant}"


# writer, reader, binary, JSON
TABLE = """
int32 int64 ok ok            | int64 int32 Wv Ev              | uint32 uint64 ok ok          | uint64 uint32 Wv Ev
uint32 int32 Wv Ev           | int32 uint32 Wv Ev             | int32 sint32 W ok            | sint32 int32 W ok
int32 fixed32 D Ev           | fixed32 int32 D Ev             | int32 sfixed32 D ok          | sfixed32 int32 D ok
int64 fixed64 D Ev           | int64 sfixed64 D ok            | sfixed64 int64 D ok          | int64 string D ok
string int64 D Ev            | int32 string D E               | string int32 D Ev            | float double D ok
double float D Ev            | int32 double D ok              | double int32 D Ev            | int32 bool Wv E
bool int32 ok E              | string bytes ok E              | bytes string Ev W            | int32 enum ok ok
enum int32 ok E              | enum string D ok               | string enum D Ev/Dv          | string Timestamp E Ev
Timestamp string E ok        | int64 Timestamp D E            | Timestamp int64 D E          | StringValue string E ok
string StringValue E ok      | Int64Value int64 D ok          | int64 Int64Value D ok        | int32 StringValue D E
int32 closed Dv Ev           | closed int32 ok E              | int64 enum Wv E/D            | bytes enum D E/D
int64 double D Wv            | bool enum ok E                 | double string D E            | string bool D E
bytes Timestamp Ev E         | Timestamp bytes Wv E           | string Value E ok            | Value string E Ev
Duration string E ok         | string Duration E Ev           | string FieldMask E Ev        | Plain string E E
string Plain E E             | Plain int32 D E                | unchecked string Ev ok       | bytes unchecked Wv W
"""
ROWS = [row.split() for row in TABLE.replace("\n", "|").split("|") if row.strip()]


@pytest.mark.parametrize(("writer", "reader", "in_binary", "in_json"), ROWS, ids=lambda word: str(word))
def test_a_row_of_the_table_is_what_the_model_says(writer: str, reader: str, in_binary: str, in_json: str) -> None:
    types = type_of(writer), type_of(reader)
    assert said(binary.read(*types, zero=False)) == in_binary
    assert said(jsonvalue.read(*types, Writer(), zero=False)) == in_json


@pytest.mark.parametrize(
    ("writer", "reader", "in_json"),
    [
        ("Timestamp", "Duration", "E"), ("Struct", "Value", "ok"), ("Value", "Struct", "Ev"), ("Plain", "Struct", "ok"),
        ("Struct", "Plain", "Ev"), ("Plain", "Any", "E"), ("Any", "Plain", "E/Ev"), ("Any", "Struct", "ok"),
        ("StringValue", "Int64Value", "Ev"), ("Int32Value", "Int64Value", "ok"), ("BytesValue", "StringValue", "W"),
        ("Plain", "Timestamp", "E"), ("ListValue", "Value", "ok"),
    ],
)  # fmt: skip
def test_messages_with_a_json_form_of_their_own_read_each_other_by_it(writer: str, reader: str, in_json: str) -> None:
    assert said(jsonvalue.read(type_of(writer), type_of(reader), Writer(), zero=False)) == in_json


@pytest.mark.parametrize(
    ("writer", "reader", "expected"),
    [
        ("int32", "int64", "ok"), ("int64", "int32", "Ev"), ("int32", "string", "ok"), ("string", "int32", "Ev"),
        ("bool", "string", "ok"), ("string", "bool", "Ev"), ("bool", "int32", "E"), ("int32", "bool", "E"),
    ],
)  # fmt: skip
def test_keys_of_maps_are_strings_in_json(writer: str, reader: str, expected: str) -> None:
    assert said(jsonvalue.read_key(type_of(writer), type_of(reader))) == expected


def test_a_zero_that_is_not_written_harms_nobody() -> None:
    only_zero = Enum("acme.Empty", Place("x.proto", ()), (("EMPTY_UNSPECIFIED", 0),), False)
    writer = Type("enum", "acme.Empty", only_zero)
    assert said(jsonvalue.read(writer, type_of("enum"), Writer(), zero=False)) == "ok"
    assert said(jsonvalue.read(writer, type_of("enum"), Writer(), zero=True)) == "E/D"
    assert said(jsonvalue.read(writer, type_of("int32"), Writer(), zero=True)) == "E"


def test_an_enum_that_is_printed_as_a_number_is_read_as_one() -> None:
    numbers = Writer(enum_numbers=True)
    assert said(jsonvalue.read(type_of("enum"), type_of("int32"), numbers, zero=True)) == "ok"
    assert said(jsonvalue.read(type_of("enum"), type_of("string"), numbers, zero=True)) == "E"


def test_groups_and_embedded_messages_are_not_found_in_place_of_each_other() -> None:
    group = Type("message", "acme.Plain", delimited=True)
    assert binary.read(group, type_of("Plain"), zero=True) == binary.read(type_of("string"), group, zero=True)
    assert binary.read(group, type_of("string"), zero=True) == both("default")


def test_every_pair_of_types_has_a_verdict_in_both_encodings() -> None:
    words = [*SCALARS, "unchecked", "enum", "closed", *WELL_KNOWN, "Plain"]
    for writer, reader in ((type_of(one), type_of(two)) for one in words for two in words):
        for found in (jsonvalue.read(writer, reader, Writer(), zero=True), binary.read(writer, reader, zero=True)):
            assert writer != reader or found == Outcome()
            assert {found.tolerant.effect, found.strict.effect} <= set(RANK)


# The model beside Python's library: every value class of every type, really written and really read.


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


class Real(NamedTuple):
    """What Python made of the values of a type: the worst, and whether it harmed all usual values."""

    effect: Kind
    all: bool
    by: object


def test_the_model_never_promises_more_json_than_python_keeps() -> None:
    assert not list(_broken("json"))


def test_the_model_never_promises_more_binary_than_python_keeps() -> None:
    assert not list(_broken("binary"))


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_where_the_model_is_stricter_than_python_another_library_is(encoding: str) -> None:
    reasons = [each for each in KINDER if each.encoding == encoding]
    used = set()
    for writer, reader, real, outcome in _compared(encoding):
        said = outcome.strict
        if (RANK[said.effect], said.values == "all") <= (RANK[real.effect], real.all or real.effect == "ok"):
            continue
        why = [each for each in reasons if writer in each.writers.split() and reader in each.readers.split()]
        assert why, f"{writer} -> {reader}: {outcome}, but {real}"
        used.update(why)
    assert used == set(reasons)


def _broken(encoding: str) -> Iterator[str]:
    for writer, reader, real, outcome in _compared(encoding):
        strict = outcome.strict
        if RANK[strict.effect] < RANK[real.effect] or (real.all and strict.values == "some"):
            yield f"{writer} -> {reader}: {said(outcome)}, but {real}"


@cache
def _compared(encoding: str) -> tuple[tuple[str, str, Real, Outcome], ...]:
    return tuple(_compare(encoding))


def _compare(encoding: str) -> Iterator[tuple[str, str, Real, Outcome]]:
    words = [*SCALARS, "unchecked", "enum", "closed", *WELL_KNOWN]
    for writer in words:
        for reader in words:
            types = type_of(writer), type_of(reader)
            if writer == reader or (types[0].kind == types[1].kind == "message" and encoding == "binary"):
                continue
            if encoding == "json":
                yield writer, reader, _real(writer, reader, encoding), jsonvalue.read(*types, Writer(), zero=True)
            else:
                yield writer, reader, _real(writer, reader, encoding), binary.read(*types, zero=True)


def _real(writer: str, reader: str, encoding: str) -> Real:
    values = _values(writer)
    if writer == "bytes" and encoding == "binary" and type_of(reader).kind == "message":
        values += (_wrote(reader, _values(reader)[-1]).f.SerializeToString(),)
    found = [(value, _read(writer, reader, value, encoding)) for value in values]
    effect, by = max(((kind, value) for value, kind in found), key=lambda each: RANK[each[0]])
    harmed = [kind != "ok" for value, kind in found if usual(value)]
    return Real(effect, effect != "ok" and all(harmed), by)


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


def _read(writer: str, reader: str, value: Any, encoding: str) -> Kind:
    wrote, expected = _wrote(writer, value), _classes()[reader]
    try:
        if encoding == "json":
            read = json_format.Parse(json_format.MessageToJson(wrote), expected())
        else:
            read = expected.FromString(wrote.SerializeToString())
    except Exception:
        return "error"
    if not read.HasField("f"):
        return "default"
    same = _same_json if encoding == "json" else _same_binary
    return "ok" if same(_content(wrote, encoding), _content(read, encoding)) else "wrong"


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
