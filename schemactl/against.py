"""What to compare with: the earlier state that a change of the schemas is judged against."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from schemactl import git, releases
from schemactl.errors import ToolError, UsageError
from schemactl.git import Repository

_NONE = "pass `--against none` to check without a comparison"


RELEASES = ("tags", "retained")  # values that mean several bases, the newest first


@dataclass(frozen=True, slots=True)
class Base:
    """`revision` as a person would write it, the `commit` it leads to, and the `reason` it was chosen for.

    `until` is the day up to which data of a release was written, None where it may still be: the next release was out
    then. On a topic it can be found until the topic's retention has passed since.
    """

    revision: str
    commit: str | None
    reason: str
    image: Path | None = None
    until: date | None = None


class _Platform(NamedTuple):
    """How a CI platform tells of a pull request: a variable and what it looks like then, and the base branch.

    `tip` names a commit of the base branch. `merge` tells that `commit` is the platform's merge of base and request,
    in this order.
    """

    event: tuple[str, str]
    branch: str
    tip: str = ""
    merge: tuple[str, str] = ("", ".")
    commit: str = ""


_PULL_MERGE = r"refs/pull/\d+/merge"
_PLATFORMS = (
    _Platform(
        ("GITHUB_EVENT_NAME", "pull_request(_target)?"),
        "GITHUB_BASE_REF",
        merge=("GITHUB_REF", _PULL_MERGE),
        commit="GITHUB_SHA",
    ),
    _Platform(
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ".+"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        tip="CI_MERGE_REQUEST_DIFF_BASE_SHA",
        merge=("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result|merge_train"),
        commit="CI_COMMIT_SHA",
    ),
    _Platform(
        ("BITBUCKET_PR_DESTINATION_BRANCH", ".+"),
        "BITBUCKET_PR_DESTINATION_BRANCH",
        tip="BITBUCKET_PR_DESTINATION_COMMIT",
    ),
    _Platform(("BUILDKITE_PULL_REQUEST", r"\d+"), "BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
    _Platform(
        ("BUILD_REASON", "PullRequest"),
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
        merge=("BUILD_SOURCEBRANCH", _PULL_MERGE),
        commit="BUILD_SOURCEVERSION",
    ),
    _Platform(("CHANGE_TARGET", ".+"), "CHANGE_TARGET"),
    _Platform(
        ("TRAVIS_PULL_REQUEST", r"\d+"), "TRAVIS_BRANCH", merge=("TRAVIS_PULL_REQUEST", r"\d+"), commit="TRAVIS_COMMIT"
    ),
    _Platform(("DRONE_BUILD_EVENT", "pull_request"), "DRONE_TARGET_BRANCH"),
    _Platform(("CI_PIPELINE_EVENT", "pull_request.*"), "CI_COMMIT_TARGET_BRANCH"),
)


def bases(
    repo: Repository | None,
    spec: str | None,
    *,
    head: str | None,
    pristine: Callable[[], bool],
    environ: Mapping[str, str],
    prefix: str = "",
) -> list[Base]:
    """What `--against spec` means for a state based on commit `head`, which it equals if `pristine()`.

    Empty when nothing is to be compared: `none`, or no earlier commit. With `tag:latest`, `tags` and `retained`,
    versions are the tags `PREFIX/v1.2.3` if there are any, else `v1.2.3`, else those of the only other prefix. Which
    releases are `retained` is still to be told (`retained`): the topics say so.
    """
    if spec == "none":
        return []
    if spec is not None and spec.startswith("image:"):
        return [_image(spec)]
    if repo is None:
        raise ToolError("this is not the working tree of a git repository: there is nothing to compare with", _NONE)
    if spec is None:
        found = _default(repo, head, pristine, environ) if head else None
        return [found] if found else []
    one = spec == "tag:latest"
    if not one and spec not in RELEASES and not spec.startswith("merge-base:"):
        return [Base(spec, git.resolve(repo, spec), "given")]
    if head is None:
        raise ToolError(f"`--against {spec}` needs a commit, and there is none yet", _NONE)
    if spec.startswith("merge-base:"):
        revision = spec.removeprefix("merge-base:")
        return [_merge_base(repo, head, revision, git.resolve(repo, revision))]
    versions = releases.earlier(repo, head, pristine, prefix)
    return [Base(each.tag, each.commit, spec, until=each.until) for each in (versions[:1] if one else versions)]


def retained(bases: list[Base], retention: timedelta | None, today: date) -> list[Base]:
    """Those of the releases whose data can still be there; without a retention it never goes."""
    if retention is None:
        return bases
    days = min(retention // timedelta(days=1) + 1, (today - date.min).days)  # a day has begun when it is counted
    first = today - timedelta(days=days)
    return [base for base in bases if base.until is None or base.until >= first]


def in_pull_request(environ: Mapping[str, str]) -> bool:
    """Whether a CI platform says that it judges a pull request."""
    return any(_branch(platform, environ) for platform in _PLATFORMS)


def governing(repo: Repository, head: str | None, environ: Mapping[str, str]) -> Base | None:
    """The tip of a pull request's base branch: a change does not choose its policy by where it branched off."""
    for platform in _PLATFORMS:
        if head and (branch := _branch(platform, environ)):
            return _tip(repo, head, platform, branch.removeprefix("refs/heads/"), environ)
    return None


def _branch(platform: _Platform, environ: Mapping[str, str]) -> str:
    """The pull request's base branch, if the platform names one."""
    return environ.get(platform.branch, "") if _told(environ, platform.event) else ""


