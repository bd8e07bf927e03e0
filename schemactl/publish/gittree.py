"""Trees of commits as the go command sees modules in them: what belongs to one, and how it differs from ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from schemactl.publish.gitwire import Wire, local

ATTRIBUTES = ".gitattributes"
LICENSE = "LICENSE"
_REGULAR = re.compile(r"100\d{3}")
# What makes other bytes of a file when git hands it out, as the go command asks for it.
_CHANGING: Mapping[str, re.Pattern[str]] = {
    "filter": re.compile(r"(?!unspecified$|unset$).*"),
    "working-tree-encoding": re.compile(r"(?!unspecified$|unset$|utf-?8$).*", re.I),
    "ident": re.compile(r"set"),
    "eol": re.compile(r"crlf"),
    "export-ignore": re.compile(r"set"),
    "export-subst": re.compile(r"set"),
}


class Entry(NamedTuple):
    mode: str
    oid: str


Tree = Mapping[str, Entry]


def read(wire: Wire, commit: str) -> dict[str, Entry]:
    listed = local(wire, "ls-tree", "-r", "-z", "--full-tree", commit).decode("utf-8", "surrogateescape")
    rows = (line.split("\t", 1) for line in listed.split("\0") if line)
    return {path: Entry(head.split()[0], head.split()[2]) for head, path in rows}


def blob(content: bytes, example: str) -> str:
    """Its object id, of the kind that the example is."""
    algorithm = "sha256" if len(example) == 64 else "sha1"
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def inside(tree: Tree, directory: str) -> dict[str, Entry]:
    """What stands in a module's directory and is of no other module, by the path in it."""
    top = f"{directory}/" if directory else ""
    below = {path.removeprefix(top): entry for path, entry in tree.items() if path.startswith(top)}
    marks = {path for path, entry in below.items() if _REGULAR.fullmatch(entry.mode) and _marks_module(path)}
    others = {path.rpartition("/")[0] for path in marks}
    return {path: entry for path, entry in below.items() if others.isdisjoint(above(path))}


def module(tree: Tree, directory: str) -> dict[str, str]:
    """The files that the go command takes for the module's, each with its object id."""
    found = inside(tree, directory)
    if LICENSE not in found and directory and LICENSE in tree:
        found[LICENSE] = tree[LICENSE]
    return {path: entry.oid for path, entry in found.items() if _REGULAR.fullmatch(entry.mode)}


def difference(there: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """What is there instead of ours; empty where it is the same."""
    if changed := sorted(path for path in there.keys() & ours.keys() if there[path] != ours[path]):
        return _told(changed, "differs", "differ")
    if missing := sorted(ours.keys() - there.keys()):
        return _told(missing, "is missing", "are missing")
    if more := sorted(there.keys() - ours.keys()):
        return _told(more, "is there beside it", "are there beside it")
    return ""


def changed_by_attributes(wire: Wire, commit: str, tree: Tree, directory: str, files: Iterable[str]) -> str:
    """How a `.gitattributes` above the module's directory changes what the go command gets; empty if none does."""
    top = f"{directory}/" if directory else ""
    places = [ATTRIBUTES, *(f"{each}/{ATTRIBUTES}" for each in above(directory))] if directory else []
    known = [each for each in places if each in tree]
    if not known:
        return ""
    index = {"GIT_INDEX_FILE": str(wire.directory / "index")}
    local(wire, "read-tree", commit, extra=index)
    names = "".join(f"{top}{each}\0" for each in files).encode("utf-8", "surrogateescape")
    said = local(wire, "check-attr", "--cached", "-z", "--stdin", *_CHANGING, stdin=names, extra=index)
    words = said.decode("utf-8", "surrogateescape").split("\0")[:-1]
    for path, attribute, value in zip(words[::3], words[1::3], words[2::3], strict=True):
        if _CHANGING[attribute].fullmatch(value):
            return f"`{known[-1]}` sets `{attribute}` for `{path}`, so Go would get other bytes than it holds"
    return ""


def above(path: str) -> Iterator[str]:
    """The directories that it stands in."""
    return accumulate(path.split("/")[:-1], "{}/{}".format)


def _marks_module(path: str) -> bool:
    directory, _, name = path.rpartition("/")
    return bool(directory) and name.lower() == "go.mod"


def _told(paths: list[str], one: str, several: str) -> str:
    more = f" and {len(paths) - 1} more {several}" if len(paths) > 1 else f" {one}"
    return f"`{paths[0]}`{more}"
