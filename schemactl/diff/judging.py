"""What is known of each change: the findings about it, and what it does to readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from schemactl.bufrules import breaking_ids
from schemactl.compat.change import Change, Judged
from schemactl.compat.findings import harm, severity
from schemactl.compatrules import IDS
from schemactl.diff.entry import Broken, Entry, Told, every
from schemactl.diff.pairing import along
from schemactl.effect import HARM, Effect, joined
from schemactl.finding import Finding

# What is told of these stands as an entry of its own below its owner.
_APART = {"reserved": "RESERVED_", "extension_range": "EXTENSION_MESSAGE_"}
_FILE_GONE = "FILE_NO_DELETE"  # Buf tells it of the file alone
_ONEOF = "FIELD_SAME_ONEOF"  # Buf tells it of each field of a oneof that was renamed
_LATER = "_UNLESS_"  # in rules that say what may be taken again
_BY_NAME = ("message", "enum", "service", "method", "extension", "oneof")


class Known(NamedTuple):
    """All that was found between the two sides; `asked` are the rules of the policy, `judged` by ours too."""

    findings: Sequence[Finding]
    changes: Sequence[Change] = ()
    asked: Collection[str] = ()
    judged: bool = False


def told(entries: Sequence[Entry], known: Known) -> tuple[dict[Entry, Told], list[Finding]]:
    """By entry, and the findings that are about none."""
    findings: dict[str, list[Finding]] = {}
    for finding in known.findings:
        for at in {finding.element} if finding.element else _files(finding):
            findings.setdefault(at, []).append(finding)
    changes: dict[str, list[Change]] = {}
    for change in known.changes:
        changes.setdefault(change.element, []).append(change)
    gone = {each.against.path for each in known.findings if each.rule == _FILE_GONE and each.against}
    found, left = {}, {id(finding): finding for finding in known.findings}
    moved = {name for entry in every(entries) if entry.kind == "oneof" for name in along(entry.was, entry.now)}
    for entry in every(entries):
        mine = [each for each in _own(entry, findings) if each.rule != _ONEOF or each.element not in moved]
        mine += _of_members(entry, findings)
        for each in mine:
            left.pop(id(each), None)
        by_name = [change for name in _names(entry) for change in changes.get(name, ())]
        if mine or by_name:
            found[entry] = _told(entry, mine, by_name, known)
        elif entry.sign == "removed" and entry.item.file.path in gone and entry.kind not in _APART:
            found[entry] = Told(rules=(_FILE_GONE,), broken="code", because=(_FILE_GONE,))
    return found, list(left.values())


def _files(finding: Finding) -> set[str]:
    return {place.path for place in (finding.location, finding.against) if place}


def _own(entry: Entry, findings: Mapping[str, Sequence[Finding]]) -> Iterable[Finding]:
    names = {entry.item.file.path} if entry.kind == "file" else _names(entry)
    apart = _APART.get(entry.kind)
    for name in sorted(names):
        for finding in findings.get(name, ()):
            if (entry.kind == "file") != (finding.element is None):
                continue
            if apart and (entry.sign != "removed" or not finding.rule.startswith(apart)):
                continue
            if apart is None and finding.rule.startswith(tuple(_APART.values())) and _has_own(entry, finding.rule):
                continue
            yield finding


def _of_members(entry: Entry, findings: Mapping[str, Sequence[Finding]]) -> Iterable[Finding]:
    names = sorted(along(entry.was, entry.now)) if entry.kind == "oneof" else ()
    return [finding for name in names for finding in findings.get(name, ()) if finding.rule == _ONEOF]


def _has_own(entry: Entry, rule: str) -> bool:
    return any(rule.startswith(_APART.get(each.kind, "\0")) and each.sign == "removed" for each in entry.children)


def _names(entry: Entry) -> set[str]:
    """What was renamed is gone for Buf, but for fields and values, which it knows by their numbers."""
    if entry.kind in _APART or entry.kind in _BY_NAME:
        return {item.full_name for item in (entry.was, entry.now) if item}
    return {entry.item.full_name}


def _told(entry: Entry, findings: Sequence[Finding], changes: Sequence[Change], known: Known) -> Told:
    errors = tuple(each for each in findings if each.severity == "error")
    warnings = tuple(each for each in findings if each.source == "compat" and each.severity == "warning")
    rules = tuple(dict.fromkeys(sorted((each.rule for each in errors), key=lambda rule: rule not in known.asked)))
    lost = any(change.rule in known.asked and _breaks(change) for change in changes)
    broken, because = _broken(entry, rules, changes, known)
    ours = [*(each.rule for each in warnings), *(change.rule for change in changes if severity(change))]
    return Told(
        joined(effect for change in changes for effect in change.effects),
        _covered(changes),
        errors,
        warnings,
        tuple(dict.fromkeys([*rules, *ours])),
        "readers" if lost else broken,
        because,
        lost or any(rule in known.asked for rule in rules),
    )


def _broken(
    entry: Entry, rules: tuple[str, ...], changes: Sequence[Change], known: Known
) -> tuple[Broken, tuple[str, ...]]:
    """By the rules that found something, in the order in which it matters."""
    if topics := tuple(rule for rule in rules if rule in IDS):
        return "readers", topics
    of_data = _of_data(rules)
    later = of_data and all(_LATER in rule for rule in of_data) and any(change.judged for change in changes)
    if of_data and not later and not _is_harmless(entry, changes, known):
        return ("rules", of_data) if _asked(changes) else ("readers", of_data)
    kinds: tuple[tuple[Broken, tuple[str, ...]], ...] = (
        ("protection", tuple(rule for rule in rules if rule.startswith("RESERVED_"))),
        ("reuse", tuple(rule for rule in rules if _LATER in rule)),
        ("callers", tuple(rule for rule in rules if rule.startswith("RPC_") or "SERVICE_NO_DELETE" in rule)),
        ("code", rules),
    )
    return next((each for each in kinds if each[1]), ("", ()))


def _of_data(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Buf's rules of what travels, not of what might one day."""
    return tuple(rule for rule in rules if rule in _wire() and not rule.startswith(("RESERVED_", "RPC_")))


@cache
def _wire() -> frozenset[str]:
    return frozenset(breaking_ids(("WIRE", "WIRE_JSON")))


def _is_harmless(entry: Entry, changes: Sequence[Change], known: Known) -> bool:
    """Whether ours judged it, and found no reader of whatever kind that is harmed.

    What Buf tells of fields stands in messages that both sides have, and of these ours judges all.
    """
    if any(effect.effect in HARM for change in changes for effect in change.effects):
        return False
    return any(change.judged for change in changes) or (known.judged and entry.kind in ("field", "oneof"))


def _asked(changes: Sequence[Change]) -> list[Judged]:
    """Under a contract that somebody asked for."""
    return [each for change in changes for each in change.judged if not each.use.root.contract.advisory]


def _covered(changes: Iterable[Change]) -> tuple[Effect, ...]:
    return joined(effect for change in changes for judged in change.judged for effect in harm(judged))


def _breaks(change: Change) -> bool:
    """Not a new value whose readers can tell that they do not know it."""
    return any(harm(each) and not (each.soft and _gently(harm(each))) for each in _asked([change]))


def _gently(effects: Iterable[Effect]) -> bool:
    return all((each.encoding, each.readers) == ("json", "tolerant") for each in effects)
