"""The `junit` format: valid JUnit XML whose tests fail where the verdict is no."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from report_runs import HARMFUL, MERGE_BASE, SEEN, SNAKE, USER, at, findings, hostile, obeyed_by_culture, run, runs
from schemactl.finding import Against, Finding
from schemactl.report import FORMATS, NOT_ASKED, Comparison, Run, Style
from schemactl.report.escape import visible

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas/junit-10.xsd")
WARNING = Finding("R", "warning", "lint", "m", at(1, 1, 2), fingerprint="2")
BROKEN = "what is checked does not compile"


def _suite(report: Run) -> ElementTree.Element:
    output = FORMATS["junit"](report, Style())
    SCHEMA.validate(output)
    (suite,) = ElementTree.fromstring(output.encode())
    cases = suite.findall("testcase")
    assert suite.attrib == {
        "name": "schemactl",
        "tests": str(len(cases)),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": "0",
        "skipped": str(len(suite.findall("testcase/skipped"))),
    }
    return suite


def _cases(report: Run) -> dict[str, str]:
    """How each test ended, by its name; GitLab keeps one of each."""
    found = [(case.attrib["name"], [end.tag for end in case]) for case in _suite(report).findall("testcase")]
    assert len(found) == len({name for name, _ in found})
    return {name: ends[0] if ends else "passed" for name, ends in found}


def _end(report: Run, tag: str) -> ElementTree.Element:
    (end,) = _suite(report).findall(f"testcase/{tag}")
    return end


def _properties(report: Run) -> list[tuple[str, str]]:
    return [(each.attrib["name"], each.attrib["value"]) for each in _suite(report).findall("properties/property")]


def test_an_error_is_a_failed_test_of_its_rule() -> None:
    case = _suite(run(SNAKE)).findall("testcase")[-1]
    assert case.attrib == {
        "classname": "schemactl.FIELD_LOWER_SNAKE_CASE",
        "name": f"{USER}: field `userId` should be `user_id`",
    }
    assert case[0].attrib == {"type": SNAKE.rule, "message": "error: field `userId` should be `user_id`"}


def test_a_failure_tells_in_its_text_all_there_is_because_some_servers_show_nothing_else() -> None:
    finding = replace(SNAKE, help="paste:\nreserved 1;", against=Against("v1", USER, 6, 3))
    assert _end(run(finding), "failure").text == (
        f"{USER}:5:10: error FIELD_LOWER_SNAKE_CASE field `userId` should be `user_id`\n"
        f"was: {USER}:6:3 at v1\n"
        "help: paste:\n"
        "reserved 1;"
    )


def test_a_failure_says_who_is_harmed() -> None:
    text = _end(run(HARMFUL), "failure").text or ""
    assert text.split("\n")[2:] == [*SEEN, "help: let readers learn it first"]


def test_a_check_without_errors_is_a_passed_test() -> None:
    assert _cases(run()) == {"lint": "passed", "breaking": "passed"}
    assert _cases(run(SNAKE)) == {"breaking": "passed", f"{USER}: {SNAKE.message}": "failure"}
    broken = Finding("FIELD_SAME_TYPE", "error", "buf", "m", at(1, 1, 2))
    assert _cases(run(broken)) == {"lint": "passed", f"{USER}: m": "failure"}


def test_a_check_that_did_not_run_is_skipped_and_says_why() -> None:
    report = run(against=(), ran_breaking="no earlier commit")
    assert _cases(report) == {"lint": "passed", "breaking": "skipped"}
    assert _end(report, "skipped").attrib == {"message": "not checked: no earlier commit"}


def test_a_check_that_nobody_wanted_is_no_test() -> None:
    assert _cases(run(ran_breaking=NOT_ASKED)) == {"lint": "passed"}


def test_nothing_checked_is_nothing_passed() -> None:
    assert _cases(run(files=0)) == {"lint": "skipped", "breaking": "skipped"}
    broken = Finding("COMPILE", "error", "compile", "m", at(1, 1, 2))
    report = run(broken, ran_lint=BROKEN, ran_breaking=BROKEN)
    assert _cases(report) == {"lint": "skipped", "breaking": "skipped", f"{USER}: m": "failure"}


@pytest.mark.parametrize(
    ("fail_on", "ends"),
    [
        ("error", ["failure", "skipped", "skipped"]),
        ("warning", ["failure", "failure", "skipped"]),
        ("info", ["failure", "failure", "failure"]),
        ("never", ["skipped", "skipped", "skipped"]),
    ],
)
def test_a_test_fails_where_the_verdict_is_no(fail_on: str, ends: list[str]) -> None:
    found = [Finding(severity, severity, "lint", severity) for severity in ("error", "warning", "info")]
    cases = _cases(run(*found, fail_on=fail_on))
    assert [cases[severity] for severity in ("error", "warning", "info")] == ends


def test_a_warning_is_skipped_with_its_message() -> None:
    skipped = _end(run(WARNING), "skipped")
    assert skipped.attrib == {"type": "R", "message": "warning: m"}
    assert skipped.text == f"{USER}:1:1: warning R m"


def test_what_is_suppressed_is_skipped_and_says_by_what() -> None:
    report = run(replace(SNAKE, suppressed="buf:lint:ignore R"), suppressed=1)
    assert _end(report, "skipped").attrib["message"] == f"suppressed by buf:lint:ignore R: {SNAKE.message}"
    assert _cases(report)["lint"] == "passed"


def test_a_name_survives_a_move_within_the_file_and_is_no_other_tests() -> None:
    elsewhere = replace(SNAKE, location=at(9, 1, 2), element="acme.users.v1.Group.userId", fingerprint="2")
    again = replace(elsewhere, location=at(12, 1, 2), fingerprint="3")
    names = list(_cases(run(SNAKE, elsewhere, again)))[1:]
    name = f"{USER}: {SNAKE.message}"
    assert names == [name, f"{name} (acme.users.v1.Group.userId)", f"{name} (3)"]


def test_a_finding_without_a_place_is_named_by_its_old_one() -> None:
    gone = Finding("FILE_NO_DELETE", "error", "buf", "gone", against=Against("v1", "acme/old.proto"))
    assert "acme/old.proto: gone" in _cases(run(gone))
    assert "gone" in _cases(run(replace(gone, against=None)))


def test_the_summary_and_the_notes_are_properties() -> None:
    report = run(against=(MERGE_BASE, Comparison("v1")), notes=("n", "o"), suppressed=3)
    told = "64 files, no findings · 3 suppressed · compared with origin/main (merge-base 1a2b3c4), v1"
    assert _properties(report) == [("summary", told), ("note", "n"), ("note", "o")]


@pytest.mark.parametrize("text", ["\x00\x0b\x1b", "\ufffe\uffff", "\udcff", "]]>", "<!--&amp;\"'", "a\n::error::x"])
def test_what_xml_cannot_hold_is_written_out_and_the_rest_reads_back(text: str) -> None:
    failure = _end(run(Finding("R", "error", "lint", text, help=text)), "failure")
    assert failure.attrib["message"] == f"error: {visible(text)}"
    assert failure.text is not None
    assert failure.text.startswith(f"error R {visible(text)}\nhelp: ")


def test_no_text_is_where_jenkins_looks_for_files_to_attach() -> None:
    suite = _suite(run(Finding("R", "error", "lint", "[[ATTACHMENT|/etc/passwd]]"), notes=("[[ATTACHMENT|/x]]",)))
    assert not [each for each in suite.iter() if each.tag in {"system-out", "system-err"}]


@settings(max_examples=50)
@given(runs, st.lists(st.builds(lambda f, why: replace(f, suppressed=why), findings, hostile), max_size=3))
def test_any_text_makes_a_valid_document_without_commands(report: Run, more: list[Finding]) -> None:
    whole: dict[str, Any] = {"against": report.against, "notes": report.notes, "ran_breaking": report.ran_breaking}
    report = run(*report.findings, *more, **whole)
    assert len(_suite(report).findall("testcase[@classname]")) >= len(report.findings)
    output = FORMATS["junit"](report, Style())
    assert output.isascii()
    assert not obeyed_by_culture(output)
