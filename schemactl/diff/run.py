"""One run of `diff`: both states compiled as far as they differ, compared, judged, and put into words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from schemactl import __version__, breaking, buf, compatrules, git, protoc, report
from schemactl.breaking import Play
from schemactl.compat import judging as verdict
from schemactl.compat.contracts import Contracts, guarded
from schemactl.configfile import profile_rules
from schemactl.diff import changes, jsonout, judging, markdown, options, tree, version
from schemactl.diff.entry import Diff, Entry, Package, PackageSign
from schemactl.diff.states import States, asked, states
from schemactl.errors import UsageError
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.job import Job, Request, job, offering
from schemactl.report import NOT_ASKED, Comparison, Run, Style, Versions
from schemactl.side import DoesNotCompile, HeadDoesNotCompile, Side

FORMATS: Mapping[str, Callable[[Diff, Style], str]] = {
    "text": tree.render,
    "json": lambda diff, style: jsonout.render(diff),
    "markdown": lambda diff, style: markdown.render(diff),
}


class Output(NamedTuple):
    """One report, and the file it goes to; None is standard output."""

    file: Path | None
    text: str


class Outcome(NamedTuple):
    outputs: Sequence[Output]
    compiles: bool


def run(
    request: Request, spec: str | None, formats: Sequence[str], style: Style, current: str | None = None
) -> Outcome:
    """`current` is the version that the packages have, as `--current-version` says it."""
    wanted = _wanted(formats)
    known = version.given(current) if current is not None else None
    with offering(request):
        diff = compared(asked(request, spec), known)
    if any(name == "json" for name, _ in wanted):
        diff = _with_versions(diff)
    outputs = [Output(file, _text(name, diff, Style() if file else style)) for name, file in wanted]
    return Outcome(outputs, not diff.problems)


def _wanted(formats: Sequence[str]) -> list[tuple[str, Path | None]]:
    wanted = report.parse(formats)
    for name, _ in wanted:
        if name not in FORMATS:
            raise UsageError(f"--format: `schemactl diff` has no format `{name}`", f"use one of {', '.join(FORMATS)}")
    return wanted


def _text(format: str, diff: Diff, style: Style) -> str:
    if not diff.problems or format == "json":
        return FORMATS[format](diff, style)
    failed = Run(diff.problems, 0, NOT_ASKED, NOT_ASKED, diff.versions, notes=diff.notes)
    return report.FORMATS[format](failed, style)


def _with_versions(diff: Diff) -> Diff:
    return replace(diff, versions=Versions(__version__, buf.version(), protoc.version()))


def compared(request: Request, current: version.Current | None = None, *, whole: bool = False) -> Diff:
    """`request` says which states; what they are called is known once its place is.

    `whole`: what harms readers counts whatever rules of ours the policy turns off.
    """
    with job(request) as running:
        try:
            found = states(running)
            return _diff(running, found, current, whole)
        except DoesNotCompile as failure:
            return _broken(running, failure)


def _broken(job: Job, failure: DoesNotCompile) -> Diff:
    base = job.bases[0] if job.bases else None
    was = Comparison(base.revision, base.commit, base.reason) if base else None
    called = job.request.rev or "the new state"
    which = f"`{job.request.rev}`" if job.request.rev else "the new state"
    if not isinstance(failure, HeadDoesNotCompile):
        which = f"`{base.revision}`" if base else "the old state"
    note = f"{which} does not compile, so there is nothing to compare"
    return Diff(was, Comparison(called, job.head.commit), problems=failure.problems, notes=(note,))


def _diff(job: Job, states: States, current: version.Current | None, whole: bool) -> Diff:
    was = states.was
    old = Comparison(was.revision, was.commit, was.reason) if was else None
    notes = () if was else ("there is no earlier state: everything is new",)
    play = breaking.play(states.new, states.old)
    if play is None:
        return Diff(old, states.now, notes=notes)
    known = _known(job, states, play, compatrules.IDS if whole else job.policy.compat)
    differing = _entries(states, play)
    return Diff(old, states.now, tuple(_packages(job, states, differing, known, current)), notes=notes)


def _known(job: Job, states: States, play: Play, compat: frozenset[str]) -> judging.Known:
    """Buf's findings by the policy's rules and by those for generated code; what happens to data, by `compat`."""
    new, old, base = states.new, states.old, states.was
    if base is None:
        return judging.Known([])
    rules = job.policy.breaking | profile_rules("source")
    directory = Path(tempfile.mkdtemp(dir=job.compile.workspace))
    found = breaking.begun(play, new, old, rules, directory, revision=base.revision, cache=job.cache)()
    if not compat:
        return judging.Known(found, (), job.policy.breaking)
    contracts = Contracts(job.config.compat, job.request.profile, guarded(job.policy.breaking))
    more = verdict.found(play, new, old, contracts, base.revision)
    ours = [each for each in more.told if each.rule in compat]
    return judging.Known([*found, *ours], more.changes, job.policy.breaking | compat, judged=True)


def _entries(states: States, play: Play) -> dict[str, tuple[Entry, ...]]:
    names = options.Names({**play.old.descriptors, **play.new.descriptors})
    sides = (_judged(states.old, play.old, play.names), _judged(states.new, play.new, play.names))
    files = ([image.file(name) for name in names] for image, names in sides)
    return changes.changes(next(files), next(files), names.of)


def _judged(side: Side, image: Image, names: Collection[str]) -> tuple[Image, list[str]]:
    mine = sorted(name for name in names if name in side.judged)
    side.load(mine)
    return image, mine


def _packages(
    job: Job,
    states: States,
    differing: Mapping[str, tuple[Entry, ...]],
    known: judging.Known,
    current: version.Current | None,
) -> Iterable[Package]:
    before, after = _directories(states.old), _directories(states.new)
    tags = version.Tags(_tags(job, states)) if current is None else None
    by_package = _by_package(states, known.findings)
    for name in sorted({*differing, *by_package}):
        sign: PackageSign = "added" if name not in before else "removed" if name not in after else ""
        entries = tuple(each for each in differing.get(name, ()) if sign != "added" or each.kind != "file")
        told, loose = judging.told(entries, known._replace(findings=by_package.get(name, [])))
        around = before.get(name) or after.get(name, set())
        version_of = current or (tags.of(name, around, job.place.start) if tags else None)
        subject = version.Subject(name, sign, entries, told, loose)
        yield Package(name, sign, entries, told, version.advice(subject, version_of), tuple(loose))


def _directories(side: Side) -> dict[str, set[str]]:
    """Where the files of each package stand."""
    found: dict[str, set[str]] = {}
    for name in side.judged:
        found.setdefault(side.package(name), set()).add(str(PurePosixPath(side.path(name)).parent))
    return found


def _tags(job: Job, states: States) -> list[str]:
    """Those merged into what was; a shallow clone may lack the highest, so that it knows none."""
    if states.was is None or states.was.commit is None or git.is_shallow(job.place.needed()):
        return []
    return [name for name, _ in git.tags(job.place.needed(), states.was.commit)]


def _by_package(states: States, findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """A finding counts where the thing stood: its readers import it from there."""
    old, new = ({side.path(name): side.package(name) for name in side.judged} for side in (states.old, states.new))
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        was = old.get(finding.against.path) if finding.against else None
        now = new.get(finding.location.path) if finding.location else None
        package = was if was is not None else now
        if package is None:
            package = finding.element if finding.rule == "PACKAGE_NO_DELETE" and finding.element else ""
        found.setdefault(package, []).append(finding)
    return found
