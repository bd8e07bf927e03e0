"""Which tags a release takes for those of its package: none is lost, none is somebody else's, none is doubled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from repositories import GONE, HEAD, PATH, USER, Repo, clean, init, run
from schemactl import changelog, git, packing
from schemactl.errors import Rejected
from schemactl.upcoming import Step

ONE = "packages: [{name: acme-users}]\n"
RENAMED = "packages: [{name: users, python: {distribution: Acme_Users}}]\n"
ELSE = "packages: [{name: acme-orders}]\n"
MORE = USER.replace("}", "  string nick = 3;\n}")
ANOTHER = USER.replace("}", "  string alias = 4;\n}")
BESIDE = "packages: [{name: acme-orders, paths: [x]}]\n"
OWN = 'release: {tag: "{name}/v{version}"}\n'


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "r", {PATH: USER, "schemactl.yaml": ONE})


def planned(repo: Repo, below: str = ".", *, allow: bool = False) -> packing.Planned:
    return packing.planned(packing.Request(repo.root / below, release=True, allow_breaking=allow))


def step(repo: Repo, below: str = ".") -> Step:
    (only,) = planned(repo, below).steps
    return only


def refused(repo: Repo, below: str = ".", *, allow: bool = False) -> Rejected:
    with pytest.raises(Rejected) as caught:
        planned(repo, below, allow=allow)
    return caught.value


def branched(repo: Repo, text: str, *tags: str) -> None:
    """Another branch changes the schema, and has the tags."""
    repo.git("checkout", "--quiet", "-b", f"branch-of-{tags[0].replace('/', '-')}")
    repo.commit({PATH: text})
    for tag in tags:
        repo.git("tag", tag)
    repo.git("checkout", "--quiet", "main")


# A first release is one.


@pytest.mark.parametrize(
    ("then", "tag", "now", "said", "cure"),
    [
        (ONE, "acme-users/v1.4.0", RENAMED, "`acme-users/v1.4.0` is its release, from when it, or", "`users/v1.4.0`"),
        (ONE, "v1.4.0", ONE + OWN, "`v1.4.0` is its release, from when", "that commit `acme-users/v1.4.0`, too"),
        (ONE + OWN, "acme-users/v1.4.0", ONE + "release: {tag: 'v{version}'}\n", "from when it", "`v1.4.0`, too"),
        (ONE, "acme/v1.4.0", ONE + OWN, "from when it, or its tags", "`acme-users/v1.4.0`"),
        (ELSE, "acme/v2/v1.4.0", ONE, "`acme/v2/v1.4.0` is a version that may be its release", "`release: {tag: \""),
        (ELSE, "docs/v1.4.0", ONE, "may be its release", "tag that commit `acme-users/v1.4.0`, too, if it is"),
        (ONE, "v1.2", ONE, "`v1.2` is no name that a version can be read from", "that commit `acme-users/v1.2.0`"),
        (ONE, "release-1.3.0", ONE, "`release-1.3.0` is no name", "`acme-users/v1.3.0`"),
        (ONE, "acme-users-v1.3.0", ONE, "`acme-users-v1.3.0` is no name", "`acme-users/v1.3.0`"),
    ],
)  # fmt: skip
def test_nothing_begins_where_a_tag_may_be_a_release_of_it(
    tmp_path: Path, then: str, tag: str, now: str, said: str, cure: str
) -> None:
    repo = init(tmp_path / "r", {PATH: USER, "schemactl.yaml": then})
    repo.git("tag", tag)
    repo.commit({PATH: GONE, "schemactl.yaml": now})
    error = refused(repo, allow=True)
    assert said in error.message
    assert " would begin at 0.1.0, but " in error.message
    assert cure in error.hint
    by_hand = error.hint.partition("tag this commit by hand: `")[2].partition("`")[0]
    repo.git("tag", by_hand)
    assert (step(repo).tag, step(repo).tagged) == (by_hand, True)


def test_the_commit_of_a_former_name_gets_a_tag_of_the_new_one_and_the_release_follows_it(repo: Repo) -> None:
    repo.git("tag", "acme-users/v1.4.0")
    repo.commit({PATH: MORE, "schemactl.yaml": RENAMED.replace("Acme_Users", "acme-users")})
    assert "`users` would begin" in refused(repo).message
    repo.git("tag", "users/v1.4.0", "acme-users/v1.4.0")
    assert step(repo).tag == "users/v1.5.0"


def test_a_former_name_that_another_package_took_is_one_all_the_same(repo: Repo) -> None:
    repo.git("tag", "acme-users/v1.4.0")
    users, other = "{name: users, paths: [acme], python: {distribution: acme-users}}", "{name: acme-users, paths: [x]"
    declared = f"packages: [{users}, {other}, python: {{distribution: x}}}}]\n"
    repo.commit({"schemactl.yaml": declared, "x/v1/x.proto": HEAD.replace("acme", "x") + "message X {}\n"})
    error = refused(repo, allow=True)
    assert "`users` would begin at 0.1.0, but `acme-users/v1.4.0` is its release" in error.message


def test_a_release_that_was_never_merged_back_is_one(repo: Repo) -> None:
    branched(repo, MORE, "v1.4.0")
    error = refused(repo)
    assert "but `v1.4.0` is its release, of a commit that did not lead here" in error.message
    assert error.hint.startswith("merge that commit, so that")
    repo.git("merge", "--quiet", "branch-of-v1.4.0")
    repo.commit({PATH: USER.replace("}", "  string nick = 3;\n  string alias = 4;\n}")})
    assert step(repo).tag == "v1.5.0"


def test_after_a_pre_release_it_has_begun_whatever_others_are_called(repo: Repo) -> None:
    for tag in ("acme-users/v0.1.0-rc.1", "docs/v2.0.0", "v3.1.0"):
        repo.git("tag", tag)
    repo.commit({PATH: MORE})
    assert step(repo).tag == "acme-users/v0.1.0"
    branched(repo, ANOTHER, "acme-users/v0.3.0")
    assert "`acme-users/v0.3.0` is its release" in refused(repo).message


@pytest.mark.parametrize(
    ("then", "tag", "now"),
    [
        (BESIDE, "acme-orders/v1.4.0", BESIDE.replace("s: [", "s: [{name: acme-users, paths: [acme]}, ", 1)),
        (ELSE, "acme-orders/v1.4.0", ONE),
        (ELSE + OWN, "acme-orders/v1.4.0", ONE),
        (ONE, "vNext", ONE),
        (ONE, "v1.4.0-rc.1", ONE + OWN),
    ],
)
def test_tags_of_other_packages_and_what_is_no_version_keep_nothing_from_beginning(
    tmp_path: Path, then: str, tag: str, now: str
) -> None:
    other = {"x/v1/x.proto": HEAD.replace("acme", "x") + "message X {}\n"}
    repo = init(tmp_path / "r", {PATH: USER, **other, "schemactl.yaml": then})
    repo.git("tag", tag)
    repo.commit({"schemactl.yaml": now})
    found = {each.name: each for each in planned(repo).steps}
    assert found["acme-users"].why == ("first release",)


def test_who_says_how_its_own_tags_are_called_begins_beside_others_and_is_told(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    repo.git("tag", "v3.1.0")
    repo.commit({"schemactl.yaml": ONE + OWN})
    found = planned(repo)
    assert [each.tag for each in found.steps] == ["acme-users/v0.1.0"]
    (note,) = (each for each in found.notes if "version tag" in each)
    assert note.startswith("no version tag is called like `acme-users/v1.0.0`, but `v3.1.0`")


def test_a_configuration_that_cannot_be_read_any_more_declares_nothing(repo: Repo) -> None:
    repo.commit({"schemactl.yaml": "packages: {*}\n", "x/schemactl.yaml": "- 1\n"})
    repo.git("tag", "docs/v1.0.0")
    repo.git("tag", "trees/v1.0.0", "HEAD^{tree}")
    repo.commit({"schemactl.yaml": ONE})
    assert "`trees/v1.0.0`, `docs/v1.0.0` are each a version that may be its release" in refused(repo).message


def test_a_tag_that_cannot_be_read_is_told_by_a_release_too(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    repo.commit({PATH: MORE})
    repo.git("tag", "v1.3.0-rc1")
    told = "no version can be read from `v1.3.0-rc1`, write it like `v1.3.0-rc.1`"
    assert told in planned(repo).notes


# A configuration below the top.


def test_below_the_top_plain_tags_are_somebody_elses_unless_the_configuration_says_so(tmp_path: Path) -> None:
    below = {f"protos/{PATH}": USER, "protos/schemactl.yaml": ONE}
    repo = init(tmp_path / "r", {"tool.py": ""}, below)
    assert step(repo, "protos").tag == "acme-users/v0.1.0"
    repo.git("tag", "v3.1.0")
    assert "`v3.1.0` is a version that may be its release" in refused(repo, "protos").message
    repo.commit({"protos/schemactl.yaml": ONE + OWN})
    assert step(repo, "protos").tag == "acme-users/v0.1.0"
    repo.commit({"protos/schemactl.yaml": ONE + "release: {tag: 'v{version}'}\n", f"protos/{PATH}": MORE})
    assert step(repo, "protos").tag == "v3.2.0"


@pytest.mark.parametrize("tag", ["acme-users/v1.2.0", "protos/v1.2.0", "protos/acme/v1.2.0"])
def test_below_the_top_tags_are_called_after_the_package_or_a_directory_that_is_its_own(
    tmp_path: Path, tag: str
) -> None:
    repo = init(tmp_path / "r", {f"protos/{PATH}": USER, "protos/schemactl.yaml": ONE})
    repo.git("tag", tag)
    repo.git("tag", "v9.0.0")
    repo.commit({f"protos/{PATH}": MORE})
    assert step(repo, "protos").tag == tag.replace("2", "3")


def test_two_configurations_of_a_repository_have_releases_of_their_own(tmp_path: Path) -> None:
    a, b = (
        {f"svc/{name}/{name}/v1/{name}.proto": HEAD.replace("acme", name) + f"message {name.upper()} {{}}\n",
         f"svc/{name}/schemactl.yaml": f"packages: [{{name: acme-{name}}}]\n"}
        for name in "ab"
    )  # fmt: skip
    repo = init(tmp_path / "r", {**a, **b})
    assert (step(repo, "svc/a").tag, step(repo, "svc/b").tag) == ("acme-a/v0.1.0", "acme-b/v0.1.0")
    repo.git("tag", "acme-a/v0.1.0")
    repo.commit({"README.md": ""})
    assert (step(repo, "svc/a").next, step(repo, "svc/b").tag) == (None, "acme-b/v0.1.0")


def test_a_snapshot_below_the_top_follows_no_plain_tag_either(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {f"protos/{PATH}": USER, "protos/schemactl.yaml": ONE})
    repo.git("tag", "v3.1.0")
    repo.commit({})
    done = run("package", "-C", str(repo.root / "protos"), "--lang", "python", "--no-verify", "--format", "text")
    assert done.code == 0, done.err
    assert "0.1.0.dev2" in done.out
    assert "no version tag is called like `acme-users/v1.0.0`, but `v3.1.0`" in done.out + done.err


# A version is one release, however it is spelled, and breaks nobody who has a lower one.


@pytest.mark.parametrize("taken", ["v1.3.0", "1.3.0", "acme-users/v1.3.0", "acme/v1.3.0"])
def test_a_version_that_another_branch_has_is_taken_under_any_name(repo: Repo, taken: str) -> None:
    repo.git("tag", "v1.2.0")
    branched(repo, MORE, taken)
    repo.commit({PATH: ANOTHER})
    error = refused(repo)
    assert f"the tag `{taken}` is at commit" in error.message
    assert "merge that first" in error.hint


def test_a_tag_that_counts_for_nothing_beside_better_ones_takes_no_version(repo: Repo) -> None:
    repo.git("tag", "acme-users/v1.2.0")
    branched(repo, MORE, "v1.3.0")
    repo.commit({PATH: ANOTHER})
    assert step(repo).tag == "acme-users/v1.3.0"


@pytest.mark.parametrize("tag", [None, "v1.5.0"])
def test_a_version_that_loses_what_a_lower_one_of_another_branch_has_is_refused(repo: Repo, tag: str | None) -> None:
    repo.git("tag", "v1.2.0")
    branched(repo, MORE, "v1.2.1")
    repo.commit({PATH: ANOTHER})
    if tag:
        repo.git("tag", tag)
    error = refused(repo, allow=True)
    assert f"`acme-users` {tag[1:] if tag else '1.3.0'} breaks whoever has `v1.2.1`" in error.message
    assert "`User.nick` is gone" in error.message
    assert error.hint == "merge that first, or tag this commit with a version from 2.0.0 on"
    repo.git("tag", "v2.0.0")
    assert step(repo).tag == "v2.0.0"


def test_another_branch_loses_nothing_where_this_one_has_it_too_or_is_another_major(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    branched(repo, MORE, "v1.2.1", "v1.2.2-rc.1")
    branched(repo, GONE, "v2.0.0")
    repo.commit({PATH: MORE.replace("}", "  string alias = 4;\n}")})
    assert step(repo).tag == "v1.3.0"


def test_of_each_branch_the_last_release_counts(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    second, third = repo.commit({"a": ""}), repo.commit({"b": ""})
    found = git.discover(repo.root)
    assert found is not None
    assert git.independent(found, [first, second, third]) == [third]


def test_a_lower_release_elsewhere_that_cannot_be_compared_needs_a_word(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    branched(repo, HEAD + "message User {\n", "v1.2.1")
    repo.commit({PATH: MORE})
    error = refused(repo)
    assert "may break whoever has `v1.2.1`" in error.message
    assert "`--allow-breaking`" in error.hint
    assert planned(repo, allow=True).steps[0].tag == "v1.3.0"


# What was released stays what it was.


def test_a_tag_that_comes_later_to_the_commit_of_the_last_release_changes_no_changelog(repo: Repo) -> None:
    repo.git("tag", "v0.1.0")
    repo.commit({PATH: GONE})
    before = changelog.text(planned(repo).steps, date(2026, 11, 23))
    assert "since `v0.1.0`" in before
    repo.git("tag", "v0.2.0")
    repo.git("tag", "v0.1.9", "v0.1.0")
    assert changelog.text(planned(repo).steps, date(2026, 11, 23)) == before
    assert step(repo).was == "0.1.9"
