"""A finding: one thing that is wrong at one place, whoever found it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from schemactl.effect import Effect, Evidence

Severity = Literal["error", "warning", "info"]
Source = Literal["lint", "buf", "compat", "compile", "policy"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Location(Struct, frozen=True, array_like=True, gc=False):
    """Where in a file: 1-based, columns count code points (a tab is 1), the end column is exclusive.

    `path` starts at the repository root and uses POSIX slashes.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Against(Struct, frozen=True):
    """Where the thing stood in the old revision (`revision` as the user would write it)."""

    revision: str
    path: str
    line: int | None = None
    column: int | None = None


class Finding(Struct, frozen=True, array_like=True, gc=False):
    """One finding; `help` says how to get to what is right, and may hold several lines to paste.

    `suppressed` says by what, where somebody wanted it to be left out. `effects` are what a change does to readers;
    `evidence` a message that shows it, or why there is none.
    """

    rule: str
    severity: Severity
    source: Source
    message: str
    location: Location | None = None
    element: str | None = None
    help: str | None = None
    against: Against | None = None
    change: str | None = None
    fingerprint: str = ""
    suppressed: str | None = None
    effects: tuple[Effect, ...] = ()
    evidence: Evidence | str | None = None


def fingerprint(rule: str, element: str | None, key: str = "") -> str:
    """Identity of a finding that survives moving lines: 16 hex digits of (rule, element, key)."""
    digest = hashlib.sha256("\0".join((rule, element or "", key)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


# What a change does to those who judge it comes before all else: nothing that it adds must push this out of sight.
FIRST = ("POLICY_CHANGED", "POLICY_INTRODUCED", "FILES_LEFT_OUT", "BREAK_APPROVED", "SUPPRESSION_ADDED")
_RANK = {rule: rank for rank, rule in enumerate(FIRST)}


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Report order: path, line, column, rule, message; what is about the policy, or has no place, comes first."""
    return sorted(findings, key=_order)


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with fingerprints that no two share: a second one of the same identity is counted."""
    seen: dict[str, int] = {}
    kept = []
    for finding in findings:
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        if count > 1:
            finding = replace(finding, fingerprint=fingerprint(finding.rule, finding.fingerprint, str(count)))
        kept.append(finding)
    return kept


def _order(finding: Finding) -> tuple[bool, int, str, int, int, str, str, str]:
    place = finding.location
    where = (place.path, place.line, place.column) if place else ("", 0, 0)
    first = finding.source != "policy", _RANK.get(finding.rule, len(_RANK))
    return (*first, *where, finding.rule, finding.message, finding.fingerprint)
