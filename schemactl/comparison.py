"""Compares what is checked with its bases: by Buf, and with `--new` also by what lint says of them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace as rewritten
from datetime import date
from itertools import islice
from typing import NamedTuple

from schemactl import between, git, policychange, reading, suppress
from schemactl.against import Base, retained
from schemactl.build import Build
from schemactl.compat.presence import Releases
from schemactl.config import Config
from schemactl.errors import ConfigError, Missing, ToolError
from schemactl.fact import Memory
from schemactl.finding import Finding, ordered, unique
from schemactl.image import Image
from schemactl.imagefile import load
from schemactl.job import Job
from schemactl.judged import Judged
from schemactl.outcome import Earlier, Gathered, Outcome, Seen
from schemactl.past import Past, Replaced
from schemactl.place import snapshot
from schemactl.repopath import joined
from schemactl.report import NOT_ASKED, Comparison
from schemactl.side import DoesNotCompile, HeadDoesNotCompile, Side, of_image, of_sources
from schemactl.terms import Terms
from schemactl.texts import Sources
from schemactl.tree import Tree

_ANCESTORS = 50  # how far back a base that compiles is looked for
_AT_ONCE = 2  # bases that Buf is at while the next is read: what it needs is kept as long


class _Wanted(NamedTuple):
    """What is asked of a base: changes judged, its own findings, or which it leaves out in files `marked` by path."""

    judge: bool
    new: bool = False
    marked: Collection[str] = ()


def compared(job: Job, side: Side, *, new: bool, marked: Collection[str] = ()) -> Outcome:
    """Judges `side` against every base; `new`: the findings of the first base are wanted too.

    `marked` are the paths of files in which findings are left out: the first base has to say which it left out, too.
    """
    reason = "" if job.request.breaking else NOT_ASKED
    if not reason and not (job.policy.breaking or job.policy.compat):
        reason = "no breaking rule is selected"
    if reason and not (new or marked):
        return Outcome([], reason=reason)
    if not job.bases:
        asked = job.request.against == "none"
        return Outcome(
            [], reason=reason or ("--against none" if asked else "there is no earlier commit to compare with")
        )
    if not (job.request.config or job.ruler.asked):
        policychange.baseline(job.config, job.head.tree)  # what is wrong in it is nothing of a base
    past = Past(_memory(job, side), Releases() if len(job.bases) > 1 else None)
    gathered, bases = Gathered(), iter(job.bases)
    for base in islice(bases, 1):
        gathered.add(base, *_against(job, side, base, _Wanted(not reason, new, marked), past))
    running: deque[_Running] = deque()
    for base in () if reason else _others(job, side, list(bases), gathered):
        running.append(_Running(base, *_against(job, side, base, _Wanted(True), past)))
        if len(running) > _AT_ONCE:
            gathered.add(*running.popleft())
    for each in running:
        gathered.add(*each)
    return gathered.outcome(reason)


class _NothingYetError(Exception):
    """There was no schema at that commit."""


class _Running(NamedTuple):
    base: Base
    seen: Callable[[], Seen]
    comparison: Comparison
    replaced: Replaced | None


def _others(job: Job, side: Side, bases: list[Base], gathered: Gathered) -> list[Base]:
    """The bases after the first, as far as their data can still be read."""
    newest = gathered.first.earlier
    if job.request.against != "retained" or not newest:
        return bases
    from schemactl.compat import retention

    longest = retention.longest((side, newest.side))
    kept = retained(bases, longest.time, job.terms.today)
    gathered.notes += [retention.note(longest, [base.revision for base in bases if base not in kept])]
    return kept


def _memory(job: Job, side: Side) -> Memory:
    """What is known of the files of earlier states; the releases' are kept apart, or the next run would drop them."""
    kind = "releases" if len(job.bases) > 1 else "blobs"
    memory = Memory(job.cache, f"{kind}\0{job.place.top}")
    memory.learn(side.facts.values())
    return memory


def _against(
    job: Job, side: Side, base: Base, wanted: _Wanted, past: Past
) -> tuple[Callable[[], Seen], Comparison, Replaced | None]:
    """What the base gives, or its nearest ancestor that is a schema; which it was; what it stands for, if another.

    Buf may still be at it: what is returned first waits for it.
    """
    if base.image is not None:
        seen = _image(job, side, base, wanted)
        return (lambda: seen), Comparison(base.revision, None, base.reason), None
    assert base.commit
    first = ""
    for commit in _candidates(job, base.commit):
        if why := past.refused(commit):
            first = first or why
            continue
        called = base.revision if commit == base.commit else commit[:12]
        try:
            standing = rewritten(base, revision=called, commit=commit)
            running = _revision(job, side, standing, wanted, past, instead=bool(first))
        except HeadDoesNotCompile:
            raise
        except _NothingYetError:
            continue
        except (DoesNotCompile, ConfigError) as error:
            first = first or error.message
            past.refuse(commit, error.message)
            continue
        if not first:
            return running, Comparison(base.revision, commit, base.reason), None
        replaced = Replaced(base.revision, first, called)
        return running, Comparison(called, commit, f"nearest valid ancestor of {base.revision}"), replaced
    shallow = git.is_shallow(job.place.needed())
    raise (Missing if shallow else ToolError)(
        f"cannot compare with {base.revision}, nor with any of the (up to {_ANCESTORS}) commits before it: {first}",
        "name one that compiles, `--against REV`, or skip the comparison, `--against none`",
    )


