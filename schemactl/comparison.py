"""Compares what is checked with its bases: by Buf, and with `--new` also by what lint says of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from schemactl import breaking, git, reading
from schemactl.against import Base
from schemactl.errors import ConfigError, ToolError
from schemactl.finding import Finding, ordered, unique
from schemactl.imagefile import load
from schemactl.job import Job
from schemactl.place import snapshot
from schemactl.report import NOT_ASKED, Comparison
from schemactl.side import DoesNotCompile, HeadDoesNotCompile, Side, of_image, of_sources
from schemactl.source import Sources
from schemactl.trace import linked

_ANCESTORS = 50  # how far back a base that compiles is looked for


@dataclass(frozen=True)
class Compared:
    """The verdict on the change, and what it was reached against; `reason` says why there is none.

    `known` are the fingerprints of the base's own lint findings: None where nobody asked, or there is no base.
    """

    findings: list[Finding]
    against: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    known: frozenset[str] | None = None


class _Seen(NamedTuple):
    """What the comparison with one state gave."""

    findings: list[Finding]
    known: frozenset[str] | None = None


def compared(job: Job, side: Side, *, new: bool) -> Compared:
    """Judges `side` against every base; `new`: the findings of the first base are wanted too."""
    reason = "" if job.request.breaking else NOT_ASKED
    if not reason and not job.policy.breaking:
        reason = "no breaking rule is selected"
    if reason and not new:
        return Compared([], reason=reason)
    if not job.bases:
        asked = job.request.against == "none"
        return Compared(
            [], reason=reason or ("--against none" if asked else "there is no earlier commit to compare with")
        )
    findings: dict[str, Finding] = {}
    against, notes = [], []
    known: frozenset[str] | None = None
    for base in job.bases[:1] if reason else job.bases:
        wanted = new and base is job.bases[0]
        seen, commit, note = _against(job, side, base, judge=not reason, new=wanted)
        apart = (replace(finding, change=f"{base.revision}\0{finding.change}") for finding in seen.findings)
        findings = {finding.fingerprint: finding for finding in apart} | findings
        known = seen.known if wanted else known
        against.append(Comparison(base.revision, commit, base.reason))
        notes += [note] if note else []
    return Compared(linked(ordered(findings.values())), tuple(against), tuple(notes), reason, known)


def fresh(findings: Collection[Finding], known: Collection[str] | None) -> list[Finding]:
    """The findings that the base does not have; of several alike, those that are more than it has."""
    if known is None:
        return list(findings)
    return [finding for finding in unique(ordered(findings)) if finding.fingerprint not in known]


def _against(job: Job, side: Side, base: Base, *, judge: bool, new: bool) -> tuple[_Seen, str | None, str]:
    """What the base gives, or its nearest ancestor that is a schema; the commit; a note if it was an ancestor."""
    if base.image is not None:
        return _image(job, side, base, judge=judge, new=new), None, ""
    assert base.commit
    first = ""
    for commit in _candidates(job, base.commit):
        try:
            called = base.revision if commit == base.commit else commit[:12]
            seen = _revision(job, side, commit, called, judge=judge, new=new)
        except HeadDoesNotCompile:
            raise
        except (DoesNotCompile, ConfigError) as error:
            first = first or error.message
            continue
        replaced = f"{base.revision} is not a valid schema ({first}); compared with its ancestor {commit[:12]} instead"
        return seen, commit, replaced if first else ""
    raise ToolError(
        f"neither {base.revision} nor the (up to {_ANCESTORS}) commits before it can be compared with: {first}",
        "name a revision that compiles by `--against REV`, or skip the comparison by `--against none`",
    )


def _candidates(job: Job, commit: str) -> Iterator[str]:
    yield commit
    yield from git.ancestors(job.place.needed(), commit, _ANCESTORS)


def _image(job: Job, side: Side, base: Base, *, judge: bool, new: bool) -> _Seen:
    assert base.image
    image = load(base.image)
    found = _between(job, side, of_image(image), base.revision) if judge else []
    return _Seen(found, _fingerprints(job.judge(image, [])) if new else None)


def _revision(job: Job, side: Side, commit: str, revision: str, *, judge: bool, new: bool) -> _Seen:
    """Raises DoesNotCompile or ConfigError for a commit that is no schema."""
    sources = _sources(job, commit)
    known = None
    old = of_sources(sources, lambda names: job.compile(sources, names))
    if new:
        built = job.compile(sources, plan=job.plan)
        old = of_sources(sources, lambda names: built)
        image = old.compile(())
        known = _fingerprints(job.judge(image, built.findings))
    return _Seen(_between(job, side, old, revision) if judge else [], known)


def _sources(job: Job, commit: str) -> Sources:
    """The sources of a revision by its own configuration."""
    tree = snapshot(job.place, commit)
    config = reading.configuration(tree, job.place, job.request.config)
    sources = reading.sources(tree, reading.adopted(config, job.config, tree), job.place, os.environ)
    if sources.problems:
        raise DoesNotCompile(list(sources.problems))
    return sources


def _between(job: Job, new: Side, old: Side, revision: str) -> list[Finding]:
    """What the configuration leaves of Buf's findings."""
    directory = Path(tempfile.mkdtemp(dir=job.compile.workspace))
    found = breaking.compare(new, old, job.policy.breaking, directory, revision=revision)
    packages = [_packages(side) if found and job.policy.asks_for_packages else {} for side in (new, old)]
    kept = (job.policy.keeps(finding, _declared(finding, *packages)) for finding in found)
    return [finding for finding in kept if finding is not None]


def _packages(side: Side) -> dict[str, str]:
    return {side.path(name): side.package(name) for name in side.judged}


def _declared(finding: Finding, new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    """The packages of the files that a finding is about, on either side."""
    places = ((new, finding.location), (old, finding.against))
    return [packages[place.path] for packages, place in places if place and place.path in packages]


def _fingerprints(findings: Collection[Finding]) -> frozenset[str]:
    return frozenset(finding.fingerprint for finding in unique(ordered(findings)))
