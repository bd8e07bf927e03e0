"""What a repository holds: the files of a commit, of the index and of the working tree, and their content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import NamedTuple

from schemactl.errors import ToolError
from schemactl.git.command import PERSONAL, PLAIN, Repository, output, text
from schemactl.git.worktree import Files, same

_LISTED = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_STAGED = re.compile(r"(\d+) (\w+) (\d)\t([^\0]+)\0")
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
    return text(repo, "rev-parse", "--verify", "--quiet", "HEAD", strict=False).strip() or None


def tree(repo: Repository, oid: str) -> dict[str, Entry]:
    """All files of a commit by path; `.gitattributes` has no say."""
    listed = text(repo, "ls-tree", "-r", "-z", "--full-tree", oid)
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


def _sizes(repo: Repository, wanted: list[str]) -> dict[str, int]:
    if not wanted:
        return {}
    out = text(repo, "cat-file", "--batch-check", "--buffer", stdin="\n".join([*wanted, ""]).encode(), strict=False)
    facts = [line.split() for line in out.split("\n")[:-1]]
    found: dict[str, int] = {}
    for oid, fact in zip(wanted, facts, strict=False):
        if len(fact) != 3 or fact[1] != "blob":
            raise _absent(oid)
        found[oid] = int(fact[2])
    if len(found) < len(wanted):
        raise _absent(wanted[len(found)])
    return found


def blobs(repo: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """All of the content: ask for `sizes` before."""
    known = _RECENT.get(oids)
    read = _blobs(repo, [oid for oid, content in known.items() if content is None])
    _RECENT.add(read)
    return {oid: read[oid] if content is None else content for oid, content in known.items()}


def _blobs(repo: Repository, wanted: list[str]) -> dict[str, bytes]:
    if not wanted:
        return {}
    out = output(repo, "cat-file", "--batch", "--buffer", stdin="\n".join([*wanted, ""]).encode(), strict=False)
    found, at = {}, 0
    for oid in wanted:
        start = out.find(b"\n", at) + 1
        facts = out[at:start].split()
        if len(facts) != 3 or facts[1] != b"blob":
            raise _absent(oid)
        end = start + int(facts[2])
        found[oid], at = out[start:end], end + 1
    return found


def _absent(oid: str) -> ToolError:
    return ToolError(f"object {oid} is not in this clone", "run `git fetch --refetch --no-filter origin`")


def _empty_tree(repo: Repository) -> str:
    return text(repo, "hash-object", "-t", "tree", "--stdin").strip()


def _index_of_a_hook(repo: Repository) -> dict[str, str]:
    named = os.environ.get("GIT_INDEX_FILE", "")
    path = (repo.root / named).resolve()
    # Only next to the index: the index of a submodule or worktree lies deeper, that of another repository elsewhere.
    return {"GIT_INDEX_FILE": str(path)} if named and path.parent == repo.git_dir and path.is_file() else {}
