"""What `generate` and `package` say when they are done: for people, and as a run that any report is made from."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from schemactl import __version__, generating, packing
from schemactl.finding import Finding, Location, fingerprint
from schemactl.gentree import MANIFEST, Difference, told
from schemactl.report import NOT_ASKED, Run, Versions
from schemactl.report.escape import terminal
from schemactl.report.summary import counted

_SHOWN = 20
_STALE = "GENERATED_STALE"


def of_generate(request: generating.Request, done: generating.Outcome) -> tuple[Run, str]:
    """The run, and its text."""
    files = sum(number for languages in done.files.values() for number in languages.values())
    summary = _generated(request, done, files)
    extra: dict[str, Any] = {
        "stale": request.check and done.done.stale,
        "out": str(request.out),
        "packages": [{"name": name, "files": dict(counts)} for name, counts in done.files.items()],
        "missing": list(done.done.missing),
        "changed": [*done.done.changed, *done.done.foreign],
        "obsolete": list(done.done.obsolete),
        "strays": list(done.done.strays),
    }
    findings = tuple(_stale(request, done.done)) if request.check else ()
    listed = _listed(done.done) if request.check else []
    return run(findings, files, summary, extra, done.notes), text([*listed, *notes(done.notes), summary])


def _generated(request: generating.Request, done: generating.Outcome, files: int) -> str:
    found, what = done.done, f" ({kinds})" if (kinds := _counts(done)) else ""
    changed = len((*found.missing, *found.changed, *found.foreign))
    if request.check and not found.stale:
        return f"`{request.out}` is current: {counted(files, 'file')}{what}"
    if request.check:
        deleted = f", {len(found.obsolete)} to delete" if found.obsolete else ""
        return f"`{request.out}` is stale: {changed} of {counted(files, 'file')} to write{deleted}; {_again(request)}"
    deleted = f", deleted {len(found.obsolete)}" if found.obsolete else ""
    wrote = f"wrote {changed} of {counted(files, 'file')}" if changed else "nothing to write"
    return f"{wrote}{deleted} in `{request.out}`{what}"


def _again(request: generating.Request) -> str:
    words = ["schemactl", "generate"]
    words += ["-C", str(request.directory)] if str(request.directory) != "." else []
    words += [word for language in request.languages for word in ("--lang", language)]
    words += ["--out", str(request.out)] if str(request.out) != "gen" else []
    words += ["--rev", request.rev] if request.rev else []
    words += ["--config", str(request.config)] if request.config else []
    return f"run `{shlex.join(words)}` and commit what it writes"


def _stale(request: generating.Request, found: Difference) -> Iterator[Finding]:
    kinds = (
        (found.missing, "is missing"),
        (found.changed, "is not what the schema gives now"),
        (found.foreign, "is not what the schema gives now, and was not written by schemactl: it is in the way"),
        (found.obsolete, "is of a file that is gone"),
        (found.strays, "is generated code that nothing here is made into: delete it"),
        ((MANIFEST,) if found.unlisted else (), "is not the list of what is there"),
    )
    for paths, what in kinds:
        for path in paths:
            place = Location(f"{(request.directory / request.out).as_posix()}/{path}", 1, 1, 1, 1)
            yield Finding(
                _STALE,
                "error",
                "compile",
                f"`{request.out.as_posix()}/{path}` {what}",
                place,
                help=_again(request),
                fingerprint=fingerprint(_STALE, path, ""),
            )


def _counts(done: generating.Outcome) -> str:
    several = len(done.files) > 1
    return ", ".join(
        f"{f'{name} ' if several else ''}{language}: {number}"
        for name, languages in done.files.items()
        for language, number in languages.items()
    )


def _listed(done: Difference) -> list[str]:
    lines = [f"  {line}" for line in told(done)]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"  … and {more} more"] if more > 0 else lines


def of_package(request: packing.Request, done: packing.Outcome) -> tuple[Run, str]:
    """Each package with its version and artifacts; the last line says where they are."""
    lines: list[str] = []
    for built in done.built:
        lines.append(f"{built.name} {built.version.semantic}")
        size = max(len(each.filename) for each in built.artifacts)
        lines += [f"  {each.filename:<{size}}  {_size(len(each.content)):>9}" for each in built.artifacts]
    number = sum(len(built.artifacts) for built in done.built)
    if not done.built:
        summary = (
            f"nothing to release at {done.commit[:12]}: {', '.join(each for step in done.steps for each in step.why)}"
        )
        return run((), 0, summary, {"out": str(request.out), "release": None}, done.notes), text([summary])
    verified = f"not verified ({done.verified})" if isinstance(done.verified, str) else "verified"
    summary = f"{counted(number, 'artifact')} of {done.commit[:12]} in `{request.out}` · {verified}"
    extra = {"out": str(request.out), "release": json.loads(done.release)}
    return run((), number, summary, extra, done.notes), text([*lines, *notes(done.notes), summary])


def run(findings: tuple[Finding, ...], files: int, summary: str, extra: dict[str, Any], notes: Sequence[str]) -> Run:
    versions = Versions(__version__)
    return Run(findings, files, NOT_ASKED, NOT_ASKED, versions, notes=tuple(notes), told=summary, extra=extra)


def _size(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def notes(notes: Sequence[str]) -> list[str]:
    return [f"note: {note}" for note in notes]


def text(lines: Sequence[str]) -> str:
    return "".join(f"{terminal(line)}\n" for line in lines)
