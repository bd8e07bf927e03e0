"""Applies the comments that suppress findings: what they cover is marked, and what is wrong with them is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from schemactl import suppressnotes
from schemactl.finding import Finding
from schemactl.innermost import Point, innermost
from schemactl.passing import JUDGES_CHANGES
from schemactl.suppression import Identity, Suppression, identity, is_over, worded
from schemactl.suppressnotes import Use
from schemactl.terms import Applied, Terms

_BY_BUF = "buf:lint:ignore"


class _Claim(NamedTuple):
    """A suppression as far as it is about one rule."""

    use: Use
    rule: str


def applied(
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    terms: Terms,
    base: frozenset[Identity] | None = None,
) -> Applied:
    """`base` are the identities that the base has, too; without a base nothing is new."""
    if not terms.settings.comments:
        return _without_comments(findings, suppressions)
    if not suppressions:
        return Applied(list(findings))
    problems = suppressnotes.problems(suppressions, terms)
    uses = [Use(each) for each, problem in zip(suppressions, problems, strict=True) if not problem]
    counting, others = _claims(uses, terms, base)
    kept = list(findings)
    for index, claim in _covered(kept, counting):
        claim.use.of[claim.rule] += 1
        if not kept[index].suppressed:
            kept[index] = replace(kept[index], suppressed=_why(claim.use.suppression))
    for index, claim in _covered(kept, others):
        if kept[index].suppressed:
            claim.use.outlived.add(claim.rule)
        else:
            claim.use.refused.add(claim.rule)
            kept[index] = noted(kept[index], _why_not(kept[index], claim.use.suppression, terms))
    told = [
        suppressnotes.invalid(each, problem) for each, problem in zip(suppressions, problems, strict=True) if problem
    ]
    return Applied([*kept, *told, *(finding for use in uses for finding in suppressnotes.told(use, terms, base))])


def noted(finding: Finding, note: str) -> Finding:
    """The finding with the note before its help, which may end in lines to paste."""
    return replace(finding, help=f"{note}; {finding.help}" if finding.help else note)


def _without_comments(findings: Sequence[Finding], suppressions: Sequence[Suppression]) -> Applied:
    kept = [replace(each, suppressed=None) if _by_comment(each) else each for each in findings]
    some = suppressions or any(was is not now for was, now in zip(findings, kept, strict=True))
    note = "comments that would suppress findings do not count: `suppress.comments` is false"
    return Applied(kept, (note,) if some else ())


def _by_comment(finding: Finding) -> bool:
    return finding.suppressed is not None and finding.suppressed.startswith(_BY_BUF)


def _claims(uses: Iterable[Use], terms: Terms, base: frozenset[Identity] | None) -> tuple[list[_Claim], list[_Claim]]:
    """Those that count, and those that do not, or no longer."""
    counting: list[_Claim] = []
    others: list[_Claim] = []
    for use in uses:
        over = is_over(use.suppression.until, terms.today)
        for rule in use.suppression.rules:
            strict = terms.strict and rule in terms.breaking
            # What else stands in a line is for the change to choose.
            known = not use.suppression.line and identity(use.suppression, rule) in (base or ())
            (counting if (known or not strict) and not over else others).append(_Claim(use, rule))
    return counting, others


def _covered(findings: Sequence[Finding], claims: Iterable[_Claim]) -> Iterator[tuple[int, _Claim]]:
    """The findings that a claim covers, each with the innermost of these."""
    spans: dict[tuple[str, str], list[tuple[Point, Point, _Claim]]] = {}
    for claim in claims:
        for cover in claim.use.suppression.covers:
            span = (cover.line, cover.column), (cover.end_line, cover.end_column), claim
            spans.setdefault((cover.path, claim.rule), []).append(span)
    places: dict[tuple[str, str], dict[Point, list[int]]] = {}
    for index, finding in enumerate(findings) if spans else ():
        if (at := finding.location) and (at.path, finding.rule) in spans:
            points = places.setdefault((at.path, finding.rule), {})
            points.setdefault((at.line, at.column), []).append(index)
    for key, points in places.items():
        for point, claim in innermost(points, spans[key]).items():
            yield from ((index, claim) for index in points[point])


def _why(suppression: Suppression) -> str:
    return worded("schemactl:ignore", suppression.until, suppression.reason)


def _why_not(finding: Finding, suppression: Suppression, terms: Terms) -> str:
    place = f"{suppression.at.path}:{suppression.at.line}"
    if is_over(suppression.until, terms.today):
        what = "approval" if finding.source in JUDGES_CHANGES else "suppression"
        return f"its {what} at {place} ended on {suppression.until}"
    if suppression.line:
        return f"its approval at {place} stands behind a line, and counts only above the element (`approvals: base`)"
    return f"its approval at {place} does not count before it is in the base (`approvals: base`)"
