"""One run: one compile of what is checked, lint and breaking over it, one report."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from threading import Thread

import msgspec

from schemactl import __version__, buf, counting, enginerules, passing, policynotes, protoc, reading
from schemactl.build import Build
from schemactl.cache import decoded
from schemactl.counting import Known
from schemactl.errors import Failure, UsageError
from schemactl.finding import FIRST, Against, Finding, Location, ordered, unique
from schemactl.imagefile import load
from schemactl.job import Job, Request, job, offering
from schemactl.judged import Judged
from schemactl.outcome import Outcome, fresh
from schemactl.outline import Outline
from schemactl.place import snapshot
from schemactl.progress import progress
from schemactl.repopath import contains
from schemactl.report import NOT_ASKED, RuleDoc, RuleDocs, Run, Versions
from schemactl.side import HeadDoesNotCompile, Side, of_image, of_sources
from schemactl.stamp import stamp
from schemactl.suppression import Suppression
from schemactl.texts import Sources

__all__ = ["Request", "run"]

_VALIDATE = "buf/validate/validate.proto"
_BROKEN = "what is checked does not compile"


@dataclass(frozen=True)
class Checked:
    """The head, read and (as far as asked) compiled and linted; `problems` say why there is no schema."""

    sources: Sources | None
    side: Side
    problems: list[Finding]
    findings: list[Finding]
    done: Judged = field(default_factory=Judged)


@dataclass(frozen=True)
class Found:
    """What a run came to: `findings` in report order, with those that are left out by somebody's wish."""

    checked: Checked
    outcome: Outcome
    known: Known
    findings: list[Finding]
    notes: tuple[str, ...]


def run(request: Request, wait: bool = False) -> Run:
    """The whole of `lint`, `breaking` and `check`; `wait` shows progress to whoever waits at a terminal."""
    counting.refuse_parts(request)
    with offering(request), job(request) as running:
        versions = _versions(running)
        done = _run(running, found(running, wait))
        return replace(done, versions=versions())


def found(job: Job, wait: bool = False) -> Found:
    emptied = _emptied(job)
    checked, outcome = _judged(job, _checked(job, wait))
    if not (checked.side.judged or checked.problems or outcome.against):
        raise UsageError(*_nothing(job))
    heard, told = counting.heard(job, checked.findings, outcome, *_suppressions(checked, outcome))
    lint = [each for each in heard if each.source == "lint"]
    of_rules = [each for each in lint if each.rule not in enginerules.RULES]
    known = _known(job, checked, of_rules)
    findings = [
        *job.ruler.told,
        *outcome.policy,
        *_let_pass(checked, heard, outcome),
        *checked.problems,
        *fresh([*known.findings, *(each for each in lint if each.rule in enginerules.RULES)], outcome.known),
        *filter(None, map(job.policy.keeps, _unmatched(job, checked, outcome))),
        *(each for each in heard if each.source != "lint"),
    ]
    ruled = [f"rules, severities and exceptions are those of {ruler}"] if (ruler := job.ruler.revision) else []
    notes = (*ruled, *emptied, *told, *outcome.notes, *([known.note] if known.note else []))
    return Found(checked, outcome, known, unique(ordered(_reported(job, findings, outcome))), notes)


def _suppressions(checked: Checked, outcome: Outcome) -> tuple[Sequence[Suppression], Side]:
    """Those of all files where these were judged, else of what a change may be about; and the side they are of."""
    known = checked.done.suppressions
    linted = bool(checked.done.schema.targets)
    return known if linted or checked.problems else counting.of_changes(checked.side, outcome), checked.side


def _known(job: Job, checked: Checked, findings: list[Finding]) -> Known:
    """Lint's findings beside the baseline; nothing is known of what was not judged."""
    if not job.request.lint or checked.problems:
        return Known(findings)
    return counting.against_baseline(job, findings, _outlines(job, checked))


def _outlines(job: Job, checked: Checked) -> Callable[[], Mapping[str, Outline]]:
    """Those of all files, by path."""

    @cache
    def by_path() -> dict[str, Outline]:
        records = checked.done.records
        if not records and checked.sources:
            records = job.records(checked.sources).records
        return {record.outline.path: record.outline for record in records.values()}

    return by_path


def _marked(checked: Checked) -> frozenset[str]:
    """Paths of the files in which a comment leaves findings out, of Buf's kind or of ours."""
    by_buf = {each.location.path for each in checked.findings if each.suppressed and each.location}
    return frozenset({each.at.path for each in checked.done.suppressions} | by_buf)


