"""Findings from changes: Buf's with what they do to readers, and our own where Buf sees nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as changed

from msgspec.structs import replace

from schemactl.compat.change import Change, Judged, Value
from schemactl.compat.shape import Enum, Place
from schemactl.compat.types import Types
from schemactl.effect import HARM, Effect, Evidence, joined
from schemactl.element import NAME
from schemactl.finding import SEVERITIES, Against, Finding, Location, Severity, fingerprint

_NAMED = 3
_SOURCE_LEVEL = "source-level only: no reader or writer of data notices it, code that is generated changes"
# Reservations, deletions and methods are about more than what is on the wire today.
_FIRM = ("RESERVED_", "RPC_")
_FIRM_PARTS = ("_NO_DELETE", "_RESERVED")

_TRIED = 3  # contracts by which evidence is looked for
_ORDER: Mapping[Severity | None, int] = {None: 0, "info": 1, "warning": 2, "error": 3}
# Buf sees another name or number where these know what it was.
_KNOWS_BETTER = frozenset(
    {
        "FIELD_RENAMED",
        "FIELD_RENUMBERED",
        "JSON_NAME_CHANGED",
        "JSON_NAME_REUSED",
        "NUMBER_REUSED",
        "ENUM_VALUE_RENAMED",
        "ENUM_VALUE_RENUMBERED",
        "ENUM_VALUE_REMOVED",
    }
)

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
        known = sorted(changes, key=lambda change: _ORDER[severity(change)], reverse=True)
        named, otherwise = _by_name(known)
        linked: set[int] = set()
        told: list[Finding] = []
        for group in _groups(of_buf):
            names = dict.fromkeys(each.element for each in group if each.element)
            about = [*_of(names, named)] or [*_of(names, otherwise)]
            told += self._joined(group, about, source) if about else group
            linked.update(map(id, about))
        for change in known:
            if id(change) not in linked and (own := self._graded(change)):
                told.append(replace(own, evidence=self._evidence(change)))
        return told

    def _joined(self, group: list[Finding], about: list[Change], source: bool) -> list[Finding]:
        """The effects on the first finding; severities as bad as ours, or milder where nobody notices.

        `about` are the changes of that element, the worst first.
        """
        effects = joined(effect for change in about for effect in change.effects)
        if all(map(_unnoticed, about)):
            level: Severity = "error" if source else "warning"
            first, *rest = (_mild(each, level) for each in group)
            return [replace(first, effects=effects), *rest]
        ours = [(change, own) for change in about if (own := self._graded(change)) and own.severity != "info"]
        for change, own in ours[:1]:
            group = [replace(each, severity=_worse(each.severity, own.severity)) for each in group]
            if change.rule in _KNOWS_BETTER:
                group = [replace(each, help=change.help) for each in group]
        first, *rest = group
        return [replace(first, effects=effects, evidence=self._evidence(about[0])), *rest]

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
        """From what travels by the contract that is harmed most, by a reader whom it covers."""
        if self._prove is None or not change.effects:
            return None
        reason: str | None = None
        judged = sorted(change.judged, key=lambda each: _ORDER[_severity(each)], reverse=True)
        for each in judged[:_TRIED]:
            if bad := harm(each):
                found = self._prove(changed(change, judged=(each,)), bad)
                if not isinstance(found, str):
                    return found
                reason = reason or found
        harmless = all(effect.effect not in HARM for effect in change.effects)
        return reason or (None if harmless else "what it harms is outside of the contract")

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


_Index = dict[str, list[Change]]


def _by_name(changes: Iterable[Change]) -> tuple[_Index, _Index]:
    """By what they are called, and by the names that they had or share, which Buf may call them."""
    named: _Index = {}
    otherwise: _Index = {}
    for change in changes:
        named.setdefault(change.element, []).append(change)
        for name in dict.fromkeys(_other_names(change)):
            otherwise.setdefault(name, []).append(change)
    return named, otherwise


def _of(names: Iterable[str], index: _Index) -> Iterable[Change]:
    return {id(change): change for name in names for change in index.get(name, ())}.values()


def _other_names(change: Change) -> Iterator[str]:
    yield from (each.full_name for each in (change.was, change.now) if each)
    numbers = {each.number for each in (change.was, change.now) if isinstance(each, Value)}
    for enum in change.owners:
        if isinstance(enum, Enum):
            yield from (f"{enum.full_name}.{name}" for name, number in enum.values if number in numbers)


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
    return replace(finding, severity=level, help=_SOURCE_LEVEL)


def _where(change: Change) -> str:
    """The topics on which it is noticed."""
    names = sorted({judged.use.root.contract.topic for judged in change.judged if harm(judged)} - {""})
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    word = "topic" if len(names) == 1 else "topics"
    return f", on {word} {', '.join(f'`{name}`' for name in names[:_NAMED])}{more}"
