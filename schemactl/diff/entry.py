"""Entries: one line of a difference each, as a tree; and what a whole difference is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from schemactl.diff.item import Item, Kind
from schemactl.effect import Effect
from schemactl.finding import Finding
from schemactl.report import Comparison, Versions
from schemactl.version import Level

# Nothing happened to an element "" itself, but to something in it.
Sign = Literal["", "added", "removed", "changed", "renamed", "moved"]
PackageSign = Literal["", "added", "removed"]


UNREAD = "…"  # a value in bytes that nobody here can read


class Detail(NamedTuple):
    """One property as it was and as it is; None where it was not set, or is not."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, eq=False)
class Entry:
    sign: Sign
    kind: Kind
    was: Item | None
    now: Item | None
    details: tuple[Detail, ...] = ()
    children: tuple[Entry, ...] = ()

    @property
    def item(self) -> Item:
        found = self.now or self.was
        assert found
        return found

    def detail(self, what: str) -> Detail | None:
        return next((each for each in self.details if each.what == what), None)

    @property
    def deprecates(self) -> bool:
        found = self.detail("deprecated")
        return found is not None and found.after == "true"


def every(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Each with all below it, those that are only the place of others too."""
    for entry in entries:
        yield entry
        yield from every(entry.children)


# Whom or what a change breaks. `rules`: those of the configuration alone, since no reader notices it.
Broken = Literal["readers", "rules", "callers", "protection", "reuse", "code", ""]


class Told(NamedTuple):
    """What is known of a change: what it does to readers, of that what no contract allows, and who found it.

    `broken` and the rules that say so, `because`. `refused`: by the rules that are configured. `warnings` ask for care.
    """

    effects: tuple[Effect, ...] = ()
    covered: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    rules: tuple[str, ...] = ()
    broken: Broken = ""
    because: tuple[str, ...] = ()
    refused: bool = False

    @property
    def breaks(self) -> bool:
        return self.broken != ""

    @property
    def is_news(self) -> bool:
        """Also of what only holds a change."""
        return self.breaks or bool(self.warnings)


@dataclass(frozen=True)
class Advice:
    """The part of the version to raise from 1.0 on, and before it; `more` changes say the same.

    `now` is the version that the package has, where one is known, and `next` what comes of it.
    """

    level: Level
    early: Level
    reason: str
    rule: str | None = None
    element: str | None = None
    more: int = 0
    now: str | None = None
    next: str | None = None
    tag: str | None = None

    @property
    def counts(self) -> Level:
        """What to raise now."""
        return self.early if self.now and self.now.startswith("0.") else self.level


@dataclass(frozen=True)
class Package:
    """What changed of one package; it may itself be new or gone."""

    name: str
    sign: PackageSign
    entries: tuple[Entry, ...]
    told: Mapping[Entry, Told]
    advice: Advice
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Diff:
    """`old` is None where there was nothing before; `problems` say why a side is no schema."""

    old: Comparison | None
    new: Comparison
    packages: tuple[Package, ...] = ()
    problems: Sequence[Finding] = ()
    notes: tuple[str, ...] = ()
    versions: Versions = field(default_factory=lambda: Versions(""))
