"""One run: one compile of what is checked, lint and breaking over it, one report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from schemactl import __version__, breaking, buf, catalogue, git, lint, module, policy, protoc, reading, scan
from schemactl.against import Base, bases
from schemactl.config import Config
from schemactl.errors import ConfigError, ToolError, UsageError
from schemactl.finding import SEVERITIES, Finding, ordered, unique
from schemactl.image import EMPTY, Image
from schemactl.imagefile import load
from schemactl.place import Head, Place, find, head, snapshot
from schemactl.policy import Policy
from schemactl.progress import progress
from schemactl.reading import Compiler
from schemactl.repopath import contains
from schemactl.rule import Rule
from schemactl.report import Comparison, RuleDoc, Run, Versions
from schemactl.side import DoesNotCompile, Side, of_image, of_sources
from schemactl.source import Sources

_ANCESTORS = 50  # how far back a base that compiles is looked for


@dataclass(frozen=True)
class Request:
    """What the command line asks for, as it was written."""

    directory: Path = Path()
    paths: tuple[str, ...] = ()
    rev: str | None = None
    staged: bool = False
    image: Path | None = None
    new: bool = False
    against: str | None = None
    profile: str | None = None
    config: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    jobs: int = 0
    lint: bool = True
    breaking: bool = True
    statistics: bool = False


@dataclass(frozen=True)
class Checked:
    """The head, read and (as far as asked) compiled and linted; `problems` say why there is no schema."""

    sources: Sources | None
    image: Image
    side: Side
    problems: list[Finding]
    findings: list[Finding]

    @property
    def files(self) -> int:
        return len(self.side.judged)


@dataclass(frozen=True)
class Compared:
    """The verdict on the change, and what it was reached against; `reason` says why there is none."""

    findings: list[Finding]
    against: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Job:
    """One run with everything that is settled before anything is compiled."""

    request: Request
    place: Place
    head: Head
    config: Config
    known: Mapping[str, Rule]
    policy: Policy
    compile: Compiler

    @cached_property
    def plan(self) -> lint.Plan:
        """What a worker needs to know: the rules that judge file by file."""
        alone = tuple(rule for rule in self.policy.rules if rule.scope == "all" and rule.check)
        return lint.plan(alone, catalogue.texts(self.config.packs, self.head.tree.read))

    @cached_property
    def bases(self) -> list[Base]:
        if self.request.image and self.request.against is None:
            raise UsageError(
                "with --image it must be said what to compare with", "add `--against image:FILE`, REV or none"
            )
        repository = self.place.repository
        pristine = self.head.exact or (repository is not None and not git.modified(repository))
        return bases(
            repository,
            self.request.against,
            head=self.head.commit,
            pristine=lambda: bool(pristine),
            environ=os.environ,
            prefix=self.place.start,
        )


@contextmanager
def job(request: Request) -> Iterator[Job]:
    """Everything of a run that costs little and can be wrong: arguments, place, configuration, rules."""
    place = find(request.directory)
    if request.image and (request.rev or request.staged):
        raise UsageError("--image takes the place of sources", "leave out --rev and --staged")
    start = head(place, request.rev, request.staged)
    config = reading.configuration(start.tree, place, request.config)
    reading.checked_directories(config, place)
    known = catalogue.catalogue(catalogue.texts(config.packs, start.tree.read))
    rules = policy.resolve(
        config, known, catalogue.with_params, select=request.select, ignore=request.ignore, profile=request.profile
    )
    with tempfile.TemporaryDirectory(prefix="schemactl-", ignore_cleanup_errors=True) as workspace:
        yield Job(request, place, start, config, known, rules, reading.compiler(Path(workspace), request.jobs))


def run(request: Request, wait: bool = False) -> Run:
    """The whole of `lint`, `breaking` and `check`; `wait` shows progress to whoever waits at a terminal."""
    with job(request) as running:
        checked = _checked(running, wait)
        compared = _compared(running, checked) if request.breaking else Compared([], reason="not asked for")
        if not checked.side.judged and not compared.against:
            raise UsageError(*_nothing(running))
        fresh = _fresh(running, checked)
        findings = [
            *checked.problems,
            *fresh,
            *compared.findings,
            *policy.unmatched(running.config, running.head.tree.paths),
        ]
        return _run(running, checked, compared, unique(ordered(_kept(running, checked, findings))))


def _checked(job: Job, wait: bool) -> Checked:
    if job.request.image:
        image = load(job.request.image)
        return Checked(None, image, of_image(image), [], _lint(job, image, []) if job.request.lint else [])
    sources = reading.sources(job.head.tree, job.config, job.place, os.environ)
    side = of_sources(sources, lambda names: job.compile(sources, names))
    if sources.problems or not (job.request.lint and sources.files):
        return Checked(sources, EMPTY, side, list(sources.problems), [])
    with progress(len(sources.everything), wait) as advance:
        built = job.compile(sources, plan=job.plan, advance=advance)
    if built.problems:
        return Checked(sources, EMPTY, side, built.problems, [])
    return Checked(
        sources, built.image, of_sources(sources, lambda names: built), [], _lint(job, built.image, built.findings)
    )


def _lint(job: Job, image: Image, findings: list[Finding]) -> list[Finding]:
    """Findings of the module-wide rules beside those of single files (found anew where there were no sources)."""
    if not image.sources:
        alone = [rule for rule in job.policy.rules if rule.scope == "all" and rule.check]
        findings = [finding for file in image.files() for finding in lint.judge_file(file, alone)]
    return [*findings, *module.judge(image, job.policy.rules)]


def _compared(job: Job, checked: Checked) -> Compared:
    if checked.problems:
        return Compared([], reason="what is checked does not compile")
    if not job.policy.breaking:
        return Compared([], reason="no breaking rule is selected")
    if not job.bases:
        asked = job.request.against == "none"
        return Compared([], reason="--against none" if asked else "there is no earlier commit to compare with")
    findings: dict[str, Finding] = {}
    against, notes = [], []
    for base in job.bases:
        found, commit, note = _against(job, checked, base)
        findings = {finding.fingerprint: finding for finding in found} | findings
        against.append(Comparison(base.revision, commit, base.reason))
        notes += [note] if note else []
    return Compared(list(findings.values()), tuple(against), tuple(notes))


def _against(job: Job, checked: Checked, base: Base) -> tuple[list[Finding], str | None, str]:
    """Findings against the base, or against its nearest ancestor that is a schema; the commit; a note if it was one."""
    if base.image is not None:
        return _between(job, checked, of_image(load(base.image)), base), None, ""
    assert base.commit
    try:
        return _between(job, checked, _old_side(job, base.commit), base), base.commit, ""
    except (DoesNotCompile, ConfigError) as error:
        if error is getattr(checked.side, "error", None):
            raise
        first = error
    for commit in git.ancestors(job.place.needed(), base.commit, _ANCESTORS):
        try:
            found = _between(job, checked, _old_side(job, commit), base)
        except (DoesNotCompile, ConfigError):
            continue
        note = (
            f"{base.revision} is not a valid schema ({first.message}); compared with its ancestor {commit[:12]} instead"
        )
        return found, commit, note
    raise ToolError(
        f"neither {base.revision} nor {_ANCESTORS} commits before it can be compared with: {first.message}",
        "name a revision that compiles by `--against REV`, or skip the comparison by `--against none`",
    )


def _between(job: Job, checked: Checked, old: Side, base: Base) -> list[Finding]:
    directory = Path(tempfile.mkdtemp(dir=job.compile.workspace))
    return breaking.compare(checked.side, old, job.policy.breaking, directory, revision=base.revision)


def _old_side(job: Job, commit: str) -> Side:
    sources = _old_sources(job, commit)
    return of_sources(sources, lambda names: job.compile(sources, names))


def _old_sources(job: Job, commit: str) -> Sources:
    """The sources of a revision by its own configuration."""
    tree = snapshot(job.place, commit)
    config = reading.configuration(tree, job.place, job.request.config)
    sources = reading.sources(tree, reading.adopted(config, job.config, tree), job.place, os.environ)
    if sources.problems:
        raise DoesNotCompile(list(sources.problems))
    return sources


def _fresh(job: Job, checked: Checked) -> list[Finding]:
    """The lint findings; with --new those alone that the base does not have."""
    if not job.request.new or not checked.findings or not job.bases:
        return checked.findings
    base = job.bases[0]
    if base.image is not None:
        old = _lint(job, load(base.image), [])
    else:
        assert base.commit
        sources = _old_sources(job, base.commit)
        built = job.compile(sources, plan=job.plan) if sources.files else None
        if built is None or built.problems:
            return checked.findings
        old = _lint(job, built.image, built.findings)
    known = {finding.fingerprint for finding in old}
    return [finding for finding in checked.findings if finding.fingerprint not in known]


def _kept(job: Job, checked: Checked, findings: Collection[Finding]) -> list[Finding]:
    """The findings that the configuration and the given paths leave."""
    texts = checked.sources.files if checked.sources else {}
    packages = {checked.sources.paths[name]: text for name, text in texts.items()} if checked.sources else {}
    kept = [job.policy.keeps(finding, lambda path: scan.package(packages.get(path, b""))) for finding in findings]
    wanted = _wanted(job, findings)
    return [finding for finding in kept if finding is not None and (not wanted or _touches(finding, wanted))]


def _wanted(job: Job, findings: Collection[Finding]) -> list[str]:
    paths = [job.place.path(Path(written)) for written in job.request.paths]
    known = set(job.head.tree.paths) | {f.against.path for f in findings if f.against}
    for written, path in zip(job.request.paths, paths, strict=True):
        if not any(contains(path, each) for each in known) and not _in_base(job, path):
            raise UsageError(
                f"`{written}` is neither in what is checked nor in what it is compared with", "check the path"
            )
    return paths


def _in_base(job: Job, path: str) -> bool:
    commits = [base.commit for base in job.bases if base.commit] if job.request.breaking else []
    return any(contains(path, each) for commit in commits for each in snapshot(job.place, commit).paths)


def _touches(finding: Finding, paths: Collection[str]) -> bool:
    places = [place.path for place in (finding.location, finding.against) if place]
    return any(contains(path, place) for path in paths for place in places)


def _nothing(job: Job) -> tuple[str, str]:
    where = ", ".join(f"`{m.root}`" for m in job.config.modules) if job.config.modules else f"`{job.place.top.name}`"
    return (
        f"there are no .proto files below {where}",
        "run it where they are, give `-C DIR`, or list `roots:` in schemactl.yaml",
    )


def _run(job: Job, checked: Checked, compared: Compared, findings: list[Finding]) -> Run:
    broken = "what is checked does not compile"
    texts = checked.sources.everything if checked.sources else {}
    by_path = {path: name for name, path in checked.sources.paths.items()} if checked.sources else {}
    return Run(
        findings=findings,
        files=checked.files,
        ran_lint=(broken if checked.problems else True) if job.request.lint else "not asked for",
        ran_breaking=compared.reason or True,
        versions=Versions(__version__),
        against=compared.against,
        notes=(*job.config.notes, *policy.notes(job.policy, compared.against != (), job.request.lint), *compared.notes),
        statistics=job.request.statistics,
        sources=lambda path: texts.get(by_path.get(path, "")),
        rules={rule.id: RuleDoc(rule.title, rule.why, rule.severity) for rule in job.policy.rules},
    )


def with_versions(run: Run, formats: Set[str]) -> Run:
    """The run with what Buf and protoc call themselves, where a report shows it: asking costs two processes."""
    if not formats & {"json", "sarif"}:
        return run
    return replace(run, versions=Versions(__version__, buf.version(), protoc.version()))


def fails(findings: Collection[Finding], fail_on: str) -> bool:
    """Whether a finding is at or above the severity that makes the verdict no."""
    return fail_on != "never" and any(f.severity in SEVERITIES[: SEVERITIES.index(fail_on) + 1] for f in findings)
