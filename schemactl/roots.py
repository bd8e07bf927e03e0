"""Finds the module roots of a tree that does not say them: the directories from which every import resolves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

from schemactl.errors import ConfigError
from schemactl.repopath import contains, lineage

_SHOWN = 4  # answers in a message


def infer(imports: Mapping[str, Iterable[str]], package: Callable[[str], str]) -> tuple[str, ...]:
    """Roots (`.` is the top) of the files in `imports`: path → imported names; `package` tells that of a path.

    A file belongs to the deepest root above it. Raises ConfigError with the lines to paste when two answers exist.
    """
    candidates = _candidates(imports)
    roots = {next(iter(found)) for found in candidates.values() if len(found) == 1}
    for name, found in candidates.items():
        if len(found) > 1 and len(found & roots) != 1:
            raise _ambiguous(name, found, partial(_answer, imports, package, roots, found))
    return tuple(sorted(_completed(imports, package, roots)))


def _completed(paths: Iterable[str], package: Callable[[str], str], roots: Collection[str]) -> set[str]:
    """With a root for every file that is below none; those whose directory is their package have a say first."""
    found = set(roots)
    if "." in found:
        return found
    alone = sorted(path for path in paths if owner(path, found) is None)
    for path in alone:
        if (root := _less_package(path, package(path))) is not None and owner(path, found) is None:
            found.add(root)
    taken = {above for root in found for above in lineage(root)}
    for path in alone:
        if owner(path, found) is None:
            root = _topmost(path, taken)
            found.add(root)
            taken.update(lineage(root))
    return found


def _answer(
    imports: Iterable[str], package: Callable[[str], str], roots: Collection[str], found: Collection[str], root: str
) -> str:
    """The lines of schemactl.yaml that take one of the roots found, and leave the copies below the others out."""
    copies = [other for other in found if other != root and not contains(other, root)]
    paths = [path for path in imports if not any(contains(copy, path) for copy in copies)]
    answer = sorted(_completed(paths, package, {*roots, root} - {*copies}))
    inside = [one for one in {*answer, *copies} if any(other != one and contains(other, one) for other in answer)]
    lines = f"roots: [{', '.join(answer)}]"
    return f"{{{lines}, excludes: [{', '.join(sorted(inside))}]}}" if inside else lines


def owner(path: str, roots: Collection[str]) -> str | None:
    """The deepest root above the path."""
    return next((directory for directory in lineage(path) if directory in roots and directory != path), None)


def import_path(path: str, root: str) -> str:
    return path if root == "." else path[len(root) + 1 :]


def _candidates(imports: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Per imported name that is the end of paths: what stands before it there."""
    found: dict[str, set[str]] = {name: set() for names in imports.values() for name in names}
    for path in imports:
        start = 0
        while True:
            if (name := path[start:]) in found:
                found[name].add(path[:start].rstrip("/") or ".")
            if (slash := path.find("/", start)) < 0:
                break
            start = slash + 1
    return {name: places for name, places in found.items() if places}


def _less_package(path: str, package: str) -> str | None:
    """The directory of a file less its package, if it ends so."""
    directory, below = path.rpartition("/")[0], package.replace(".", "/")
    if not below or not f"/{directory}".endswith(f"/{below}"):
        return None
    return directory[: -len(below)].rstrip("/") or "."


def _topmost(path: str, taken: Collection[str]) -> str:
    """The topmost directory above the file that is not taken, being above a root, else the file's own."""
    directory = path.rpartition("/")[0] or "."
    return next((above for above in reversed(list(lineage(directory))) if above not in taken), directory)


def _ambiguous(name: str, found: Collection[str], answer: Callable[[str], str]) -> ConfigError:
    shown = sorted(found)[:_SHOWN]
    more = len(found) - len(shown)
    places = ", ".join(f"`{root}`" for root in shown) + (f" and {more} more" if more else "")
    message = f"import `{name}` is found below {len(found)} directories: {places}"
    if more:
        return ConfigError(message, "leave copies out by `excludes:` in schemactl.yaml")
    hint = " or ".join(f"`{answer(root)}`" for root in shown)
    return ConfigError(message, f"say which one in schemactl.yaml: {hint}")
