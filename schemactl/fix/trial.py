"""Tries fixes in memory, on the whole module: those stay that do what they should, and nothing else."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from schemactl.finding import Finding, ordered, unique
from schemactl.fix.clashes import clashes, types
from schemactl.fix.dependents import Dependents
from schemactl.fix.edit import Edit, Fix, applied
from schemactl.fix.meaning import Renames, meanings
from schemactl.judged import Judged
from schemactl.module import Schema
from schemactl.suppression import Suppression
from schemactl.texts import Sources
from schemactl.wellknown import provide

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
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

    A finding of a renamed element is another one by its fingerprint. `standing` are findings from before any fix that
    comments leave out, and have to be there still; `recorded` those of the baseline, which no rename may change.
    """

    sources: Sources
    schema: Schema
    findings: list[Finding]
    suppressions: Sequence[Suppression] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()
    recorded: frozenset[str] = frozenset()

    def origin(self, finding: Finding) -> str:
        return self.origins.get(finding.fingerprint, finding.fingerprint)


class Refused(NamedTuple):
    """`tried` by itself, or not, as there was too much else."""

    proposal: Proposal
    reason: str
    tried: bool = True


class Objection(NamedTuple):
    """Why an attempt failed, first of all, and all words that were said of it."""

    reason: str
    words: frozenset[str]

    def blames(self, fix: Fix) -> bool:
        names = {*fix.renames.values(), *(old.rpartition(".")[2] for old in (*fix.renames, *fix.touches))}
        return not names.isdisjoint(self.words)


def judged(sources: Sources, judge: Judge) -> State | Objection:
    """The state of the sources, or why they are none."""
    done, findings = judge(sources)
    if not done.problems:
        return State(sources, done.schema, unique(ordered(findings)), done.suppressions)
    place = done.problems[0].location
    where = f" ({place.path}:{place.line})" if place else ""
    return _objection(f"it would not compile: {done.problems[0].message}{where}", *(p.message for p in done.problems))


def _objection(reason: str, *more: str) -> Objection:
    return Objection(reason, frozenset(word for each in (reason, *more) for word in _WORD.findall(each)))


def accepted(
    before: State, proposals: Sequence[Proposal], judge: Judge, attempts: int
) -> tuple[State, list[Proposal], list[Refused]]:
    """As many of the proposals as go together; of those that do not, the suspects are tried after the others."""
    state, kept, refused = before, list[Proposal](), list[Refused]()
    pending = [list(proposals)]
    while pending:
        some = pending.pop()
        if not some:
            continue
        if not attempts:
            refused += [Refused(each, "too much else went wrong", False) for each in some]
            continue
        attempts -= 1
        found = _tried(before, [*kept, *some], judge)
        if isinstance(found, State):
            state, kept = found, [*kept, *some]
        elif len(some) == 1:
            refused.append(Refused(some[0], found.reason))
        else:
            pending += _parted(some, found)
    return state, kept, refused


def _parted(proposals: list[Proposal], objection: Objection) -> tuple[list[Proposal], list[Proposal]]:
    suspects = [each for each in proposals if objection.blames(each.fix)]
    if 0 < len(suspects) < len(proposals):
        return suspects, [each for each in proposals if not objection.blames(each.fix)]
    middle = len(proposals) // 2
    return proposals[middle:], proposals[:middle]


def _tried(before: State, proposals: Sequence[Proposal], judge: Judge) -> State | Objection:
    fixes = [proposal.fix for proposal in proposals]
    after = judged(edited(before.sources, (edit for fix in fixes for edit in fix.edits)), judge)
    if isinstance(after, Objection):
        return after
    renames = Renames({old: new for fix in fixes for old, new in fix.renames.items()})
    answered = frozenset(identity for proposal in proposals for identity in proposal.answered)
    origins = _origins(before, after, answered, renames)
    if isinstance(origins, Objection):
        return origins
    kept = replace(after, origins=origins, standing=before.standing, recorded=before.recorded)
    return _changed(before, after, fixes, renames) or kept


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


def _origins(before: State, after: State, answered: Collection[str], renames: Renames) -> dict[str, str] | Objection:
    """What the findings were before; or that some appeared, or are still there."""
    now = {finding.fingerprint: _path(finding) for finding in after.findings}
    origins, gone = dict[str, str](), dict[tuple[str, ...], list[Finding]]()
    wrong = []
    for finding in before.findings:
        identity = finding.fingerprint
        if now.get(identity) == _path(finding):  # of several alike, the next in line may have taken it over
            origins[identity] = before.origin(finding)
            if identity in answered:
                wrong.append(f"{finding.rule} would still find: {finding.message}")
        elif identity in before.recorded:
            wrong.append(f"{finding.rule}, which the baseline holds, would not be the same: {finding.message}")
        elif identity not in answered:
            gone.setdefault(_where(finding, renames), []).append(finding)
    for finding in after.findings:
        if finding.fingerprint not in origins:
            if same := gone.get(_where(finding, None)):
                origins[finding.fingerprint] = before.origin(same.pop(0))
            else:
                wrong.append(f"{finding.rule} would find: {finding.message}")
    lost = (finding for some in gone.values() for finding in some if before.origin(finding) in before.standing)
    wrong += [f"{each.rule}, which is suppressed there, would no longer find anything: {each.message}" for each in lost]
    return _objection(*wrong) if wrong else origins


def _where(finding: Finding, renames: Renames | None) -> tuple[str, ...]:
    name = finding.element or ""
    return finding.rule, _path(finding), renames(name) if renames else name


def _path(finding: Finding) -> str:
    return finding.location.path if finding.location else ""


def _changed(before: State, after: State, fixes: Sequence[Fix], renames: Renames) -> Objection | None:
    """Elements that mean something else, and were not to; fields that clash."""
    noticing = Dependents(before.sources).of({edit.name for fix in fixes for edit in fix.edits})
    names = sorted(noticing & before.sources.files.keys())
    touched = {renames(name) for fix in fixes for name in fix.touches}
    images = before.schema.image(names), after.schema.image(names)
    wrong, more = list[str](), list[str]()
    for name in names:
        old, new = (image.descriptors[name] for image in images)
        if old != new:
            was, now = meanings(old, renames, renames.new), meanings(new, Renames({}), renames.new)
            differing = [each for each in _differing(was, now) if each not in touched]
            wrong += [f"`{each}` would mean something else" for each in differing]
            wrong += _clashing(old, new, renames)
            # What a field has for its type instead may be what has got that name.
            more += [type for each, type in types(new).items() if each in differing] if differing else []
    return _objection(*wrong, *more) if wrong else None


def _clashing(old: bytes, new: bytes, renames: Renames) -> Iterator[str]:
    before = {(renames(message), name): len(fields) for (message, name), fields in clashes(old).items()}
    for (message, name), fields in clashes(new).items():
        if len(fields) > before.get((message, name), 0):
            yield f"`{message}` would have {' and '.join(f'`{each}`' for each in fields)} as `{name}` in JSON"


def _differing(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[str]:
    return (name for name in sorted({*was, *now}) if was.get(name) != now.get(name))
