"""What docs/writing-rules.md says of declared rules is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.session import RULES as RULES_OF_BENCH
from rule_runs import found, marked, places, split
from schemactl import declared
from schemactl.errors import ConfigError, ToolError
from schemactl.expression import FUNCTIONS, MESSAGES, VARIABLES
from schemactl.rule import Rule
from schemactl.schema import KEPT_OPTIONS

TEXT = Path(__file__).parents[1].joinpath("docs/writing-rules.md").read_text("utf-8")
YAML = re.findall(r"^```yaml(?: title=.*?)?\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
PACKS = [text for text in YAML if "rules:\n" in text]
RULES = [rule for text in PACKS for rule in declared.load(text.encode(), "docs")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_example_finds_what_it_says(rule: Rule, tmp_path: Path) -> None:
    files = split(rule.bad)
    assert places(found(rule.bad, tmp_path, rule)) == marked(files) != set()
    assert found(rule.good, tmp_path, rule) == []


def test_every_key_target_variable_and_function_is_told() -> None:
    rows = {name for row in re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE) for name in re.findall(r"`(\w+)", row)}
    assert {*declared.Declaration.__struct_fields__} <= rows
    assert {*MESSAGES, "package"} <= rows
    assert {name for variables in VARIABLES.values() for name in variables} - {"parent", "files"} <= rows
    assert {*FUNCTIONS} <= rows
    assert all(f"`{name}`" in TEXT for name in ("parent", "files", *KEPT_OPTIONS))


def test_the_mistake_is_told_as_shown() -> None:
    shown = re.search(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert shown
    wrong = PACKS[0].replace("field.name.endsWith", "field.nme.endsWith")
    with pytest.raises(ConfigError) as error:
        declared.load(wrong.encode(), "rules/acme.yaml")
    assert error.value.message.split("\n")[0] == shown[1].split("\n")[0]
    assert error.value.message + "\n" == shown[1]


def test_what_fails_while_it_runs_is_told_as_shown(tmp_path: Path) -> None:
    shown = re.findall(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[1]
    text = PACKS[0].replace("field.name.endsWith", "words(field.name)[1].endsWith")
    (rule,) = declared.load(text.encode(), "rules/acme.yaml")
    with pytest.raises(ToolError) as error:
        found(rule.good.replace("user_id", "id"), tmp_path, rule)
    assert error.value.message + "\n" == shown


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (call, value)
        for call, value in re.findall(r"^\| `(\w+\('[^`]*\))` \| `([^`]*)`", TEXT, re.MULTILINE)
        if not call.startswith("written")
    ],
)
def test_a_function_gives_what_the_table_says(call: str, value: str, tmp_path: Path) -> None:
    if call.partition("(")[0] in ("option", "parent_option", "file_option"):
        return
    expected = value if value[0] == "[" or value in ("true", "false") else f"'{value}'"
    text = (
        f"name: n\nrules:\n- {{id: R, target: file, title: T, why: W., bad: b, good: g, message: \"'no'\", "
        f'require: "{call} == {expected}"}}\n'
    )
    (rule,) = declared.load(text.encode(), "r.yaml")
    assert found('syntax = "proto3";', tmp_path, rule) == []


def test_the_pack_of_the_benchmark_holds_five_rules_on_fields() -> None:
    rules = declared.load(RULES_OF_BENCH.read_bytes(), RULES_OF_BENCH.name)
    assert [rule.target for rule in rules] == ["field"] * 5
