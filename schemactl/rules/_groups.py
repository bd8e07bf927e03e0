"""Files in groups, and lists of names, for rules over several files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from schemactl.outline import Outline

# Each of a thousand files tells the list: what nobody reads to the end is cut.
_LISTED = 5
_LONGEST = 100


def grouped(files: Iterable[Outline], key: Callable[[Outline], str]) -> dict[str, list[Outline]]:
    groups: dict[str, list[Outline]] = {}
    for file in files:
        groups.setdefault(key(file), []).append(file)
    return groups


def directory(file: Outline) -> str:
    """Of the import path: where the file is below its root."""
    return file.name.rpartition("/")[0] or "."


def package(file: Outline) -> str:
    return file.package


def listed(names: Collection[str]) -> str:
    """`` `a`, `b` and 7 more``"""
    first = ", ".join(map(quoted, sorted(names)[:_LISTED]))
    return first if len(names) <= _LISTED else f"{first} and {len(names) - _LISTED} more"


def quoted(name: str) -> str:
    return f"`{name}`" if len(name) <= _LONGEST else f"`{name[:_LONGEST]}…`"
