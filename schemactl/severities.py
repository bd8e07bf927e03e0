"""Which severity an override gives to a rule at a place: the last one that is about it wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from schemactl.configfile import Level, Override
from schemactl.repopath import contains


class Overrides:
    def __init__(self, overrides: Iterable[Override]) -> None:
        self._by_rule: dict[str, list[tuple[Override, Level]]] = {}
        for override in overrides:
            for rule, level in override.rules.items():
                self._by_rule.setdefault(rule, []).insert(0, (override, level))

    def level(self, rule: str, paths: Collection[str], packages: Collection[str]) -> Level | None:
        """For findings of the rule in any of the files, or of the packages that these are of."""
        listed = self._by_rule.get(rule, ())
        return next((level for override, level in listed if _is_about(override, paths, packages)), None)

    @cached_property
    def asks_for_packages(self) -> bool:
        return any(override.packages for listed in self._by_rule.values() for override, _ in listed)

    @cached_property
    def raised(self) -> frozenset[str]:
        """Rules that are on somewhere by an override, wherever else they are."""
        return frozenset(rule for rule, listed in self._by_rule.items() if any(level != "off" for _, level in listed))


def _is_about(override: Override, paths: Collection[str], packages: Collection[str]) -> bool:
    return any(contains(outer, path) for outer in override.paths for path in paths) or any(
        package == outer or package.startswith(f"{outer}.") for outer in override.packages for package in packages
    )
