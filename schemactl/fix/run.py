"""`lint --fix`: what a run found, fixed in memory, with what has to be written or shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemactl import reading
from schemactl.against import bases
from schemactl.errors import Failure, ToolError, UsageError
from schemactl.fact import Memory
from schemactl.finding import Finding
from schemactl.fix import disk, engine
from schemactl.fix.disk import Change
from schemactl.fix.trial import Refused, State, judged
from schemactl.fix.view import Base
from schemactl.image import Image
from schemactl.imagefile import load
from schemactl.job import Job
from schemactl.place import snapshot
from schemactl.texts import Sources

_RESERVED = "RESERVED_NAME_AND_NUMBER"


@dataclass(frozen=True)
class Result:
    """`changes` by path from the top, not written yet; `findings` are those of the fixed files, by all rules."""

    sources: Sources
    changes: Mapping[str, Change]
    findings: list[Finding]
    summary: str
    notes: tuple[str, ...] = ()


def run(job: Job, sources: Sources, wanted: Callable[[Finding], bool], *, unsafe: bool) -> Result | None:
    """None where the sources do not compile. Only findings that are `wanted` and not suppressed are fixed."""
    _check(job)
    first = judged(sources, job.judge)
    if not isinstance(first, State):
        return None
    notes: list[str] = []
    asked = engine.Asked(
        _params(job),
        cache(lambda: _base(job, sources, notes)),
        lambda finding: not finding.suppressed and _judges(job, finding) and wanted(finding),
        unsafe,
    )
    done = engine.fixed(first, job.judge, asked)
    changes = {sources.paths[name]: Change(sources.files[name], text) for name, text in done.texts.items()}
    told = notes if done.left else ()
    return Result(done.sources, changes, done.findings, _summary(done), (*told, *map(_note, done.refused)))


def write(job: Job, result: Result) -> None:
    disk.write(job.place.top, result.changes)


def _check(job: Job) -> None:
    given = {"--rev": job.request.rev, "--staged": job.request.staged, "--image": job.request.image}
    for option, value in given.items():
        if value:
            raise UsageError(f"--fix changes the working tree, not what {option} names", f"leave out {option}")


def _judges(job: Job, finding: Finding) -> bool:
    """Whether the run's rules are behind a finding, also one that a comparison would make."""
    if finding.source != "buf":
        return finding.source == "lint"
    if finding.rule in job.policy.breaking:
        return job.policy.keeps(finding) is not None
    return any(rule.id == _RESERVED for rule in job.policy.rules)


def _summary(done: engine.Fixed) -> str:
    verb = f"fixed {_counted(done.fixed, 'finding')} in {_counted(len(done.texts), 'file')}"
    left = [f"{done.left} more with --unsafe-fixes"] if done.left else []
    lost = [f"{done.lost} {'has' if done.lost == 1 else 'have'} no fix"] if done.lost else []
    return "; ".join([verb, *left, *lost])


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _note(refused: Refused) -> str:
    finding = refused.proposal.finding
    place = f"{finding.location.path}:{finding.location.line}: " if finding.location else ""
    return f"{place}left out: {refused.proposal.fix.title} ({finding.rule}): {refused.reason}"


def _params(job: Job) -> Callable[[Finding], Mapping[str, Any]]:
    policies = [{rule.id: rule.params for rule in rules} for rules in job.policy.by_policy]

    def params(finding: Finding) -> Mapping[str, Any]:
        path = finding.location.path if finding.location else ""
        return policies[job.policy.index(path)].get(finding.rule, {})

    return params


def _base(job: Job, sources: Sources, notes: list[str]) -> Base | None:
    """What the files will be compared with once they are fixed; None, and a note, where that cannot be told."""
    try:
        images = [_image(job, sources, base.commit, base.image) for base in _bases(job)]
    except Failure as failure:
        if job.request.against is not None:
            raise
        notes.append(f"nothing tells what is published, so that no rename is safe: {failure.message}")
        return None
    return Base(images) if images else None


def _bases(job: Job) -> list[Any]:
    """A fixed tree is a modified one, whatever it was before."""
    if job.request.against is not None:
        return job.bases
    start, place = job.head, job.place
    return bases(
        place.repository, None, head=start.commit, pristine=lambda: False, environ=os.environ, prefix=place.start
    )


def _image(job: Job, sources: Sources, commit: str | None, file: Any) -> Image:
    if file is not None:
        return load(file)
    assert commit
    tree = snapshot(job.place, commit)
    memory = Memory(job.cache, f"blobs\0{job.place.top}")
    memory.learn(sources.facts.values())
    given = job.head.tree if job.request.config else None
    config = reading.configuration(tree, job.place, None)
    before = reading.of_base(tree, config, job.config, job.place, os.environ, given, memory)
    built = job.compile(before, sorted(before.files))
    for problem in (*before.problems, *built.problems):
        raise ToolError(f"the base does not compile: {problem.message}", "name another by --against")
    return built.image
