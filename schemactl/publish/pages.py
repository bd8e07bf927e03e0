"""The lists of a directory that consumers read: derived from what lies there, as far as it is what was recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from os import DirEntry
from pathlib import Path

from schemactl.package.gopath import escaped
from schemactl.publish import facts, shelf, simple
from schemactl.publish.records import Claims, Records, fitting
from schemactl.publish.simple import Listed

SIMPLE, GO = "simple", "go"
_PYTHON = (".whl", ".tar.gz", ".zip")


class Pages:
    """Of one directory, for one run: what was read of a file is not read again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._records = Records(root)
        self._facts: dict[tuple[str, int, int, int], Listed | None] = {}

    def require(self, name: str, claimed: Claims) -> None:
        """Mismatch where a file is of a version that was recorded, and not one of those or another one than then.

        Of a version that is only `claimed`, files by its own names are left to who publishes these.
        """
        there, recorded = self._entries(name), self._records.of(name)
        for each in there:
            digest = shelf.digest(Path(each.path))
            if digest is None:
                continue
            for claim in fitting(recorded, each.name):
                claim.require(Path(each.path), digest)
            for claim in fitting(claimed, each.name):
                claim.require(Path(each.path), claim.files.get(each.name, ""))

    def project(self, name: str) -> None:
        _settle(self._root, lambda: self._project(name))
        _settle(self._root, lambda: _index(self._root))

    def module(self, path: str) -> None:
        _settle(self._root, lambda: _versions(self._root, path))

    def _project(self, name: str) -> dict[str, bytes]:
        found = sorted(self._listed(name), key=lambda each: _order(each.filename))
        pages = {"index.html": simple.project_html(name, found), "index.json": simple.project_json(name, found)}
        return {f"{SIMPLE}/{name}/{page}": content for page, content in pages.items()} if found else {}

    def _listed(self, name: str) -> Iterator[Listed]:
        # Files before records: a version is recorded before it has files.
        there, recorded = self._entries(name), self._records.of(name)
        for each in there:
            if found := self._fact(each):
                for claim in fitting(recorded, each.name):
                    claim.require(Path(each.path), found.sha256 or "")
                yield found

    def _entries(self, name: str) -> list[DirEntry[str]]:
        there = sorted(shelf.entries(self._root / SIMPLE / name), key=lambda each: each.name)
        named = (each for each in there if each.name.endswith(_PYTHON))
        return [each for each in named if (known := simple.distribution(each.name)) and known[0] == name]

    def _fact(self, entry: DirEntry[str]) -> Listed | None:
        with suppress(FileNotFoundError):
            key = shelf.identity(entry)
            if key not in self._facts:
                self._facts[key] = facts.listed(Path(entry.path))
            return self._facts[key]
        return None


def _settle(root: Path, derive: Callable[[], Mapping[str, bytes]]) -> None:
    """Writes what has changed, until nothing has.

    Who publishes at the same time may have replaced our list by one made before our files were there, or we theirs.
    Files only ever come to be: whoever wrote last looks again, and sees all of them. So nothing is lost without a lock.
    """
    wanted = derive()
    while changed := [name for name, content in wanted.items() if shelf.read(root / name) != content]:
        for name in changed:
            shelf.replace(root, name, wanted[name])
        before, wanted = wanted, derive()
        if wanted == before:
            return


def _index(root: Path) -> dict[str, bytes]:
    found = sorted(each.name for each in shelf.entries(root / SIMPLE) if shelf.is_file(Path(each.path, "index.html")))
    pages = {"index.html": simple.root_html(found), "index.json": simple.root_json(found)}
    return {f"{SIMPLE}/{page}": content for page, content in pages.items()}


def _versions(root: Path, module: str) -> dict[str, bytes]:
    """Those that are whole: the file that says when a version was made is the last of its three."""
    where = f"{GO}/{escaped(module)}/@v"
    names = {each.name for each in shelf.entries(root / where) if each.is_file(follow_symlinks=False)}
    stems = [name.removesuffix(".info") for name in names if name.endswith(".info")]
    whole = [each for each in stems if {f"{each}.zip", f"{each}.mod"} <= names]
    versions = sorted((re.sub("!([a-z])", lambda found: found[1].upper(), each) for each in whole), key=_order)
    return {f"{where}/list": "".join(f"{each}\n" for each in versions).encode()} if versions else {}


def _order(name: str) -> list[str | int]:
    """1.10 after 1.9."""
    return [int(each) if each.isdigit() else each for each in re.split(r"([0-9]+)", name)]
