"""Whose directory is judged: no link and no new submodule of a change decides it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from repositories import BROKEN, GONE, HEAD, PATH, USER, Done, Repo, clean, init, run
from schemactl import links, place, submodule
from schemactl.errors import Missing, ToolError, UsageError

LAX = "roots: [.]\nlint: {use: [BASIC]}\nbreaking: {except: [WIRE_JSON, COMPAT]}\n"
STRICT = "roots: [.]\nlint: {use: [BASIC]}\n"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def ours(tmp_path: Path) -> Repo:
    files = {PATH: USER, "schemactl.yaml": STRICT}
    repo = init(tmp_path / "ours", {f"orders/{name}": text for name, text in files.items()})
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return repo


def pulled(monkeypatch: pytest.MonkeyPatch, repo: Repo) -> None:
    """As GitHub checks a pull request out: the merge of its base with it."""
    head = repo.git("rev-parse", "HEAD")
    base = repo.git("rev-parse", "refs/remotes/origin/main")
    merge = repo.git("commit-tree", "HEAD^{tree}", "-p", base, "-p", head, "-m", "merge")
    repo.git("update-ref", "HEAD", merge)
    told = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/1/merge"}
    for name, value in {**told, "GITHUB_SHA": merge}.items():
        monkeypatch.setenv(name, value)


def checked(directory: Path) -> Done:
    return run("check", "-C", str(directory), "--format", "json", "--no-cache")


@pytest.mark.parametrize("written", ["orders", "orders/acme", "docs/../orders", "orders/../payments", "current"])
def test_a_directory_that_a_change_made_a_link_is_not_judged(
    ours: Repo, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    moved = ours.root / "x/orders"
    shutil.copytree(ours.root / "orders", moved)
    shutil.rmtree(ours.root / "orders")
    (ours.root / "orders").symlink_to("x/orders")
    (ours.root.parent / "current").symlink_to("ours/orders")
    ours.commit({"x/orders/schemactl.yaml": LAX, f"x/orders/{PATH}": BROKEN, "docs/a": "", "x/payments/a": ""})
    pulled(monkeypatch, ours)
    done = checked(ours.root.parent / written if written == "current" else ours.root / written)
    assert (done.code, "`orders` is a symbolic link of the repository" in done.err) == (2, True)


def test_a_link_that_leads_out_of_the_repository_or_into_another_one_is_not_followed(ours: Repo) -> None:
    other = init(ours.root.parent / "other", {PATH: USER})
    (ours.root / "there").symlink_to(other.root)
    ours.commit({})
    with pytest.raises(UsageError, match="`there` is a symbolic link"):
        place.find(ours.root / "there")


def test_a_link_that_git_does_not_track_is_the_users_own_outside_of_a_pull_request(
    ours: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ours.root / "work").symlink_to("orders")
    assert place.find(ours.root / "work").start == "orders"
    pulled(monkeypatch, ours)
    with pytest.raises(UsageError, match="`work` is a symbolic link"):
        place.find(ours.root / "work")


def test_a_link_to_the_clone_or_above_it_leads_there(ours: Repo) -> None:
    above = ours.root.parent
    (above / "checkout").symlink_to("ours")
    (above.parent / f"{above.name}-link").symlink_to(above.name)
    for written in (above / "checkout", above.parent / f"{above.name}-link" / "ours"):
        assert place.find(written / "orders").top == ours.root.resolve()


def test_in_a_pull_request_the_way_of_the_shell_counts(ours: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    (ours.root / "moved").symlink_to("orders")
    monkeypatch.chdir(ours.root / "moved")
    monkeypatch.setenv("PWD", str(ours.root / "moved"))
    assert place.find(Path()).start == "orders"
    pulled(monkeypatch, ours)
    with pytest.raises(UsageError, match="`moved` is a symbolic link"):
        place.find(Path())


def test_links_that_lead_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert set(links.through(tmp_path / "a")) >= {tmp_path.resolve() / "a", tmp_path.resolve() / "b"}


def embedded(ours: Repo, theirs: Repo) -> Repo:
    """`orders` is a submodule now."""
    ours.git("rm", "-rq", "orders")
    shutil.rmtree(ours.root / "orders", ignore_errors=True)
    ours.git("submodule", "--quiet", "add", theirs.root.as_uri(), "orders")
    ours.commit({})
    return Repo(ours.root / "orders")


@pytest.fixture
def theirs(ours: Repo) -> Repo:
    return init(ours.root.parent / "theirs", {PATH: USER, "schemactl.yaml": STRICT})


def test_a_directory_that_a_change_made_a_submodule_is_not_judged(
    ours: Repo, theirs: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = embedded(ours, theirs)
    assert checked(inner.root).code == 0
    pulled(monkeypatch, ours)
    done = checked(inner.root)
    assert (done.code, "`orders` is a submodule since this pull request" in done.err) == (2, True)


def test_a_submodule_that_moves_is_judged_by_where_it_was(
    ours: Repo, theirs: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = embedded(ours, theirs)
    was = inner.git("rev-parse", "HEAD")
    ours.git("update-ref", "refs/remotes/origin/main", "HEAD")
    inner.commit({PATH: BROKEN, "schemactl.yaml": LAX})
    # What the submodule calls its main branch is for whoever owns it to say.
    inner.git("update-ref", "refs/remotes/origin/main", "HEAD")
    ours.commit({})
    pulled(monkeypatch, ours)
    done = checked(inner.root)
    assert (done.code, done.report["against"][0]["commit"]) == (1, was)
    assert {"POLICY_CHANGED", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"} <= set(done.rules)


@pytest.mark.parametrize("start", [".", "orders"])
def test_a_submodule_that_a_change_made_an_ordinary_directory_is_not_judged(
    ours: Repo, theirs: Repo, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    embedded(ours, theirs)
    ours.git("update-ref", "refs/remotes/origin/main", "HEAD")
    ours.git("rm", "-rqf", "orders", ".gitmodules")
    removed = ours.commit({})
    ours.commit({f"orders/{PATH}": GONE, "orders/schemactl.yaml": STRICT})
    pulled(monkeypatch, ours)
    done = checked(ours.root / start)
    assert (done.code, "`orders` is a submodule in the base and ordinary files now" in done.err) == (2, True)
    assert run("check", "-C", str(ours.root / start), "--against", "none", "--no-cache").code == 0
    # Merged in two steps, its files are new ones, whatever the latest release had there.
    ours.git("tag", "v1.0.0", "refs/remotes/origin/main")
    ours.git("update-ref", "refs/remotes/origin/main", removed)
    pulled(monkeypatch, ours)
    assert [checked(ours.root / start).code, run("check", "-C", str(ours.root), "--against", "v1.0.0").code] == [0, 0]


def test_a_submodule_that_is_not_checked_out_is_not_judged(ours: Repo, theirs: Repo) -> None:
    inner = embedded(ours, theirs)
    ours.git("submodule", "--quiet", "deinit", "--force", "orders")
    (inner.root / "acme").mkdir()
    for directory in (inner.root, inner.root / "acme"):
        with pytest.raises(ToolError, match="`orders` is a submodule that is not checked out") as failure:
            place.find(directory)
        assert "`git submodule update --init orders`" in failure.value.hint
    assert place.find(ours.root).start == "."


def test_what_a_submodule_was_has_to_be_in_its_clone(ours: Repo, theirs: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = embedded(ours, theirs)
    ours.git("update-ref", "refs/remotes/origin/main", "HEAD")
    theirs.commit({PATH: BROKEN})
    shutil.rmtree(inner.root)
    shutil.rmtree(ours.root / ".git/modules/orders")
    ours.git("clone", "--quiet", "--depth=1", theirs.root.as_uri(), "orders")
    ours.commit({})
    pulled(monkeypatch, ours)
    with pytest.raises(Missing, match="the submodule's commit before this pull request"):
        submodule.pinned(place.find(inner.root).repository, os.environ)


def test_another_clone_inside_of_the_checkout_is_no_submodule(
    ours: Repo, theirs: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.git("clone", "--quiet", theirs.root.as_uri(), "tools")
    pulled(monkeypatch, ours)
    assert submodule.pinned(place.find(ours.root / "tools").repository, os.environ) is None


@pytest.mark.parametrize("inside", [True, False])
def test_a_cache_behind_a_link_of_the_repository_is_not_believed(
    ours: Repo, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(ours.root / ".kept/cache"))
    (ours.root / ".kept").mkdir()
    found = place.find(ours.root / "orders")
    place.require_own_cache(found)
    (ours.root / ".kept/cache").symlink_to(ours.root / "docs" if inside else ours.root.parent / "evil")
    for _ in range(2):  # whether or not it is committed
        with pytest.raises(ToolError, match="is behind the symbolic link"):
            place.require_own_cache(found)
        ours.commit({"docs/a": HEAD})
    monkeypatch.chdir(ours.root / "orders")
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", "../.kept/cache")
    with pytest.raises(ToolError, match="is behind the symbolic link"):
        place.require_own_cache(found)


def test_the_users_own_link_to_his_caches_is_followed(ours: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    home = init(ours.root.parent / "home", {".profile": ""})
    (home.root / ".cache").symlink_to(ours.root.parent / "disk")
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(home.root / ".cache/schemactl"))
    place.require_own_cache(place.find(ours.root))
    home.commit({})
    with pytest.raises(ToolError, match="is behind the symbolic link"):
        place.require_own_cache(place.find(ours.root))
