"""Which findings count: what is left once comments, approvals, the baseline and the base have been heard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from schemactl import passing
from schemactl.config import APPROVALS, BASELINE, LARGEST_BASELINE
from schemactl.errors import UsageError
from schemactl.finding import Finding
from schemactl.image import EMPTY
from schemactl.job import Job, Request
from schemactl.outcome import Outcome
from schemactl.repopath import joined
from schemactl.report import Standing
from schemactl.side import DoesNotCompile, Side
from schemactl.suppression import MARKER, Identity, Suppression, shared

if TYPE_CHECKING:
    from schemactl.outline import Outline
    from schemactl.terms import Applied

# Most runs have neither comments nor approvals nor a baseline: what is about these is loaded where they are.


def heard(
    job: Job, lint: Sequence[Finding], outcome: Outcome, suppressions: Sequence[Suppression], side: Side
) -> tuple[list[Finding], tuple[str, ...]]:
    """Findings of lint and of the comparison, with what comments and approvals make of them; and notes for people."""
    found, notes = _commented(job, [*lint, *outcome.findings], outcome, suppressions, side)
    by_file = _approved(job, found, outcome)
    told = map(job.policy.settled, by_file.findings if by_file else found)
    return passing.carried(filter(None, told)), (*notes, *(by_file.notes if by_file else ()))


def _commented(
    job: Job, findings: list[Finding], outcome: Outcome, suppressions: Sequence[Suppression], side: Side
) -> tuple[list[Finding], tuple[str, ...]]:
    if not suppressions and job.config.suppress.comments:
        return findings, ()
    from schemactl import suppress

    earlier = outcome.earlier
    before = _shared(job, earlier.side, side, suppressions) if earlier and suppressions else frozenset()
    applied = suppress.applied(findings, suppressions, job.terms, before if earlier else None)
    return applied.findings, applied.notes


def of_changes(side: Side, outcome: Outcome) -> list[Suppression]:
    """Suppressions of the side as far as they can matter to changes: in files that changed, or that have findings."""
    old = outcome.earlier.side.contents if outcome.earlier else side.contents
    changed = {name for name in side.judged if side.contents[name] != old.get(name)}
    paths = {finding.location.path for finding in outcome.findings if finding.location}
    return _read(side, [name for name in side.judged if name in changed or side.path(name) in paths])


def _read(side: Side, names: Collection[str]) -> list[Suppression]:
    from schemactl import comments

    marked = side.using({name: [MARKER.decode()] for name in names}) if names else ()
    image = side.compile(sorted(marked)) if marked else EMPTY
    return [each for file in image.files(sorted(marked)) for each in comments.suppressions(file)]


def _shared(job: Job, old: Side, new: Side, suppressions: Sequence[Suppression]) -> frozenset[Identity]:
    """Which of the suppressions the base has, too, maybe in another file; what did not change is not looked at."""
    from schemactl import suppressnotes

    same = {new.path(name) for name in new.judged if old.contents.get(name) == new.contents[name]}
    try:
        before = _read(old, [name for name in old.judged if old.contents[name] != new.contents.get(name)])
    except DoesNotCompile:
        before = []
    problems = suppressnotes.problems(before, job.terms)  # what counted for nothing there is new where it counts
    counted = [each for each, problem in zip(before, problems, strict=True) if not problem]
    return shared([*counted, *(each for each in suppressions if each.at.path in same)], suppressions)


def _approved(job: Job, findings: list[Finding], outcome: Outcome) -> Applied | None:
    """None where there is no file of approvals."""
    path = joined(job.config.policy_directory, APPROVALS)
    data = job.head.tree.read(path)
    if data is None:
        return None
    from schemactl import approvals, approve

    terms, earlier = job.terms, outcome.earlier
    given = approvals.read(data, path, terms.breaking, terms.settings)
    before = approvals.of_base(earlier.tree.read(path) if earlier.tree else None, path) if earlier else None
    return approve.applied(findings, given, terms, before, compared=not outcome.reason)


class Known(NamedTuple):
    """Lint findings, of which those of the baseline are marked, and how much of it is left, where there is one."""

    findings: list[Finding]
    standing: Standing | None = None
    note: str = ""


def against_baseline(job: Job, findings: list[Finding], outlines: Callable[[], Mapping[str, Outline]]) -> Known:
    """`findings` are all of lint, with fingerprints of their own; `outlines` those of all files, by path."""
    path = joined(job.config.policy_directory, BASELINE)
    data = None if job.request.baseline else job.ruler.baseline.read(path, LARGEST_BASELINE)
    if data is None and not job.request.baseline:
        return Known(findings)
    from schemactl import recorded

    sight = recorded.Sight(job.policy, outlines)
    if data is not None:
        return Known(*recorded.applied(data, path, findings, sight))
    # Written anew there is nothing to keep: what stood there may be damaged.
    anew = job.request.baseline == "write" and not (job.request.select or job.request.ignore)
    own = None if anew else job.head.tree.read(path, LARGEST_BASELINE)
    renew = recorded.pruned if job.request.baseline == "prune" else recorded.written
    text, note = renew(own, path, findings, sight)
    recorded.write(job.place.top / path, text)
    return Known(*recorded.applied(text, path, findings, sight), note)


def hidden(suppressed: Collection[Finding], standing: Standing | None) -> int:
    """How many are there and do not count: of those in the baseline all, also where few of them are reported."""
    if standing is None:
        return len(suppressed)
    from schemactl.baseline import SUPPRESSED

    return standing.remaining + sum(each.suppressed != SUPPRESSED for each in suppressed)


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
                f"`{what}` works on the whole working tree, and cannot be used with `{option}`", f"leave out `{option}`"
            )
