"""The `json` format: a contract with other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from report_runs import HARMFUL, MERGE_BASE, PROOF, SNAKE, USER, run, runs
from schemactl.finding import Against, Finding
from schemactl.report import FORMATS, Run, Style

SCHEMA = json.loads((Path(__file__).parent / "schemas/report-v1.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def _document(report: Run) -> Any:
    document = json.loads(FORMATS["json"](report, Style()))
    VALIDATOR.validate(document)
    return document


def test_a_finding_has_exactly_the_keys_of_the_contract() -> None:
    assert _document(run(SNAKE))["findings"] == [
        {
            "rule": "FIELD_LOWER_SNAKE_CASE",
            "severity": "error",
            "source": "lint",
            "path": USER,
            "line": 5,
            "column": 10,
            "end_line": 5,
            "end_column": 16,
            "element": "acme.users.v1.User.userId",
            "message": "field `userId` should be `user_id`",
            "help": "string user_id = 1;",
            "change": None,
            "against": None,
            "effects": [],
            "evidence": None,
            "evidence_missing": None,
            "fix": None,
            "fingerprint": "0123456789abcdef",
            "suppressed": None,
        }
    ]


def test_a_clean_run_is_a_whole_document() -> None:
    assert _document(run(notes=("rules of buf.yaml",))) == {
        "schema_version": 1,
        "tool": {"name": "schemactl", "version": "0.1.0", "buf": "1.75.0", "protoc": "35.1"},
        "ran": {"lint": True, "breaking": True},
        "against": [{"revision": "origin/main", "commit": MERGE_BASE.commit, "reason": "merge-base of origin/main"}],
        "notes": ["rules of buf.yaml"],
        "summary": {"files": 64, "errors": 0, "warnings": 0, "infos": 0, "suppressed": 0, "baseline": None},
        "findings": [],
    }


def test_what_did_not_run_says_why_and_against_is_null() -> None:
    document = _document(run(against=(), ran_breaking="no earlier commit"))
    assert document["ran"] == {"lint": True, "breaking": "no earlier commit"}
    assert document["against"] is None


def test_the_summary_counts_what_is_listed() -> None:
    warning = Finding("R", "warning", "lint", "m")
    document = _document(run(SNAKE, warning, warning, suppressed=3))
    assert document["summary"] == {
        "files": 64,
        "errors": 1,
        "warnings": 2,
        "infos": 0,
        "suppressed": 3,
        "baseline": None,
    }


def test_the_old_place_is_an_object_whose_line_may_be_unknown() -> None:
    finding = Finding("FILE_NO_DELETE", "error", "buf", "gone", against=Against("v1", "acme/old.proto"), change="c1")
    (row,) = _document(run(finding))["findings"]
    assert row["against"] == {"revision": "v1", "path": "acme/old.proto", "line": None, "column": None}
    assert (row["path"], row["line"], row["change"]) == (None, None, "c1")


def test_effects_are_cells_and_evidence_is_whole_or_says_why_there_is_none() -> None:
    long = replace(PROOF, wire='{"a":"' + "x" * 1000 + '"}')
    (row,) = _document(run(replace(HARMFUL, evidence=long)))["findings"]
    assert row["effects"][3] == {
        "direction": "forward",
        "encoding": "json",
        "readers": "strict",
        "effect": "error",
        "values": "all",
        "covered": True,
    }
    assert [each["effect"] for each in row["effects"]] == ["wrong", "wrong", "default", "error", "skip"]
    assert row["evidence"] == {
        "direction": "forward",
        "encoding": "json",
        "readers": "strict",
        "effect": "error",
        "message": "acme.users.v1.UserEnvelope",
        "wrote": "head",
        "wire": long.wire,
        "read": "ParseError: Invalid enum value EVENT_TYPE_MERGED",
        "library": "Python protobuf 7.36.2",
    }
    (row,) = _document(run(replace(HARMFUL, evidence="the limit of 64 messages was reached")))["findings"]
    assert (row["evidence"], row["evidence_missing"]) == (None, "the limit of 64 messages was reached")


def test_each_finding_is_one_line() -> None:
    lines = FORMATS["json"](run(SNAKE, SNAKE), Style()).splitlines()
    assert len([line for line in lines if '"rule":"FIELD_LOWER_SNAKE_CASE"' in line]) == 2


def test_the_schema_refuses_what_is_not_in_the_contract() -> None:
    document = _document(run(SNAKE))
    for change in ({"line": "5"}, {"severity": "fatal"}, {"extra": 1}, {"against": {"path": "x"}}):
        assert not VALIDATOR.is_valid(document | {"findings": [document["findings"][0] | change]})


@settings(max_examples=50)
@given(runs)
def test_any_text_makes_a_valid_document(report: Run) -> None:
    assert len(_document(report)["findings"]) == len(report.findings)


@pytest.mark.parametrize("text", ["plain", 'a "b" \\ \n', "漢 😀 \u202e"])
def test_messages_read_back_as_they_were(text: str) -> None:
    assert _document(run(Finding("R", "info", "lint", text)))["findings"][0]["message"] == text
