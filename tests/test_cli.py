"""The shell around everything: streams, exit codes, and what a person types first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import schemactl
from shell import run
from trees import command, write

ROOT = Path(__file__).parents[1]
PACK = """\
name: acme
rules:
  - id: ACME_ID_IS_STRING
    target: field
    title: Ids are strings
    why: Readers in browsers lose digits.
    when: field.name == 'id'
    require: field.type == 9
    message: "'an id is a string'"
    bad: 'message A { int64 id = 1; }'
    good: 'message A { string id = 1; }'
"""


def event(where: Path) -> Path:
    text = 'syntax = "proto3";\npackage acme.users.v1;\nmessage User {\n  int64 id = 1;\n}\n'
    return write(
        where, {"user.proto": text, "acme.yaml": PACK, "schemactl.yaml": "packs: [acme.yaml]\nlint: {use: [acme]}\n"}
    )


def test_a_report_that_cannot_be_written_leaves_standard_output_empty(tmp_path: Path) -> None:
    done = run(*command("lint", "--format", "json", "--format", "sarif:gone/x.sarif"), cwd=event(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(Path("gone/x.sarif")) in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.posix
def test_a_full_standard_output_is_one_line_and_no_verdict(tmp_path: Path) -> None:
    done = run("sh", "-c", 'exec "$@" >/dev/full', "sh", *command("lint"), cwd=event(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("schemactl: standard output cannot be written")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.posix
def test_a_closed_standard_output_is_no_verdict(tmp_path: Path) -> None:
    done = run("sh", "-c", 'exec "$@" >&-', "sh", *command("lint"), cwd=event(tmp_path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_rule_of_the_repository_is_explained_and_found(tmp_path: Path) -> None:
    where = event(tmp_path)
    explained = run(*command("explain", "ACME_ID_IS_STRING"), cwd=where)
    assert (explained.returncode, "Readers in browsers lose digits." in explained.stdout) == (0, True)
    found = run(*command("lint"), cwd=where)
    assert found.returncode == 1
    assert "user.proto:4:3: error ACME_ID_IS_STRING an id is a string" in found.stdout


def test_an_unknown_rule_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    done = run(*command("explain", "ENVELOP_FIELDS"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `ENVELOPE_FIELDS`?" in done.stderr


def test_the_version_is_one_line(tmp_path: Path) -> None:
    done = run(*command("--version"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"schemactl {schemactl.__version__}\n")


@pytest.mark.parametrize("name", ["lint", "breaking", "check", "explain", "rules"])
def test_every_command_has_help_and_says_nothing_else(name: str, tmp_path: Path) -> None:
    done = run(*command(name, "--help"), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_an_unknown_option_leaves_standard_output_empty(tmp_path: Path) -> None:
    done = run(*command("check", "--formt", "json"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--format" in done.stderr
