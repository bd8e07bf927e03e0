"""What to compare with: the earlier state that a change of the schemas is judged against."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from schemactl import git, platforms, releases
from schemactl.errors import Missing, ToolError, UsageError
from schemactl.git import Repository
from schemactl.platforms import Platform, Pull

_NONE = "pass `--against none` to check without a comparison"
_PULLED = "the base of this pull request"
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


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
    """Whether a CI platform says that it judges a pull request, or some that are about to be merged."""
    return platforms.queued(environ) or platforms.pull(environ) is not None


def governing(repo: Repository, head: str | None, environ: Mapping[str, str]) -> Base | None:
    """The tip of a pull request's base branch: a change does not choose its policy by where it branched off."""
    if head is None:
        return None
    if queued := _queued(repo, environ):
        return queued
    pull = platforms.pull(environ)
    return _tip(repo, head, pull, environ) if pull else None


def _queued(repo: Repository, environ: Mapping[str, str]) -> Base | None:
    """What a merge queue has put the pull requests on."""
    if not platforms.queued(environ):
        return None
    named = platforms.within(platforms.event(environ), "merge_group", "base_sha")
    if not _OID.fullmatch(named):
        hint = "leave GITHUB_EVENT_PATH as GitHub sets it"
        raise ToolError("GITHUB_EVENT_NAME is `merge_group`, and the event names no commit as its base", hint)
    return Base(named[:12], _present(repo, named, "the base of this merge group"), "merge group base")


def _image(spec: str) -> Base:
    path = Path(spec.removeprefix("image:"))
    if not path.is_file():
        raise UsageError(
            f"`{path}` is not a file",
            "make a descriptor set with `buf build -o FILE`, and name that: `--against image:FILE`",
        )
    return Base(spec, None, "given", path)


def _merge_base(repo: Repository, head: str, revision: str, tip: str, reason: str = "") -> Base:
    commit = git.merge_base(repo, head, tip)
    if commit is None:
        raise ToolError(
            f"`{revision}` has no commit in common with what is checked", f"name another revision, or {_NONE}"
        )
    return Base(revision, commit, reason or f"merge-base of {revision}")


def _default(repo: Repository, head: str, pristine: Callable[[], bool], environ: Mapping[str, str]) -> Base | None:
    if queued := _queued(repo, environ):
        return queued
    if pull := platforms.pull(environ):
        return _pull_request(repo, head, pull, environ)
    name = git.remote_default(repo)
    if name is None:
        return _previous(repo, head) if pristine() else Base(_name(repo, head), head, "last commit")
    # By its full name: a tag called `origin/main` would win otherwise.
    base = _merge_base(repo, head, name, git.resolve(repo, f"refs/remotes/{name}"))
    if base.commit != head or not pristine():
        return base
    return _pushed(repo, head, environ) or _previous(repo, head)


def _pull_request(repo: Repository, head: str, pull: Pull, environ: Mapping[str, str]) -> Base:
    if base := _merged(repo, head, pull, environ):
        return base
    if named := _named(repo, pull.platform, pull.branch, environ):
        return _merge_base(repo, head, named[:12], named, _reason(pull))
    tip, ref = _tip_of(repo, pull.branch)
    return _merge_base(repo, head, ref, tip, _reason(pull))


def _reason(pull: Pull) -> str:
    return f"pull request base {pull.branch}".rstrip()


def _named(repo: Repository, platform: Platform, branch: str, environ: Mapping[str, str]) -> str | None:
    """The commit of the base branch that the platform names, if there is one to be had."""
    named = environ.get(platform.tip, "")
    if _OID.fullmatch(named):
        with suppress(git.Absent):
            git.present(repo, named, _PULLED, branch)
    return git.lookup(repo, named)


def _tip(repo: Repository, head: str, pull: Pull, environ: Mapping[str, str]) -> Base:
    if base := _merged(repo, head, pull, environ):
        return base
    try:
        tip, ref = _tip_of(repo, pull.branch)
    except ToolError as error:
        if repo.fetch and not isinstance(error, Missing):
            raise
        tip = git.lookup(repo, environ.get(pull.platform.tip, "")) or ""
        if not tip:
            raise
        ref = tip[:12]
    return Base(ref, tip, _reason(pull))


def _merged(repo: Repository, head: str, pull: Pull, environ: Mapping[str, str]) -> Base | None:
    """The base that the platform itself has merged the request with, if that is what is checked."""
    platform, branch = pull
    if not (platforms.told(environ, platform.merge) and environ.get(platform.commit) == head):
        return None
    parents = git.parents(repo, head)
    if len(parents) < 2:
        return None
    what = f"the pull request's base `{branch}`" if branch else "the pull request's base"
    base = _present(repo, parents[0], what, branch or "*")
    return Base(f"{_name(repo, head)}^1", base, _reason(pull))


def _tip_of(repo: Repository, branch: str) -> tuple[str, str]:
    """Commit and name of the base branch, as the clone knows it."""
    if not branch:
        what = "GITHUB_REF is the merge of a pull request, which is not checked out, and the event names no base"
        raise ToolError(what, "check out what GITHUB_REF names, or set GITHUB_BASE_REF to the base branch")
    if found := git.tip(repo, branch, _PULLED):
        return found
    ref = f"{git.remote(repo) or 'origin'}/{branch}"
    raise Missing(f"`{ref}`, {_PULLED}, is not in this clone", git.fetch_remedy(repo, branch))


def _pushed(repo: Repository, head: str, environ: Mapping[str, str]) -> Base | None:
    """What the branch was before the push that CI runs for.

    None when the platform names no such commit (all zeros: a new branch or a tag). Where the remote does not have it,
    or a complete clone that asks nobody, a forced push has dropped it. A shallow clone cannot tell.
    """
    before = _before(head, environ)
    if not re.fullmatch(r"[0-9a-f]{40,64}", before) or not before.strip("0") or before == head:
        return None
    gone = "what was before the push is gone; previous commit"
    if not (repo.fetch or git.is_shallow(repo) or git.lookup(repo, before)):
        return _previous(repo, head, gone)
    try:
        return Base(before[:12], _present(repo, before, "the commit before this push"), "before the push")
    except git.Absent:
        return _previous(repo, head, gone)


def _before(head: str, environ: Mapping[str, str]) -> str:
    if environ.get("CI_COMMIT_SHA") == head:
        return environ.get("CI_COMMIT_BEFORE_SHA", "")
    if environ.get("GITHUB_EVENT_NAME") != "push" or environ.get("GITHUB_SHA") != head:
        return ""
    return str(platforms.event(environ).get("before") or "")


def _previous(repo: Repository, head: str, reason: str = "previous commit") -> Base | None:
    name = f"{_name(repo, head)}^1"
    base = next(iter(git.parents(repo, head)), None)
    return Base(name, _present(repo, base, f"`{name}`"), reason) if base else None


def _present(repo: Repository, commit: str, what: str, branch: str = "*") -> str:
    if not git.present(repo, commit, what, branch):
        remedy = f"run `git fetch --no-tags --depth=1 {git.remote(repo) or 'origin'} {commit}`"
        raise Missing(f"{what} is not in this clone", f"{remedy} (GitHub Actions: `fetch-depth: 0`)")
    return commit


def _name(repo: Repository, head: str) -> str:
    return "HEAD" if head == git.head(repo) else head[:12]
