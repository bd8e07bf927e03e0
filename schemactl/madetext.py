"""What `generate` and `package` say when they are done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from schemactl import __version__, generating, packing
from schemactl.gentree import Difference, told
from schemactl.report.escape import terminal
from schemactl.report.summary import counted

_SHOWN = 20


def of_generate(request: generating.Request, done: generating.Outcome) -> str:
    changed = (*done.done.missing, *done.done.changed, *done.done.foreign)
    lines = _listed(done.done) if request.check else []
    lines += _notes(done.notes)
    if request.check and not done.done.stale:
        lines.append(f"`{request.out}` is current · {_counts(done)}")
    elif request.check:
        deleted = f", {len(done.done.obsolete)} to delete" if done.done.obsolete else ""
        again = "run `schemactl generate` and commit what it writes"
        lines.append(f"`{request.out}` is stale: {counted(len(changed), 'file')} to write{deleted}; {again}")
    else:
        deleted = f", deleted {len(done.done.obsolete)}" if done.done.obsolete else ""
        wrote = f"wrote {counted(len(changed), 'file')}" if changed else "nothing to write"
        lines.append(f"{wrote}{deleted} in `{request.out}` · {_counts(done)}")
    return _text(lines)


def _counts(done: generating.Outcome) -> str:
    several = len(done.files) > 1
    return ", ".join(
        f"{f'{name} ' if several else ''}{language}: {counted(number, 'file')}"
        for name, languages in done.files.items()
        for language, number in languages.items()
    )


def _listed(done: Difference) -> list[str]:
    lines = [f"  {line}" for line in told(done)]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"  … and {more} more"] if more > 0 else lines


def json_of_generate(request: generating.Request, done: generating.Outcome) -> str:
    return _json(
        stale=request.check and done.done.stale,
        out=str(request.out),
        packages=[{"name": name, "files": dict(counts)} for name, counts in done.files.items()],
        missing=list(done.done.missing),
        changed=[*done.done.changed, *done.done.foreign],
        obsolete=list(done.done.obsolete),
        notes=list(done.notes),
    )


def of_package(request: packing.Request, done: packing.Outcome) -> str:
    """Each package with its version and artifacts; the last line says where they are."""
    lines: list[str] = []
    for built in done.built:
        lines.append(f"{built.name} {built.version.semantic}")
        size = max(len(each.filename) for each in built.artifacts)
        lines += [f"  {each.filename:<{size}}  {_size(len(each.content)):>9}" for each in built.artifacts]
    lines += _notes(done.notes)
    number = sum(len(built.artifacts) for built in done.built)
    checked = f"not checked ({done.verified})" if isinstance(done.verified, str) else "checked"
    lines.append(f"{counted(number, 'artifact')} of {done.commit[:12]} in `{request.out}` · {checked}")
    return _text(lines)


def json_of_package(request: packing.Request, done: packing.Outcome) -> str:
    return _json(out=str(request.out), release=json.loads(done.release), notes=list(done.notes))


def _size(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"note: {note}" for note in notes]


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{terminal(line)}\n" for line in lines)


def _json(**values: Any) -> str:
    tool = {"name": "schemactl", "version": __version__}
    return json.dumps({"schema_version": 1, "tool": tool, "findings": [], **values}, indent=2) + "\n"
