"""What a repository holds: the files of a commit, of the index and of the working tree, and their content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from schemactl.errors import Missing, ToolError
from schemactl.git import fetching
from schemactl.git.command import PERSONAL, PLAIN, Repository, output, text
from schemactl.git.worktree import Files, same

_LISTED = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_STAGED = re.compile(r"(\d+) (\w+) (\d)\t([^\0]+)\0")
_CHANGED = re.compile(r":(\d+) (\d+) \w+ \w+ \w\0([^\0]+)\0")
_TAGGED = re.compile(r"(?:\? |(\S) (\d+) (\w+) (\d)\t)([^\0]+)\0")  # untracked, or a tag with what is staged
_WORKING = ("ls-files", "-t", "-s", "--cached", "--others", "--exclude-standard", "-z")
_EMPTY_BLOB = ("e69de29bb2d1d6434b8b29ae", "473a0f4c3be8a93681a267e3")  # by sha1 and by sha256
_HASHED = 64 * 1024 * 1024  # the largest file that is compared by content
_RECENT_TOTAL, _RECENT_FILE = 16 * 1024 * 1024, 1024 * 1024


class Entry(NamedTuple):
    """A file of a tree or the index: '100644', '100755', '120000' (symlink) or '160000' (submodule), and its object."""

    mode: str
    oid: str


def working(repo: Repository) -> dict[str, str]:
    """What `git add .` would take or has taken, with its mode in the index ("" without); deleted files are still named.

    An untracked repository inside this one is a path with a slash at its end.
    """
    found = _TAGGED.findall(text(repo, *_WORKING, env=PERSONAL))
    return {path: mode for _, mode, _, _, path in sorted(found, key=itemgetter(4))}


def modified(repo: Repository, paths_ending: Iterable[str] = (".proto", ".yaml")) -> bool:
    """Whether the working tree or the index differs from HEAD in such files, untracked ones included.

    `git status` would run the filters that the repository configures; nothing here makes git read a working file.
    """
    only = ("--", *(f"*{ending}" for ending in paths_ending))
    against = head(repo) or _empty_tree(repo)
    staged = ("diff-index", "--cached", "--name-only", "--no-renames", "--ignore-submodules=all", against)
    if output(repo, *staged, *only):
        return True
    listed = _TAGGED.findall(text(repo, *_WORKING, *only, env=PERSONAL))
    if any(not tag and not path.endswith("/") for tag, _, _, _, path in listed):
        return True
    files = Files(repo.root)
    return not all(
        same(files, path, mode, oid, _HASHED) or (tag == "S" and files.status(path) is None)  # of a sparse checkout
        for tag, mode, oid, _, path in listed
        if tag and mode != "160000"
    )


def head(repo: Repository) -> str | None:
    """What is checked out (unpeeled: a missing commit must not pass for an empty history), None before any commit."""
    if found := text(repo, "rev-parse", "--verify", "--quiet", "HEAD", strict=False).strip():
        return found
    try:
        branch = text(repo, "symbolic-ref", "HEAD").removesuffix("\n")
        paths = text(repo, "rev-parse", "--git-path", branch, "--git-path", f"logs/{branch}").split("\n")
    except ToolError as error:
        raise _no_head(repo) from error
    # To git a branch that cannot be read is one that is not there; what was done on it, it has written down.
    there, log = (repo.root / path for path in paths[:-1])
    if os.path.lexists(there) or (log.is_file() and log.stat().st_size):
        raise _no_head(repo)
    return None


def _no_head(repo: Repository) -> ToolError:
    return ToolError(f"the HEAD of {repo.git_dir}, or the branch that it names, cannot be read", "run `git fsck`")


def tree(repo: Repository, oid: str) -> dict[str, Entry]:
    """All files of a commit by path; `.gitattributes` has no say."""
    argv = ("ls-tree", "-r", "-z", "--full-tree", oid)
    try:
        listed = text(repo, *argv)
    except ToolError:
        if not fetching.promisor(repo):
            raise
        top = text(repo, "cat-file", "commit", oid).split(maxsplit=2)[1]
        if not (repo.fetch and fetching.contents(repo, [top])):
            raise _absent(repo, top) from None
        listed = text(repo, *argv)
    return {path: Entry(mode, blob) for mode, blob, path in _LISTED.findall(listed)}


def index(repo: Repository) -> dict[str, Entry]:
    """All files that the next commit would have; within a hook, those of the commit being made."""
    env = _index_of_a_hook(repo)
    entries = {}
    for mode, blob, stage, path in _STAGED.findall(text(repo, "ls-files", "-s", "-z", env=env)):
        if stage != "0":
            paste = f"run `git add {path}`" if PLAIN.fullmatch(path) else "`git add` it"
            raise ToolError(f"`{path}` has a merge conflict", f"resolve it and {paste}")
        entries[path] = Entry(mode, blob)
    if any(entry.oid.startswith(_EMPTY_BLOB) for entry in entries.values()):
        # `git add -N` lists a file as empty, yet a commit leaves it out.
        argv = ("diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "-z", _empty_tree(repo))
        kept = set(text(repo, *argv, env=env).split("\0"))
        entries = {path: entry for path, entry in entries.items() if path in kept}
    return entries


def gitlinks(repo: Repository) -> list[str]:
    """The submodules of the index, whether or not they are checked out, and also while it has merge conflicts."""
    listed = _STAGED.findall(text(repo, "ls-files", "-s", "-z", env=_index_of_a_hook(repo)))
    return [path for mode, _, _, path in listed if mode == "160000"]


def staged(repo: Repository) -> dict[str, tuple[str, str]]:
    """What the next commit changes, with its mode before and after; a file that moves is two."""
    against = head(repo) or _empty_tree(repo)
    argv = ("diff-index", "--cached", "--raw", "--no-renames", "--ignore-submodules=none", "-z", against)
    changed = _CHANGED.findall(text(repo, *argv, env=_index_of_a_hook(repo)))
    return {path: (before, after) for before, after, path in changed}


class _Recent:
    """Contents by object id, as many as fit: every release is asked for the same few files of configuration."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._size = 0

    def get(self, oids: Iterable[str]) -> dict[str, bytes | None]:
        return {oid: self._contents.get(oid) for oid in oids}

    def add(self, contents: Mapping[str, bytes]) -> None:
        for oid, content in contents.items():
            if len(content) <= _RECENT_FILE and oid not in self._contents:
                self._contents[oid] = content
                self._size += len(content)
        while self._size > _RECENT_TOTAL:
            self._size -= len(self._contents.pop(next(iter(self._contents))))


