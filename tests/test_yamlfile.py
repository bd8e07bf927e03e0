"""A YAML file is a typed value, or all of its mistakes at once."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from msgspec import Struct, field

from schemactl import yamlfile
from schemactl.errors import ConfigError


class Rule(Struct, frozen=True):
    id: str
    severity: Literal["error", "off"] = "error"
    only: tuple[str, ...] = ()
    except_: tuple[str, ...] = field(name="except", default=())


class File(Struct, frozen=True):
    roots: list[str] | None = None
    limit: int = 0
    ratio: float = 0
    strict: bool = False
    rules: tuple[Rule, ...] = ()
    params: dict[str, Any] = {}


def load(text: str | bytes, **how: Any) -> File:
    return yamlfile.load(text.encode() if isinstance(text, str) else text, "a.yaml", File, **how)


def told(text: str | bytes, **how: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **how)
    assert caught.value.hint
    return caught.value.message.split("\n")


def test_a_file_becomes_its_type() -> None:
    text = """
roots: [proto]
limit: 3
ratio: 2
strict: true
rules:
  - {id: X, severity: off, only: [on, NO, 1.0, 2020-01-01, "7"], except: [y]}
params: {a: {on: [1, 2.5, true, ~, 010, 1:30, .nan, x]}}
"""
    only = ("on", "NO", "1.0", "2020-01-01", "7")
    assert load(text) == File(
        roots=["proto"],
        limit=3,
        ratio=2.0,
        strict=True,
        rules=(Rule("X", "off", only, ("y",)),),
        params={"a": {"on": [1, 2.5, True, None, "010", "1:30", ".nan", "x"]}},
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", "roots:\nlimit:\nrules:\n"])
def test_what_is_left_empty_has_its_default(text: str) -> None:
    assert load(text) == File()


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    text = """
rots: [proto]
roots: proto
limit: many
strict: 1
rules:
  - {severity: eror}
  - {id: X, id: Y, only: [[a], ~]}
  - text
