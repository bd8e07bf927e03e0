"""The `gitlab` format: a Code Quality report of which GitLab reads every entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from report_runs import HARMFUL, SEEN, SNAKE, USER, at, obeyed_by_culture, run, runs
from schemactl.finding import Against, Finding, Location, unique
from schemactl.report import FORMATS, Run, Style

SCHEMA = json.loads((Path(__file__).parent / "schemas/gitlab-code-quality.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
GONE = Finding("FILE_NO_DELETE", "error", "buf", "gone", fingerprint="1")


def _entries(report: Run) -> Any:
    entries = json.loads(FORMATS["gitlab"](report, Style()))
    VALIDATOR.validate(entries)
    return entries


def _shown(entries: Any) -> list[Any]:
    """What GitLab keeps: of entries with one fingerprint the last."""
    return list({entry["fingerprint"]: entry for entry in entries}.values())


def test_a_finding_is_an_entry_that_names_its_rule_where_it_is_read() -> None:
    assert _entries(run(SNAKE)) == [
        {
            "description": "FIELD_LOWER_SNAKE_CASE: field `userId` should be `user_id`",
            "check_name": "FIELD_LOWER_SNAKE_CASE",
            "fingerprint": "0123456789abcdef",
            "severity": "major",
            "location": {"path": USER, "lines": {"begin": 5, "end": 5}},
        }
    ]


def test_who_is_harmed_is_told_in_the_only_line_that_is_shown() -> None:
    effects = [each.removeprefix("effect: ") for each in SEEN[:2]]
    (entry,) = _entries(run(HARMFUL))
    assert entry["description"] == "; ".join([f"ENUM_VALUE_ADDED: {HARMFUL.message}", *effects])


@pytest.mark.parametrize("changes", [{}, {"files": 0}, {"against": (), "ran_breaking": "no earlier commit"}])
def test_a_run_without_findings_is_an_empty_array(changes: dict[str, Any]) -> None:
    assert FORMATS["gitlab"](run(**changes), Style()) == "[]\n"


def test_severities_are_gitlabs_words() -> None:
    found = [Finding("R", severity, "lint", "m", fingerprint=severity) for severity in ("error", "warning", "info")]
    severities = {entry["fingerprint"]: entry["severity"] for entry in _entries(run(*found))}
    assert severities == {"error": "major", "warning": "minor", "info": "info"}


def test_a_range_of_several_lines_keeps_its_end() -> None:
    (entry,) = _entries(run(replace(SNAKE, location=Location(USER, 4, 1, 8, 2))))
    assert entry["location"]["lines"] == {"begin": 4, "end": 8}


@pytest.mark.parametrize(
    ("against", "path", "line"),
    [
        (Against("v1", "acme/dead.proto", 6, 3), "acme/dead.proto", 6),
        (Against("v1", "acme/dead.proto"), "acme/dead.proto", 1),
        (None, "schemactl.yaml", 1),
    ],
)
def test_a_finding_without_a_place_gets_one_because_gitlab_reads_no_further_otherwise(
    against: Against | None, path: str, line: int
) -> None:
    (entry,) = _entries(run(replace(GONE, against=against)))
    assert entry["location"] == {"path": path, "lines": {"begin": line, "end": line}}


def test_what_is_suppressed_is_left_out() -> None:
    assert _entries(run(replace(SNAKE, suppressed="buf:lint:ignore R"), GONE, suppressed=1)) == _entries(run(GONE))


def test_gitlab_keeps_two_findings_of_one_identity() -> None:
    assert len(_shown(_entries(run(*unique([SNAKE, SNAKE]))))) == 2


def test_each_entry_is_one_line() -> None:
    lines = FORMATS["gitlab"](run(SNAKE, GONE), Style()).splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 4)


def test_what_cannot_be_seen_is_written_out_and_a_path_stays_as_it_is() -> None:
    finding = Finding("R", "info", "lint", "a\n\u202eb", at(1, 1, 2, "a/漢 b.proto"), fingerprint="1")
    (entry,) = _entries(run(finding))
    assert entry["description"] == "R: a\\x0a\\u202eb"
    assert entry["location"]["path"] == "a/漢 b.proto"


def test_the_schema_refuses_what_gitlab_does_not_read() -> None:
    (entry,) = _entries(run(SNAKE))
    for change in ({"severity": "error"}, {"location": {"path": USER}}, {"fingerprint": ""}, {"description": "a\nb"}):
        assert not VALIDATOR.is_valid([entry | change])


@settings(max_examples=50)
@given(runs)
def test_any_text_makes_a_valid_report_without_commands(report: Run) -> None:
    assert len(_entries(report)) == len(report.findings)
    output = FORMATS["gitlab"](report, Style())
    assert output.isascii()
    assert not obeyed_by_culture(output)
