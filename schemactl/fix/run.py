"""`lint --fix`: what a run found, fixed in memory, with what has to be written or shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from schemactl import reading
from schemactl.against import bases
from schemactl.config import APPROVALS
from schemactl.errors import Failure, ToolError, UsageError
from schemactl.fact import Memory
from schemactl.finding import Finding
from schemactl.fix import disk, engine
from schemactl.fix.disk import Change
from schemactl.fix.outside import words
from schemactl.fix.trial import Refused, State, judged
from schemactl.fix.view import Base
from schemactl.image import Image
from schemactl.imagefile import load
from schemactl.job import Job
from schemactl.place import snapshot
from schemactl.repopath import joined
from schemactl.suppression import Suppression
from schemactl.texts import Sources

_RESERVED = "RESERVED_NAME_AND_NUMBER"
_UNLESS = "_UNLESS_"  # in the rules that a deletion obeys once it is reserved


@dataclass(frozen=True)
class Result:
    """`changes` by path from the top, not written yet; `findings` are those of the fixed files, by all rules."""

    sources: Sources
    changes: Mapping[str, Change]
    findings: list[Finding]
    summary: str
    notes: tuple[str, ...] = ()


class Silent(NamedTuple):
    """Fingerprints of findings that comments leave out, and of those that the baseline holds."""

    suppressed: frozenset[str] = frozenset()
    recorded: frozenset[str] = frozenset()


_NOTHING = Silent()


def run(
    job: Job, sources: Sources, wanted: Callable[[Finding], bool], *, unsafe: bool, silent: Silent = _NOTHING
) -> Result | None:
    """None where the sources do not compile. Only findings that are `wanted` and not suppressed are fixed."""
    _check(job)
    first = judged(sources, job.judge)
    if not isinstance(first, State):
        return None
    first = replace(first, standing=silent.suppressed, recorded=silent.recorded)
    notes: list[str] = []
    asked = engine.Asked(
        _params(job),
        cache(lambda: _base(job, sources, notes)),
        lambda finding: not finding.suppressed and wanted(finding),
        lambda findings, suppressions, package: _asks(job, findings, suppressions, package),
        cache(lambda: words(job.head.tree, {*sources.paths.values()})),
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
            raise UsageError(
                f"`--fix` changes the working tree, and cannot be used with `{option}`", f"leave out `{option}`"
            )


def _asks(job: Job, findings: Sequence[Finding], suppressions: Sequence[Suppression], package: str) -> bool:
    """Whether the run's rules are behind what a comparison would find, and neither comment nor approval is before."""
    return _judges(job, findings, package) and not any(each.suppressed for each in _heard(job, findings, suppressions))


def _judges(job: Job, findings: Sequence[Finding], package: str) -> bool:
    of_changes = [each for each in findings if each.rule in job.policy.breaking]
    kept = [each for each in of_changes if job.policy.keeps(each, [package])]
    if of_changes and not kept:
        return False
    paths = [each.location.path for each in findings if each.location]
    asked = any(_UNLESS in each.rule for each in kept)
    return asked or any(job.policy.judges(_RESERVED, path, [package]) for path in paths[:1])


def _heard(job: Job, findings: Sequence[Finding], suppressions: Sequence[Suppression]) -> list[Finding]:
    """As comments and approvals leave them, also those that do not count before they are in the base."""
    from schemactl import approvals, approve, suppress

    terms = replace(job.terms, strict=False)
    heard = suppress.applied(findings, suppressions, terms).findings
    path = joined(job.config.policy_directory, APPROVALS)
    data = job.head.tree.read(path)
    given = approvals.read(data, path, terms.breaking, terms.settings) if data is not None else []
    return approve.applied(heard, given, terms, compared=False).findings


def _summary(done: engine.Fixed) -> str:
    verb = f"fixed {_counted(done.fixed, 'finding')} in {_counted(len(done.texts), 'file')}"
    verb = verb if done.fixed else "nothing was fixed" if done.left or done.lost else "there is nothing to fix"
    left = [f"{done.left} more with `--unsafe-fixes`"] if done.left else []
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
        before = [_before(job, sources, base.commit, base.image) for base in _bases(job)]
    except Failure as failure:
        if job.request.against is not None:
            raise
        notes.append(f"it is unknown what is published, so no rename is safe: {failure.message}")
        return None
    outside = {word for _, unknown in before for word in unknown}
    return Base([image for image, _ in before], outside) if before else None


def _bases(job: Job) -> list[Any]:
    """A fixed tree is a modified one, whatever it was before."""
    if job.request.against is not None:
        return job.bases
    start, place = job.head, job.place
    return bases(
        place.repository, None, head=start.commit, pristine=lambda: False, environ=os.environ, prefix=place.start
    )


def _before(job: Job, sources: Sources, commit: str | None, file: Any) -> tuple[Image, Collection[str]]:
    """The compiled base, and words of what its configuration does not cover: that is published, too."""
    if file is not None:
        return load(file), ()
    assert commit
    tree = snapshot(job.place, commit)
    memory = Memory(job.cache, f"blobs\0{job.place.top}")
    memory.learn(sources.facts.values())
    given = job.request.config is not None
    config = reading.configuration(tree, job.place, None)
    before = reading.of_base(tree, config, job.config, job.place, os.environ, job.head.tree, memory, given=given)
    built = job.compile(before, sorted(before.files))
    for problem in (*before.problems, *built.problems):
        raise ToolError(f"the base does not compile: {problem.message}", "name another revision with `--against`")
    return built.image, words(tree, {before.paths[name] for name in before.files})
