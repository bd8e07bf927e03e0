"""What README.md demonstrates is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemactl import check, report
from schemactl.finding import Finding
from shell import git

ROOT = Path(__file__).parents[1]
BEFORE = 'syntax = "proto3";\n\npackage acme.users.v1;\n\nmessage User {\n  string name = 1;\n  string id = 2;\n}\n'
RETIRED = "  reserved 1; // deprecated field [name]\n"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's User, whose name was just retired by its number alone."""
    where = tmp_path_factory.mktemp("repository")
    proto = where / "acme/users/v1/user.proto"
    proto.parent.mkdir(parents=True)
    proto.write_text(BEFORE)
    git(where, "init", "-q")
    git(where, "add", ".")
    git(where, "commit", "-qm", "User")
    proto.write_text(BEFORE.replace("  string name = 1;\n", RETIRED))
    return where


def judged(repository: Path, profile: str | None) -> list[Finding]:
    return list(check.run(check.Request(repository, lint=False, profile=profile)).findings)


def test_a_reserved_number_alone_passes_the_binary_format(repository: Path) -> None:
    assert judged(repository, "binary") == []


def test_a_reserved_number_alone_is_wrong_on_json_and_the_line_to_paste_is_given(repository: Path) -> None:
    (finding,) = judged(repository, None)
    assert finding.rule == "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"
    assert finding.help is not None
    assert finding.help.splitlines()[-1] == 'reserved "name";'


def test_the_readme_shows_that_report(repository: Path) -> None:
    shown = re.findall(r"```console\n\$ schemactl breaking.*?```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for profile, block in zip(("binary", None), shown, strict=True):
        run = check.run(check.Request(repository, lint=False, profile=profile))
        printed = report.FORMATS["text"](run, report.Style(width=80))
        commit = git(repository, "rev-parse", "HEAD").stdout[:7]
        assert block.splitlines()[2:-1] == printed.replace(commit, "3f1c2aa").splitlines()
