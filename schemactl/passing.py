"""What a change gets past its rules: findings that are new, and left out all the same, are told before all others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec.structs import replace

from schemactl.finding import Finding, Source, fingerprint

JUDGES_CHANGES: tuple[Source, ...] = ("buf", "compat")
_NAMED = 5


def told(findings: Iterable[Finding], before: Collection[str], changed: Callable[[str], bool]) -> Iterator[Finding]:
    """One finding for each reason and file; `before` are fingerprints that the base has, and leaves out as well.

    A breaking change is new by its nature. Of lint's findings those in files that did not change are not.
    """
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.suppressed and _is_new(finding, before, changed):
            id = "BREAK_APPROVED" if finding.source in JUDGES_CHANGES else "SUPPRESSION_ADDED"
            place = finding.location or finding.against
            groups.setdefault((id, finding.suppressed, place.path if place else ""), []).append(finding)
    yield from (_told(id, reason, path, found) for (id, reason, path), found in groups.items())


def carried(findings: Iterable[Finding]) -> list[Finding]:
    """What a change does to readers stands at its first finding: where that is left out, at the first that is not."""
    found = list(findings)
    told = {each.change: each for each in found if each.suppressed and each.change and (each.effects or each.evidence)}
    for index, each in enumerate(found if told else ()):
        if not each.suppressed and (first := told.pop(each.change or "", None)) and not each.effects:
            found[index] = replace(each, effects=first.effects, evidence=first.evidence)
    return found


def _is_new(finding: Finding, before: Collection[str], changed: Callable[[str], bool]) -> bool:
    if finding.source in JUDGES_CHANGES:
        return True
    at = finding.location
    return finding.source == "lint" and finding.fingerprint not in before and (at is None or changed(at.path))


def _told(id: str, reason: str, path: str, found: list[Finding]) -> Finding:
    rules, names = (
        [f"`{each}`" for each in dict.fromkeys(some)]
        for some in (
            (each.rule for each in found),
            (each.element or path for each in found),
        )
    )
    more = len(found) > 1 and (len(rules) > _NAMED or len(names) > _NAMED)
    count = f" ({len(found)} findings)" if more else ""
    verb = "is" if len(rules) == 1 and len(names) == 1 else "are"
    done = "approved" if id == "BREAK_APPROVED" else "suppressed"
    message = f"{_listed(rules)} on {_listed(names)} {verb} {done}{count} by {reason}"
    first = found[0]
    identity = fingerprint(id, first.element, "\0".join((path.rpartition("/")[2], reason)))
    return Finding(
        id, "info", "policy", message, first.location, first.element, None, first.against, fingerprint=identity
    )


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
