"""What docs/compatibility.md says that a run prints is what it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repositories import HEAD, PATH, Repo, init

COMPATIBILITY = (Path(__file__).parents[1] / "docs/compatibility.md").read_text("utf-8")
PROTO = re.compile(r"^ +```proto\n(.*?)^ +```", re.MULTILINE | re.DOTALL)


def _event(*fields: str, says: str = "", more: str = "") -> str:
    option = f'  option (schemactl.v1.topic) = {{name: "acme.users.user" key: "id" {says}}};'
    lines = ['import "schemactl/v1/options.proto";', "message User {", option, "  string id = 1;", *fields, "}", more]
    return "\n".join([HEAD, *lines, ""])


def _verdict(repo: Repo, *options: str) -> list[tuple[str, str]]:
    return sorted({(each["rule"], each["severity"]) for each in repo.run("breaking", *options).report["findings"]})


def _checked(repo: Repo, text: str) -> list[tuple[str, str]]:
    """What `check` says of the next release, of all that the page is about."""
    repo.commit({PATH: text})
    ignored = ("--ignore", "ENVELOPE_FIELDS", "--ignore", "EVENT_NAME")
    return sorted({(each["rule"], each["severity"]) for each in repo.run("check", *ignored).report["findings"]})


@pytest.mark.parametrize(
    ("profile", "deleted", "returned"),
    [
        ("json", ("BREAK_APPROVED", "info"), ("FIELD_NO_DELETE_UNLESS_NAME_RESERVED", "error")),
        ("binary", None, ("JSON_NAME_REUSED", "error")),
    ],
)
def test_a_name_that_comes_back_two_releases_later_shows_only_beside_the_first(
    tmp_path: Path, profile: str, deleted: tuple[str, str] | None, returned: tuple[str, str]
) -> None:
    setting = {"schemactl.yaml": f"breaking: {{profile: {profile}}}\n"}
    approval = "// schemactl:ignore FIELD_NO_DELETE_UNLESS_NAME_RESERVED -- nobody reads it\nmessage User"
    gone = _event("  reserved 2;").replace("message User", approval) if deleted else _event("  reserved 2;")
    repo = init(tmp_path / "r", setting | {PATH: _event("  string mail = 2;")})
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: gone})
    assert _verdict(repo) == [each for each in [deleted] if each]
    repo.git("tag", "v1.1.0")
    repo.commit({PATH: _event("  reserved 2;", "  bool mail = 3;")})
    assert _verdict(repo) == []
    assert _verdict(repo, "--against", "tags") == [returned]


def test_under_profile_binary_a_field_of_a_binary_topic_can_be_renamed_and_one_of_a_json_topic_cannot(
    tmp_path: Path,
) -> None:
    for encoding, expected in (("BINARY", []), ("JSON", [("FIELD_RENAMED", "error")])):
        was, now = (_event(f"  string {name} = 2;", says=f"encoding: ENCODING_{encoding}") for name in ("mail", "post"))
        repo = init(tmp_path / encoding, {"schemactl.yaml": "breaking: {profile: binary}\n", PATH: was}, {PATH: now})
        assert _verdict(repo) == expected
        names = [("FIELD_SAME_JSON_NAME", "error"), ("FIELD_SAME_NAME", "error")]
        assert _verdict(repo, "--profile", "json") == names


def test_an_enum_value_is_renamed_in_three_releases_as_the_page_says(tmp_path: Path) -> None:
    shown, kept = PROTO.findall(COMPATIBILITY)
    alias = shown.replace("\n   ", "\n")
    old, new = "  USER_STATUS_SUSPENDED = 2;\n", "  USER_STATUS_BLOCKED = 2;\n"
    swapped = alias.replace(old + new, new + old)
    plain = re.sub(r" +(//|option).*\n", "", alias)
    dropped = plain.replace(old, "").replace("{\n", "{\n" + kept, 1)
    steps = [plain.replace(new, ""), alias, swapped, dropped]
    *files, last = (_event("  UserStatus status = 2;", more=each) for each in steps)
    repo = init(tmp_path / "r", {PATH: files[0]})
    assert _checked(repo, files[1]) == [("SUPPRESSION_ADDED", "info")]
    assert _checked(repo, files[2]) == []
    assert _verdict(repo, "--against", "HEAD~2") == [("ENUM_ALIAS_ORDER", "error")]
    assert _checked(repo, last) == [("ENUM_VALUE_SAME_NAME", "warning"), ("SUPPRESSION_ADDED", "info")]
    assert ("ENUM_VALUE_SAME_NAME", "error") in _verdict(repo, "--against", "HEAD~3")
