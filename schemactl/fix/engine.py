"""Fixes in rounds: what overlaps waits for the next one, until nothing is left that anybody knows a fix for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from schemactl.finding import Finding
from schemactl.fix.edit import Edit, overlap
from schemactl.fix.table import UNASKED, fixers
from schemactl.fix.trial import Judge, Proposal, Refused, State, accepted
from schemactl.fix.view import Base, Params, View
from schemactl.suppression import Suppression
from schemactl.texts import Sources

_ROUNDS = 10
_ATTEMPTS = 60  # to find out, in one round, which fixes do not go together
_RETRIES = 2  # rounds more for what was not tried


@dataclass(frozen=True)
class Asked:
    """What to fix: `wanted` says of a finding whether it is, `unsafe` whether also what may break somebody.

    The others are what a `View` has, `asks` with the suppressions that there are.
    """

    params: Params
    base: Callable[[], Base | None]
    wanted: Callable[[Finding], bool]
    asks: Callable[[Sequence[Finding], Sequence[Suppression], str], bool]
    outside: Callable[[], Collection[str]]
    unsafe: bool = False


@dataclass(frozen=True)
class Fixed:
    """`texts` are those of changed files by import path; `left` could be fixed unsafely, `lost` cannot be at all."""

    sources: Sources
    texts: dict[str, bytes]
    findings: list[Finding]
    fixed: int
    left: int
    lost: int
    refused: list[Refused] = field(default_factory=list)


def fixed(first: State, judge: Judge, asked: Asked) -> Fixed:
    wanted = {finding.fingerprint for finding in first.findings if asked.wanted(finding)}
    state, refused, unasked, retries = first, dict[str, Refused](), 0, _RETRIES
    for _ in range(_ROUNDS):
        offered = _proposals(state, wanted, asked)
        chosen = _apart(each for each in offered if _may(each, asked) and state.origin(each.finding) not in refused)
        if not chosen:
            break
        known, before = {finding.fingerprint for finding in state.findings}, state
        state, kept, lost = accepted(state, chosen, judge, _ATTEMPTS)
        retries -= any(not each.tried for each in lost)
        refused |= {before.origin(each.proposal.finding): each for each in lost if each.tried or retries < 0}
        unasked += sum(each.finding.fingerprint not in known for each in kept)
    else:
        offered = _proposals(state, wanted, asked)
    open = {finding.fingerprint for finding in state.findings if state.origin(finding) in wanted}
    left = {each.finding.fingerprint for each in offered if not _may(each, asked)}
    done = len(wanted) - len(open) + unasked
    texts, told = _texts(first, state), list(refused.values())
    return Fixed(state.sources, texts, state.findings, done, len(left), len(open - left), told)


def _may(proposal: Proposal, asked: Asked) -> bool:
    return proposal.fix.safe or asked.unsafe


def _proposals(state: State, wanted: Collection[str], asked: Asked) -> list[Proposal]:
    """`wanted` are fingerprints from before any fix."""
    found = [finding for finding in state.findings if state.origin(finding) in wanted and fixers(finding.rule)]
    if not (found or UNASKED):
        return []
    image = state.schema.image(sorted(state.sources.facts))
    asks = partial(_asks, asked, state.suppressions)
    view = View(state.sources, image, asked.params, asked.base, asks, asked.outside)
    unasked = (Proposal(*each) for family in UNASKED for each in family(view) if asked.wanted(each[0]))
    return [*(proposal for finding in found if (proposal := _proposal(finding, view))), *unasked]


def _asks(asked: Asked, suppressions: Sequence[Suppression], findings: Sequence[Finding], package: str) -> bool:
    return asked.asks(findings, suppressions, package)


def _proposal(finding: Finding, view: View) -> Proposal | None:
    fixes = (fixer(finding, view) for fixer in fixers(finding.rule))
    return next((Proposal(finding, fix) for fix in fixes if fix is not None), None)


def _apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Those of which no two change the same place; the first ones win, of those that do not wait."""
    chosen: list[Proposal] = []
    taken: dict[str, list[Edit]] = {}
    for proposal in sorted(proposals, key=lambda proposal: proposal.fix.waits):
        edits = proposal.fix.edits
        if edits and not any(overlap(edit, other) for edit in edits for other in taken.get(edit.name, ())):
            chosen.append(proposal)
            for edit in edits:
                taken.setdefault(edit.name, []).append(edit)
    return chosen


def _texts(first: State, last: State) -> dict[str, bytes]:
    if first is last:
        return {}
    before, after = first.sources, last.sources
    names: Sequence[str] = [name for name in after.facts if name in before.files]
    changed = [name for name in names if after.facts[name].digest != before.facts[name].digest]
    return {name: after.files[name] for name in changed}
