"""Semantic versions: which part of a package's version what changed asks to raise, and from which one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from schemactl.diff.entry import Advice, Broken, Entry, Told, every
from schemactl.diff.wording import happened, harm, short
from schemactl.errors import UsageError
from schemactl.finding import Finding
from schemactl.packageversion import stability
from schemactl.version import EARLY, Level, Number, number

_LONGEST = 200
_RANKS: Mapping[Broken, int] = {"readers": 2, "code": 4}  # the rest is between
_WORST = [(effect, values) for effect in ("error", "wrong", "default") for values in ("all", "some")]


class Current(NamedTuple):
    """The version a package has, and the tag that says so."""

    version: Number
    tag: str | None = None


def given(text: str) -> Current:
    if not (found := number(text)):
        raise UsageError(f"--current-version: `{text}` is not a version", "write it like 1.4.0")
    return Current(found)


class Tags:
    """The highest version of each prefix: `acme.users.v1/v1.2.0` is one of that package, `v1.2.0` one of all."""

    def __init__(self, names: Iterable[str]) -> None:
        self._highest: dict[str, Current] = {}
        for name in names:
            prefix, _, last = name.rpartition("/")
            if found := number(last):
                known = Current(found, name)
                self._highest[prefix] = max(known, self._highest.get(prefix, known), key=lambda each: each.version)

    def of(self, package: str, directories: Collection[str], start: str = ".") -> Current | None:
        """By the package's own name, else by a directory around its files, else by that where the user stands."""
        around = [[str(each) for each in (PurePosixPath(one), *PurePosixPath(one).parents)] for one in directories]
        shared = [each for each in around[0] if all(each in others for others in around)] if around else []
        named = [package, package.replace(".", "/"), *(each for each in shared if each != "."), start, ""]
        found = next((self._highest[prefix] for prefix in named if prefix in self._highest), None)
        only = next(iter(self._highest.values())) if len(self._highest) == 1 else None
        return found or only


class Subject(NamedTuple):
    """What is judged: a package with what changed of it, and the findings that belong to no entry."""

    name: str
    sign: str
    entries: Sequence[Entry]
    told: Mapping[Entry, Told]
    loose: Sequence[Finding]


class Reason(NamedTuple):
    text: str
    rule: str | None = None
    element: str | None = None


def advice(subject: Subject, current: Current | None) -> Advice:
    """The worse of what happens to data and of what Buf says of generated code."""
    level, reasons = judged(subject)
    first = reasons[0]
    unstable = stability(subject.name) == "unstable" and level == "major"
    last = subject.name.rpartition(".")[2]
    more = f"; `{last}` is unstable, nobody may rely on it" if unstable else ""
    return Advice(
        level,
        EARLY[level],
        f"{first.text}{more}",
        first.rule,
        first.element,
        len(reasons) - 1,
        str(current.version) if current else None,
        str(current.version.following(level)) if current else None,
        current.tag if current else None,
    )


def judged(subject: Subject) -> tuple[Level, list[Reason]]:
    """The level, and all that asks for it, the worst first."""
    if breaks := _breaks(subject):
        return "major", breaks
    if subject.sign == "added":
        return "minor", [Reason("the package is new", None, subject.name)]
    cautions = _cautions(subject)
    changed = [entry for entry in every(subject.entries) if entry.sign]
    reasons = [Reason(happened(entry, _name(entry, subject)), None, entry.item.full_name) for entry in changed]
    fresh = [
        reason
        for entry, reason in zip(changed, reasons, strict=True)
        if entry.deprecates or (entry.sign == "added" and entry.kind not in ("reserved", "file"))
    ]
    fresh = [*cautions, *fresh]
    return ("minor", fresh) if fresh else ("patch", reasons or [Reason("nothing that anybody sees changed")])


def _cautions(subject: Subject) -> list[Reason]:
    """What readers have to know in time, though it breaks nothing: that records are kept for a shorter time."""
    found = [each for told in subject.told.values() for each in told.warnings]
    found += [each for each in subject.loose if each.source == "compat" and each.severity == "warning"]
    return [_of_finding(each) for each in found]


def _of_finding(finding: Finding) -> Reason:
    return Reason(f"{_cut(finding.message)} ({finding.rule})", finding.rule, finding.element)


def _breaks(subject: Subject) -> list[Reason]:
    """What is told of data comes before what is told of code, in the order of the tree."""
    if subject.sign == "removed":
        rules = {each.rule for each in subject.loose}
        rule = "PACKAGE_NO_DELETE" if "PACKAGE_NO_DELETE" in rules else "FILE_NO_DELETE"
        return [Reason(f"the package is gone ({rule})", rule, subject.name)]
    found: list[tuple[tuple[int, int], Reason]] = []
    for entry in every(subject.entries):
        told = subject.told.get(entry, Told())
        if told.breaks:
            rank = 1 if told.covered else 5 if entry.kind == "file" else _RANKS.get(told.broken, 3)
            found.append(((rank, _mildness(told)), _reason(entry, told, subject)))
    found += [((6, 0), _of_finding(each)) for each in subject.loose if each.severity == "error"]
    return [reason for _, reason in sorted(found, key=lambda each: each[0])]


def _mildness(told: Told) -> int:
    return min((_WORST.index((each.effect, each.values)) for each in told.covered), default=0)


def _reason(entry: Entry, told: Told, subject: Subject) -> Reason:
    text = happened(entry, _name(entry, subject))
    rule = next(iter((*told.because, *told.rules)), None)
    text += f" ({rule})" if rule else ""
    text += f": {harm(told)}" if told.covered else ""
    return Reason(text, rule, entry.item.full_name)


def _name(entry: Entry, subject: Subject) -> str:
    return entry.item.name if entry.kind == "file" else short(entry.item.full_name, subject.name)


def _cut(message: str) -> str:
    line = message.splitlines()[0] if message else ""
    return f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line
