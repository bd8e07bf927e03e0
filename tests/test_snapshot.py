"""The version of a revision, by the tags and commits that lead to it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from packaging.version import Version as Pep440

import shell
from repositories import BROKEN, GONE, HEAD, PATH, USER, WRONG, Repo, clean, init
from schemactl import git, place
from schemactl.advisor import Advice, Advised, Advisor
from schemactl.errors import ToolError
from schemactl.job import Request
from schemactl.product import Plan, Product
from schemactl.releasetags import Scope, Tag, scope
from schemactl.snapshot import Versioned, of, pseudo
from schemactl.version import Level, Version, semantic
from test_version import semver

MORE = USER.replace("}", "  string nick = 3;\n}")
EVENTS = Scope(("acme-events", ".", ""))


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", {PATH: USER})


def says(level: Level | None, note: str = "") -> Advice:
    return lambda tag: Advised(level, note)


ADDED = says("minor")


def versioned(repo: Repo, advice: Advice = ADDED, within: Scope = EVENTS, rev: str = "HEAD") -> Versioned:
    repository = place.find(repo.root).needed()
    return of(repository, git.resolve(repository, rev), within, advice)


def further(repo: Repo, commits: int) -> None:
    for _ in range(commits):
        repo.commit({})


def test_a_release_tag_on_the_commit_is_its_version(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    assert versioned(repo) == Versioned(Version("1.2.0", "1.2.0", "v1.2.0"), "v1.2.0")


def test_of_several_tags_on_the_commit_the_highest_counts_and_those_after_it_do_not(repo: Repo) -> None:
    for tag in ("v1.10.0-rc.1", "v1.10.0", "v1.9.0", "vNext", "v1.11", "nightly/2.0"):
        repo.git("tag", tag)
    further(repo, 1)
    repo.git("tag", "v2.0.0")
    assert versioned(repo, rev="HEAD~1").version.semantic == "1.10.0"


@pytest.mark.parametrize(
    ("last", "level", "semantic"),
    [
        ("v1.2.0", "major", "2.0.0-dev.5"),
        ("v1.2.0", "minor", "1.3.0-dev.5"),
        ("v1.2.0", "patch", "1.2.1-dev.5"),
        ("v1.2.0", "none", "1.2.1-dev.5"),
        ("v0.3.4", "major", "0.4.0-dev.5"),
        ("v0.3.4", "minor", "0.3.5-dev.5"),
        ("v0.3.4", "none", "0.3.5-dev.5"),
    ],
)
def test_after_a_release_comes_a_snapshot_of_the_version_that_the_change_asks_for(
    repo: Repo, last: str, level: Level, semantic: str
) -> None:
    repo.git("tag", last)
    further(repo, 5)
    made = versioned(repo, says(level))
    assert (made.version.semantic, made.version.snapshot, made.tag) == (semantic, True, last)
    assert made.version.python == semantic.replace("-dev.", ".dev")


def dated(repo: Repo, date: str) -> str:
    done = shell.git(repo.root, "commit", "--quiet", "--allow-empty", "-m", "dated", GIT_COMMITTER_DATE=date)
    assert done.returncode == 0, done.stderr
    return repo.git("rev-parse", "HEAD")


def test_go_has_a_pseudo_version_of_the_same_commit(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    commit = dated(repo, "2026-11-22T14:46:16+02:00")
    assert versioned(repo).version.go == f"v1.2.1-0.20261122124616-{commit[:12]}"


def test_without_any_release_it_is_before_the_first(repo: Repo) -> None:
    further(repo, 2)
    made = versioned(repo)
    assert (made.version.python, made.tag) == ("0.1.0.dev3", None)
    assert re.fullmatch(r"v0\.0\.0-\d{14}-[0-9a-f]{12}", made.version.go)


def test_what_comes_after_a_pre_release_is_newer_than_it_and_older_than_the_next(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    further(repo, 1)
    repo.git("tag", "v1.3.0-rc.1")
    further(repo, 2)
    made = versioned(repo)
    assert (made.version.semantic, made.version.python, made.tag) == ("1.3.0-rc.1.dev.2", "1.3.0rc2.dev2", "v1.2.0")
    assert Pep440("1.3.0rc1") < Pep440(made.version.python) < Pep440("1.3.0rc2")
    assert semver("v1.3.0-rc.1") < semver(made.version.go) < semver("v1.3.0-rc.2")
    assert made.version.go.startswith("v1.3.0-rc.1.0.20")


def test_a_break_after_a_pre_release_is_beyond_it(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    repo.git("tag", "v1.3.0-rc.1", repo.commit({}))
    further(repo, 2)
    assert versioned(repo, says("major")).version.python == "2.0.0.dev3"


def test_a_pre_release_on_the_commit_is_a_release(repo: Repo) -> None:
    repo.git("tag", "v1.3.0-rc.1")
    assert versioned(repo).version == Version("1.3.0-rc.1", "1.3.0rc1", "v1.3.0-rc.1")


@pytest.mark.parametrize(
    ("tags", "within", "found"),
    [
        (["acme-events/v1.0.0", "v3.0.0"], EVENTS, "acme-events/v1.0.0"),
        (["v3.0.0", "proto-schemas/v1.0.0"], EVENTS, "v3.0.0"),
        (["proto-schemas/v1.0.0"], EVENTS, None),
        (["proto-schemas/v1.0.0", "v3.0.0"], Scope(("acme-events", "proto-schemas", "")), "proto-schemas/v1.0.0"),
        (["acme-orders/v1.0.0"], Scope(("acme-events", ""), frozenset({"acme-orders"})), None),
    ],
)
def test_the_tags_of_a_package_are_called_after_it_or_its_directory(
    repo: Repo, tags: list[str], within: Scope, found: str | None
) -> None:
    for tag in tags:
        repo.git("tag", tag)
    further(repo, 1)
    assert versioned(repo, within=within).tag == found


def test_tags_of_somebody_else_are_told_not_taken(repo: Repo) -> None:
    for tag in ("docs/v1.0.0", "tools/v2.0.0"):
        repo.git("tag", tag)
    made = versioned(repo)
    assert made.tag is None
    assert made.notes == (
        "no version tag is called like `acme-events/v1.0.0`, but `docs/v1.0.0`, `tools/v2.0.0`: it counts as never "
        "released",
    )


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("v1.2.0-rc1", "v1.2.0-rc.1"),
        ("v1.2.0-beta", "v1.2.0-beta.1"),
        ("1.2.0b2", "v1.2.0-beta.2"),
        ("v1.2", "v1.2.0"),
        ("v1.2.0+build", "v1.2.0"),
        ("V1.2.0", "v1.2.0"),
        ("release-1.2.0", "v1.2.0"),
        ("acme-events-v1.2.0", "acme-events/v1.2.0"),
        ("acme-events@v1.2.0", "acme-events/v1.2.0"),
        ("acme-events/v1.2.0.rc1", "acme-events/v1.2.0-rc.1"),
    ],
)
def test_a_tag_that_was_meant_for_a_version_is_told_with_how_to_write_it(repo: Repo, tag: str, meant: str) -> None:
    repo.git("tag", tag)
    told = f"no version can be read from `{tag}`, write it like `{meant}`"
    further(repo, 1)
    assert versioned(repo).notes == (f"{told}: it counts as never released",)
    repo.git("tag", "v1.1.0", "HEAD~1")
    assert versioned(repo).notes == ()
    repo.git("tag", "--force", tag)
    assert versioned(repo).notes == (told,)
    repo.git("tag", "v1.2.0")
    assert versioned(repo).notes == ()


def test_tags_that_cannot_be_read_are_told_only_to_whom_they_concern(repo: Repo) -> None:
    for tag in ("acme-orders-v1.2.0", "docs-v1.2", "v1.0.0-rc1", "v1.0.0-rc2", "v1.0.0-rc3", "v1.0", "vNext", "v1.x"):
        repo.git("tag", tag)
    assert versioned(repo, within=Scope(("acme-events", ""), frozenset({"acme-orders"}))).notes == (
        "no version can be read from `v1.0`, `v1.0.0-rc1`, `v1.0.0-rc2` and 1 more, write it like `v1.0.0`, "
        "`v1.0.0-rc.1`, `v1.0.0-rc.2` and 1 more: it counts as never released",
        "no version tag is called like `acme-events/v1.0.0`, but `docs-v1.2`: it counts as never released",
    )


def test_a_package_takes_the_tags_of_the_directory_around_its_files() -> None:
    ours, theirs = (Product(name, (f"acme/{name}/a.proto", f"acme/{name}/v1/b.proto")) for name in ("users", "orders"))
    paths = {file: f"protos/{file}" for file in (*ours.files, *theirs.files)}
    within = scope(ours, Plan((ours, theirs)), paths)
    assert within.prefixes == ("users", "protos/acme/users", "protos/acme", "protos", ".", "")
    assert within.foreign == {"orders"}


def test_a_shallow_clone_says_how_to_deepen_it(repo: Repo, tmp_path: Path) -> None:
    repo.git("tag", "v1.2.0")
    further(repo, 2)
    repo.git("clone", "--quiet", "--depth=1", repo.root.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(ToolError, match="shallow") as error:
        versioned(Repo(tmp_path / "shallow"))
    assert "git fetch --unshallow --tags" in error.value.hint
    assert "--version" in error.value.hint


@pytest.mark.parametrize("date", ["@0 +0000", "@253402300800 +0000", "@99999999999999 +0000"])
def test_any_time_that_git_takes_makes_a_version(repo: Repo, date: str) -> None:
    dated(repo, date)
    assert re.fullmatch(r"v0\.0\.0-\d{14}-[0-9a-f]{12}", versioned(repo).version.go)


def advised(repo: Repo, product: Product, plan: Plan, packages: dict[str, str], tag: str = "v1.0.0") -> Advised:
    base = semantic("1.0.0")
    assert base
    advisor = Advisor(Request(directory=repo.root, rev="HEAD"), plan, packages)
    return advisor.of(product)(Tag(tag, repo.git("rev-parse", tag), base))


ONE = Product("acme-events", (PATH,))
ORDER = HEAD.replace("acme", "acme.orders") + "message Order {\n  string id = 1;\n}\n"


@pytest.mark.parametrize(
    ("text", "level"),
    [(GONE, "major"), (BROKEN, "major"), (MORE, "minor"), (USER, "none"), (f"// Us.\n{USER}", "none")],
)
def test_the_level_is_what_the_difference_says(repo: Repo, text: str, level: Level) -> None:
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: text})
    assert advised(repo, ONE, Plan((ONE,)), {PATH: "acme.v1"}) == Advised(level)


def test_a_package_is_asked_for_by_its_own_files_only(tmp_path: Path) -> None:
    other = "acme/orders/v1/order.proto"
    repo = init(tmp_path / "r", {PATH: USER, other: ORDER})
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: MORE, other: ORDER.replace("string id", "int32 id")})
    orders = Product("acme-orders", (other,))
    plan, packages = Plan((ONE, orders)), {PATH: "acme.v1", other: "acme.orders.v1"}
    assert advised(repo, ONE, plan, packages).level == "minor"
    assert advised(repo, orders, plan, packages).level == "major"


def test_files_that_are_gone_break_the_package_that_stands_nearest(tmp_path: Path) -> None:
    gone, stays = "acme/orders/v0/order.proto", "acme/orders/v1/order.proto"
    repo = init(tmp_path / "r", {PATH: USER, stays: ORDER, gone: ORDER.replace(".v1", ".v0")})
    repo.git("tag", "v1.0.0")
    repo.commit({gone: None})
    orders = Product("acme-orders", (stays,))
    plan, packages = Plan((ONE, orders)), {PATH: "acme.v1", stays: "acme.orders.v1"}
    assert advised(repo, ONE, plan, packages).level == "none"
    assert advised(repo, orders, plan, packages).level == "major"


def test_after_a_release_that_is_no_schema_anything_counts_as_an_addition(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: WRONG})
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: USER})
    found = advised(repo, ONE, Plan((ONE,)), {PATH: "acme.v1"})
    assert found.level is None
    assert found.note.startswith("what changed since v1.0.0 cannot be told (")
    made = versioned(repo, says(None, found.note))
    assert (made.version.python, made.notes) == ("1.1.0.dev1", (found.note,))


def test_a_pull_request_elsewhere_does_not_change_the_version(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("tag", "v1.0.0")
    repo.commit({PATH: GONE})
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_BASE_REF", "absent")
    assert advised(repo, ONE, Plan((ONE,)), {PATH: "acme.v1"}) == Advised("major")


def test_a_pseudo_version_of_any_time_has_fourteen_digits() -> None:
    from datetime import UTC, datetime

    assert pseudo(None, datetime(7, 1, 2, 3, 4, 5, tzinfo=UTC), "ab" * 20) == "v0.0.0-00070102030405-abababababab"
    assert os.sep not in pseudo(None, datetime.max.replace(tzinfo=UTC), "ab" * 20)
