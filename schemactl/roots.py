"""Finds the module roots of a tree that does not say them: the directories from which every import resolves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from schemactl.errors import ConfigError


def infer(imports: Mapping[str, Iterable[str]], packages: Mapping[str, str]) -> tuple[str, ...]:
    """Roots (`.` is the top) of the files in `imports`: path → imported names; `packages`: path → package.

    A file belongs to the deepest root above it. Raises ConfigError with the lines to paste when two answers exist.
    """
    candidates = _candidates(imports)
    roots = {next(iter(found)) for found in candidates.values() if len(found) == 1}
    for name, found in candidates.items():
        if len(found) > 1 and len(found & roots) != 1:
            raise _ambiguous(name, sorted(found), roots)
    for path in sorted(imports):
        if owner(path, roots) is None:
            roots.add(_own_root(path, packages.get(path, ""), roots))
    return tuple(sorted(roots))


def owner(path: str, roots: Iterable[str]) -> str | None:
    """The deepest root above the path."""
    above = [root for root in roots if root == "." or path.startswith(root + "/")]
    return max(above, key=lambda root: 0 if root == "." else len(root), default=None)


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
    above = [str(parent) for parent in reversed(PurePosixPath(path).parents)]
    free = (parent for parent in above if not any(root == parent or _within(root, parent) for root in roots))
    return next(free, directory or ".")


def _within(path: str, directory: str) -> bool:
    return directory == "." or path.startswith(directory + "/")


def _ambiguous(name: str, found: list[str], roots: set[str]) -> ConfigError:
    choices = " or ".join(f"`roots: [{', '.join(sorted(roots | {root}))}]`" for root in found)
    return ConfigError(
        f"import `{name}` is found below {len(found)} directories: {', '.join(f'`{root}`' for root in found)}",
        f"say which one in schemactl.yaml: {choices}",
    )