def _image(spec: str) -> Base:
    path = Path(spec.removeprefix("image:"))
    if not path.is_file():
        raise UsageError(f"`{path}` is not a file", "give a descriptor set: `--against image:FILE`")
    return Base(spec, None, "given", path)


def _merge_base(repo: Repository, head: str, revision: str, tip: str, reason: str = "") -> Base:
    commit = git.merge_base(repo, head, tip)
    if commit is None:
        raise ToolError(f"`{revision}` has no commit in common with what is checked", f"name another, or {_NONE}")
    return Base(revision, commit, reason or f"merge-base of {revision}")


def _default(repo: Repository, head: str, pristine: Callable[[], bool], environ: Mapping[str, str]) -> Base | None:
    for platform in _PLATFORMS:
        if branch := _branch(platform, environ):
            return _pull_request(repo, head, platform, branch.removeprefix("refs/heads/"), environ)
    name = git.remote_default(repo)
    if name is None:
        return _previous(repo, head) if pristine() else Base(_name(repo, head), head, "last commit")
    # By its full name: a tag called `origin/main` would win otherwise.
    base = _merge_base(repo, head, name, git.resolve(repo, f"refs/remotes/{name}"))
    if base.commit != head or not pristine():
        return base
    return _pushed(repo, head, environ) or _previous(repo, head)


def _told(environ: Mapping[str, str], sign: tuple[str, str]) -> bool:
    variable, pattern = sign
    return bool(re.fullmatch(pattern, environ.get(variable, "")))


def _pull_request(repo: Repository, head: str, platform: _Platform, branch: str, environ: Mapping[str, str]) -> Base:
    reason = f"pull request base {branch}"
    if base := _merged(repo, head, platform, branch, environ):
        return base
    if tip := git.lookup(repo, environ.get(platform.tip, "")):
        return _merge_base(repo, head, tip[:12], tip, reason)
    tip, ref = _fetched(repo, branch)
    return _merge_base(repo, head, ref, tip, reason)


def _tip(repo: Repository, head: str, platform: _Platform, branch: str, environ: Mapping[str, str]) -> Base:
    if base := _merged(repo, head, platform, branch, environ):
        return base
    try:
        tip, ref = _fetched(repo, branch)
    except ToolError:
        tip = git.lookup(repo, environ.get(platform.tip, "")) or ""
        if not tip:
            raise
        ref = tip[:12]
    return Base(ref, tip, f"pull request base {branch}")


def _merged(repo: Repository, head: str, platform: _Platform, branch: str, environ: Mapping[str, str]) -> Base | None:
    """The base that the platform itself has merged the request with, if that is what is checked."""
    if not (_told(environ, platform.merge) and environ.get(platform.commit) == head):
        return None
    parents = git.parents(repo, head)
    if len(parents) < 2:
        return None
    base = _present(repo, parents[0], f"the pull request's base `{branch}`")
    return Base(f"{_name(repo, head)}^1", base, f"pull request base {branch}")


def _fetched(repo: Repository, branch: str) -> tuple[str, str]:
    """Tip and name of the base branch, as the clone knows it."""
    ref = f"{git.remote(repo) or 'origin'}/{branch}"
    if tip := git.lookup(repo, f"refs/remotes/{ref}"):
        return tip, ref
    raise ToolError(f"`{ref}`, the base of this pull request, is not in this clone", git.fetch_remedy(repo, branch))


def _pushed(repo: Repository, head: str, environ: Mapping[str, str]) -> Base | None:
    """What the branch was before the push that CI runs for.

    None when the platform names no such commit (all zeros: a new branch or a tag), and when a complete clone does not
    have it: a forced push has dropped it. A shallow clone cannot tell, and is told what to fetch.
    """
    before = _before(head, environ)
    if not re.fullmatch(r"[0-9a-f]{40,64}", before) or not before.strip("0") or before == head:
        return None
    if not git.is_shallow(repo) and not git.lookup(repo, before):
        return None
    return Base(before[:12], _present(repo, before, "the commit before this push"), "before the push")


def _before(head: str, environ: Mapping[str, str]) -> str:
    if environ.get("CI_COMMIT_SHA") == head:
        return environ.get("CI_COMMIT_BEFORE_SHA", "")
    path = environ.get("GITHUB_EVENT_PATH")
    if not path or environ.get("GITHUB_EVENT_NAME") != "push" or environ.get("GITHUB_SHA") != head:
        return ""
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        raise ToolError(f"GITHUB_EVENT_PATH is not a readable file: {path}", "pass `--against REVISION`") from None
    return str(event.get("before") or "") if isinstance(event, dict) else ""


def _previous(repo: Repository, head: str) -> Base | None:
    name = f"{_name(repo, head)}^1"
    base = next(iter(git.parents(repo, head)), None)
    return Base(name, _present(repo, base, f"`{name}`"), "previous commit") if base else None


def _present(repo: Repository, commit: str, what: str) -> str:
    if not git.lookup(repo, commit):
        remedy = f"run `git fetch --no-tags --depth=1 {git.remote(repo) or 'origin'} {commit}`"
        raise ToolError(f"{what} is not in this clone", f"{remedy} (GitHub Actions: `fetch-depth: 0`)")
    return commit


def _name(repo: Repository, head: str) -> str:
    return "HEAD" if head == git.head(repo) else head[:12]
