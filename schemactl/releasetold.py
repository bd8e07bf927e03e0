"""What `publish` and `release` say when they are done: for people, and as a run that any report is made from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from schemactl import publishing, releasing
from schemactl.publishing import Visit
from schemactl.releasing import Outcome
from schemactl.report import Run
from schemactl.report.summary import counted
from schemactl.told import notes, run, text
from schemactl.upcoming import Step
from schemactl.version import LEVELS

_SHOWN = 5
_NARROWEST = 24
_WORDS = {"published": "published", "same": "already published", "missing": "to publish", "unknown": "not visible"}


def of_publish(request: publishing.Request, done: publishing.Outcome) -> tuple[Run, str]:
    """Each target with what went there; the last line says of what."""
    names = ", ".join(f"{each.name} {each.version.semantic}" for each in done.build.release.packages)
    what = "would publish" if request.dry_run else "published"
    where = counted(len(done.visits), "target") if done.visits else "nowhere: no target is configured"
    summary = f"{what} {names} · {where}"
    extra: dict[str, Any] = {"dry_run": request.dry_run, "targets": [_document(each) for each in done.visits]}
    told = run((), len(done.build.files), summary, extra, done.notes)
    return told, text([*_visits(done.visits), *notes(done.notes), summary])


def of_release(request: releasing.Request, done: Outcome, width: int | None = None) -> tuple[Run, str]:
    """Each package with its last and next version, and why; then what is, or will be, done about it."""
    extra: dict[str, Any] = {
        "commit": done.commit,
        "executed": done.executed,
        "packages": [_planned(each) for each in done.steps],
        "targets": [_document(each) for each in done.visits] or [{"target": str(each)} for each in done.targets],
        "changelog": done.changelog,
        "remote": done.remote,
        "pushed": list(done.pushed),
    }
    summary = _summary(done)
    after = [*_visits(done.visits), *(_done(done) if done.executed else _plan(done))]
    # Formats that know findings only have room for notes.
    rows = [f"{each.name} {_versions(each)}: {_why(each)[0]}" for each in done.steps]
    told = run((), len(done.releases), summary, extra, (*rows, *filter(None, after), *done.notes))
    return told, text([*_table(done.steps, width), *_fitted(after, width), *_fitted(notes(done.notes), width), summary])


def _summary(done: Outcome) -> str:
    if not done.releases:
        return f"nothing to release at {done.commit[:12]}"
    names = ", ".join(f"{each.name} {each.next.semantic}" for each in done.releases if each.next)
    if done.executed:
        return f"released {names} of {done.commit[:12]}"
    if all(each.tagged for each in done.releases):
        return f"{done.commit[:12]} is tagged as {names}: `--execute` makes sure that nothing of its release is missing"
    return f"would release {names} of {done.commit[:12]}: run it with `--execute`"


def _table(steps: Sequence[Step], width: int | None) -> Iterator[str]:
    names = max((len(each.name) for each in steps), default=0)
    size = max((len(_versions(each)) for each in steps), default=0)
    for step in steps:
        head = f"{step.name:<{names}}  {_versions(step):<{size}}  "
        for why in _why(step):
            yield from _fitted([f"{head}{why}"], width, " " * len(head))
            head = " " * len(head)


def _why(step: Step) -> list[str]:
    known = step.why or ("",)
    shown = [f"breaking: {known[0]}" if step.breaking and step.next else known[0], *known[1:_SHOWN]]
    more = len(known) - _SHOWN
    return [*shown, *([f"… and {more:,} more: `schemactl diff {step.last}..HEAD`"] if more > 0 else [])]


def _fitted(lines: Iterable[str], width: int | None, indent: str = "  ") -> Iterator[str]:
    """At a terminal no line is wider than it is; a word is never cut."""
    for line in lines:
        if width is None or len(line) <= width:
            yield line.rstrip()
        else:
            room = max(width, len(indent) + _NARROWEST)
            yield from textwrap.wrap(
                line, room, subsequent_indent=indent, drop_whitespace=True, break_long_words=False,
                break_on_hyphens=False, replace_whitespace=False, expand_tabs=False,
            )  # fmt: skip


def _versions(step: Step) -> str:
    if step.next is None:
        return step.was or "-"
    return f"{step.was} -> {step.next.semantic}" if step.was else step.next.semantic


def _raised(step: Step) -> str | None:
    """The part of the version that is raised; None for a first release, or none."""
    if not (step.was and step.next):
        return None
    old, new = step.was.split("."), step.next.semantic.partition("-")[0].split(".")
    return next((level for level, was, now in zip(LEVELS, old, new, strict=False) if was != now), None)


def _plan(done: Outcome) -> Iterator[str]:
    if not done.releases:
        return
    yield ""
    if done.targets:
        yield "publish to  " + ", ".join(map(str, done.targets))
    tags = ", ".join(f"{each.tag}{' (there already)' if each.tagged else ''}" for each in done.releases)
    yield f"tag         {tags}"
    yield f"push to     {done.remote}" if done.remote else "push to     nowhere: this clone has no remote"


def _done(done: Outcome) -> Iterator[str]:
    if done.changelog:
        yield f"wrote the section of this release into {done.changelog}: commit it"
    if done.pushed:
        yield f"pushed {', '.join(done.pushed)} to {done.remote}"


def _visits(visits: Sequence[Visit]) -> Iterator[str]:
    for visit in visits:
        told = ", ".join(f"{number} {_WORDS[state]}" for state, number in sorted(visit.counts.items()))
        seen = ", and its consumers get the same" if visit.consumed else ""
        yield f"{visit.target}: {told or 'nothing of this goes there'}{seen}"
        yield from (f"  note: {each}" for each in visit.notes)


def _document(visit: Visit) -> dict[str, Any]:
    files = [{"path": each.path, "state": each.state} for each in visit.files]
    return {"target": str(visit.target), "files": files, "consumed": visit.consumed, "notes": list(visit.notes)}


def _planned(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "last": step.last,
        "next": step.next.semantic if step.next else None,
        "raises": _raised(step),
        "tag": step.tag or None,
        "tagged": step.tagged,
        "breaking": step.breaking,
        "why": list(step.why),
    }
