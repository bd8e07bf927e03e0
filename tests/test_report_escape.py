"""Untrusted text is visible, and obeyed by nobody, in every format."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from report_runs import hostile, obeyed_by_culture, run, runs, workflow_commands
from schemactl.finding import Finding
from schemactl.report import FORMATS, Run, Style
from schemactl.report.escape import ascii_json, lines, terminal, visible

STYLES = [Style(), Style(width=80), Style(width=20)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("field `userId`", "field `userId`"),
        ("é漢😀", "é漢😀"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\x7f\x85", "a\\x0ab\\x09c\\x7f\\x85"),
        ("\u2028\u202e\ufeff\u200d\ufe0f", "\\u2028\\u202e\\ufeff\\u200d\\ufe0f"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff\ud800", "\\xff\\ud800"),
        ("##[error]x ###[y] ##vso[z] # ## [ok]", "\\x23#[error]x #\\x23#[y] \\x23#vso[z] # ## [ok]"),
        ("::error::x a::b ::c", "\\x3a:error::x a::b \\x3a:c"),
    ],
)
def test_what_cannot_be_seen_or_would_be_obeyed_is_written_out(text: str, shown: str) -> None:
    assert terminal(text) == shown


@given(hostile)
def test_shown_text_stays_as_it_is_when_shown_again(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(hostile)
def test_every_character_of_a_terminal_line_is_printable(text: str) -> None:
    assert terminal(text).isprintable()
    assert all(line.isprintable() for line in lines(text))


def test_lines_end_where_an_editor_ends_them() -> None:
    assert lines("a\r\nb\n\nc\rd\n") == ["a", "b", "", "c\\x0dd"]


@given(hostile)
def test_json_is_ascii_and_reads_back_as_it_was(text: str) -> None:
    (written,) = ascii_json([{"a": text}])
    assert written.isascii()
    assert written.isprintable()
    assert "##[" not in written
    lone = any(0xD800 <= ord(character) <= 0xDFFF for character in text)
    assert json.loads(written)["a"] == text or lone


def test_json_writes_a_byte_that_is_not_utf8_out_as_text() -> None:
    assert json.loads(ascii_json([["caf\udce9 😀"]])[0]) == ["caf\\xe9 😀"]


def test_no_values_are_no_lines() -> None:
    assert ascii_json([]) == []


@settings(max_examples=50)
@given(runs)
def test_text_holds_nothing_unprintable_and_no_command(report: Run) -> None:
    for style in STYLES:
        output = FORMATS["text"](report, style)
        assert all(line.isprintable() for line in output.split("\n"))
        assert not workflow_commands(output)
        assert not obeyed_by_culture(output)


@pytest.mark.parametrize("name", ["json", "sarif"])
@settings(max_examples=50)
@given(runs)
def test_documents_in_a_ci_log_hold_no_command(name: str, report: Run) -> None:
    output = FORMATS[name](report, Style())
    assert output.isascii()
    assert not workflow_commands(output)


def test_a_command_in_a_message_reaches_no_runner_when_the_line_wraps() -> None:
    finding = Finding("R", "error", "lint", "word " * 15 + "::set-output name=a::b")
    output = FORMATS["text"](run(finding), Style(width=80))
    assert "\n    \\x3a:set-output" in output
    assert not workflow_commands(output)


def test_the_reader_of_commands_obeys_what_a_runner_obeys() -> None:
    log = "x\n  ::error file=a%2Cb,line=1::m%0An\nsome ##[group]y\n::nonsense::z\n"
    assert workflow_commands(log) == [("error", {"file": "a,b", "line": "1"}, "m\nn"), ("group", {}, "y")]