_RECENT = _Recent()


def sizes(repo: Repository, oids: Iterable[str]) -> dict[str, int]:
    """How many bytes each blob has, without reading any."""
    found = _RECENT.get(oids)
    return {oid: len(content) for oid, content in found.items() if content is not None} | _sizes(
        repo, [oid for oid, content in found.items() if content is None]
    )


def _sizes(repo: Repository, wanted: list[str], final: bool = False) -> dict[str, int]:
    if not wanted:
        return {}
    out = text(repo, "cat-file", "--batch-check", "--buffer", stdin=_lines(wanted), strict=False)
    facts = [line.split() for line in out.split("\n")[:-1]]
    found: dict[str, int] = {}
    for oid, fact in zip(wanted, facts, strict=False):
        if len(fact) != 3 or fact[1] != "blob":
            break
        found[oid] = int(fact[2])
    if len(found) < len(wanted):
        missing = wanted[len(found)]
        if final or not _completed(repo, wanted):
            raise _absent(repo, missing)
        return _sizes(repo, wanted, final=True)
    return found


def _completed(repo: Repository, wanted: list[str]) -> bool:
    """Whether those that a partial clone has left out were fetched."""
    if not (repo.fetch and fetching.promisor(repo)):
        return False
    # `cat-file` would end at the first that is not there.
    argv = ("rev-list", "--objects", "--no-walk", "--no-object-names", "--missing=allow-any", "--ignore-missing")
    here = set(text(repo, *argv, "--stdin", stdin=_lines(wanted)).split())
    return fetching.contents(repo, [oid for oid in dict.fromkeys(wanted) if oid not in here])


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def blobs(repo: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """All of the content: ask for `sizes` before."""
    known = _RECENT.get(oids)
    read = _blobs(repo, [oid for oid, content in known.items() if content is None])
    _RECENT.add(read)
    return {oid: read[oid] if content is None else content for oid, content in known.items()}


def _blobs(repo: Repository, wanted: list[str]) -> dict[str, bytes]:
    if not wanted:
        return {}
    out = output(repo, "cat-file", "--batch", "--buffer", stdin=_lines(wanted), strict=False)
    found, at = {}, 0
    for oid in wanted:
        start = out.find(b"\n", at) + 1
        facts = out[at:start].split()
        if len(facts) != 3 or facts[1] != b"blob":
            raise _absent(repo, oid)
        end = start + int(facts[2])
        found[oid], at = out[start:end], end + 1
    return found


def _absent(repo: Repository, oid: str) -> ToolError:
    if name := fetching.promisor(repo):
        remote = name if PLAIN.fullmatch(name) else "REMOTE"
        said = f"this partial clone leaves out what is to be read, such as object {oid}"
        return Missing(said, f"run `git fetch --refetch --no-filter {remote}`")
    return ToolError(f"object {oid} is not in this clone", "see what `git fsck` says, and clone it anew")


def _empty_tree(repo: Repository) -> str:
    return text(repo, "hash-object", "-t", "tree", "--stdin").strip()


def _index_of_a_hook(repo: Repository) -> dict[str, str]:
    named = os.environ.get("GIT_INDEX_FILE", "")
    path = (repo.root / named).resolve()
    own = {"GIT_INDEX_FILE": str(path)}
    if not named or not path.is_file():
        return {}
    # The index of a submodule, of a worktree or of another repository lies in the git directory of that one.
    if path.parent == repo.git_dir or (path.parent / "HEAD").is_file():
        return own if path.parent == repo.git_dir else {}
    here = Path.cwd()  # git runs hooks at the top of the working tree
    top = next((each for each in (here, *here.parents) if os.path.lexists(each / ".git")), None)
    if top is None:
        what = "GIT_INDEX_FILE names an index, and this directory does not tell of which repository"
        raise ToolError(what, "run it in the working tree, or unset GIT_INDEX_FILE")
    return own if top == repo.root else {}
