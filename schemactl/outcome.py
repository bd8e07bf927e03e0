"""What comparing with bases gave: the verdict, what it was reached against, and why there is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from schemactl.against import Base
from schemactl.finding import SEVERITIES, Finding, ordered, unique
from schemactl.past import Replaced, borrowing, notes
from schemactl.report import Comparison
from schemactl.side import Side
from schemactl.trace import linked
from schemactl.tree import Tree


@dataclass(frozen=True)
class Earlier:
    """What was compared with: the schema, and the tree it was read from, if it was.

    `suppressed` are the fingerprints of findings that it leaves out, as far as anybody had to know.
    """

    side: Side
    tree: Tree | None = None
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """The verdict on the change, and what it was reached against; `reason` says why there is none.

    `policy` is what the change does to those who judge. `places`: where the files stood that a finding (fingerprint)
    is about, if these are several. `before` are the files of the images that were compared with.
    `earlier` is the first that was compared with. `known` are the fingerprints of the base's own lint findings: None
    where nobody asked, or there is no base.
    """

    findings: list[Finding]
    against: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    known: frozenset[str] | None = None
    policy: tuple[Finding, ...] = ()
    places: Mapping[str, Collection[str]] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    earlier: Earlier | None = None


class Seen(NamedTuple):
    """What the comparison with one state gave, to be put together in `Outcome`."""

    findings: list[Finding]
    known: frozenset[str] | None = None
    policy: tuple[Finding, ...] = ()
    places: Mapping[str, Collection[str]] = {}
    before: Collection[str] = ()
    earlier: Earlier | None = None
    borrowed: bool = False


class Gathered:
    """What the bases gave, the newest first: of what several find, the worst is told, and of these the newest one's."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.first = Seen([])
        self._findings: dict[str, Finding] = {}
        self._policy: dict[str, Finding] = {}
        self._places: dict[str, set[str]] = {}
        self._before: set[str] = set()
        self._against: list[Comparison] = []
        self._replaced: list[Replaced] = []
        self._borrowing: list[str] = []

    def add(self, base: Base, running: Callable[[], Seen], comparison: Comparison, replaced: Replaced | None) -> None:
        seen = running()
        self.first = self.first if self._against else seen
        for finding in seen.findings:
            self._hear(replace(finding, change=f"{base.revision}\0{finding.change}"))
        self._policy = {finding.fingerprint: finding for finding in seen.policy} | self._policy
        for identity, paths in seen.places.items():
            self._places.setdefault(identity, set()).update(paths)
        self._before.update(seen.before)
        self._against.append(comparison)
        self._replaced += [replaced] if replaced else []
        self._borrowing += [comparison.revision] if seen.borrowed else []

    def _hear(self, finding: Finding) -> None:
        known = self._findings.get(finding.fingerprint)
        if known is None or SEVERITIES.index(finding.severity) < SEVERITIES.index(known.severity):
            self._findings[finding.fingerprint] = finding

    def outcome(self, reason: str) -> Outcome:
        return Outcome(
            linked(ordered(self._findings.values())),
            tuple(self._against),
            (*notes(self._replaced), *borrowing(self._borrowing), *self.notes),
            reason,
            self.first.known,
            tuple(self._policy.values()),
            self._places,
            frozenset(self._before),
            self.first.earlier,
        )


def fresh(findings: Collection[Finding], known: Collection[str] | None) -> list[Finding]:
    """The findings that the base does not have; of several alike, those that are more than it has."""
    if known is None:
        return list(findings)
    return [finding for finding in unique(ordered(findings)) if finding.fingerprint not in known]
