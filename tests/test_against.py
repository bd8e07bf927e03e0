"""against.py: what every kind of clone is compared with, and the remedy where that cannot be told."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from schemactl import git
from schemactl.against import Base, bases, governing, in_pull_request
from schemactl.errors import Failure, Missing, ToolError, UsageError

NUMBERS = itertools.count()
CONFIG = {"user.name": "acme", "user.email": "dev@acme.example", "init.defaultBranch": "main"}
ZERO = "0" * 40


def run(cwd: Path, *argv: str) -> str:
    flags = [word for key, value in CONFIG.items() for word in ("-c", f"{key}={value}")]
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    env = {**kept, "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *flags, *argv], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(root: Path, *tags: str) -> str:
    run(root, "commit", "--quiet", "--allow-empty", "-m", f"change {next(NUMBERS)}")
    for tag in tags:
        run(root, "tag", tag)
    return run(root, "rev-parse", "HEAD")


def asked(
    root: Path,
    spec: str | None = None,
    environ: dict[str, str] | None = None,
    *,
    pristine: bool = True,
    prefix: str = "",
) -> list[Base]:
    repo = git.discover(root)
    assert repo is not None
    return bases(repo, spec, head=git.head(repo), pristine=lambda: pristine, environ=environ or {}, prefix=prefix)


def only(root: Path, spec: str | None = None, environ: dict[str, str] | None = None, *, pristine: bool = True) -> Base:
    [base] = asked(root, spec, environ, pristine=pristine)
    return base


def refused(root: Path, spec: str | None = None, environ: dict[str, str] | None = None) -> Failure:
    with pytest.raises(Failure) as error:
        asked(root, spec, environ)
    assert "\n" not in error.value.message + error.value.hint
    return error.value


def follow(root: Path, failure: Failure) -> None:
    """Do what the hint says: its first command in backticks."""
    words = shlex.split(failure.hint.split("`")[1])
    assert words[0] == "git", failure.hint
    run(root, *words[1:])


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    root = tmp_path / "upstream"
    root.mkdir()
    run(root, "init", "--quiet")
    return root


def cloned(upstream: Path, *flags: str) -> Path:
    target = upstream.parent / "clone"
    run(upstream.parent, "clone", "--quiet", *flags, f"file://{upstream}", str(target))
    return target


def test_none_compares_with_nothing_even_without_git() -> None:
    assert bases(None, "none", head=None, pristine=lambda: True, environ={}) == []


def test_a_directory_without_git_has_nothing_to_compare_with() -> None:
    with pytest.raises(ToolError, match="not the working tree of a git repository") as error:
        bases(None, None, head=None, pristine=lambda: True, environ={})
    assert "`--against none`" in error.value.hint


def test_an_image_needs_no_git(tmp_path: Path) -> None:
    (tmp_path / "old.binpb").write_bytes(b"")
    spec = f"image:{tmp_path}/old.binpb"
    expected = Base(spec, None, "given", tmp_path / "old.binpb")
    assert bases(None, spec, head=None, pristine=lambda: True, environ={}) == [expected]
    with pytest.raises(UsageError, match="is not a file"):
        bases(None, "image:gone", head=None, pristine=lambda: True, environ={})


def test_a_revision_is_taken_as_it_is(upstream: Path) -> None:
    first, _ = commit(upstream), commit(upstream)
    assert only(upstream, "HEAD~1") == Base("HEAD~1", first, "given")
    assert only(upstream, first[:8]).commit == first


@pytest.mark.parametrize("spec", ["--output=x", "a..b", "^main", "merge-base:main..x", "merge-base:--all"])
def test_options_and_ranges_are_refused(upstream: Path, spec: str) -> None:
    commit(upstream)
    assert "is not one revision" in refused(upstream, spec).message


def test_a_merge_base_is_found_by_name(upstream: Path) -> None:
    fork = commit(upstream)
    run(upstream, "branch", "old")
    commit(upstream)
    run(upstream, "switch", "--quiet", "old")
    commit(upstream)
    assert only(upstream, "merge-base:main") == Base("main", fork, "merge-base of main")


def test_histories_with_nothing_in_common_are_refused(upstream: Path) -> None:
    commit(upstream)
    run(upstream, "switch", "--quiet", "--orphan", "alone")
    commit(upstream)
    assert "`main` has no commit in common" in refused(upstream, "merge-base:main").message


def test_without_a_commit_there_is_nothing_earlier(upstream: Path) -> None:
    assert asked(upstream, pristine=False) == []
    assert "there is none yet" in refused(upstream, "merge-base:main").message
    assert "there is none yet" in refused(upstream, "tag:latest").message


def test_the_first_commit_has_nothing_earlier(upstream: Path) -> None:
    commit(upstream)
    assert asked(upstream) == []
    assert asked(cloned(upstream)) == []


def test_without_a_remote_changes_are_compared_with_the_last_commit_and_else_with_the_one_before(
    upstream: Path,
) -> None:
    first, second = commit(upstream), commit(upstream)
    assert only(upstream, pristine=False) == Base("HEAD", second, "last commit")
    assert only(upstream) == Base("HEAD^1", first, "previous commit")


def test_a_remote_never_fetched_from_is_no_remote(upstream: Path) -> None:
    first, _ = commit(upstream), commit(upstream)
    run(upstream, "remote", "add", "origin", "https://acme.example/schemas.git")
    assert only(upstream).commit == first


def test_a_branch_is_compared_with_where_it_left_the_default_branch(upstream: Path) -> None:
    commit(upstream)
    fork = commit(upstream)
    clone = cloned(upstream)
    commit(upstream)
    run(clone, "switch", "--quiet", "--create", "topic")
    for _ in range(2):
        commit(clone)
    run(clone, "fetch", "--quiet")
    assert only(clone) == Base("origin/main", fork, "merge-base of origin/main")


def test_a_tag_called_like_the_remote_branch_does_not_stand_in_for_it(upstream: Path) -> None:
    fork = commit(upstream)
    clone = cloned(upstream)
    commit(clone)
    commit(clone, "origin/main")
    assert only(clone).commit == fork


def test_the_default_branch_itself_is_compared_with_its_previous_commit_unless_modified(upstream: Path) -> None:
    first, second = commit(upstream), commit(upstream)
    clone = cloned(upstream)
    assert only(clone) == Base("HEAD^1", first, "previous commit")
    assert only(clone, pristine=False) == Base("origin/main", second, "merge-base of origin/main")


def test_an_older_commit_when_detached_is_compared_with_its_own_parent(upstream: Path) -> None:
    first, _, _ = commit(upstream), commit(upstream), commit(upstream)
    clone = cloned(upstream)
    run(clone, "checkout", "--quiet", "HEAD~1")
    assert only(clone).commit == first


def test_another_revision_than_head_is_compared_with_its_own_parent(upstream: Path) -> None:
    first, second, _ = commit(upstream), commit(upstream), commit(upstream)
    repo = git.discover(upstream)
    [base] = bases(repo, None, head=second, pristine=lambda: True, environ={})
    assert base == Base(f"{second[:12]}^1", first, "previous commit")


def test_a_worktree_and_a_subdirectory_are_compared_alike(upstream: Path, tmp_path: Path) -> None:
    fork = commit(upstream)
    clone = cloned(upstream)
    run(clone, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "wt"))
    commit(tmp_path / "wt")
    (tmp_path / "wt" / "a" / "b").mkdir(parents=True)
    assert only(tmp_path / "wt" / "a" / "b") == Base("origin/main", fork, "merge-base of origin/main")


def test_a_submodule_has_a_remote_of_its_own(upstream: Path, tmp_path: Path) -> None:
    fork = commit(upstream)
    outer = tmp_path / "outer"
    run(tmp_path, "init", "--quiet", "outer")
    run(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{upstream}", "sub")
    commit(outer)
    commit(outer / "sub")
    assert only(outer / "sub").commit == fork
    assert asked(outer) == []


def test_a_clone_of_one_branch_is_told_to_fetch_the_default_one(upstream: Path) -> None:
    fork = commit(upstream)
    run(upstream, "switch", "--quiet", "--create", "topic")
    commit(upstream)
    run(upstream, "switch", "--quiet", "main")
    clone = cloned(upstream, "--single-branch", "--branch=topic")
    failure = refused(clone)
    assert failure.hint == "run `git fetch --no-tags origin main:refs/remotes/origin/main`"
    follow(clone, failure)
    assert only(clone).commit == fork


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_of_a_branch_is_told_what_to_fetch(upstream: Path, depth: int) -> None:
    fork = commit(upstream)
    run(upstream, "switch", "--quiet", "--create", "topic")
    for _ in range(3):
        commit(upstream)
    run(upstream, "switch", "--quiet", "main")
    clone = cloned(upstream, f"--depth={depth}", "--branch=topic")
    failure = refused(clone)
    assert "--unshallow --tags origin main:refs/remotes/origin/main`" in failure.hint
    follow(clone, failure)
    assert only(clone).commit == fork


def test_a_shallow_clone_whose_histories_do_not_meet_is_told_to_deepen(upstream: Path) -> None:
    fork = commit(upstream)
    run(upstream, "branch", "topic")
    commit(upstream)
    run(upstream, "switch", "--quiet", "topic")
    commit(upstream)
    clone = cloned(upstream, "--depth=1", "--no-single-branch", "--branch=topic")
    run(clone, "remote", "set-head", "origin", "main")
    failure = refused(clone)
    assert "cut off: this clone is shallow" in failure.message
    follow(clone, failure)
    assert only(clone).commit == fork


def test_a_shallow_boundary_is_not_mistaken_for_the_first_commit(upstream: Path) -> None:
    first, _ = commit(upstream), commit(upstream)
    clone = cloned(upstream, "--depth=1")
    failure = refused(clone)
    assert failure.message == "`HEAD^1` is not in this clone"
    assert "fetch-depth: 0" in failure.hint
    follow(clone, failure)
    assert only(clone) == Base("HEAD^1", first, "previous commit")


GITHUB_PULL = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}
TEST_MERGE = [
    GITHUB_PULL | {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": "HEAD"},
    {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
        "CI_COMMIT_SHA": "HEAD",
    },
    {
        "BUILD_REASON": "PullRequest",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
        "BUILD_SOURCEVERSION": "HEAD",
    },
    {"TRAVIS_PULL_REQUEST": "7", "TRAVIS_BRANCH": "main", "TRAVIS_COMMIT": "HEAD"},
]
PULL_REQUEST = [
    GITHUB_PULL,
    GITHUB_PULL | {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_SHA": "HEAD"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40},
    {"BITBUCKET_PR_DESTINATION_BRANCH": "main"},
    {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
    {"BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"},
    {"CHANGE_TARGET": "main"},
    {"TRAVIS_PULL_REQUEST": "7", "TRAVIS_BRANCH": "main"},
    {"DRONE_BUILD_EVENT": "pull_request", "DRONE_TARGET_BRANCH": "main"},
    {"CI_PIPELINE_EVENT": "pull_request", "CI_COMMIT_TARGET_BRANCH": "main"},
]


def pull_request(upstream: Path) -> tuple[str, str]:
    """A branch `topic` with a merge into `main` checked out, as platforms test it; (where it forked, tip of main)."""
    fork = commit(upstream)
    run(upstream, "branch", "topic")
    tip = commit(upstream)
    run(upstream, "switch", "--quiet", "topic")
    commit(upstream)
    run(upstream, "switch", "--quiet", "--create", "test-merge", "main")
    run(upstream, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    return fork, tip


@pytest.mark.parametrize("environ", PULL_REQUEST)
def test_a_pull_request_is_compared_with_where_it_left_its_base(upstream: Path, environ: dict[str, str]) -> None:
    fork, _ = pull_request(upstream)
    run(upstream, "branch", "--move", "test-merge", "trunk")
    clone = cloned(upstream)
    run(clone, "switch", "--quiet", "topic")
    assert only(clone, environ=environ) == Base("origin/main", fork, "pull request base main")


@pytest.mark.parametrize("environ", TEST_MERGE)
def test_the_platforms_test_merge_is_compared_with_its_first_parent(upstream: Path, environ: dict[str, str]) -> None:
    _, tip = pull_request(upstream)
    environ = {key: run(upstream, "rev-parse", value) if value == "HEAD" else value for key, value in environ.items()}
    clone = cloned(upstream, "--depth=2", "--branch=test-merge")
    assert git.lookup(git.Repository(clone, clone / ".git"), "origin/main") is None
    assert only(clone, environ=environ) == Base("HEAD^1", tip, "pull request base main")


def test_a_fast_forward_in_place_of_a_test_merge_is_compared_with_the_merge_base(upstream: Path) -> None:
    fork = commit(upstream)
    run(upstream, "branch", "topic")
    run(upstream, "switch", "--quiet", "topic")
    for _ in range(2):
        commit(upstream)
    run(upstream, "switch", "--quiet", "main")
    clone = cloned(upstream, "--branch=topic")
    environ = TEST_MERGE[1] | {"CI_COMMIT_SHA": run(clone, "rev-parse", "HEAD")}
    assert only(clone, environ=environ) == Base("origin/main", fork, "pull request base main")
    run(clone, "checkout", "--quiet", fork)
    assert only(clone, environ=environ | {"CI_COMMIT_SHA": fork}).commit == fork


def test_a_test_merge_cut_off_from_its_parents_is_told_to_fetch_the_base(upstream: Path) -> None:
    _, tip = pull_request(upstream)
    clone = cloned(upstream, "--depth=1", "--branch=test-merge")
    environ = GITHUB_PULL | {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": run(clone, "rev-parse", "HEAD")}
    failure = refused(clone, environ=environ)
    assert failure.message == "the pull request's base `main` is not in this clone"
    follow(clone, failure)
    assert only(clone, environ=environ).commit == tip


def test_a_merge_made_by_a_person_is_not_the_platforms(upstream: Path) -> None:
    fork, tip = pull_request(upstream)
    run(upstream, "switch", "--quiet", "topic")
    run(upstream, "merge", "--quiet", "--no-ff", "-m", "take main in", "main")
    clone = cloned(upstream)
    environ = GITHUB_PULL | {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": fork}
    assert only(clone, environ=environ).commit == tip


@pytest.mark.parametrize("environ", PULL_REQUEST)
def test_a_pull_request_without_its_base_is_told_to_fetch_it(upstream: Path, environ: dict[str, str]) -> None:
    fork, _ = pull_request(upstream)
    clone = cloned(upstream, "--depth=1", "--branch=topic")
    failure = refused(clone, environ=environ)
    assert failure.message == "`origin/main`, the base of this pull request, is not in this clone"
    assert failure.hint == "run `git fetch --unshallow --tags origin main:refs/remotes/origin/main`"
    follow(clone, failure)
    assert only(clone, environ=environ).commit == fork


@pytest.mark.parametrize("name", ["CI_MERGE_REQUEST_DIFF_BASE_SHA", "BITBUCKET_PR_DESTINATION_COMMIT"])
def test_a_base_commit_named_by_the_platform_needs_no_branch(upstream: Path, name: str) -> None:
    fork, _ = pull_request(upstream)
    clone = cloned(upstream, "--depth=2", "--branch=topic")
    branch = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME" if name.startswith("CI") else "BITBUCKET_PR_DESTINATION_BRANCH"
    assert only(clone, environ={name: fork, branch: "main"}) == Base(fork[:12], fork, "pull request base main")


@pytest.mark.parametrize("branch", ["--output=x", "../../HEAD", "a..b", "main:x", "::error::"])
def test_a_base_branch_with_an_odd_name_is_only_not_found(upstream: Path, branch: str) -> None:
    commit(upstream)
    clone = cloned(upstream)
    assert "is not in this clone" in refused(clone, environ={"CHANGE_TARGET": branch}).message
    assert not (clone / "x").exists()


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_EVENT_NAME": "push", "GITHUB_BASE_REF": ""},
        {"BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": ""},
        {"TRAVIS_PULL_REQUEST": "false", "TRAVIS_BRANCH": "other"},
        {"BUILD_REASON": "IndividualCI"},
        {"CI_PIPELINE_EVENT": "push", "CI_COMMIT_TARGET_BRANCH": ""},
    ],
)
def test_a_build_of_a_branch_is_no_pull_request(upstream: Path, environ: dict[str, str]) -> None:
    first, _ = commit(upstream), commit(upstream)
    assert only(cloned(upstream), environ=environ) == Base("HEAD^1", first, "previous commit")


def event(clone: Path, told: object) -> str:
    path = clone.parent / "event.json"
    path.write_text(json.dumps(told))
    return str(path)


@pytest.mark.parametrize("name", ["pull_request_review", "pull_request_review_comment"])
def test_a_pull_request_is_one_whatever_event_it_is_checked_for(upstream: Path, name: str) -> None:
    fork, tip = pull_request(upstream)
    clone = cloned(upstream, "--branch=test-merge")
    repo, head = git.Repository(clone, clone / ".git"), run(clone, "rev-parse", "HEAD")
    environ = {"GITHUB_EVENT_NAME": name, "GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": head}
    assert in_pull_request(environ)
    assert only(clone, environ=environ) == governing(repo, head, environ) == Base("HEAD^1", tip, "pull request base")
    run(clone, "checkout", "--quiet", "origin/topic")
    assert "the event names no base" in refused(clone, environ=environ).message
    environ["GITHUB_EVENT_PATH"] = event(clone, {"pull_request": {"base": {"ref": "main"}}})
    assert only(clone, environ=environ) == Base("origin/main", fork, "pull request base main")


def test_a_merge_queue_says_what_is_compared_with_and_whose_policy_rules(upstream: Path) -> None:
    _, base, _, _ = (commit(upstream) for _ in range(4))
    clone = cloned(upstream)
    repo, head = git.Repository(clone, clone / ".git"), run(clone, "rev-parse", "HEAD")
    told = {"merge_group": {"base_sha": base}}
    environ = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7-1"}
    environ |= {"GITHUB_SHA": head, "GITHUB_EVENT_PATH": event(clone, told)}
    assert in_pull_request(environ)
    assert only(clone, environ=environ) == governing(repo, head, environ) == Base(base[:12], base, "merge group base")


def test_what_a_merge_queue_is_based_on_is_fetched_if_asked_and_else_told(upstream: Path) -> None:
    base, _ = commit(upstream), commit(upstream)
    clone = cloned(upstream, "--depth=1")
    environ = {
        "GITHUB_EVENT_NAME": "merge_group",
        "GITHUB_EVENT_PATH": event(clone, {"merge_group": {"base_sha": base}}),
    }
    repo = git.Repository(clone, clone / ".git")
    with pytest.raises(Missing, match="the base of this merge group is not in this clone"):
        governing(repo, run(clone, "rev-parse", "HEAD"), environ)
    repo = replace(repo, fetch=lambda _: None)
    found = governing(repo, run(clone, "rev-parse", "HEAD"), environ)
    assert found == Base(base[:12], base, "merge group base")


@pytest.mark.parametrize("sha", [None, "", "main", "--output=x", "HEAD", 7, "1" * 39])
def test_a_merge_queue_that_names_no_commit_has_no_verdict(upstream: Path, sha: object) -> None:
    commit(upstream)
    clone = cloned(upstream)
    path = event(clone, {"merge_group": {"base_sha": sha}})
    environ = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": path}
    assert "the event names no commit" in refused(clone, environ=environ).message
    assert "the event names no commit" in refused(clone, environ=environ | {"GITHUB_EVENT_PATH": ""}).message


def pushed(clone: Path, before: object, kind: str, **more: str) -> dict[str, str]:
    head = run(clone, "rev-parse", "HEAD")
    if kind == "gitlab":
        return {"CI_COMMIT_SHA": head, "CI_COMMIT_BEFORE_SHA": str(before), **more}
    event = clone.parent / "event.json"
    event.write_text(json.dumps({"before": before}))
    return {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": head, "GITHUB_EVENT_PATH": str(event), **more}


KINDS = pytest.mark.parametrize("kind", ["github", "gitlab"])


@KINDS
def test_a_push_is_compared_with_what_was_before_it(upstream: Path, kind: str) -> None:
    first, _, _ = commit(upstream), commit(upstream), commit(upstream)
    clone = cloned(upstream)
    environ = pushed(clone, first, kind)
    assert only(clone, environ=environ) == Base(first[:12], first, "before the push")
    assert only(clone, pristine=False, environ=environ).reason == "merge-base of origin/main"


@KINDS
@pytest.mark.parametrize("before", [ZERO, "0" * 64, "", "HEAD", "--output=x", "HEAD^{/x}"])
def test_a_push_with_nothing_before_it_is_compared_with_the_previous_commit(
    upstream: Path, kind: str, before: str
) -> None:
    second = [commit(upstream) for _ in range(3)][1]
    clone = cloned(upstream)
    assert only(clone, environ=pushed(clone, before, kind)) == Base("HEAD^1", second, "previous commit")


@KINDS
def test_a_new_branch_in_a_shallow_clone_is_compared_with_the_previous_commit(upstream: Path, kind: str) -> None:
    second = [commit(upstream) for _ in range(3)][1]
    clone = cloned(upstream, "--depth=2")
    assert only(clone, environ=pushed(clone, ZERO, kind)).commit == second


@KINDS
def test_a_forced_push_is_compared_with_the_previous_commit(upstream: Path, kind: str) -> None:
    first, _ = commit(upstream), commit(upstream)
    clone = cloned(upstream)
    assert only(clone, environ=pushed(clone, "1" * 40, kind)).commit == first


@KINDS
def test_a_shallow_clone_of_a_push_is_told_to_fetch_what_was_before(upstream: Path, kind: str) -> None:
    first, _, _ = commit(upstream), commit(upstream), commit(upstream)
    clone = cloned(upstream, "--depth=1")
    environ = pushed(clone, first, kind)
    failure = refused(clone, environ=environ)
    assert failure.message == "the commit before this push is not in this clone"
    follow(clone, failure)
    assert only(clone, environ=environ).commit == first


def test_the_push_of_another_commit_is_no_news_of_this_one(upstream: Path) -> None:
    first, second, _ = commit(upstream), commit(upstream), commit(upstream)
    clone = cloned(upstream)
    assert only(clone, environ=pushed(clone, first, "github", GITHUB_SHA=first)).commit == second


def test_an_event_that_cannot_be_read_is_said(upstream: Path) -> None:
    commit(upstream)
    clone = cloned(upstream)
    assert (
        "GITHUB_EVENT_PATH" in refused(clone, environ=pushed(clone, ZERO, "github", GITHUB_EVENT_PATH="/gone")).message
    )
    assert asked(clone, environ=pushed(clone, None, "github")) == []


def test_the_latest_tag_is_the_highest_stable_version_merged(upstream: Path) -> None:
    commit(upstream, "v1.9.0")
    latest = commit(upstream)
    run(upstream, "tag", "-a", "-m", "release", "v1.10.0")
    tags = ["vNext", "v2", "v2.0", "v2.0.0-rc.1", "v02.0.0", "v2.0.0.0", "v2.0.0+x", "version/2.0.0x", "v\uff12.0.0"]
    commit(upstream, *tags)
    run(upstream, "switch", "--quiet", "--create", "release")
    commit(upstream, "v3.0.0")
    run(upstream, "switch", "--quiet", "main")
    commit(upstream)
    assert only(upstream, "tag:latest") == Base("v1.10.0", latest, "tag:latest")
    assert [base.revision for base in asked(upstream, "tags")] == ["v1.10.0", "v1.9.0"]


def test_a_release_is_compared_with_the_one_before_and_changes_to_it_with_itself(upstream: Path) -> None:
    first = commit(upstream, "v1.0.0")
    second = commit(upstream, "v1.1.0")
    assert only(upstream, "tag:latest") == Base("v1.0.0", first, "tag:latest")
    assert only(upstream, "tag:latest", pristine=False) == Base("v1.1.0", second, "tag:latest")


def test_versions_go_by_their_prefix(upstream: Path) -> None:
    commit(upstream, "users/v1.0.0")
    commit(upstream)
    assert only(upstream, "tag:latest").revision == "users/v1.0.0"
    run(upstream, "tag", "a/b/v2.0.0", "HEAD~1")
    assert refused(upstream, "tag:latest").message == "version tags have several prefixes: a/b, users"
    assert [base.revision for base in asked(upstream, "tags", prefix="users")] == ["users/v1.0.0"]
    run(upstream, "tag", "v0.1.0", "HEAD~1")
    assert only(upstream, "tag:latest").revision == "v0.1.0"
    assert [base.revision for base in asked(upstream, "tag:latest", prefix="users")] == ["users/v1.0.0"]


@pytest.mark.parametrize("spec", ["tags", "tag:latest"])
def test_without_an_earlier_version_there_is_no_verdict(upstream: Path, spec: str) -> None:
    commit(upstream, "v1.0.0")
    failure = refused(upstream, spec)
    assert "no earlier tag" in failure.message
    assert "`--against none`" in failure.hint


def test_tags_of_a_shallow_clone_are_not_trusted(upstream: Path) -> None:
    commit(upstream, "v1.0.0")
    commit(upstream, "v0.9.0")
    commit(upstream)
    clone = cloned(upstream, "--depth=2")
    failure = refused(clone, "tag:latest")
    assert "tags may be missing" in failure.message
    follow(clone, failure)
    assert only(clone, "tag:latest").revision == "v1.0.0"


def test_a_sha256_repository_is_compared_with_a_named_revision(tmp_path: Path) -> None:
    run(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
    first, _ = commit(tmp_path / "repo"), commit(tmp_path / "repo")
    assert only(tmp_path / "repo", "HEAD~1").commit == first
