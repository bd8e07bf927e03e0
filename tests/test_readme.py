"""What README.md demonstrates is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemactl import check, report
from schemactl.configfile import Profile
from schemactl.finding import Finding
from shell import git

ROOT = Path(__file__).parents[1]
BEFORE = 'syntax = "proto3";\n\npackage acme.users.v1;\n\nmessage User {\n  string name = 1;\n  string id = 2;\n}\n'
EVENT = """syntax = "proto3";

package acme.users.v1;

import "schemactl/v1/options.proto";

message UserEnvelope {
  option (schemactl.v1.topic) = {name: "acme.users.user" readers: READERS_STRICT};
  EventType event_type = 3;
}

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
  EVENT_TYPE_CREATED = 1;
}
"""
ADDED = EVENT.replace("CREATED = 1;", "CREATED = 1;\n  EVENT_TYPE_MERGED = 2;")
RETIRED = "  reserved 1; // deprecated field [name]\n"


def changed(where: Path, before: str, after: str) -> Path:
    proto = where / "acme/users/v1/user.proto"
    proto.parent.mkdir(parents=True)
    proto.write_text(before)
    git(where, "init", "-q")
    git(where, "add", ".")
    git(where, "commit", "-qm", "User")
    proto.write_text(after)
    return where


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's User, whose name was just retired by its number alone."""
    after = BEFORE.replace("  string name = 1;\n", RETIRED)
    return changed(tmp_path_factory.mktemp("repository"), BEFORE, after)


def judged(repository: Path, profile: Profile | None) -> list[Finding]:
    return list(check.run(check.Request(repository, lint=False, profile=profile)).findings)


def test_a_reserved_number_alone_passes_the_binary_format(repository: Path) -> None:
    assert judged(repository, "binary") == []


def test_a_reserved_number_alone_is_wrong_on_json_and_the_line_to_paste_is_given(repository: Path) -> None:
    (finding,) = judged(repository, None)
    assert finding.rule == "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"
    assert finding.help is not None
    assert finding.help.splitlines()[-1] == 'reserved "name";'


def blocks(page: str) -> list[str]:
    """What a page shows of `schemactl breaking`, the command first."""
    return re.findall(r"```console\n(\$ schemactl breaking.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def test_the_readme_shows_that_report(repository: Path) -> None:
    shown = blocks("README.md")
    profiles: tuple[Profile | None, ...] = ("binary", None)
    for profile, block in zip(profiles, shown[:2], strict=True):
        run = check.run(check.Request(repository, lint=False, profile=profile))
        printed = report.FORMATS["text"](run, report.Style(width=80))
        commit = git(repository, "rev-parse", "HEAD").stdout[:7]
        assert block.splitlines()[1:] == printed.replace(commit, "3f1c2aa").splitlines()


@pytest.mark.parametrize(("page", "index"), [("README.md", 2), ("docs/compatibility.md", 0)])
def test_the_message_that_is_shown_as_proof_is_really_written_and_read(tmp_path: Path, page: str, index: int) -> None:
    run = check.run(check.Request(changed(tmp_path, EVENT, ADDED), lint=False, evidence=True))
    printed = report.FORMATS["text"](run, report.Style(width=80)).partition("\n\n")[0]
    shown = blocks(page)[index].partition("\n")[2].strip("\n")
    version = re.compile(r"protobuf\s+[0-9.]+")
    assert version.sub("", shown).split() == version.sub("", printed).split()