params: [1]
nowhere: 1
"""
    assert told(text) == [
        "a.yaml:2:1: unknown key `rots`; did you mean `roots`?",
        "a.yaml:3:8: `roots` should be a list of strings, not a string",
        "a.yaml:4:8: `limit` should be a whole number, not `many`",
        "a.yaml:5:9: `strict` should be true or false, not `1`",
        "a.yaml:7:5: `rules.id` is missing",
        "a.yaml:7:16: `rules.severity` should be one of `error`, `off`, not `eror`; did you mean `error`?",
        "a.yaml:8:13: duplicate key `id`; it already stands in line 8",
        "a.yaml:8:27: an item of `rules.only` should be a string, not a list",
        "a.yaml:8:32: an item of `rules.only` should be a string, not empty",
        "a.yaml:9:5: an item of `rules` should be a mapping, not a string",
        "a.yaml:10:9: `params` should be a mapping, not a list",
        "a.yaml:11:1: unknown key `nowhere`",
    ]


def test_mistakes_that_types_cannot_say_are_told_with_the_others() -> None:
    def check(file: File) -> list[tuple[tuple[str | int, ...], str]]:
        return [(("rules", index, "id"), f"no rule {rule.id}") for index, rule in enumerate(file.rules)]

    text = "limit: x\nrules:\n- {id: A}\n- text\n- {id: B}\n"
    with pytest.raises(ConfigError) as caught:
        yamlfile.read(text.encode(), "a.yaml", File, check=check)
    assert caught.value.message.split("\n") == [
        "a.yaml:1:8: `limit` should be a whole number, not `x`",
        "a.yaml:3:4: no rule A",
        "a.yaml:4:3: an item of `rules` should be a mapping, not a string",
        "a.yaml:5:4: no rule B",
    ]


def test_places_count_characters_and_name_keys_and_items() -> None:
    document = yamlfile.read("params: {é: [ü, x]}\n".encode(), "a.yaml", File)
    assert document.place("params", "é", 1) == "a.yaml:1:17"
    assert document.place("params", "é") == "a.yaml:1:10"
    assert document.place("params", "gone", "deeper") == "a.yaml:1:1"


def test_unknown_keys_may_be_ignored_but_not_wrong_types() -> None:
    assert load("newer: 1\nlimit: 2\n", unknown="ignore") == File(limit=2)
    assert told("newer: 1\nlimit: x\n", unknown="ignore") == ["a.yaml:2:8: `limit` should be a whole number, not `x`"]


def test_tabs_are_named_by_their_lines() -> None:
    assert told("params:\n\ta: 1\n  b: 2\n\tc: 3\n") == [
        "a.yaml:2:1: line 2 is indented with a tab; YAML wants spaces",
        "a.yaml:4:1: line 4 is indented with a tab; YAML wants spaces",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"roots: []\nlimit: \xff\n", "a.yaml:2: byte 0xff is not UTF-8"),
        (b"roots: [a\0b]\n", "a.yaml:1:10: a NUL byte does not belong in YAML"),
        (b"roots: [\n\x1b[31m]\n", "a.yaml:2:1: the control character U+001B does not belong in YAML"),
        (b"\xff\xfea\0", "a.yaml:1: byte 0xff is not UTF-8"),
        (b"- a\n", "a.yaml:1:1: the file should be a mapping, not a list"),
        (b"roots: a: b\n", "a.yaml:1:9: not valid YAML: mapping values are not allowed"),
        (b"roots: *x\n", "a.yaml:1:8: not valid YAML: found undefined alias"),
        (b"limit: 1\n---\nlimit: 2\n", "a.yaml:2:1: `---` starts a second document; one file is one document"),
        (b"params: {a: !!python/object/apply:os.system [x]}\n", "a.yaml:1:13: a tag such as `!x` is not understood"),
        (b'params: {a: !!float "e"}\n', "a.yaml:1:13: a tag such as `!x` is not understood"),
        (b"limit: 010\n", "a.yaml:1:8: `limit` should be a whole number, not `010`"),
        (b"limit: 99999999999999999999\n", "a.yaml:1:8: `limit` should be a whole number, not `9999999999"),
        (b"? [a]\n: 1\n", "a.yaml:1:3: a key should be text, not a list"),
        (b"params: {<<: 1}\n", "a.yaml:1:14: `<<` takes a mapping, not a number"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(text: bytes, message: str) -> None:
    assert told(text)[0].startswith(message)


def test_text_of_a_file_cannot_move_the_cursor_or_add_lines() -> None:
    assert told('"a\\e[31m\\nb": 1\n') == ["a.yaml:1:1: unknown key `a\\x1b[31m\\nb`"]


def test_merge_keys_are_resolved_and_keep_their_mistakes() -> None:
    assert load("params: {a: &a {x: 1, y: 2}, b: {<<: *a, y: 3}}\n").params["b"] == {"x": 1, "y": 3}
    assert told("rules:\n- &a {id: [x]}\n- {<<: *a, only: [y]}\n") == [
        "a.yaml:2:11: `rules.id` should be a string, not a list"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#" * (1 << 21), "larger than 1 MiB"),
        ("params: {a: " + "[" * 100_000, "nested deeper than 40 levels"),
        ("params: {a: &a [*a]}\n", "an alias that holds itself"),
        ("params: &a {<<: *a}\n", "an alias that holds itself"),
        ("params: {a: [" + "1," * 150_000 + "]}\n", "more than 100000 values"),
        ("params:\n a0: &a0 [x]\n" + "".join(f" a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 120)), "100 aliases"),
        (
            "params:\n a0: &a0 [x]\n"
            + "".join(f" a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
            "more than 100000 values once aliases are written out",
        ),
    ],
)
def test_a_file_made_to_hurt_is_refused(text: str, message: str) -> None:
    assert message in told(text)[0]


def test_a_file_full_of_mistakes_does_not_fill_the_screen() -> None:
    lines = told("".join(f"k{n}: 1\n" for n in range(300)))
    assert len(lines) == 51
    assert lines[-1] == "a.yaml: 250 more mistakes"
    assert len(told("\a" * 100_000)) == 50
