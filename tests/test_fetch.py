"""`--fetch`: what a clone lacks for the comparison and the policy is fetched from its remote, and nothing else."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from repositories import BROKEN, PATH, USER, WRONG, Repo, clean, init
from schemactl import git
from schemactl.against import Base, bases, governing
from schemactl.errors import Failure, ToolError

TYPE = "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
MAIN = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}
SECONDS = itertools.count(1_700_000_000)  # or the same commit would be made twice


@pytest.fixture(autouse=True)
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = init(tmp_path_factory.mktemp("made") / "server", {PATH: USER})
    repo.git("branch", "topic")
    _commits(repo, 3)
    repo.git("switch", "--quiet", "topic")
    _commits(repo, 2)
    repo.commit({PATH: BROKEN})
    _merge(repo)
    return repo.root


@pytest.fixture
def server(made: Path, tmp_path: Path) -> Repo:
    """fork ── … ── main, fork ── … ── topic (which breaks a field), and the platform's merge of both."""
    return Repo(shutil.copytree(made, tmp_path / "server"))


def _commits(repo: Repo, count: int) -> None:
    """Without any change, on the branch that is checked out."""
    branch = repo.git("symbolic-ref", "HEAD")
    one = f"commit {branch}\ncommitter acme <dev@acme.example> {{}} +0000\ndata 1\nx\n"
    first = one.format(next(SECONDS)) + f"from {branch}^0\n"
    stream = first + "".join(one.format(next(SECONDS)) for _ in range(1, count))
    subprocess.run(["git", "fast-import", "--quiet", "--force"], input=stream.encode(), cwd=repo.root, check=True)


