"""Finds the module roots of a tree that does not say them: the directories from which every import resolves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from schemactl.errors import ConfigError
from schemactl.repopath import lineage

_SHOWN = 4  # answers in a message


def infer(imports: Mapping[str, Iterable[str]], package: Callable[[str], str]) -> tuple[str, ...]:
    """Roots (`.` is the top) of the files in `imports`: path → imported names; `package` tells that of a path.

    A file belongs to the deepest root above it. Raises ConfigError with the lines to paste when two answers exist.
    """
    candidates = _candidates(imports)
    roots = {next(iter(found)) for found in candidates.values() if len(found) == 1}
    for name, found in candidates.items():
        if len(found) > 1 and len(found & roots) != 1:
            answers = [_completed(imports, package, roots | {root}) for root in sorted(found)[:_SHOWN]]
            raise _ambiguous(name, sorted(found), answers)
    return tuple(sorted(_completed(imports, package, roots)))


def _completed(imports: Iterable[str], package: Callable[[str], str], roots: Collection[str]) -> set[str]:
    """With a root for every file that is below none."""
    found = set(roots)
    for path in sorted(imports):
        if owner(path, found) is None:
            found.add(_own_root(path, package(path), found))
    return found


def owner(path: str, roots: Collection[str]) -> str | None:
    """The deepest root above the path."""
    return next((directory for directory in lineage(path) if directory in roots and directory != path), None)


def import_path(path: str, root: str) -> str:
    return path if root == "." else path[len(root) + 1 :]


def _candidates(imports: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    by_name: dict[str, list[str]] = {}
    for path in imports:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    found: dict[str, set[str]] = {}
    for name in dict.fromkeys(name for names in imports.values() for name in names):
        places = [path for path in by_name.get(name.rpartition("/")[2], ()) if f"/{path}".endswith(f"/{name}")]
        if places:
            found[name] = {path[: -len(name)].rstrip("/") or "." for path in places}
    return found


def _own_root(path: str, package: str, roots: set[str]) -> str:
    """Root of a file that nothing imports: its directory less its package, else the topmost free directory."""
    directory = path.rpartition("/")[0]
    below = package.replace(".", "/")
    if below and f"/{directory}".endswith(f"/{below}"):
        return directory[: -len(below)].rstrip("/") or "."
    if not roots:
        return "."
    taken = {above for root in roots for above in lineage(root)}
    return next((above for above in reversed(list(lineage(directory or "."))) if above not in taken), directory or ".")


def _ambiguous(name: str, found: list[str], answers: Iterable[Collection[str]]) -> ConfigError:
    choices = " or ".join(f"`roots: [{', '.join(sorted(answer))}]`" for answer in answers)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    places = ", ".join(f"`{root}`" for root in found[:_SHOWN])
    return ConfigError(
        f"import `{name}` is found below {len(found)} directories: {places}{more}",
        f"say which one in schemactl.yaml, or leave copies out by `excludes:`: {choices}",
    )
