"""What `rules list` says is what runs: on, off and how severe, with the file that said so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from schemactl import bufrules, compatrules, listing
from schemactl.bufyaml import Module
from schemactl.catalogue import catalogue
from schemactl.enginerules import RULES
from schemactl.job import Request, job
from schemactl.policies import governing
from schemactl.repopath import contains
from schemactl.report import Style
from shell import git
from trees import schemactl, write

V2 = """\
version: v2
modules:
  - path: a
    lint:
      use: [COMMENTS, MINIMAL]
      except: [COMMENT_ENUM]
  - path: b
lint:
  use:
    - BASIC
  service_suffix: API
breaking:
  use: [FILE]
"""
OWN = """\
lint:
  use: [events, UNARY_RPC, RPC_NO_SERVER_STREAMING]
  except: [TOPIC_SIMILAR, RPC_NO_CLIENT_STREAMING]
breaking:
  profile: binary
  except: [FIELD_SAME_ONEOF]
rules:
  TOPIC_MISSING: warning
  EVENT_NAME: off
  RPC_NO_DELETE: off
  FIELD_SAME_DEFAULT: info
  PACKAGE_PATTERN: {params: {pattern: acme.<domain>.v<N>}}
overrides:
  - paths: [acme/legacy]
    rules: {TOPIC_MISSING: info}
