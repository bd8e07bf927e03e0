"""What comparing with bases gave: the verdict, what it was reached against, and why there is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from schemactl.finding import Finding, ordered, unique
from schemactl.report import Comparison
from schemactl.side import Side
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


def fresh(findings: Collection[Finding], known: Collection[str] | None) -> list[Finding]:
    """The findings that the base does not have; of several alike, those that are more than it has."""
    if known is None:
        return list(findings)
    return [finding for finding in unique(ordered(findings)) if finding.fingerprint not in known]
