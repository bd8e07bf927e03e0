"""Findings from changes: Buf's with what they do to readers, and our own where Buf sees nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from schemactl.compat.change import Change, Judged
from schemactl.compat.shape import Place
from schemactl.compat.types import Types
from schemactl.effect import HARM, Effect, Evidence
from schemactl.element import NAME
from schemactl.finding import SEVERITIES, Against, Finding, Location, Severity, fingerprint

_NAMED = 3
_SOURCE_LEVEL = "source-level only: no reader or writer of data notices it, code that is generated changes"
# Reservations, deletions and methods are about more than what is on the wire today.
_FIRM = ("RESERVED_", "RPC_")
_FIRM_PARTS = ("_NO_DELETE", "_RESERVED")

Prove = Callable[[Change, Sequence[Effect]], Evidence | str]
Grade = Callable[[Finding], Finding | None]


def severity(change: Change) -> Severity | None:
    """The worst under any contract; None where nothing that one covers is harmed."""
    found = {level for judged in change.judged if (level := _severity(judged))}
    return next((level for level in SEVERITIES if level in found), None)


def harm(judged: Judged) -> list[Effect]:
    contract = judged.use.root.contract
    return [each for each in judged.effects if each.effect in HARM and contract.covers(each)]


def _severity(judged: Judged) -> Severity | None:
    found = harm(judged)
    if not found:
        return None
    if judged.use.root.contract.advisory:
        return "info"
    soft = judged.soft and all((each.encoding, each.readers) == ("json", "tolerant") for each in found)
    return "warning" if soft or all(each.values == "some" for each in found) else "error"


class Findings:
    """Of one comparison; `revision` is how a person calls the old side.

    `grade` makes of a finding of ours what the configuration wants, `prove` looks for evidence if it is wanted.
    """

    def __init__(self, old: Types, new: Types, revision: str, grade: Grade, prove: Prove | None = None) -> None:
        self._old, self._new, self._revision, self._grade, self._prove = old, new, revision, grade, prove

    def merged(self, of_buf: Iterable[Finding], changes: Iterable[Change], *, source: bool = False) -> list[Finding]:
        """`source`: what only generated code notices is as bad as the rest."""
        by_element = {change.element: change for change in _ranked(changes)}
        seen: set[str] = set()
        told: list[Finding] = []
        for group in _groups(of_buf):
            change = next((by_element[each.element] for each in group if each.element in by_element), None)
            told += self._joined(group, change, source) if change else group
            seen.update(each.element for each in group if each.element)
        left = [change for change in by_element.values() if change.element not in seen]
        own = (self._graded(change) for change in left)
        told += [replace(each, evidence=self._evidence(by_element[each.element or ""])) for each in own if each]
        return told

    def _joined(self, group: list[Finding], change: Change, source: bool) -> list[Finding]:
        """The effects on the first finding; severities as bad as ours, or milder where nobody notices."""
        first, *rest = group
        first = replace(first, effects=change.effects, evidence=self._evidence(change))
        ours = self._graded(change)
        if ours and ours.severity != "info":
            return [replace(each, severity=_worse(each.severity, ours.severity)) for each in (first, *rest)]
        if _unnoticed(change):
            level: Severity = "error" if source else "warning"
            return [_mild(each, level) for each in (first, *rest)]
        return [first, *rest]

    def _graded(self, change: Change) -> Finding | None:
        level = severity(change)
        return self._grade(self._own(change, level)) if level else None

    def _own(self, change: Change, level: Severity) -> Finding:
        name = change.element
        return Finding(
            change.rule,
            level,
            "compat",
            f"{change.message}{_where(change)}",
            self._location(change),
            name,
            change.help,
            self._stood(change),
            change=f"compat\0{name}",
            fingerprint=fingerprint(change.rule, name, change.message),
            effects=change.effects,
        )

    def _evidence(self, change: Change) -> Evidence | str | None:
        bad = [effect for judged in change.judged for effect in harm(judged)]
        bad = bad or [effect for effect in change.effects if effect.effect in HARM]
        return self._prove(change, bad) if self._prove and bad else None

    def _location(self, change: Change) -> Location | None:
        if change.now is not None:
            return _at(self._new, change.now.place, change.kind)
        owner = change.owners[1]
        return _at(self._new, owner.place, "message") if owner else None

    def _stood(self, change: Change) -> Against | None:
        place = change.was or change.owners[0]
        found = _at(self._old, place.place, change.kind if change.was else "message") if place else None
        return Against(self._revision, found.path, found.line, found.column) if found else None


def _at(types: Types, place: Place, kind: str) -> Location:
    path = (*place.path, NAME) if kind in ("message", "enum") else place.path
    return types.file(place.file).location(path)


def _ranked(changes: Iterable[Change]) -> list[Change]:
    """Of one element the worst change comes last, and so stands for it."""
    order: Mapping[Severity | None, int] = {None: 0, "info": 1, "warning": 2, "error": 3}
    return sorted(changes, key=lambda change: order[severity(change)])


def _groups(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Those about one thing, which share their `change`, in the order in which it is met first."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.change, []).append(finding)
    yield from groups.values()


def _worse(one: Severity, other: Severity) -> Severity:
    return SEVERITIES[min(SEVERITIES.index(one), SEVERITIES.index(other))]


def _unnoticed(change: Change) -> bool:
    """Whether somebody asked for a verdict on it, and no reader of whatever kind is harmed."""
    asked = [judged for judged in change.judged if not judged.use.root.contract.advisory]
    return bool(asked) and all(effect.effect in ("ok", "skip") for effect in change.effects)


def _mild(finding: Finding, level: Severity) -> Finding:
    firm = finding.rule.startswith(_FIRM) or any(part in finding.rule for part in _FIRM_PARTS)
    if firm:
        what = "a reservation" if finding.rule.startswith("RESERVED_") else "a deletion"
        what = "a method" if finding.rule.startswith("RPC_") else what
        note = f"no reader or writer of data notices it now; it stays {finding.severity}, being {what}"
        return replace(finding, help="; ".join(filter(None, (note, finding.help))))
    return replace(finding, severity=level, help="; ".join(filter(None, (_SOURCE_LEVEL, finding.help))))


def _where(change: Change) -> str:
    """The topics on which it is noticed."""
    names = sorted({judged.use.root.contract.topic for judged in change.judged if harm(judged)} - {""})
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    word = "topic" if len(names) == 1 else "topics"
    return f", on {word} {', '.join(f'`{name}`' for name in names[:_NAMED])}{more}"
