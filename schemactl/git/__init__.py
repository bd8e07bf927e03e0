"""What git knows, read without running or fetching anything: files, revisions, trees, the index, ancestry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.git.command import PLAIN, Repository, environment, output, text
from schemactl.git.content import Entry, blobs, head, index, modified, sizes, tree, working

__all__ = [
    "DEEPEN", "UNSHALLOW", "Entry", "Repository", "ancestors", "blobs", "committed", "count", "days", "discover",
    "fetch_remedy", "head", "independent", "index", "is_shallow", "lookup", "merge_base", "modified", "parents",
    "remote", "remote_default", "remotes", "resolve", "sizes", "tags", "tree", "working",
]  # fmt: skip

DEEPEN = "run `git fetch --unshallow --tags` (GitHub Actions: `fetch-depth: 0`)"
UNSHALLOW = f"{DEEPEN}, or pass `--against none`"
_ALONE = Lock()


def discover(start: Path) -> Repository | None:
    """The working tree around `start`; None without one, in a bare repository, or where `.git` leads nowhere."""
    start = start.resolve()
    for root in (start, *start.parents):
        dot = root / ".git"
        if dot.is_file() or (dot / "HEAD").is_file():
            return Repository(root, git_dir) if (git_dir := _git_dir(dot)) else None
    return None


def lookup(repo: Repository, revision: str) -> str | None:
    """The full id of the commit that `revision` names, None when it names no commit of this clone, or several."""
    argv = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = "" if "\0" in revision else text(repo, *argv, strict=False).removesuffix("\n")
    return found if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else None


def resolve(repo: Repository, revision: str) -> str:
    """The full id of the commit that `revision` names; a ToolError with the remedy when it names none."""
    if (found := lookup(repo, revision)) is None:
        raise ToolError(*_unresolved(repo, revision))
    return found


def is_shallow(repo: Repository) -> bool:
    return text(repo, "rev-parse", "--is-shallow-repository") == "true\n"


def merge_base(repo: Repository, a: str, b: str) -> str | None:
    """The newest commit that both have, None for unrelated histories; a ToolError where a shallow clone may lie."""
    with _opened(repo) as opened:
        base: str | None = next((commit.hexsha for commit in opened.merge_base(a, b)), None)
    if base in (a, b) or not is_shallow(repo):
        return base
    # Any commit whose parents were cut off may lead to a newer common one; below the found one it does not matter.
    if base is None or output(repo, "rev-list", "--max-parents=0", a, b, f"^{base}"):
        raise ToolError("the history that leads to the merge-base is cut off: this clone is shallow", UNSHALLOW)
    return base


def parents(repo: Repository, oid: str) -> list[str]:
    """The parents as the commit itself names them: in a shallow clone they may be absent, but are not forgotten."""
    with _opened(repo) as opened:
        return [parent.hexsha for parent in opened.commit(oid).parents]


def ancestors(repo: Repository, oid: str, limit: int) -> list[str]:
    """First parent, its first parent, and so on, as far as this clone goes."""
    return text(repo, "rev-list", "--first-parent", "--skip=1", f"--max-count={limit}", oid).split()


def independent(repo: Repository, commits: Iterable[str]) -> list[str]:
    """Those of the commits that led to none of the others."""
    return text(repo, "merge-base", "--independent", *commits).split()


def tags(repo: Repository, merged_into: str | None = None) -> list[tuple[str, str]]:
    """(tag, commit) of each tag, or of those that are an ancestor of, or are, `merged_into`.

    A tag of something else than a commit has words in its place.
    """
    only = [f"--merged={merged_into}"] if merged_into else []
    refs = text(repo, "for-each-ref", *only, "--format=%(refname)", "refs/tags").split("\n")[:-1]
    asked = "".join(f"{ref}^{{commit}}\n" for ref in refs).encode("utf-8", "surrogateescape")
    peeled = text(repo, "cat-file", "--batch-check=%(objectname)", stdin=asked).split("\n")[:-1]
    return [(ref.removeprefix("refs/tags/"), oid) for ref, oid in zip(refs, peeled, strict=True)]


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


def remotes(repo: Repository) -> list[str]:
    return text(repo, "remote").split("\n")[:-1]


def remote(repo: Repository) -> str | None:
    """`origin`, else the only remote, None without one."""
    names = remotes(repo)
    if len(names) > 1 and "origin" not in names:
        raise ToolError("no remote is called `origin`", "name the branch: `--against merge-base:REMOTE/BRANCH`")
    return "origin" if "origin" in names else next(iter(names), None)


def remote_default(repo: Repository) -> str | None:
    """The remote's default branch, like `origin/main`; None without a remote, or with one never fetched from."""
    top = f"refs/remotes/{remote(repo)}/"
    listed = text(repo, "for-each-ref", "--format=%(refname) %(symref)", top).split("\n")[:-1]
    refs = dict(line.split(" ", 1) for line in listed)
    for ref in (refs.get(f"{top}HEAD"), f"{top}main", f"{top}master"):
        if ref in refs:
            return ref.removeprefix("refs/remotes/")
    if not refs:
        return None
    raise ToolError("the remote's default branch, likely `main`, is not in this clone", fetch_remedy(repo, "main"))


