"""Which files a change can reach: those that see what changed, and those whose options may be read another way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Set

from schemactl.side import Side


class Reach:
    """The imports of both sides as one graph; what is not `changed` is alike on both."""

    def __init__(self, new: Side, old: Side, changed: Collection[str]) -> None:
        self._new, self._old, self._changed = new, old, frozenset(changed)
        self._users: dict[str, list[str]] = {}
        for side, names in ((new, new.contents), (old, self._changed & old.contents.keys())):
            for name in names:
                for imported in side.imports(name):
                    self._users.setdefault(imported, []).append(name)
        self._deep: dict[str, bool] = {}

    def of(self, name: str) -> set[str]:
        """The files whose meaning may hang on this one.

        What a file imports it sees, and so do its importers if it passes that on by `import public`. Further than that
        only the values of options reach: their types may come from files that nobody imports where they are set.
        """
        above = self._above([name], lambda each: True)
        self._ask(above - self._deep.keys())
        deep = {each for each in above if self._deep[each]}
        return deep | self._above([name, *deep], self._passes_on)

    def above(self, names: Collection[str]) -> set[str]:
        """Whatever imports one of them, on whatever way."""
        return self._above(names, lambda each: True)

    def _ask(self, names: Set[str]) -> None:
        found = {
            *self._new.shaping_options(names & self._new.contents.keys()),
            *self._old.shaping_options(names & self._changed & self._old.contents.keys()),
        }
        self._deep.update((name, name in found) for name in names)

    def _above(self, names: Collection[str], through: Callable[[str], bool]) -> set[str]:
        found: set[str] = set()
        pending = list(names)
        while pending:
            fresh = set(self._users.get(pending.pop(), ())) - found
            found |= fresh
            pending += filter(through, fresh)
        return found

    def _passes_on(self, name: str) -> bool:
        sides = (self._new, self._old) if name in self._changed else (self._new,)
        return any(name in side.contents and side.passes_on(name) for side in sides)
