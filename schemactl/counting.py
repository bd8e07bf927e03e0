"""Which findings count: what is left once comments, approvals, the baseline and the base have been heard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemactl import approvals, approve, atomically, baseline, baselinefile, comments, suppress
from schemactl.baseline import Baseline, Symbols
from schemactl.errors import ToolError, UsageError
from schemactl.finding import Finding
from schemactl.image import EMPTY
from schemactl.job import Job, Request
from schemactl.marks import MARKER
from schemactl.outcome import Outcome
from schemactl.repopath import joined
from schemactl.report import Standing
from schemactl.side import DoesNotCompile, Side
from schemactl.suppression import Identity, Suppression, identities
from schemactl.terms import Applied


def heard(
    job: Job, lint: Sequence[Finding], outcome: Outcome, suppressions: Sequence[Suppression], side: Side
) -> tuple[list[Finding], tuple[str, ...]]:
    """Findings of lint and of the comparison, with what comments and approvals make of them; and notes for people."""
    earlier = outcome.earlier
    before = _identities(earlier.side, side, suppressions) if earlier and suppressions else frozenset()
    by_comment = suppress.applied([*lint, *outcome.findings], suppressions, job.terms, before if earlier else None)
    by_file = _approved(job, by_comment.findings, outcome)
    told = (job.policy.settled(finding) for finding in by_file.findings)
    return [finding for finding in told if finding is not None], (*by_comment.notes, *by_file.notes)


def of_changes(side: Side, outcome: Outcome) -> list[Suppression]:
    """Suppressions of the side as far as they can matter to changes: in files that changed, or that have findings."""
    old = outcome.earlier.side.contents if outcome.earlier else side.contents
    changed = {name for name in side.judged if side.contents[name] != old.get(name)}
    paths = {finding.location.path for finding in outcome.findings if finding.location}
    return _read(side, [name for name in side.judged if name in changed or side.path(name) in paths])


def _read(side: Side, names: Collection[str]) -> list[Suppression]:
    marked = side.using({name: [MARKER.decode()] for name in names}) if names else ()
    image = side.compile(sorted(marked)) if marked else EMPTY
    return [each for file in image.files(sorted(marked)) for each in comments.suppressions(file)]


def _identities(old: Side, new: Side, suppressions: Sequence[Suppression]) -> frozenset[Identity]:
    """Which of the suppressions the base has, too: files that did not change are not looked at."""
    paths = {each.at.path for each in suppressions}
    names = [name for name in new.judged if new.path(name) in paths and name in old.contents]
    same = {new.path(name) for name in names if old.contents[name] == new.contents[name]}
    try:
        before = _read(old, [name for name in names if new.path(name) not in same])
    except DoesNotCompile:
        before = []
    return identities([*before, *(each for each in suppressions if each.at.path in same)])


def _approved(job: Job, findings: list[Finding], outcome: Outcome) -> Applied:
    path = joined(job.config.policy_directory, approvals.NAME)
    data = job.head.tree.read(path)
    if data is None:
        return Applied(findings)
    terms, earlier = job.terms, outcome.earlier
    given = approvals.read(data, path, terms.breaking, terms.settings)
    before = approvals.of_base(earlier.tree.read(path) if earlier.tree else None, path) if earlier else None
    return approve.applied(findings, given, terms, before, compared=not outcome.reason)


@dataclass(frozen=True)
class Known:
    """Lint findings, of which those of the baseline are marked, and how much of it is left, where there is one."""

    findings: list[Finding]
    standing: Standing | None = None
    note: str = ""


def against_baseline(job: Job, findings: list[Finding], symbols: Symbols) -> Known:
    """`findings` are all of lint, with fingerprints of their own."""
    path = joined(job.config.policy_directory, baselinefile.NAME)
    if job.request.baseline:
        return _kept(job, findings, symbols, path)
    data = job.ruler.tree.read(path, baselinefile.LARGEST)
    return Known(findings) if data is None else _known(baseline.read(data, path), findings, symbols, _ran(job))


def _known(known: Baseline, findings: list[Finding], symbols: Symbols, ran: Collection[str] | None) -> Known:
    applied = known.applied(findings, symbols, ran)
    return Known(applied.findings, Standing(applied.remaining, len(applied.fixed)))


def _kept(job: Job, findings: list[Finding], symbols: Symbols, path: str) -> Known:
    """Writes the baseline of what is checked, whoever judges it."""
    data = job.head.tree.read(path, baselinefile.LARGEST)
    before = None if data is None else baseline.read(data, path)
    if job.request.baseline == "prune":
        if before is None:
            raise UsageError(f"there is no {path} to prune", "`schemactl lint --write-baseline` writes one")
        applied = before.applied(findings, symbols, _ran(job))
        text, note = applied.pruned(symbols), f"{path}: dropped {len(applied.fixed)}, {applied.remaining} left"
    else:
        others = before.applied(findings, symbols, _ran(job)).others if before else ()
        text = baseline.written(findings, symbols, others)
        note = ""
    _write(job.place.top / path, text)
    known = _known(baseline.read(text, path), findings, symbols, _ran(job))
    assert known.standing
    return Known(known.findings, known.standing, note or f"{path}: recorded {known.standing.remaining} findings")


def _ran(job: Job) -> frozenset[str] | None:
    """The rules of this run, where it is not of all that are configured."""
    whole = not (job.request.select or job.request.ignore)
    return None if whole else frozenset(rule.id for rule in job.policy.rules)


def _write(path: Path, text: bytes) -> None:
    try:
        atomically.write(path, text)
    except OSError as error:
        raise ToolError(f"{path.name} cannot be written: {error.strerror}", "make its directory writable") from error


def refuse_parts(request: Request) -> None:
    """A baseline is of the whole working tree."""
    if not request.baseline:
        return
    given = {
        "--rev": request.rev, "--staged": request.staged, "--image": request.image, "--new": request.new,
        "paths": request.paths, "--config": request.config,
    }  # fmt: skip
    for option, value in given.items():
        if value:
            what = "--write-baseline" if request.baseline == "write" else "--prune"
            raise UsageError(
                f"{what} is about the whole working tree, and does not go with {option}", f"leave out {option}"
            )