def fetch_remedy(repo: Repository, branch: str) -> str:
    name, deep = remote(repo) or "origin", "--unshallow " if is_shallow(repo) else ""
    if not (PLAIN.fullmatch(name) and PLAIN.fullmatch(branch)):
        # It comes from the repository or the pull request, and is meant to be pasted into a shell.
        return "fetch that branch, quoting its name for the shell"
    return f"run `git fetch --no-tags {deep}{name} {branch}:refs/remotes/{name}/{branch}`"


def _unresolved(repo: Repository, revision: str) -> tuple[str, str]:
    if revision.startswith(("-", "^")) or ".." in revision:
        return f"`{revision}` is not one revision", "name one branch, tag or commit, or `merge-base:REVISION`"
    if lookup(repo, f"refs/remotes/origin/{revision}"):
        return f"there is no local branch `{revision}`", f"write `origin/{revision}`"
    if revision.startswith("origin/"):
        return f"`{revision}` is not in this clone", fetch_remedy(repo, revision.removeprefix("origin/"))
    if is_shallow(repo):
        return f"revision `{revision}` is not in this shallow clone", DEEPEN
    return f"there is no revision `{revision}`", "see `git branch --all` and `git tag`; `git fetch --tags` gets more"


def _git_dir(dot: Path) -> Path | None:
    if dot.is_file():
        dot = dot.parent / os.fsdecode(dot.read_bytes()[:4096]).partition("gitdir:")[2].strip()
    config = dot / "config"
    # The git directory of a worktree has no configuration of its own, and is never bare.
    bare = config.is_file() and re.search(rb"(?im)\bbare\s*=\s*(true|yes|on|1)\s*$", config.read_bytes())
    return dot.resolve() if (dot / "HEAD").is_file() and not bare else None


@contextmanager
def _opened(repo: Repository) -> Iterator[Any]:
    """The repository by GitPython, which hands the whole of `os.environ` to git: for as long, that is the safe one."""
    with _ALONE:
        kept = dict(os.environ)
        _exchange(tools.environment(environment(repo)))
        try:
            import git

            with git.Repo(repo.git_dir, expand_vars=False) as opened:
                yield opened
        except (git.GitError, git.ODBError, ValueError) as error:
            raise ToolError(f"the history in {repo.git_dir} cannot be read", "run `git fsck`") from error
        finally:
            _exchange(kept)


def _exchange(env: Mapping[str, str]) -> None:
    # Name by name: another thread that starts a process meanwhile must find PATH.
    for name in os.environ.keys() - env.keys():
        del os.environ[name]
    os.environ.update(env)
