from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemactl import casing
from schemactl.buf import executable
from shell import run

FAST: dict[Callable[[str], str], Callable[[str], object]] = {
    casing.lower_snake: casing.IS_LOWER_SNAKE,
    casing.upper_snake: casing.IS_UPPER_SNAKE,
    casing.pascal: casing.IS_PASCAL,
}
identifiers = st.text("aBcZ19__", min_size=1, max_size=12)
names = st.text("abZ19_.- éÉßǆ中🎉", max_size=12)
conversions = pytest.mark.parametrize("convert", FAST, ids=lambda convert: convert.__name__)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("user_id", "user_id"),
        ("userId", "user_id"),
        ("userID", "user_id"),
        ("HTTPServer", "http_server"),
        ("fooBARBaz", "foo_bar_baz"),
        ("address1", "address1"),
        ("address_1", "address_1"),
        ("line1Text", "line1_text"),
        ("line1TEXT", "line1text"),
        ("A1B2C3", "a1b2c3"),
        ("a__b", "a_b"),
        ("_a_", "a"),
        ("_", ""),
        ("user.events-v1", "user_events_v1"),
        ("UserEvents.V1", "user_events_v1"),
        ("ÉtÉa", "ét_éa"),
        ("éA", "éa"),
    ],
)
def test_lower_snake(name: str, right: str) -> None:
    assert casing.lower_snake(name) == right
    assert casing.upper_snake(name) == right.upper()


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("User", "User"),
        ("user", "User"),
        ("userStatus", "UserStatus"),
        ("user_status", "UserStatus"),
        ("USER_STATUS", "USERSTATUS"),
        ("User_", "User"),
        ("HTTPServer", "HTTPServer"),
        ("v1_beta2", "V1Beta2"),
        ("user.status-code", "UserStatusCode"),
        ("élan", "Élan"),
    ],
)
def test_pascal(name: str, right: str) -> None:
    assert casing.pascal(name) == right


def test_a_letter_never_becomes_two() -> None:
    assert casing.upper_snake("straße") == "STRAßE"
    assert casing.lower_snake("İ") == "i"
    assert casing.pascal("ŉ_ᾳ") == "ŉᾼ"


@conversions
@given(name=names)
def test_a_name_that_is_accepted_fast_is_left_alone(convert: Callable[[str], str], name: str) -> None:
    if FAST[convert](name):
        assert convert(name) == name


@conversions
@given(name=identifiers)
def test_an_identifier_that_is_left_alone_is_accepted_fast(convert: Callable[[str], str], name: str) -> None:
    assert bool(FAST[convert](name)) == (convert(name) == name)


@conversions
@given(name=identifiers)
def test_what_was_converted_is_right(convert: Callable[[str], str], name: str) -> None:
    assert convert(convert(name)) == convert(name)


def test_buf_converts_the_same_way(tmp_path: Path) -> None:
    chance = random.Random(1)
    fields = ["x" + "".join(chance.choices("aaBCZ19__", k=8)) for _ in range(300)]
    files = sorted({"".join(chance.choices("aaBÉéß9ªΩω中.-_", k=5)) + "x" for _ in range(100)} - {""})
    lines = [f"message M{number} {{ string {name} = 1; }}" for number, name in enumerate(fields)]
    for name in files:
        (tmp_path / f"{name}.proto").write_text('syntax = "proto3";')
    (tmp_path / "fields.proto").write_text("\n".join(['syntax = "proto3";', *lines]))
    (tmp_path / "buf.yaml").write_text("version: v2\nlint: {use: [FIELD_LOWER_SNAKE_CASE, FILE_LOWER_SNAKE_CASE]}\n")
    printed = run(executable(), "lint", "--error-format", "json", cwd=tmp_path).stdout
    said = dict(re.findall(r'"(.*?)(?:\.proto)?"', json.loads(line)["message"]) for line in printed.splitlines())
    right = {name: casing.lower_snake(name) for name in (*fields, *files)}
    assert said == {name: should for name, should in right.items() if name != should}
    assert len(said) > 200
