"""The `github` format: one workflow command per finding, and no other."""

from __future__ import annotations

from hypothesis import given, settings
from msgspec.structs import replace

from report_runs import HARMFUL, SEEN, SNAKE, USER, at, findings, hostile, obeyed_by_culture, run, workflow_commands
from schemactl.finding import Against, Finding, Location
from schemactl.report import FORMATS, Style
from schemactl.report.escape import visible


def _render(*found: Finding) -> str:
    return FORMATS["github"](run(*found), Style())


def test_a_finding_is_one_command_with_its_place_rule_and_help() -> None:
    (command,) = workflow_commands(_render(SNAKE))
    place = {"file": USER, "line": "5", "endLine": "5", "col": "10", "endColumn": "16"}
    text = "field `userId` should be `user_id`\nstring user_id = 1;"
    assert command == ("error", place | {"title": "FIELD_LOWER_SNAKE_CASE"}, text)


def test_severities_are_githubs_words() -> None:
    found = [Finding("R", severity, "lint", "m") for severity in ("error", "warning", "info")]
    assert [name for name, _, _ in workflow_commands(_render(*found))] == ["error", "warning", "notice"]


def test_a_finding_without_a_place_names_no_file() -> None:
    (command,) = workflow_commands(_render(Finding("FILE_NO_DELETE", "error", "buf", "gone")))
    assert command == ("error", {"title": "FILE_NO_DELETE"}, "gone")


def test_a_range_of_several_lines_has_no_columns_because_the_runner_drops_them() -> None:
    (command,) = workflow_commands(_render(Finding("R", "error", "lint", "m", Location(USER, 4, 1, 8, 2))))
    assert command[1] == {"file": USER, "line": "4", "endLine": "8", "title": "R"}


def test_the_old_place_is_told() -> None:
    finding = Finding("R", "error", "buf", "m", at(5, 1, 2), against=Against("v1.2.0", USER, 6, 3))
    assert workflow_commands(_render(finding))[0][2] == f"m\nwas: {USER}:6:3 at v1.2.0"


def test_who_is_harmed_stands_between_the_message_and_the_help() -> None:
    lines = workflow_commands(_render(HARMFUL))[0][2].split("\n")
    assert lines[2:] == [*SEEN, "let readers learn it first"]


def test_what_is_suppressed_is_a_notice_that_says_so() -> None:
    ((name, properties, data),) = workflow_commands(_render(replace(SNAKE, suppressed="schemactl:ignore: agreed")))
    assert (name, properties["line"]) == ("notice", "5")
    assert data == "suppressed: field `userId` should be `user_id`\nby schemactl:ignore: agreed"


def test_a_clean_run_has_no_command_and_a_summary() -> None:
    output = _render()
    assert not workflow_commands(output)
    assert output == "64 files, no findings · compared with origin/main (merge-base 1a2b3c4)\n"


@settings(max_examples=50)
@given(hostile)
def test_hostile_text_comes_back_as_it_is_shown(text: str) -> None:
    finding = Finding(f"R{text}R", "error", "lint", f"m{text}m", at(5, 1, 2, f"p{text}p"))
    ((_, properties, data),) = workflow_commands(_render(finding))
    assert properties["title"] == visible(finding.rule)
    assert properties["file"] == visible(f"p{text}p")
    assert data.split("\n") == [visible(line) for line in finding.message.replace("\r\n", "\n").split("\n")]


@settings(max_examples=50)
@given(findings)
def test_a_finding_is_one_command_whatever_its_text(finding: Finding) -> None:
    output = _render(finding)
    ((name, properties, _),) = workflow_commands(output)
    assert len(obeyed_by_culture(output)) == 1
    assert name in {"error", "warning", "notice"}
    assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}


def test_many_findings_that_only_inform_are_one_notice() -> None:
    found = [replace(HARMFUL, severity="info", element=f"e{n}", change=f"c{n}") for n in range(4)]
    ((name, properties, text),) = workflow_commands(_render(*found))
    assert (name, properties) == ("notice", {"title": "ENUM_VALUE_ADDED"})
    assert text.startswith("4 findings of `ENUM_VALUE_ADDED` (info)")