def _merge(repo: Repo) -> None:
    """As a platform tests pull request 7."""
    repo.git("switch", "--quiet", "--detach", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    repo.git("update-ref", "refs/pull/7/merge", "HEAD")
    repo.git("update-ref", "refs/pull/7/head", "topic")
    repo.git("switch", "--quiet", "main")


def checkout(server: Repo, revision: str, depth: int | None = 1, *options: str) -> Repo:
    """As actions/checkout does it: one commit, detached, and no branch of the remote."""
    clone = init(server.root.parent / "clone")
    clone.git("remote", "add", "origin", f"file://{server.root}")
    deep = [f"--depth={depth}"] if depth else []
    oid = server.git("rev-parse", revision)
    clone.git("fetch", "--quiet", "--no-tags", *deep, *options, "origin", f"+{oid}:refs/remotes/pull/7/merge")
    clone.git("checkout", "--quiet", "--force", "refs/remotes/pull/7/merge")
    (clone.root / ".git" / "FETCH_HEAD").unlink()
    return clone


def asked(
    clone: Repo, spec: str | None = None, environ: Mapping[str, str] | None = None
) -> tuple[list[Base], list[str]]:
    """What it is compared with, and what was told of fetching."""
    told: list[str] = []
    repo = _repository(clone, told)
    return bases(repo, spec, head=git.head(repo), pristine=lambda: True, environ=environ or {}), told


def _repository(clone: Repo, told: list[str]) -> git.Repository:
    found = git.discover(clone.root)
    assert found
    return replace(found, fetch=told.append)


def only(clone: Repo, spec: str | None = None, environ: Mapping[str, str] | None = None) -> Base:
    [base] = asked(clone, spec, environ)[0]
    return base


def refused(clone: Repo, spec: str | None = None, environ: Mapping[str, str] | None = None) -> Failure:
    with pytest.raises(Failure) as error:
        asked(clone, spec, environ)
    assert "\n" not in error.value.message + error.value.hint
    assert error.value.hint
    return error.value


def state(clone: Repo) -> tuple[str, ...]:
    """What no fetch may change: branches, tags, the working tree and its index."""
    return tuple(
        clone.git(*argv)
        for argv in (
            ("for-each-ref", "refs/heads", "refs/tags"),
            ("status", "--porcelain"),
            ("rev-parse", "HEAD"),
            ("ls-files", "-s"),
            ("config", "--list", "--local"),
        )
    )


def count(clone: Repo, *revisions: str) -> int:
    return int(clone.git("rev-list", "--count", *(revisions or ("--all", "HEAD"))))


def merge_environ(server: Repo) -> dict[str, str]:
    return MAIN | {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": server.git("rev-parse", "refs/pull/7/merge")}


# Pull requests


def test_the_test_merge_of_a_default_checkout_is_judged_by_fetching_its_base_alone(
    server: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, main = checkout(server, "refs/pull/7/merge"), server.git("rev-parse", "main")
    for name, value in merge_environ(server).items():
        monkeypatch.setenv(name, value)
    before = state(clone)
    without = clone.run("check")
    assert (without.code, without.out) == (2, "")
    assert without.err.splitlines()[1].startswith(
        f"add `--fetch`, or run `git fetch --no-tags --depth=1 origin {main}`"
    )
    done = clone.run("check", "--fetch")
    assert (done.code, done.rules) == (1, [TYPE])
    assert done.report["against"][0]["commit"] == main
    assert done.err == "schemactl: fetched 1 commit of `origin`: the pull request's base `main`\n"
    assert (state(clone), count(clone), count(clone, main)) == (before, 1, 1)
    assert clone.git("for-each-ref", "--format=%(refname)") == "refs/remotes/pull/7/merge"
    assert not (clone.root / ".git" / "FETCH_HEAD").exists()
    again = clone.run("check", "--fetch")
    assert (again.code, again.err) == (1, "")


def test_lint_alone_fetches_the_policy_of_the_base(server: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    server.commit({"schemactl.yaml": "lint: {use: [COMMENT_MESSAGE]}\n"})
    server.git("switch", "--quiet", "topic")
    server.commit({"schemactl.yaml": "lint: {use: [PACKAGE_DEFINED]}\n"})
    clone = checkout(server, "topic")
    for name, value in MAIN.items():
        monkeypatch.setenv(name, value)
    done = clone.run("lint", "--fetch")
    assert done.rules == ["POLICY_INTRODUCED", "COMMENT_MESSAGE"]
    assert "fetched" in done.err


PULL_REQUESTS = [
    MAIN,
    MAIN | {"GITHUB_EVENT_NAME": "pull_request_target"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "FORK"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40},
    {"BITBUCKET_PR_DESTINATION_BRANCH": "main", "BITBUCKET_PR_DESTINATION_COMMIT": "MAIN"},
    {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
    {"BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"},
    {"CHANGE_TARGET": "main"},
    {"TRAVIS_PULL_REQUEST": "7", "TRAVIS_BRANCH": "main"},
    {"DRONE_BUILD_EVENT": "pull_request", "DRONE_TARGET_BRANCH": "main"},
    {"CI_PIPELINE_EVENT": "pull_request", "CI_COMMIT_TARGET_BRANCH": "main"},
]


@pytest.mark.parametrize("environ", PULL_REQUESTS)
def test_a_checkout_of_the_head_gets_the_base_branch_and_the_way_to_the_merge_base(
    server: Repo, environ: dict[str, str]
) -> None:
    fork, main = server.git("merge-base", "main", "topic"), server.git("rev-parse", "main")
    environ = {name: {"FORK": fork, "MAIN": main}.get(value, value) for name, value in environ.items()}
    clone = checkout(server, "topic")
    before = state(clone)
    base = only(clone, environ=environ)
    assert (base.commit, base.reason) == (fork, "pull request base main")
    ruling = governing(_repository(clone, []), clone.git("rev-parse", "HEAD"), environ)
    assert ruling
    assert ruling.commit == main
    assert state(clone) == before


def test_a_long_history_is_fetched_only_as_far_as_the_merge_base(server: Repo) -> None:
    server.git("switch", "--quiet", "--orphan", "old")
    server.commit({PATH: USER})
    _commits(server, 300)
    fork = server.git("rev-parse", "HEAD")
    server.git("branch", "change")
    _commits(server, 60)
    server.git("switch", "--quiet", "change")
    _commits(server, 1)
    clone = checkout(server, "change")
    [base], told = asked(clone, environ=MAIN | {"GITHUB_BASE_REF": "old"})
    assert base.commit == fork
    assert told[0] == "fetched 1 commit of `origin`: the base of this pull request"
    assert 50 < count(clone) < 362
    assert count(clone) == 2 + sum(int(line.split()[1]) for line in told[1:])
    assert git.is_shallow(_repository(clone, []))


def test_a_base_that_only_looks_like_the_newest_is_not_taken(server: Repo) -> None:
    # old ── fork ── m ── … ── main, which also merges `old` by a short way; fork ── topic
    server.git("switch", "--quiet", "--orphan", "trunk")
    old = server.commit({PATH: USER})
    fork = server.commit({})
    server.git("branch", "change")
    _commits(server, 60)
    made = server.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", old, "-m", "shortcut")
    server.git("reset", "--quiet", "--hard", made)
    server.git("switch", "--quiet", "change")
    _commits(server, 1)
    clone = checkout(server, "change", 3)
    environ = MAIN | {"GITHUB_BASE_REF": "trunk"}
    clone.git("fetch", "--quiet", "--depth=3", "origin", "trunk:refs/remotes/origin/trunk")
    assert clone.git("merge-base", "HEAD", "origin/trunk") == old
    assert only(clone, environ=environ).commit == fork


# Pushes


@pytest.mark.parametrize("gone", [False, True])
def test_a_push_is_compared_with_what_was_before_it_unless_nobody_has_that_any_more(server: Repo, gone: bool) -> None:
    clone = checkout(server, "main")
    event = server.root.parent / "event.json"
    before = "1" * 40 if gone else server.git("rev-parse", "main~2")
    event.write_text(json.dumps({"before": before}))
    clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
    environ = {
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_SHA": server.git("rev-parse", "main"),
        "GITHUB_EVENT_PATH": str(event),
    }
    base = only(clone, environ=environ)
    expected = (
        ("what was before the push is gone; previous commit", "main~1") if gone else ("before the push", "main~2")
    )
    assert (base.reason, base.commit) == (expected[0], server.git("rev-parse", expected[1]))


def test_the_default_branch_is_asked_for_where_the_clone_knows_another_only(server: Repo) -> None:
    clone = checkout(server, "topic")
    clone.git("update-ref", "refs/remotes/origin/topic", "HEAD")
    base = only(clone)
    assert (base.revision, base.commit) == ("origin/main", server.git("merge-base", "main", "topic"))


# Revisions by name


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("other", "other"),
        ("origin/other", "other"),
        ("refs/remotes/origin/other", "other"),
        ("refs/heads/other", "other"),
        ("v1.0.0", "v1.0.0"),
        ("refs/tags/v1.0.0", "v1.0.0"),
        ("v1.0.0~2", "v1.0.0~2"),
        ("HEAD~3", "main~3"),
        ("main^", "main^"),
        ("refs/pull/7/head", "topic"),
        ("OTHER", "other"),
    ],
)
def test_a_revision_that_is_not_there_is_fetched_by_its_name(server: Repo, written: str, means: str) -> None:
    server.git("tag", "-a", "-m", "release", "v1.0.0", "main")
    server.git("branch", "other", "topic~1")
    clone = checkout(server, "main")
    written = server.git("rev-parse", "other") if written == "OTHER" else written
    assert "is not in this" in _without(clone, written)
    assert only(clone, written).commit == server.git("rev-parse", f"{means}^{{commit}}")
    assert clone.git("for-each-ref", "refs/heads") == ""


def _without(clone: Repo, spec: str) -> str:
    repo = git.discover(clone.root)
    with pytest.raises(ToolError) as error:
        bases(repo, spec, head="HEAD", pristine=lambda: True, environ={})
    return error.value.message


@pytest.mark.parametrize(
    "written", ["gone", "origin/gone", "HEAD~99", "1" * 40, "abc1234", "--upload-pack=x", "a..b", "v*"]
)
def test_what_the_remote_does_not_have_either_is_said(server: Repo, written: str) -> None:
    clone = checkout(server, "main")
    failure = refused(clone, written)
    assert f"`{written}`" in failure.message
    assert isinstance(failure, ToolError)


@pytest.fixture
def released(server: Repo) -> Repo:
    """v1.0.0 ── v1.1.0 ── main, which is v1.2.0, and a tag on `topic` that no release of `main` comes after."""
    server.git("tag", "v1.0.0", "main~3")
    server.git("tag", "-a", "-m", "release", "v1.1.0", "main~1")
    server.git("tag", "v1.2.0", "main")
    server.git("tag", "v9.0.0", "topic")
    return server


EARLIER = ["v1.1.0", "v1.0.0"]


def releases(clone: Repo) -> list[str]:
    return [base.revision for base in asked(clone, "tags")[0]]


@pytest.mark.parametrize("protocol", ["2", "0"])
@pytest.mark.parametrize("depth", [2, None])
def test_releases_take_their_tags_and_the_whole_history(released: Repo, depth: int | None, protocol: str) -> None:
    clone = checkout(released, "main", depth)
    clone.git("config", "protocol.version", protocol)
    found, told = asked(clone, "tags")
    assert [base.revision for base in found] == EARLIER
    assert told[-1].endswith(" tags of `origin`: what is tagged here")
    assert len(told) == (2 if depth else 1)
    assert asked(clone, "tag:latest")[1] == []


def test_a_history_that_was_completed_for_another_comparison_has_all_of_its_tags(released: Repo) -> None:
    clone = checkout(released, "main", 2)
    asked(clone, "HEAD~3")
    assert not git.is_shallow(_repository(clone, []))
    assert clone.git("tag").split() == ["v1.0.0", "v1.1.0", "v1.2.0"]
    assert releases(clone) == EARLIER


@pytest.mark.parametrize("there", ["v1.0.0", "v1.2.0"])
def test_some_tag_in_a_complete_clone_is_not_taken_for_all_of_them(released: Repo, there: str) -> None:
    clone = checkout(released, "main", None)
    clone.git("tag", there, released.git("rev-parse", f"{there}^{{commit}}"))
    assert releases(clone) == EARLIER
    assert "v9.0.0" not in clone.git("tag")


@pytest.mark.parametrize("tag", ["v1.1.0", "it's/v1.1.0", "nightly"])
def test_a_release_that_was_tagged_anew_is_nobodys_base(server: Repo, tag: str) -> None:
    server.git("tag", "v1.0.0", "main~3")
    server.git("tag", tag, "main~1")
    clone = checkout(server, "main", None)
    clone.git("tag", tag, "HEAD~2")
    if tag == "nightly":
        assert releases(clone) == ["v1.0.0"]
        return
    failure = refused(clone, "tags")
    theirs, ours = (server.git("rev-parse", f"main~{number}")[:12] for number in (1, 2))
    assert failure.message == f"tag `{tag}` is {ours} here, and {theirs} in `origin`"
    pasted = failure.hint.split("`")[1].split()
    assert pasted[:3] == ["git", "fetch", "--force"]
    if "'" in tag:
        assert tag not in failure.hint
        return
    clone.git(*pasted[1:])
    assert releases(clone) == ["v1.1.0", "v1.0.0"]


def test_a_base_that_does_not_compile_gives_way_to_an_ancestor_that_is_fetched(server: Repo) -> None:
    server.commit({PATH: WRONG})
    server.commit({PATH: BROKEN})
    clone = checkout(server, "main", 2)
    without = clone.run("breaking", "--against", "HEAD^1")
    assert (without.code, without.err.splitlines()[1].partition(",")[0]) == (2, "add `--fetch`")
    done = clone.run("breaking", "--against", "HEAD^1", "--fetch")
    assert (done.code, done.rules) == (1, [TYPE])
    assert done.report["against"][0]["reason"] == "nearest valid ancestor of HEAD^1"


def test_both_sides_of_a_diff_are_fetched(server: Repo) -> None:
    clone = checkout(server, "main")
    assert "add `--fetch`" in clone.run("diff", "main..topic").err
    done = clone.run("diff", "main..topic", "--fetch", format="text")
    assert "mail" in done.out
    assert done.code == 0


# Clones of other kinds


def test_what_was_committed_here_alone_is_no_obstacle(server: Repo) -> None:
    clone = checkout(server, "topic")
    clone.commit({})
    assert only(clone, environ=MAIN).commit == server.git("merge-base", "main", "topic")


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_gets_what_it_left_out_at_once(server: Repo, tmp_path: Path, kind: str) -> None:
    server.git("config", "uploadpack.allowFilter", "true")
    server.commit(
        {
            f"acme/v1/other{number}.proto": f'syntax = "proto3";\npackage acme.v1;\nmessage M{number} {{}}\n'
            for number in range(5)
        }
    )
    server.commit({f"acme/v1/other{number}.proto": None for number in range(5)})
    clone = Repo(tmp_path / "clone")
    server.git("clone", "--quiet", f"--filter={kind}", f"file://{server.root}", str(clone.root))
    config = clone.git("config", "--list", "--local")
    without = clone.run("breaking", "--against", "HEAD^1")
    assert without.code == 2
    assert "partial clone" in without.err
    assert "add `--fetch`, or run `git fetch --refetch --no-filter origin`" in without.err
    done = clone.run("breaking", "--against", "HEAD^1", "--fetch", "--profile", "source")
    assert done.code == 1
    assert {"FILE_NO_DELETE"} <= set(done.rules)
    objects = "5 objects" if kind == "blob:none" else "1 object"  # the top directory, with all that is in it
    assert done.err == f"schemactl: fetched {objects} of `origin`: contents that this clone leaves out\n"
    assert clone.git("config", "--list", "--local") == config


def test_a_server_that_gives_no_commit_by_its_id_is_asked_for_branches(server: Repo) -> None:
    clone = checkout(server, "refs/pull/7/merge")
    clone.git("config", "protocol.version", "0")
    environ = merge_environ(server)
    base = server.git("rev-parse", "main")
    server.commit({})  # its base is no tip any more
    assert only(clone, environ=environ).commit == base
    assert clone.git("for-each-ref", "--format=%(refname)", "refs/remotes/origin") == "refs/remotes/origin/main"


def test_a_complete_clone_asks_nobody(server: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    server.git("clone", "--quiet", f"file://{server.root}", str(clone.root))
    clone.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")
    clone.git("switch", "--quiet", "topic")
    for spec, environ in ((None, MAIN), ("origin/topic", {}), ("HEAD~1", {})):
        assert asked(clone, spec, environ)[1] == []


def test_a_complete_clone_of_one_branch_stays_complete(server: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    server.git("clone", "--quiet", "--single-branch", "--branch=topic", f"file://{server.root}", str(clone.root))
    assert only(clone, environ=MAIN).commit == server.git("merge-base", "main", "topic")
    assert only(clone, "refs/pull/7/merge").commit == server.git("rev-parse", "refs/pull/7/merge")
    assert not git.is_shallow(_repository(clone, []))


@pytest.mark.parametrize("event", ["push", "merge request"])
def test_a_complete_clone_of_one_branch_may_still_lack_what_the_platform_names(
    server: Repo, tmp_path: Path, event: str
) -> None:
    dropped = server.git("rev-parse", "topic")
    server.git("update-ref", "refs/keep-around/dropped", dropped)
    server.git("config", "uploadpack.allowAnySHA1InWant", "true")
    server.git("update-ref", "refs/heads/topic", "topic~1")
    clone = Repo(tmp_path / "clone")
    branch = "main" if event == "push" else "topic"
    server.git("clone", "--quiet", "--single-branch", f"--branch={branch}", f"file://{server.root}", str(clone.root))
    if event == "push":
        environ = {"CI_COMMIT_SHA": clone.git("rev-parse", "HEAD"), "CI_COMMIT_BEFORE_SHA": dropped}
        assert only(clone, environ=environ) == Base(dropped[:12], dropped, "before the push")
    else:
        base = server.git("rev-parse", "main~2")
        environ = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        assert only(clone, environ=environ).revision == base[:12]


def test_what_is_there_is_not_cut_off(server: Repo) -> None:
    server.git("switch", "--quiet", "-c", "ahead", "main")
    _commits(server, 1)
    clone = checkout(server, "ahead", 4)
    had = count(clone, "HEAD")
    assert only(clone, "origin/main").commit == server.git("rev-parse", "main")
    assert count(clone, "HEAD") == had == 4


# A hostile or unlucky world


@pytest.mark.parametrize(
    "branch",
    [
        "main:refs/heads/evil", "*", "--upload-pack=touch evil", "a..b", "a b", "main\nevil", "@{u}",
        ":evil", "a/.b", "x.lock", "main^", "",
    ],
)  # fmt: skip
def test_a_branch_with_a_hostile_name_is_not_asked_for(server: Repo, branch: str) -> None:
    clone = checkout(server, "topic")
    before = state(clone)
    environ = {"CHANGE_TARGET": branch or "/"}
    message = refused(clone, environ=environ).message
    assert "is not the name of a branch, tag or commit" in message or "does not name a branch" in message
    assert state(clone) == before
    assert not list(clone.root.glob("**/*evil*"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://ci:hunter2-token@127.0.0.1:1/acme.git", "it cannot be reached"),
        ("file:///acme/gone.git", "there is no repository at its address"),
        ("ext::sh -c 'touch evil'", "its address is not one of https, http, ssh or file"),
        ("git://127.0.0.1:1/acme.git", "its address is not one of"),
    ],
)
def test_a_remote_that_does_not_answer_is_one_line_without_secrets(server: Repo, url: str, why: str) -> None:
    clone = checkout(server, "topic")
    clone.git("remote", "set-url", "origin", url)
    failure = refused(clone, environ=MAIN)
    assert failure.message.startswith("`origin` does not give the base of this pull request: ")
    assert why in failure.message
    assert "hunter2" not in failure.message + failure.hint
    assert not (clone.root / "evil").exists()


@pytest.mark.parametrize("branch", ["gone", "-x", "+main", "refs/pull/7/head"])
def test_a_base_branch_that_is_not_there_is_said(server: Repo, branch: str) -> None:
    clone = checkout(server, "topic")
    message = f"`origin` has no branch `{branch}`: the base of this pull request"
    assert refused(clone, environ=MAIN | {"GITHUB_BASE_REF": branch}).message == message


def test_a_clone_that_git_itself_cannot_deepen_is_to_be_cloned_anew(server: Repo) -> None:
    clone = checkout(server, "topic")
    with (clone.root / ".git" / "shallow").open("a") as ends:  # as `--shallow-since` leaves it
        ends.write(server.git("rev-parse", "main~1") + "\n")
    assert refused(clone, "HEAD~2").hint == "clone it anew, whole or with `--depth`"


def test_neither_hooks_nor_settings_add_to_what_is_fetched(server: Repo, tmp_path: Path) -> None:
    server.git("switch", "--quiet", "--orphan", "old")
    server.commit({PATH: USER})
    _commits(server, 200)
    server.git("branch", "change")
    _commits(server, 2)
    server.git("tag", "v1.0.0")
    server.git("switch", "--quiet", "change")
    _commits(server, 1)
    clone = checkout(server, "change")
    clone.git("update-ref", "refs/remotes/origin/stale", "HEAD")
    hook = clone.root / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    for setting in ("fetch.prune", "fetch.pruneTags", "fetch.writeCommitGraph"):
        clone.git("config", setting, "true")
    clone.git("config", "remote.origin.tagOpt", "--tags")
    (tmp_path / "ran").unlink(missing_ok=True)
    asked(clone, environ=MAIN | {"GITHUB_BASE_REF": "old"})
    refs = clone.git("for-each-ref", "--format=%(refname)").split()
    assert refs == ["refs/remotes/origin/old", "refs/remotes/origin/stale", "refs/remotes/pull/7/merge"]
    assert not (tmp_path / "ran").exists()
    assert not os.path.lexists(clone.root / ".git" / "objects" / "info" / "commit-graphs")
