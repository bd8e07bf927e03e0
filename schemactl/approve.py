"""Applies the file of approvals: breaking changes that it agrees to are marked, and what is idle in it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from msgspec.structs import replace

from schemactl.approvals import Approval, Entry
from schemactl.config import APPROVALS
from schemactl.finding import Finding, Severity, fingerprint
from schemactl.passing import JUDGES_CHANGES
from schemactl.suppress import noted
from schemactl.suppression import ends_soon, is_over, worded
from schemactl.terms import Applied, Terms

# What an entry and a finding may have in common.
_Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Use:
    approval: Approval
    of: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)


def applied(
    findings: Sequence[Finding],
    approvals: Sequence[Approval],
    terms: Terms,
    base: Set[Entry] | None = None,
    *,
    compared: bool = True,
) -> Applied:
    """`base` are the base's entries; without a base nothing is new. `compared`: breaking changes were looked for."""
    if not approvals:
        return Applied(list(findings))
    uses = [_Use(approval) for approval in approvals]
    by_key, others = (
        _by_key(use for use in uses if _counts(use.approval.entry, terms, base) is wanted) for wanted in (True, False)
    )
    kept = [_approved(finding, by_key, others, terms) for finding in findings]
    return Applied([*kept, *(each for use in uses if compared for each in _told(use, terms, base))])


def _counts(entry: Entry, terms: Terms, base: Set[Entry] | None) -> bool:
    return not is_over(entry.until, terms.today) and (not terms.strict or entry in (base or ()))


def _by_key(uses: Iterable[_Use]) -> dict[_Key, _Use]:
    found: dict[_Key, _Use] = {}
    for use in uses:
        entry = use.approval.entry
        found.setdefault((entry.fingerprint,) if entry.fingerprint else (entry.rule, entry.element), use)
    return found


def _approved(finding: Finding, by_key: dict[_Key, _Use], others: dict[_Key, _Use], terms: Terms) -> Finding:
    if finding.source not in JUDGES_CHANGES:
        return finding
    keys = list(_keys(finding))
    if use := next((by_key[key] for key in keys if key in by_key), None):
        use.of.append(finding)
        return finding if finding.suppressed else replace(finding, suppressed=_why(use.approval.entry))
    use = next((others[key] for key in keys if key in others), None)
    if use is None or finding.suppressed:
        return finding
    use.refused.append(finding)
    return noted(finding, _why_not(use.approval, terms))


def _keys(finding: Finding) -> Iterator[_Key]:
    yield (finding.fingerprint,)
    if finding.element:
        yield finding.rule, finding.element
    yield from ((finding.rule, place.path) for place in (finding.location, finding.against) if place)


def _why(entry: Entry) -> str:
    return worded(APPROVALS, entry.until, entry.reason)


def _why_not(approval: Approval, terms: Terms) -> str:
    place = f"{approval.at.path}:{approval.at.line}"
    if is_over(approval.entry.until, terms.today):
        return f"its approval at {place} ended on {approval.entry.until}"
    return f"its approval at {place} does not count before it is in the base (`approvals: base`)"


def _told(use: _Use, terms: Terms, base: Set[Entry] | None) -> Iterator[Finding]:
    entry = use.approval.entry
    fresh = base is not None and entry not in base
    if use.of and ends_soon(entry.until, terms.today):
        help = "release the change before that day is over, or move `until` and say why"
        yield _finding("SUPPRESSION_EXPIRES", "info", use, f"the approval of {_about(use)} ends on {entry.until}", help)
    if not (use.of or use.refused):
        yield from _idle(use, terms, fresh)


def _idle(use: _Use, terms: Terms, fresh: bool) -> Iterator[Finding]:
    """Once a break is merged, nothing finds it until the next release: only what is new is told of."""
    entry = use.approval.entry
    if fresh:
        off = entry.rule and terms.ran(entry.rule, entry.element) == "off"
        why = f"`{entry.rule}` is off here" if off else _nothing(entry)
        yield _finding("APPROVAL_UNUSED", "warning", use, f"the approval is not needed: {why}", "delete the entry")
    elif is_over(entry.until, terms.today):
        message = f"the approval of {_named(entry)} ended on {entry.until}, and nothing needs it any more"
        yield _finding("APPROVAL_UNUSED", "info", use, message, "delete the entry")


def _about(use: _Use) -> str:
    """What is approved, as a finding says it where the entry has no more than a fingerprint."""
    entry, found = use.approval.entry, use.of[0]
    place = found.location or found.against
    return f"`{found.rule}` on `{entry.element or found.element or (place.path if place else '')}`"


def _nothing(entry: Entry) -> str:
    if entry.fingerprint:
        return f"no finding has the fingerprint `{entry.fingerprint}`"
    return f"`{entry.rule}` finds nothing on `{entry.element}`"


def _named(entry: Entry) -> str:
    return f"`{entry.fingerprint}`" if entry.fingerprint else f"`{entry.rule}` on `{entry.element}`"


def _finding(rule: str, severity: Severity, use: _Use, message: str, help: str | None = None) -> Finding:
    entry = use.approval.entry
    key = "\0".join((entry.rule, entry.fingerprint, entry.until, entry.reason))
    identity = fingerprint(rule, entry.element or None, key)
    element = entry.element or None
    return Finding(rule, severity, "policy", message, use.approval.at, element, help, fingerprint=identity)
