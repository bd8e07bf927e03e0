"""What readers make of values of another type: the claims of the table."""

from __future__ import annotations

import pytest

from schemactl.compat import binary, jsonvalue
from schemactl.compat.contract import Writer
from schemactl.compat.shape import KINDS, Enum, Place
from schemactl.compat.values import Type
from schemactl.effect import Outcome, both

GOOGLE = "google.protobuf."
SCALARS = {kind: number for number, kind in KINDS.items() if kind not in ("message", "enum")}
WELL_KNOWN = [each.removeprefix(GOOGLE) for each in sorted(jsonvalue.WELL_KNOWN)]
VALUES = (("LEVEL_UNSPECIFIED", 0), ("LEVEL_LOW", 1), ("LEVEL_HIGH", 7))


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
int32 closed Dv Ev           | closed int32 ok E              | int64 enum Wv E            | bytes enum D E/D
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
            assert {found.tolerant.effect, found.strict.effect} <= {"ok", "default", "wrong", "error"}