def _let_pass(checked: Checked, heard: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    """What is told of findings that the change brings and that are left out; without a base nothing is known of it."""
    if not (earlier := outcome.earlier):
        return []
    new, old = checked.side, earlier.side
    paths = {new.path(name) for name in new.judged if new.contents[name] != old.contents.get(name)}
    return list(passing.told(heard, earlier.suppressed, paths.__contains__))


def _emptied(job: Job) -> list[str]:
    """Notes on configured roots that hold nothing any more; ConfigError for those that never did: slips, likely."""
    empty = [] if job.request.image else reading.empty_roots(job.config, job.head.tree)
    before = _base_paths(job) if empty else set()
    slips = [root for root in empty if not any(contains(root, path) for path in before if path.endswith(".proto"))]
    if slips:
        raise reading.no_files(job.config, slips)
    return [f"root `{root}` no longer holds a .proto file" for root in empty]


def _checked(job: Job, wait: bool) -> Checked:
    if job.request.image:
        image = load(job.request.directory / job.request.image)
        done, findings = job.judge_image(image) if job.request.lint else (Judged(), [])
        return Checked(None, of_image(image), [], findings, done)
    sources = reading.sources(job.head.tree, job.config, job.place, os.environ, job.memory)
    side = of_sources(sources, lambda names: job.compile(sources, names), HeadDoesNotCompile, partly=True)
    if sources.problems or not (job.request.lint and sources.files):
        return Checked(sources, side, list(sources.problems), [])
    with progress(len(sources.files), wait) as advance:
        done, findings = job.judge(sources, advance)
    if done.problems:
        return Checked(sources, side, done.problems, [])
    return Checked(
        sources,
        of_sources(sources, lambda names: Build(done.schema.image(names))),
        [],
        [*sources.warnings, *findings],
        done,
    )


def _judged(job: Job, checked: Checked) -> tuple[Checked, Outcome]:
    """The head beside its bases; without lint only the files in play are compiled, and may turn out to be wrong."""
    if checked.problems:
        return checked, Outcome([], reason=_BROKEN if job.request.breaking else NOT_ASKED)
    new = job.request.new and bool(checked.findings or checked.done.suppressions)
    marked = _marked(checked)
    if not (job.request.breaking or new or (marked and job.ruler.asked)):
        return checked, Outcome([], reason=NOT_ASKED)
    from schemactl.comparison import compared

    try:
        return checked, compared(job, checked.side, new=new, marked=marked)
    except HeadDoesNotCompile as failure:
        return replace(checked, problems=failure.problems), Outcome([], reason=_BROKEN)


def _unmatched(job: Job, checked: Checked, outcome: Outcome) -> list[Finding]:
    """What is ignored may also be on its way out: in the base alone."""
    sides = [checked.side, *([outcome.earlier.side] if outcome.earlier else [])]

    def packages() -> set[str]:
        return {side.package(name) for side in sides for name in side.judged}

    known = None if checked.problems else packages  # a file that cannot be read has one, too
    found = policynotes.unmatched(job.config, job.head.tree.paths, known)
    commits = [each.commit for each in outcome.against if each.commit] if found else []
    before = {*outcome.before, *(path for commit in commits for path in snapshot(job.place, commit).paths)}
    return policynotes.unmatched(job.config, {*job.head.tree.paths, *before}, known) if before else found


def _reported(job: Job, findings: Collection[Finding], outcome: Outcome) -> list[Finding]:
    """Those that touch a path that was given.

    That there is no schema, and what the change does to those who judge it, is told in any case.
    """
    if not job.request.paths:
        return list(findings)
    more = outcome.places
    wanted = job.paths
    told = {path for finding in findings for path in _paths(finding, more)}
    known = {*job.head.tree.paths, *outcome.before, *told}
    for written, path in zip(job.request.paths, wanted, strict=True):
        if not _about_schemas(path, known, told):
            _require_schemas(written, path, {*known, *_base_paths(job)})
    return [
        finding
        for finding in findings
        if finding.source == "compile"
        or finding.rule in FIRST
        or any(contains(outer, path) for outer in wanted for path in _paths(finding, more))
    ]


def _about_schemas(path: str, known: Iterable[str], told: Collection[str] = ()) -> bool:
    """Whether a schema is there, or below, or something that a finding is about."""
    return any(contains(path, each) for each in known if each.endswith(".proto") or each in told)


def _require_schemas(written: str, path: str, known: Collection[str]) -> None:
    """A slip in a path would look clean."""
    if _about_schemas(path, known):
        return
    if not any(contains(path, each) for each in known):
        raise UsageError(
            f"there is no `{written}`, neither in what is checked nor in what it is compared with",
            "check the path: it counts from the current directory, or from `-C`",
        )
    what = "is not a .proto file" if path in known else "holds no .proto file"
    raise UsageError(f"`{written}` {what} of what is checked", "name .proto files, or directories that hold some")


def _base_paths(job: Job) -> set[str]:
    asked = job.request.breaking or job.request.new
    commits = [base.commit for base in job.bases if base.commit] if asked else []
    return {path for commit in commits for path in snapshot(job.place, commit).paths}


def _places(finding: Finding) -> list[Location | Against]:
    return [place for place in (finding.location, finding.against) if place]


def _paths(finding: Finding, more: Mapping[str, Collection[str]]) -> list[str]:
    return [*(place.path for place in _places(finding)), *more.get(finding.fingerprint, ())]


def _nothing(job: Job) -> tuple[str, str]:
    where = ", ".join(f"`{m.root}`" for m in job.config.modules) if job.config.modules else f"`{job.place.top.name}`"
    return (
        f"there are no .proto files below {where}",
        "name their directory, `-C DIR`, list `roots:` in schemactl.yaml, or begin with `schemactl init`",
    )


def _run(job: Job, found: Found) -> Run:
    checked, outcome, findings = found.checked, found.outcome, found.findings
    texts: Mapping[str, bytes] = checked.sources.everything if checked.sources else {}
    by_path = {path: name for name, path in checked.sources.paths.items()} if checked.sources else {}
    governed = [checked.side.path(name) for name in checked.side.judged]
    governed += [place.path for finding in outcome.findings for place in _places(finding)]
    validated = job.request.lint and _VALIDATE in texts
    told = policynotes.notes(job.policy, outcome.against != () and not outcome.reason, validated, governed)
    suppressed = [finding for finding in findings if finding.suppressed]
    shown = findings if job.request.show_suppressed else [each for each in findings if not each.suppressed]
    return Run(
        findings=shown,
        suppressed=counting.hidden(suppressed, found.known.standing),
        baseline=found.known.standing,
        files=len(checked.side.judged),
        ran_lint=_linted(job, checked),
        ran_breaking=outcome.reason or True,
        versions=Versions(__version__),
        against=outcome.against,
        notes=(*job.config.notes, *reading.left_out(job.config, job.head.tree), *told, *found.notes),
        statistics=job.request.statistics,
        sources=lambda path: texts.get(by_path.get(path, "")),
        rules=_rules(job, checked, outcome, shown),
    )


def _rules(job: Job, checked: Checked, outcome: Outcome, findings: Iterable[Finding]) -> RuleDocs:
    """Those that judged, and those that found something."""
    lint = {rule.id: rule for rule in job.policy.rules} if _linted(job, checked) is True else {}
    changes = () if outcome.reason or not outcome.against else sorted(job.policy.breaking | job.policy.compat)

    def about(id: str) -> RuleDoc:
        from schemactl.documented import brief, known

        return brief(lint.get(id) or known(id))

    return RuleDocs([*lint, *changes, *(each.rule for each in findings)], about)


def _linted(job: Job, checked: Checked) -> bool | str:
    """True, or why nothing was linted."""
    if not job.request.lint:
        return NOT_ASKED
    if not job.policy.rules:
        return "no lint rule is on"
    return _BROKEN if checked.problems else True


def _versions(job: Job) -> Callable[[], Versions]:
    """What Buf and protoc call themselves, where a report shows it: two processes are asked, while others work."""
    if not job.request.versions:
        return lambda: Versions(__version__)
    key = blake2b(b"versions\0%s\0%d" % (stamp(), Path(buf.executable()).stat().st_size)).digest()
    if (kept := decoded(job.cache.get(key), Versions)) is not None:
        return lambda: kept
    asking = [Thread(target=_ask, args=(version,), daemon=True) for version in (buf.version, protoc.version)]
    for each in asking:
        each.start()

    def answered() -> Versions:
        for each in asking:
            each.join()
        versions = Versions(__version__, buf.version(), protoc.version())
        job.cache.put([(key, msgspec.msgpack.encode(versions))])
        return versions

    return answered


def _ask(version: Callable[[], str]) -> None:
    with suppress(Failure):  # whoever needs the answer asks again, and tells
        version()
