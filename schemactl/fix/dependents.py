"""Which files can notice that one of them changes."""

from __future__ import annotations

from collections.abc import Collection

from schemactl.texts import Sources


def importing(sources: Sources, names: Collection[str]) -> set[str]:
    """The files that are named, and those that import one, over however many others."""
    by_import: dict[str, list[str]] = {}
    for name, each in sources.facts.items():
        for imported in each.imports:
            by_import.setdefault(imported, []).append(name)
    found, pending = set[str](), list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += by_import.get(name, ())
    return found
