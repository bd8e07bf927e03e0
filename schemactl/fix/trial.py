"""Tries fixes in memory, on the whole module: those stay that do what they should, and nothing else."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from schemactl.finding import Finding, ordered, unique
from schemactl.fix.edit import Edit, Fix, applied
from schemactl.fix.meaning import Renames, meanings
from schemactl.judged import Judged
from schemactl.module import Schema
from schemactl.texts import Sources
from schemactl.wellknown import provide

Judge = Callable[[Sources], tuple[Judged, list[Finding]]]


class Proposal(NamedTuple):
    """A fix, and the finding that it was asked for."""

    finding: Finding
    fix: Fix

    @property
    def answered(self) -> frozenset[str]:
        return self.fix.also | {self.finding.fingerprint}


@dataclass(frozen=True)
class State:
    """Sources that compile, and all that lint finds in them; `origins`: what a finding was before any fix, if not that.

    A finding of a renamed element is another one by its fingerprint.
    """

    sources: Sources
    schema: Schema
    findings: list[Finding]
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, finding: Finding) -> str:
        return self.origins.get(finding.fingerprint, finding.fingerprint)


class Refused(NamedTuple):
    proposal: Proposal
    reason: str


def judged(sources: Sources, judge: Judge) -> State | str:
    """The state of the sources, or why they are none."""
    done, findings = judge(sources)
    if done.problems:
        place = done.problems[0].location
        where = f" ({place.path}:{place.line})" if place else ""
        return f"it would not compile: {done.problems[0].message}{where}"
    return State(sources, done.schema, unique(ordered(findings)))


def accepted(
    before: State, proposals: Sequence[Proposal], judge: Judge, attempts: int
) -> tuple[State, list[Proposal], list[Refused]]:
    """As many of the proposals as go together; halves of those that do not are tried on their own."""
    state, kept, refused = before, list[Proposal](), list[Refused]()
    pending = [list(proposals)]
    while pending:
        some = pending.pop()
        if not attempts:
            refused += [Refused(each, "too much else went wrong") for each in some]
            continue
        attempts -= 1
        found = _tried(before, [*kept, *some], judge)
        if isinstance(found, State):
            state, kept = found, [*kept, *some]
        elif len(some) == 1:
            refused.append(Refused(some[0], found))
        else:
            pending += [some[len(some) // 2 :], some[: len(some) // 2]]
    return state, kept, refused


def _tried(before: State, proposals: Sequence[Proposal], judge: Judge) -> State | str:
    fixes = [proposal.fix for proposal in proposals]
    after = judged(edited(before.sources, (edit for fix in fixes for edit in fix.edits)), judge)
    if isinstance(after, str):
        return after
    renames = Renames({old: new for fix in fixes for old, new in fix.renames.items()})
    answered = frozenset(identity for proposal in proposals for identity in proposal.answered)
    origins = _origins(before, after, answered, renames)
    if isinstance(origins, str):
        return origins
    return _changed(before, after, fixes, renames) or replace(after, origins=origins)


def edited(sources: Sources, edits: Iterable[Edit]) -> Sources:
    """The sources with the edits; well-known files that are imported for the first time come with them."""
    by_name: dict[str, list[Edit]] = {}
    for edit in edits:
        by_name.setdefault(edit.name, []).append(edit)
    texts = {name: applied(sources.files[name], each) for name, each in by_name.items()}
    facts = {name: each for name, each in sources.known.items() if name not in texts}
    files: Mapping[str, bytes] = ChainMap(texts, sources.files)  # type: ignore[arg-type]  # nobody writes to it
    changed = replace(sources, files=files, known=facts)
    pending = [name for each in texts for name in changed.facts[each].imports]
    more: dict[str, bytes] = {}
    while pending:
        name = pending.pop()
        if name not in changed.facts and name not in more and (text := provide(name)) is not None:
            more[name] = text
            pending += replace(changed, imports=more).facts[name].imports
    paths = {**changed.paths, **{name: name for name in more}}
    return replace(changed, imports={**changed.imports, **more}, paths=paths) if more else changed


def _origins(before: State, after: State, answered: Collection[str], renames: Renames) -> dict[str, str] | str:
    """What the findings were before; or that one appeared, or is still there."""
    now = {finding.fingerprint for finding in after.findings}
    origins, gone = dict[str, str](), dict[tuple[str, ...], list[str]]()
    for finding in before.findings:
        if finding.fingerprint in now:
            origins[finding.fingerprint] = before.origin(finding)
        elif finding.fingerprint not in answered:
            gone.setdefault(_where(finding, renames), []).append(before.origin(finding))
    for finding in after.findings:
        if finding.fingerprint in answered:
            return f"{finding.rule} would still find: {finding.message}"
        if finding.fingerprint not in origins:
            same = gone.get(_where(finding, None))
            if not same:
                return f"{finding.rule} would find: {finding.message}"
            origins[finding.fingerprint] = same.pop(0)
    return origins


def _where(finding: Finding, renames: Renames | None) -> tuple[str, ...]:
    name, place = finding.element or "", finding.location
    return finding.rule, place.path if place else "", renames(name) if renames else name


def _changed(before: State, after: State, fixes: Sequence[Fix], renames: Renames) -> str:
    """An element that means something else, and was not to."""
    names = sorted(_noticing(before.sources, {edit.name for fix in fixes for edit in fix.edits}))
    touched = {renames(name) for fix in fixes for name in fix.touches}
    images = before.schema.image(names), after.schema.image(names)
    for name in names:
        old, new = (image.descriptors[name] for image in images)
        if old != new:
            was, now = meanings(old, renames, renames.new), meanings(new, Renames({}), renames.new)
            for element in _differing(was, now):
                if element not in touched:
                    return f"`{element}` would mean something else"
    return ""


def _differing(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[str]:
    return (name for name in sorted({*was, *now}) if was.get(name) != now.get(name))


def _noticing(sources: Sources, names: Collection[str]) -> set[str]:
    """The module's own files that are edited or import such a file, over however many others."""
    importing: dict[str, list[str]] = {}
    for name, each in sources.facts.items():
        for imported in each.imports:
            importing.setdefault(imported, []).append(name)
    found, pending = set[str](), list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += importing.get(name, ())
    return found & sources.files.keys()
