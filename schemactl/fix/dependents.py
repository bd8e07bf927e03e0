"""Which files can notice that one of them changes."""

from __future__ import annotations

from collections.abc import Iterable

from schemactl.texts import Sources


class Dependents:
    """By the imports of all sources."""

    def __init__(self, sources: Sources) -> None:
        self._importing: dict[str, list[str]] = {}
        for name, each in sources.facts.items():
            for imported in each.imports:
                self._importing.setdefault(imported, []).append(name)

    def of(self, names: Iterable[str]) -> set[str]:
        """The files, and those that import one of them, over however many others."""
        found, pending = set[str](), list(names)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._importing.get(name, ())
        return found
