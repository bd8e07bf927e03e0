"""The target `dir:`: a package index, a Go module proxy and images as plain files, read from disk or any web server."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from schemactl.errors import UsageError
from schemactl.publish import claims, facts, records, shelf
from schemactl.publish.dist import Dist, File
from schemactl.publish.pages import SIMPLE, Pages
from schemactl.publish.state import Seen, require_same
from schemactl.target import Target


def wanted(dist: Dist) -> list[File]:
    return list(dist.files)


def look(dist: Dist, target: Target) -> list[Seen]:
    """Rejected where another build has claimed a version, or what was published is not as it was."""
    root = _root(dist, target)
    return _looked(root, dist, Pages(root))


def put(dist: Dist, target: Target, say: Callable[[str], None]) -> list[Seen]:
    root = _root(dist, target)
    pages, done = Pages(root), list[Seen]()
    require_same(_looked(root, dist, pages), str(target))
    claims.make(root, dist)
    for package, files in groupby(wanted(dist), key=lambda each: each.package):
        say(f"publishing {package}")
        done += _published(root, dist, list(files), pages, str(target))
    return done


def _looked(root: Path, dist: Dist, pages: Pages) -> list[Seen]:
    claims.require_free(root, dist)
    for package in dist.release.packages:
        own = records.claims(dist.release, package, root)
        for project in {each.project for each in own}:
            pages.require(project, records.by_version(own))
    return [_seen(root, dist, file) for file in wanted(dist)]


def _published(root: Path, dist: Dist, files: Sequence[File], pages: Pages, where: str) -> list[Seen]:
    """The files of one package, and then, when all are there, the lists that lead to them."""
    done = [_put(root, dist, file, where) for file in files]
    for project in sorted({file.distribution for file in files} - {""}):
        pages.project(project)
    for module in sorted({file.module for file in files} - {""}):
        pages.module(module)
    return done


def _put(root: Path, dist: Dist, file: File, where: str) -> Seen:
    content, new = dist.read(file), False
    # What goes with a file before the file: as soon as that is there, others may list it.
    for name, each in (*_beside(file, content), (_place(file), content)):
        new = shelf.put(root, name, each)
        if not new:
            state, why = shelf.state(root / name, hashlib.sha256(each).hexdigest())
            require_same([Seen(name, state, why)], where)
    return Seen(file.path, "published" if new else "same")


def _seen(root: Path, dist: Dist, file: File) -> Seen:
    for name, each in _beside(file, dist.read(file)):
        state, why = shelf.state(root / name, hashlib.sha256(each).hexdigest())
        if state == "different":
            return Seen(file.path, state, f"`{name}` is a different one: {why}")
    return Seen(file.path, *shelf.state(root / _place(file), file.sha256))


def _beside(file: File, content: bytes) -> Iterator[tuple[str, bytes]]:
    if file.kind == "wheel" and (core := facts.metadata(file.name, content)):
        yield facts.beside(_place(file)), core


def _place(file: File) -> str:
    return f"{SIMPLE}/{file.distribution}/{file.name}" if file.distribution else file.path


def _root(dist: Dist, target: Target) -> Path:
    root = Path(target.place)
    if shelf.is_other(root):
        raise UsageError(f"`{root}` is not a directory", "name one, or a place where there is nothing yet")
    build = Path(os.path.realpath(dist.directory))
    if Path(os.path.realpath(root)).is_relative_to(build):
        raise UsageError(f"`{root}` is in the build that is published", "publish to a directory outside of it")
    return root
