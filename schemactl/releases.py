"""The releases of a repository: its version tags, and until when what they describe was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from schemactl import git
from schemactl.errors import Missing, ToolError
from schemactl.git import Repository

_VERSION = re.compile(r"(?:(.+)/)?v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)


class Release(NamedTuple):
    """`until` is the day on which the next release was out, None where there is none."""

    tag: str
    commit: str
    until: date | None


def earlier(repo: Repository, head: str, pristine: Callable[[], bool], prefix: str) -> list[Release]:
    """Tags of stable versions, newest first, without those of what is checked itself: they would compare equal.

    Their prefix is `prefix` where there are any, else none, else the only other one.
    """
    if not git.fetch_tags(repo, head, _is_version) and git.is_shallow(repo):
        raise Missing("this clone is shallow: tags may be missing", git.UNSHALLOW)
    found = _versions(repo, head)
    group = chosen(found, (prefix, ""))
    if group is None and found:
        raise ToolError(f"version tags have several prefixes: {', '.join(sorted(found))}", "pass `--against TAG`")
    versions = found[group] if group is not None else []
    own = head if versions and pristine() else None
    kept = [(name, commit) for _, name, commit in sorted(versions, reverse=True) if commit != own]
    if not kept:
        remedy = "run `git fetch --tags` if they are missing here, or pass `--against none` to check without"
        failure = Missing if git.remotes(repo) else ToolError
        raise failure("no earlier tag like `v1.2.3` is merged into what is checked", remedy)
    days = git.days(repo, [commit for _, commit in kept])
    ends = ends_of([days[commit] for _, commit in kept])
    return [Release(name, commit, end) for (name, commit), end in zip(kept, ends, strict=True)]


def _is_version(name: str) -> bool:
    return _VERSION.fullmatch(name) is not None


def _versions(repo: Repository, head: str) -> dict[str, list[tuple[tuple[int, ...], str, str]]]:
    """(version, tag, commit) of those merged, by prefix."""
    found: dict[str, list[tuple[tuple[int, ...], str, str]]] = {}
    for name, commit in git.tags(repo, head):
        if match := _VERSION.fullmatch(name):
            found.setdefault(match[1] or "", []).append((tuple(map(int, match.groups()[1:])), name, commit))
    return found


def chosen(prefixes: Collection[str], wanted: Iterable[str]) -> str | None:
    """The first of those that are wanted, else the only one there is."""
    only = next(iter(prefixes)) if len(prefixes) == 1 else None
    return next((each for each in wanted if each in prefixes), only)


def ends_of(days: Sequence[date]) -> list[date | None]:
    """Until when each release was in use, given the days they were made, the newest release first.

    A fix of an old version may be younger than the version after it.
    """
    return [None, *(max(own, after) for after, own in pairwise(days))]