def _candidates(job: Job, commit: str) -> Iterator[str]:
    yield commit
    yield from git.ancestors(job.place.needed(), commit, _ANCESTORS)


def _image(job: Job, side: Side, base: Base, wanted: _Wanted) -> Seen:
    assert base.image
    roots = {side.path(name)[: -len(name)].rstrip("/") or "." for name in side.judged}
    roots = roots or {module.root for module in job.config.modules or ()}
    image = _placed(load(base.image), side.paths, next(iter(roots)) if len(roots) == 1 else ".")
    old = of_image(image)
    found = between.begun(job, side, old, base)() if wanted.judge else []
    own = _Own(*job.judge_image(image), job.terms) if wanted.new or wanted.marked else None
    before = [old.path(name) for name in old.judged]
    known = own.counting if own and wanted.new else None
    return Seen(found, known, (), _spread(found, old), before, Earlier(old, None, own.left_out if own else frozenset()))


class _Own:
    """The lint findings of a base itself, by fingerprint: those that count there, and those that are left out."""

    def __init__(self, done: Judged, found: list[Finding], terms: Terms) -> None:
        # What ended since then was left out when it was the base's.
        always = rewritten(terms, today=date.min)
        heard = unique(ordered(suppress.applied(found, done.suppressions, always).findings))
        self.counting = frozenset(finding.fingerprint for finding in heard if not finding.suppressed)
        self.left_out = frozenset(finding.fingerprint for finding in heard if finding.suppressed)


def _placed(image: Image, known: Mapping[str, str], root: str) -> Image:
    """The image with paths from the top: those that are `known`, the rest below the root."""
    return rewritten(image, paths={name: known.get(name, joined(root, name)) for name in image.targets})


def _revision(
    job: Job, side: Side, base: Base, wanted: _Wanted, past: Past, *, instead: bool = False
) -> Callable[[], Seen]:
    """Raises DoesNotCompile or ConfigError for a commit that is no schema.

    One without files is compared with like any other, but not `instead` of one that had some: everything would be new.
    """
    assert base.commit
    tree = snapshot(job.place, base.commit)
    config = reading.configuration(tree, job.place, None)
    sources = _sources(job, tree, config, past.memory)
    if instead and not sources.files:
        raise _NothingYetError
    own = None
    old = of_sources(sources, lambda names: job.compile(sources, names))
    if wanted.new or _changed(side, old, wanted.marked):
        done, found = job.judge(sources, base=True)
        if done.problems:
            raise DoesNotCompile(done.problems)
        own = _Own(done, found, job.terms)
        old = of_sources(sources, lambda names: Build(done.schema.image(names)))
    known = own.counting if own and wanted.new else None
    earlier = Earlier(old, tree, own.left_out if own else frozenset())
    if not wanted.judge:
        return lambda: Seen([], known, earlier=earlier, borrowed=sources.borrowed)
    # What is the same as a newer base gives the same, and that one's is told.
    begun = list if past.knows(sources) else between.begun(job, side, old, base, past.releases)
    past.learn(sources)
    mine = job.request.config or job.ruler.asked
    told = () if mine else policychange.told((config, tree), (job.config, job.head.tree), base.revision)

    def seen() -> Seen:
        findings = begun()
        spread = _spread(findings, old)
        return Seen(findings, known, told, spread, earlier=earlier, borrowed=sources.borrowed)

    return seen


def _changed(new: Side, old: Side, paths: Collection[str]) -> bool:
    """Whether any of the files is another one than before."""
    names = [name for name in new.judged if new.path(name) in paths] if paths else ()
    return any(new.contents[name] != old.contents.get(name) for name in names)


def _spread(findings: Iterable[Finding], old: Side) -> dict[str, Collection[str]]:
    """Where the files of a deleted package stood: the finding itself names one of them."""
    gone = {
        each.fingerprint: each.against.path for each in findings if each.rule == "PACKAGE_NO_DELETE" and each.against
    }
    if not gone:
        return {}
    packages = {old.path(name): old.package(name) for name in old.judged}
    by_package: dict[str, list[str]] = {}
    for path, package in packages.items():
        by_package.setdefault(package, []).append(path)
    return {identity: by_package.get(packages.get(path, ""), ()) for identity, path in gone.items()}


def _sources(job: Job, tree: Tree, config: Config, memory: Memory) -> Sources:
    """The sources of a revision by its own configuration: `--config` is about the policy, and about the head."""
    given = job.request.config is not None
    sources = reading.of_base(tree, config, job.config, job.place, os.environ, job.head.tree, memory, given=given)
    if sources.problems:
        raise DoesNotCompile(list(sources.problems))
    return sources
