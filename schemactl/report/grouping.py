"""Findings as people read them: those of one change as one, and how many there are of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemactl.effect import Evidence
from schemactl.finding import SEVERITIES, Finding, Location, Severity
from schemactl.report import effects
from schemactl.report.summary import standing


@dataclass(frozen=True, slots=True)
class Change:
    """Findings of one change: `first` is the gravest, `others` say something else; each thing is told once.

    `effects` are lines, `evidence` is at most one.
    """

    findings: list[Finding]
    first: Finding
    rules: Sequence[str]
    others: Sequence[Finding]
    was: Sequence[str]
    helps: Sequence[str]
    suppressed: Sequence[str]
    effects: Sequence[str] = ()
    evidence: Sequence[Evidence | str] = ()


def changes(findings: Iterable[Finding]) -> list[Change]:
    """Findings of one change together, at the place of its first; any other finding alone.

    What is suppressed stands apart: a change of which some is approved still has to be told.
    """
    together: dict[tuple[str | int, bool], list[Finding]] = {}
    for index, finding in enumerate(findings):
        together.setdefault((finding.change or index, bool(finding.suppressed)), []).append(finding)
    return [_alone(found[0]) if len(found) == 1 else _change(found) for found in together.values()]


def place(location: Location) -> str:
    """`path:line:column`."""
    return f"{location.path}:{location.line}:{location.column}"


def by_rule(findings: Iterable[Finding]) -> list[tuple[int, str, Severity]]:
    """How many findings a rule has, and how grave; the most first."""
    found = Counter((finding.rule, finding.severity) for finding in findings)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(count, rule, severity) for (rule, severity), count in ranked]


def _alone(finding: Finding) -> Change:
    was = (standing(finding.against),) if finding.against else ()
    helps = (finding.help,) if finding.help else ()
    suppressed = (finding.suppressed,) if finding.suppressed else ()
    told = effects.told(finding.effects) if finding.effects else ()
    evidence = (finding.evidence,) if finding.evidence else ()
    return Change([finding], finding, (finding.rule,), (), was, helps, suppressed, told, evidence)


def _change(findings: list[Finding]) -> Change:
    first = min(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    others = {(each.rule, each.message, each.location): each for each in findings if each.message != first.message}
    return Change(
        findings,
        first,
        _once(finding.rule for finding in findings),
        list(others.values()),
        _once(standing(finding.against) for finding in findings if finding.against),
        _once(finding.help for finding in findings if finding.help),
        _once(finding.suppressed for finding in findings if finding.suppressed),
        _once(line for finding in findings for line in effects.told(finding.effects)),
        [finding.evidence for finding in findings if finding.evidence][:1],
    )


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
