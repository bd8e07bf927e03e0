"""What readers make of the values of an enum that is not the same on both sides."""

from __future__ import annotations

import pytest

from schemactl.compat import binary, enums, jsonvalue
from schemactl.compat.contract import Writer
from schemactl.compat.shape import Enum, Place
from schemactl.compat.values import Type
from schemactl.effect import OK, Encoding, Outcome, Reading, both

NAMES, NUMBERS = Writer(), Writer(enum_numbers=True)
UNKNOWN = Outcome(Reading("default"), Reading("error"))


def enum(*values: tuple[str, int], closed: bool = False) -> Enum:
    return Enum("acme.Status", Place("acme.proto", ()), (("STATUS_UNSPECIFIED", 0), *values), closed)


def read(writer: Enum, reader: Enum, name: str, encoding: Encoding = "json", printed: Writer = NAMES) -> Outcome:
    return enums.read_value(writer, reader, (name, writer.names[name]), encoding, printed)


OLD = enum(("ACTIVE", 1))


def test_a_name_that_the_reader_does_not_know_is_refused_or_dropped() -> None:
    assert read(enum(("ACTIVE", 1), ("GONE", 2)), OLD, "GONE") == UNKNOWN


def test_a_number_that_an_open_enum_does_not_know_is_kept() -> None:
    new = enum(("ACTIVE", 1), ("GONE", 2))
    assert read(new, OLD, "GONE", "binary") == OK
    assert read(new, OLD, "GONE", printed=NUMBERS) == OK


def test_a_number_that_a_closed_enum_does_not_know_is_dropped_and_in_json_refused() -> None:
    new, old = enum(("ACTIVE", 1), ("GONE", 2), closed=True), enum(("ACTIVE", 1), closed=True)
    assert read(new, old, "GONE", "binary") == both("default")
    assert read(new, old, "GONE", printed=NUMBERS) == both("error")


def test_a_renamed_value_is_unknown_by_its_name_and_fine_by_its_number() -> None:
    new = enum(("ENABLED", 1))
    assert read(OLD, new, "ACTIVE") == UNKNOWN
    assert read(OLD, new, "ACTIVE", "binary") == read(OLD, new, "ACTIVE", printed=NUMBERS) == OK


def test_a_renumbered_value_is_fine_by_its_name_and_another_by_its_number() -> None:
    new = enum(("ACTIVE", 2))
    assert read(OLD, new, "ACTIVE") == OK
    assert read(OLD, new, "ACTIVE", "binary") == read(OLD, new, "ACTIVE", printed=NUMBERS) == both("wrong")


def test_a_number_that_another_value_has_taken_over_is_wrong() -> None:
    before, after = enum(("A", 1), ("B", 2)), enum(("B", 1))
    assert read(before, after, "A", "binary") == both("wrong")
    assert read(before, after, "B", "binary") == both("wrong")


def test_of_aliases_the_first_is_printed() -> None:
    behind, before = enum(("ACTIVE", 1), ("ENABLED", 1)), enum(("ENABLED", 1), ("ACTIVE", 1))
    assert read(behind, OLD, "ENABLED") == OK
    assert read(before, OLD, "ACTIVE") == UNKNOWN
    assert read(OLD, before, "ACTIVE") == read(before, OLD, "ACTIVE", "binary") == OK


@pytest.mark.parametrize(
    ("new", "zero", "in_binary", "in_json"),
    [
        (enum(("ACTIVE", 1), ("GONE", 2)), False, OK, OK),
        (enum(("ENABLED", 1)), False, OK, UNKNOWN),
        (enum(("GONE", 2)), False, OK, UNKNOWN),
        (enum(("ACTIVE", 2)), False, both("wrong"), OK),
        (enum(("ACTIVE", 2), closed=True), False, both("default"), OK),
    ],
)
def test_a_field_is_harmed_for_all_values_where_each_of_them_is(
    new: Enum, zero: bool, in_binary: Outcome, in_json: Outcome
) -> None:
    types = Type("enum", OLD.full_name, OLD), Type("enum", new.full_name, new)
    assert binary.read(*types, zero=zero) == in_binary
    assert jsonvalue.read(*types, NAMES, zero=zero) == in_json


def test_a_renamed_zero_harms_only_where_zero_is_written() -> None:
    new = Enum("acme.Status", Place("acme.proto", ()), (("STATUS_NONE", 0), ("ACTIVE", 1)), False)
    types = Type("enum", OLD.full_name, OLD), Type("enum", new.full_name, new)
    assert jsonvalue.read(*types, NAMES, zero=False) == OK
    assert jsonvalue.read(*types, NAMES, zero=True) == Outcome(Reading("default", "some"), Reading("error", "some"))


def test_null_is_no_name() -> None:
    null = Enum("google.protobuf.NullValue", Place("x.proto", ()), (("NULL_VALUE", 0),), False)
    writer = Type("enum", null.full_name, null)
    assert jsonvalue.read(writer, Type("message", "google.protobuf.Value"), NAMES, zero=True) == OK
    assert jsonvalue.read(writer, Type("string"), NAMES, zero=True) == both("default")
