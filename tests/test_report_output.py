"""Where reports go: the `--format` option, and files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemactl.errors import ToolError, UsageError
from schemactl.report import parse, write


def test_text_on_standard_output_is_the_default() -> None:
    assert parse([]) == [("text", None)]


def test_several_formats_go_to_several_places() -> None:
    assert parse(["text", "sarif:out/a.sarif", "json:b.json"]) == [
        ("text", None),
        ("sarif", Path("out/a.sarif")),
        ("json", Path("b.json")),
    ]


def test_a_drive_letter_belongs_to_the_file() -> None:
    assert parse(["sarif:C:\\out.sarif"]) == [("sarif", Path("C:\\out.sarif"))]


@pytest.mark.parametrize(
    ("specs", "message", "hint"),
    [
        (["xml"], "no format `xml`", "text, json, github, sarif"),
        (["C:\\out.json"], "no format `C`", "text, json, github, sarif"),
        (["text", "json"], "`text` and `json` both go to standard output", "FORMAT:FILE"),
        (["sarif:"], "`sarif:` names no file", "sarif:FILE"),
        (["json:a", "sarif:a"], "two reports go to `a`", "a file of its own"),
    ],
)
def test_a_wrong_format_option_says_what_is_wrong_and_what_is_right(specs: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(specs)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_report_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write(target, "old\n")
    write(target, "new é\n")
    assert target.read_bytes() == "new é\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_a_report_is_readable_to_others_as_any_new_file_is(tmp_path: Path) -> None:
    write(tmp_path / "report.json", "x")
    (tmp_path / "plain").write_text("x")
    assert (tmp_path / "report.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.posix
def test_a_symlink_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "report.json").symlink_to(tmp_path / "precious")
    write(tmp_path / "report.json", "new")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "report.json").read_text() == "new"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    write(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


def test_a_missing_directory_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        write(tmp_path / "no/report.json", "x")
    assert "No such file or directory" in caught.value.message
    assert caught.value.hint == "create its directory, or choose another file"


@pytest.mark.posix
def test_a_directory_is_not_a_file_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolError, match="Is a directory"):
        write(tmp_path / "out", "x")
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