"""
PROTOS = ("a/a.proto", "b/b.proto", "proto/c.proto", "d.proto")
CONFIGS: dict[str, dict[str, str | bytes]] = {
    "none": {},
    "own": {"schemactl.yaml": OWN},
    "v2": {"buf.yaml": V2},
    "v1": {"buf.yaml": "version: v1\nlint:\n  use: [DEFAULT]\n  except: [ENUM_PASCAL_CASE]\n"},
    "lint only": {"schemactl.yaml": "lint: {use: [STANDARD]}\n", "buf.yaml": "version: v2\nbreaking: {use: [WIRE]}\n"},
    "below": {"proto/buf.yaml": "version: v2\nlint: {use: [MINIMAL]}\n"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, dict.fromkeys(PROTOS, 'syntax = "proto3";\n'))
    assert git(tmp_path, "init", "--quiet").returncode == 0
    return tmp_path


def inside(modules: Iterable[Module]) -> set[str]:
    return {path for path in PROTOS for module in modules if contains(module.root, path)}


def listed(root: Path) -> dict[str, dict[str, Any]]:
    done = schemactl("rules", "list", "-C", root, "--format", "json")
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("files", CONFIGS.values(), ids=CONFIGS)
def test_what_is_on_is_what_runs_as_severe_as_it_is_listed(files: dict[str, str | bytes], root: Path) -> None:
    write(root, files)
    rows = listed(root)
    with job(Request(root)) as here:
        judged = [path for path in PROTOS if here.config.modules is None or path in inside(here.config.modules)]
        policies = [here.policy.by_policy[here.policy.index(path)] for path in judged]
        on = {rule.id: (rule.severity, dict(rule.params)) for rules in reversed(policies) for rule in rules}
        off = {id for id, setting in here.config.rules.items() if setting.severity == "off"}
        breaks = governing(here.config.breaking)
        breaking = {id for path in judged for id in breaks(path).rules} - off
    assert {
        id: (row["severity"], row["params"]) for id, row in rows.items() if row["kind"] == "lint" and row["on"]
    } == on
    assert {id for id, row in rows.items() if row["kind"] == "breaking" and row["on"]} == breaking
    assert all(row["on"] == (row["severity"] != "off") and row["said_by"] for row in rows.values())


def test_every_rule_is_listed_once_with_its_kind_origin_and_categories(root: Path) -> None:
    rows = listed(root)
    breaking = {id for id, rule in bufrules.table().items() if rule.kind == "breaking" and not rule.deprecated}
    assert {row["kind"]: {id for id in rows if rows[id]["kind"] == row["kind"]} for row in rows.values()} == {
        "lint": {*catalogue()},
        "engine": {*RULES},
        "breaking": breaking,
        "compat": compatrules.IDS,
    }
    assert rows["ENUM_VALUE_ADDED"]["categories"] == ["COMPAT"]
    assert rows["TOPIC_NAME_LEGAL"]["origin"] == "rules/events.yaml"
    assert rows["FIELD_SAME_NAME"]["categories"][-1] == "WIRE_JSON"


def test_each_says_which_line_said_so(root: Path) -> None:
    write(root, CONFIGS["own"])
    rows = listed(root)
    assert rows["TOPIC_MISSING"]["said_by"] == (
        "`lint.use` in schemactl.yaml:2 (`events`); `rules.TOPIC_MISSING` in schemactl.yaml:8"
    )
    assert rows["TOPIC_MISSING"]["overrides"] == [
        {"severity": "info", "where": ["acme/legacy"], "said_by": "`overrides` in schemactl.yaml:15"}
    ]
    assert rows["PACKAGE_PATTERN"]["said_by"].endswith("; `rules.PACKAGE_PATTERN` in schemactl.yaml:12")
    assert rows["RPC_NO_SERVER_STREAMING"]["said_by"] == "`lint.use` in schemactl.yaml:2 (`RPC_NO_SERVER_STREAMING`)"
    assert rows["FIELD_SAME_DEFAULT"]["said_by"] == (
        "`breaking.profile: binary` in schemactl.yaml:5; `rules.FIELD_SAME_DEFAULT` in schemactl.yaml:11"
    )
    assert rows["FIELD_SAME_ONEOF"]["said_by"] == "`breaking.except` in schemactl.yaml:6 (`FIELD_SAME_ONEOF`)"
    assert rows["FIELD_SAME_NAME"]["said_by"] == "`breaking.profile: binary` in schemactl.yaml:5 does not hold it"


def test_a_severity_of_a_rule_that_is_off_says_that_it_has_no_effect(root: Path) -> None:
    own = "lint: {use: [STANDARD]}\nrules:\n  COMMENT_FIELD: warning\n  FIELD_SAME_TYPE: info\n  EVENT_NAME: off\n"
    write(root, {"schemactl.yaml": own})
    rows = listed(root)
    assert {id: row["no_effect"] for id, row in rows.items() if row["no_effect"]} == {
        "COMMENT_FIELD": "`rules.COMMENT_FIELD` in schemactl.yaml:3",
        "FIELD_SAME_TYPE": "`rules.FIELD_SAME_TYPE` in schemactl.yaml:4",
    }
    lines = listing.table(listing.rows(root, None), Style()).splitlines()
    (line,) = (each for each in lines if each.startswith("  COMMENT_FIELD "))
    assert line.endswith("off      Fields have a comment · schemactl.yaml; schemactl.yaml:3 has no effect")
    write(root, {"schemactl.yaml": own + "overrides: [{paths: [a], rules: {COMMENT_FIELD: error}}]\n"})
    assert listed(root)["COMMENT_FIELD"]["no_effect"] is None


def test_modules_that_differ_are_told_apart(root: Path) -> None:
    write(root, CONFIGS["v2"])
    rows = listed(root)
    assert rows["COMMENT_FIELD"]["said_by"] == "`lint.use` in buf.yaml:5 (`COMMENTS`)"
    assert [each for each in rows["COMMENT_FIELD"]["overrides"] if each["severity"] == "off"] == [
        {"severity": "off", "where": ["b"], "said_by": "`lint.use` in buf.yaml does not name it"},
    ]


def test_the_table_has_a_line_for_each_rule_as_wide_as_the_terminal(root: Path) -> None:
    write(root, CONFIGS["own"])
    rows = listing.rows(root, None)
    lines = listing.table(rows, Style()).splitlines()
    missing = (
        "  TOPIC_MISSING                      warning  Every event names its topic · schemactl.yaml:8; info in acme/"
    )
    assert missing in "\n".join(lines)
    assert next(line for line in lines if line.startswith("  EVENT_NAME ")).endswith(" · schemactl.yaml:9")
    assert len(lines) == len(rows) + 7
    assert [line for line in lines if line and line[0] != " "] == [*listing.TITLES.values()]
    narrow = listing.table(rows, Style(width=60)).splitlines()
    assert max(map(len, narrow)) == 60
    usual = listing.table(rows, Style(width=80))
    assert "warning  Every event names its topic" in usual
    assert "FIELD_WIRE_JSON_COMPATIBLE_TYPE       off      Fields have wire and JSON comp" in usual
    colored = listing.table(rows, Style(True, 60))
    assert "\n  TOPIC_MISSING                      \x1b[1;33mwarning\x1b[0m  Every e" in colored
    assert "\x1b[2moff    \x1b[0m" in colored
