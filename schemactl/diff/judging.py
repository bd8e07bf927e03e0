"""What is known of each change: the findings about it, and what it does to readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from schemactl.compat.change import Change
from schemactl.compat.findings import harm, severity
from schemactl.diff.entry import Entry, Told, every
from schemactl.effect import Effect, joined
from schemactl.finding import Finding

# What is told of these stands as an entry of its own below its owner.
_APART = {"reserved": "RESERVED_", "extension_range": "EXTENSION_MESSAGE_"}
_FILE_GONE = "FILE_NO_DELETE"  # Buf tells it of the file alone
_BY_NAME = ("message", "enum", "service", "method", "extension", "oneof")


class Known(NamedTuple):
    """All that was found between the two sides; `on_wire` are the rules that the policy asks for."""

    findings: Sequence[Finding]
    changes: Sequence[Change] = ()
    on_wire: Collection[str] = ()


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
    for entry in every(entries):
        mine = list(_own(entry, findings))
        for each in mine:
            left.pop(id(each), None)
        by_name = [change for name in _names(entry) for change in changes.get(name, ())]
        if mine or by_name:
            found[entry] = _told(mine, by_name, known)
        elif entry.sign == "removed" and entry.item.file.path in gone and entry.kind not in _APART:
            found[entry] = Told(rules=(_FILE_GONE,), breaks=True)
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


def _has_own(entry: Entry, rule: str) -> bool:
    return any(rule.startswith(_APART.get(each.kind, "\0")) and each.sign == "removed" for each in entry.children)


def _names(entry: Entry) -> set[str]:
    """What was renamed is gone for Buf, but for fields and values, which it knows by their numbers."""
    if entry.kind in _APART or entry.kind in _BY_NAME:
        return {item.full_name for item in (entry.was, entry.now) if item}
    return {entry.item.full_name}


def _told(findings: Sequence[Finding], changes: Sequence[Change], known: Known) -> Told:
    broken = [change for change in changes if change.rule in known.on_wire and _breaks(change)]
    findings = [each for each in findings if each.severity == "error"]
    wire = any(finding.rule in known.on_wire for finding in findings)
    rules = [*(each.rule for each in findings if each.rule in known.on_wire), *(each.rule for each in findings)]
    return Told(
        joined(effect for change in changes for effect in change.effects),
        _covered(changes),
        tuple(findings),
        tuple(dict.fromkeys([*rules, *(change.rule for change in changes if severity(change))])),
        bool(findings or broken),
        wire or bool(broken),
    )


def _covered(changes: Iterable[Change]) -> tuple[Effect, ...]:
    return joined(effect for change in changes for judged in change.judged for effect in harm(judged))


def _breaks(change: Change) -> bool:
    """Under a contract that somebody asked for; not a new value whose readers can tell that they do not know it."""
    asked = [each for each in change.judged if not each.use.root.contract.advisory]
    return any(harm(each) and not (each.soft and _gently(harm(each))) for each in asked)


def _gently(effects: Iterable[Effect]) -> bool:
    return all((each.encoding, each.readers) == ("json", "tolerant") for each in effects)
