"""What git knows, read without running anything, and fetched only if asked: files, revisions, trees, ancestry."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path

from schemactl.errors import Missing, ToolError
from schemactl.git import fetching
from schemactl.git.asking import Absent, is_shallow
from schemactl.git.command import Repository, text
from schemactl.git.content import Entry, blobs, gitlinks, head, index, modified, sizes, staged, tree, working
from schemactl.git.remotes import DEEPEN, UNSHALLOW, fetch_remedy, remote, remote_default, remotes
from schemactl.git.revision import lookup, present, resolve, tip
from schemactl.git.tagged import tags

__all__ = [
    "DEEPEN", "UNSHALLOW", "Absent", "Entry", "Repository", "ancestors", "blobs", "committed", "count", "days",
    "discover", "fetch_remedy", "fetch_tags", "gitlinks", "head", "independent", "index", "is_shallow", "lookup",
    "merge_base", "modified", "parents", "present", "remote", "remote_default", "remotes", "resolve", "sizes", "staged",
    "tags", "tip", "tree", "working",
]  # fmt: skip


def discover(start: Path) -> Repository | None:
    """The working tree around `start`; None without one, in a bare repository, or where `.git` leads nowhere."""
    start = start.resolve()
    for root in (start, *start.parents):
        dot = root / ".git"
        if dot.is_file() or (dot / "HEAD").is_file():
            return Repository(root, git_dir) if (git_dir := _git_dir(dot)) else None
    return None


def merge_base(repo: Repository, a: str, b: str) -> str | None:
    """The newest commit that both have, None for unrelated histories; Missing where a shallow clone may lie."""
    base, ends = _merge_base(repo, a, b)
    if ends and repo.fetch and (name := remote(repo)):
        fetching.deepen(repo, name, lambda: _merge_base(repo, a, b)[1], "history, to find the merge-base")
        base, ends = _merge_base(repo, a, b)
    if ends:
        raise Missing("the history that leads to the merge-base is cut off: this clone is shallow", UNSHALLOW)
    return base


def _merge_base(repo: Repository, a: str, b: str) -> tuple[str | None, list[str]]:
    """With the commits that would have to be known better for it to be certain."""
    if a == b:
        return a, []
    try:
        base = text(repo, "merge-base", a, b, ok=(0, 1)).strip() or None
    except ToolError as error:
        raise _unreadable(repo) from error
    if base in (a, b):
        return base, []
    # Any commit whose parents were cut off may lead to a newer common one; below the found one it does not matter.
    return base, fetching.cut(repo, a, b, *([f"^{base}"] if base else ()))


def parents(repo: Repository, oid: str) -> list[str]:
    """The parents as the commit itself names them: in a shallow clone they may be absent, but are not forgotten."""
    try:
        lines = text(repo, "cat-file", "commit", oid).split("\n")
    except ToolError as error:
        raise _unreadable(repo) from error
    named = takewhile(lambda line: line.startswith("parent "), lines[1:])  # after its tree
    return [line.removeprefix("parent ") for line in named]


def ancestors(repo: Repository, oid: str, limit: int) -> list[str]:
    """First parent, its first parent, and so on, as far as this clone goes."""
    found = _ancestors(repo, oid, limit)
    if len(found) < limit and repo.fetch and (name := remote(repo)):
        what = "earlier states, to find one that can be compared with"
        fetching.deepen(repo, name, lambda: _short(repo, oid, limit), what)
        return _ancestors(repo, oid, limit)
    return found


def _short(repo: Repository, oid: str, limit: int) -> list[str]:
    return [] if len(_ancestors(repo, oid, limit)) == limit else fetching.cut(repo, oid)


def _ancestors(repo: Repository, oid: str, limit: int) -> list[str]:
    return text(repo, "rev-list", "--first-parent", "--skip=1", f"--max-count={limit}", oid).split()


def independent(repo: Repository, commits: Iterable[str]) -> list[str]:
    """Those of the commits that led to none of the others."""
    return text(repo, "merge-base", "--independent", *commits).split()


def fetch_tags(repo: Repository, head: str, wanted: Callable[[str], bool]) -> bool:
    """Whether there is now all that the remote has of tags, `wanted` by their names, that are merged into `head`."""
    if repo.fetch is None or (name := remote(repo)) is None:
        return False
    fetching.tags(repo, name, head, wanted)
    return not fetching.cut(repo, head)


def count(repo: Repository, since: str | None, until: str) -> int:
    """The commits that led from one to the other, or there at all."""
    return int(text(repo, "rev-list", "--count", until, *([f"^{since}"] if since else ())))


def committed(repo: Repository, oid: str) -> datetime:
    """When the commit was made, in UTC, as it says itself."""
    second = _times(repo, [oid])[oid]
    return datetime.combine(_day(second), time(tzinfo=UTC)) + timedelta(seconds=second % 86_400)


def days(repo: Repository, commits: Iterable[str]) -> dict[str, date]:
    """The day, in UTC, on which each of the commits was made, as it says itself."""
    return {oid: _day(second) for oid, second in _times(repo, commits).items()}


def _times(repo: Repository, commits: Iterable[str]) -> dict[str, int]:
    asked = "".join(f"{oid}\n" for oid in dict.fromkeys(commits)).encode()
    listed = text(repo, "rev-list", "--no-walk=unsorted", "--timestamp", "--stdin", stdin=asked).split("\n")[:-1]
    return {oid: int(second) for second, oid in map(str.split, listed)}


def _day(seconds: int) -> date:
    """Git takes any number for a time, and a calendar does not."""
    day = date(1970, 1, 1).toordinal() + seconds // 86_400
    return date.fromordinal(min(max(day, 1), date.max.toordinal()))


def _git_dir(dot: Path) -> Path | None:
    if dot.is_file():
        dot = dot.parent / os.fsdecode(dot.read_bytes()[:4096]).partition("gitdir:")[2].strip()
    config = dot / "config"
    # The git directory of a worktree has no configuration of its own, and is never bare.
    bare = config.is_file() and re.search(rb"(?im)\bbare\s*=\s*(true|yes|on|1)\s*$", config.read_bytes())
    return dot.resolve() if (dot / "HEAD").is_file() and not bare else None


def _unreadable(repo: Repository) -> ToolError:
    return ToolError(f"the history in {repo.git_dir} cannot be read", "run `git fsck`")
