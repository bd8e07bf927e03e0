"""What to write in schemactl.yaml so that an excluded file is a file of the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from schemactl.config import Config
from schemactl.repopath import contains, lineage


def lines(name: str, path: str, settings: Config) -> Iterator[str]:
    """Nothing for a file that is not excluded; `name` is how it is imported, `path` where it stands."""
    modules = settings.modules or ()
    excludes = sorted({*settings.excludes, *(each for module in modules for each in module.excludes)})
    by = max((each for each in excludes if contains(each, path)), key=len, default="")
    if not by:
        return
    place = settings.declared_at.get(f"excludes.{by}")
    said = f"`excludes` at {place}" if place else f"`excludes` in {_buf_yaml(by, settings)}"
    yield f"or make it here, as a file of this repository: `{_written(settings, [by])}` of {said} leaves it out"
    if not modules:
        yield f"take `{_written(settings, [by])}` out there"
        return
    yield "write in schemactl.yaml:"
    roots, kept = _with([module.root for module in modules], excludes, name, path)
    yield f"roots: [{_written(settings, roots)}]"
    if kept:
        yield f"excludes: [{_written(settings, kept)}]"


def _with(roots: Sequence[str], excludes: Sequence[str], name: str, path: str) -> tuple[list[str], list[str]]:
    """The roots and excludes with which the file is imported by its name; a root of its own leaves the others."""
    root = (path.removesuffix(name).rstrip("/") or ".") if path.endswith(name) else posixpath.dirname(path) or "."
    inside = [each for each in excludes if contains(root, each) and each != root and contains(each, path)]
    kept = [each for each in excludes if each not in inside]
    if root in roots:
        return list(roots), kept
    above = any(contains(each, root) for each in roots)
    apart = [root] if above and not any(contains(each, root) for each in kept) else []
    return [*roots, root], [*kept, *apart]


def _buf_yaml(by: str, settings: Config) -> str:
    directory = next((each for each in lineage(by) if each in settings.lock_directories), settings.directory)
    return posixpath.normpath(posixpath.join(directory, "buf.yaml"))


def _written(settings: Config, paths: Iterable[str]) -> str:
    return ", ".join(posixpath.relpath(each, settings.directory) for each in paths)
