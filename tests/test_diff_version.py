"""Which version a difference asks for, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repositories import GONE, HEAD, PATH, USER, Repo, clean, init
from schemactl.diff.version import Tags, given

MORE = USER.replace("}", "  string nick = 3;\n}")
OPTION = USER + 'option go_package = "acme/v1";\n'
DEPRECATED = USER.replace("mail = 2;", "mail = 2 [deprecated = true];")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", {PATH: USER})


def advised(repo: Repo, text: str | None, *arguments: str, package: str = "acme.v1") -> dict[str, Any]:
    repo.write({PATH: text})
    done = repo.run("diff", "HEAD", *arguments)
    assert done.code == 0, done.err
    advice: dict[str, Any] = next(each["advice"] for each in done.report["packages"] if each["name"] == package)
    return advice


@pytest.mark.parametrize(
    ("text", "now", "level", "next_"),
    [
        (GONE, "1.4.2", "major", "2.0.0"),
        (MORE, "1.4.2", "minor", "1.5.0"),
        (DEPRECATED, "v1.4.2", "minor", "1.5.0"),
        (GONE, "0.4.2", "minor", "0.5.0"),
        (MORE, "0.4.2", "patch", "0.4.3"),
    ],
)
def test_a_break_is_major_and_an_addition_minor_but_below_1_0_one_less(
    repo: Repo, text: str, now: str, level: str, next_: str
) -> None:
    advice = advised(repo, text, "--current-version", now)
    assert (advice["level"], advice["current"], advice["next"]) == (level, now.removeprefix("v"), next_)


def test_what_neither_breaks_nor_adds_is_a_patch(repo: Repo) -> None:
    advice = advised(repo, USER.replace("}", "  reserved 9;\n}"), "--current-version", "1.4.2")
    assert (advice["level"], advice["next"], advice["reason"]) == (
        "patch", "1.4.3", "`User` has a new reservation"
    )  # fmt: skip


def test_without_any_version_both_are_told(repo: Repo) -> None:
    advice = advised(repo, GONE)
    assert (advice["level"], advice["level_below_1_0"], advice["current"]) == ("major", "minor", None)
    assert "major (minor below 1.0): `User.mail` is gone" in repo.run("diff", "HEAD", format="text").out


def test_the_reason_names_the_finding_and_its_element(repo: Repo) -> None:
    advice = advised(repo, GONE)
    assert advice["rule"] == "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"
    assert advice["element"] == "acme.v1.User.mail"
    assert advice["reason"] == "`User.mail` is gone (FIELD_NO_DELETE_UNLESS_NAME_RESERVED)"


def test_a_moved_message_breaks_imports_of_generated_code(repo: Repo) -> None:
    repo.write({"acme/v1/other.proto": USER})
    advice = advised(repo, HEAD)
    assert (advice["level"], advice["rule"]) == ("major", "MESSAGE_NO_DELETE")
    assert advice["reason"] == "`User` moved to `acme/v1/other.proto` (MESSAGE_NO_DELETE)"


def test_an_option_of_generated_code_is_major_by_bufs_file_rules(repo: Repo) -> None:
    advice = advised(repo, OPTION)
    assert (advice["level"], advice["rule"]) == ("major", "FILE_SAME_GO_PACKAGE")


TOPIC = """syntax = "proto3";
package acme.v1;
import "schemactl/v1/options.proto";
message UserEnvelope {
  option (schemactl.v1.topic) = {name: "acme.users"%s};
  Role role = 1;
}
enum Role { ROLE_UNSPECIFIED = 0; ROLE_USER = 1; }
"""


@pytest.mark.parametrize(("option", "level"), [("", "minor"), (" readers: READERS_STRICT", "major")])
def test_a_new_enum_value_breaks_readers_that_refuse_names_they_do_not_know(
    tmp_path: Path, option: str, level: str
) -> None:
    before = TOPIC % option
    repo = init(tmp_path / "r", {PATH: before})
    advice = advised(repo, before.replace("ROLE_USER = 1;", "ROLE_USER = 1; ROLE_ADMIN = 2;"))
    assert advice["level"] == level
    assert (advice["rule"] == "ENUM_VALUE_ADDED") == (level == "major")


def test_a_renamed_topic_breaks_its_readers(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: TOPIC % ""})
    advice = advised(repo, (TOPIC % "").replace("acme.users", "acme.people"))
    assert (advice["level"], advice["rule"]) == ("major", "TOPIC_RENAMED")


@pytest.mark.parametrize(
    ("was", "now", "level"), [(604800, 86400, "minor"), (86400, 604800, "patch")], ids=["less", "more"]
)
def test_records_that_are_kept_for_a_shorter_time_are_no_mere_patch(
    was: int, now: int, level: str, tmp_path: Path
) -> None:
    before, after = (TOPIC % f" retention: {{seconds: {each}}}" for each in (was, now))
    repo = init(tmp_path / "r", {PATH: before})
    advice = advised(repo, after)
    assert advice["level"] == level
    assert (advice["rule"] == "TOPIC_RETENTION_CHANGED") == (level == "minor")
    assert ("records are kept for 1 day, and were for 7 days" in advice["reason"]) == (level == "minor")


def test_a_rule_that_is_off_asks_for_no_version(tmp_path: Path) -> None:
    off = "breaking: {except: [TOPIC_RENAMED]}\n"
    repo = init(tmp_path / "r", {PATH: TOPIC % "", "schemactl.yaml": off})
    assert advised(repo, (TOPIC % "").replace("acme.users", "acme.people"))["level"] == "patch"


def test_an_unstable_package_is_said_to_be_one(tmp_path: Path) -> None:
    alpha = USER.replace("acme.v1", "acme.v1alpha1")
    repo = init(tmp_path / "r", {PATH: alpha})
    advice = advised(repo, GONE.replace("acme.v1", "acme.v1alpha1"), package="acme.v1alpha1")
    assert advice["level"] == "major"
    assert advice["reason"].endswith("; `v1alpha1` is unstable, nobody may rely on it")


def test_a_package_that_is_gone_is_major_with_all_that_was_in_it(repo: Repo) -> None:
    repo.write({"acme/v2/user.proto": USER.replace("acme.v1", "acme.v2")})
    advice = advised(repo, None)
    assert (advice["level"], advice["reason"]) == ("major", "the package is gone (PACKAGE_NO_DELETE)")
    (new, gone) = sorted(repo.run("diff", "HEAD").report["packages"], key=lambda each: each["kind"])
    assert (new["kind"], gone["kind"]) == ("added", "removed")
    assert all(each["breaking"] for each in gone["changes"])


def test_the_version_is_the_highest_tag_that_was_merged_before(repo: Repo) -> None:
    for tag in ("v1.9.0", "v1.10.0", "v2.0.0-rc.1", "v1.2"):
        repo.git("tag", tag)
    repo.commit({"README": "x"})
    repo.git("tag", "v3.0.0")
    repo.commit({PATH: MORE})
    report = repo.run("diff", "v1.10.0..HEAD").report
    (package,) = report["packages"]
    assert (package["advice"]["tag"], package["advice"]["next"]) == ("v1.10.0", "1.11.0")
    assert (report["level"], package["advice"]["level"]) == ("minor", "minor")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["v1.0.0", "acme.users.v1/v2.1.0", "acme.users.v1/v2.0.0"], "acme.users.v1/v2.1.0"),
        (["v1.0.0", "acme/users/v1/v2.1.0"], "acme/users/v1/v2.1.0"),
        (["v1.0.0", "proto/v3.0.0"], "proto/v3.0.0"),
        (["v1.0.0", "web/v3.0.0"], "v1.0.0"),
        (["go/v3.0.0"], "go/v3.0.0"),
        (["go/v3.0.0", "web/v2.0.0"], None),
        (["latest", "v1", "release-1.0.0"], None),
    ],
)
def test_a_package_has_its_own_tags_else_those_of_a_directory_around_it_else_the_plain_ones(
    tags: list[str], expected: str | None
) -> None:
    found = Tags(tags).of("acme.users.v1", {"proto/acme/users/v1"})
    assert (found.tag if found else None) == expected


def test_versions_are_compared_as_numbers() -> None:
    found = Tags(["v1.9.0", "v1.10.0", "1.2.3"]).of("acme.v1", set())
    assert found
    assert str(found.version) == "1.10.0"
    assert str(given("v0.3.1").version.raised("minor")) == "0.4.0"
