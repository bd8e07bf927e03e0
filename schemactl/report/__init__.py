"""Reports: one finished run in the format of whoever reads it: people, programs, CI servers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from schemactl import atomically
from schemactl.errors import ToolError, UsageError
from schemactl.finding import SEVERITIES, Finding, Severity

NOT_ASKED = "not asked for"  # why a check did not run that nobody wanted: people need not be told


class Comparison(Struct, frozen=True):
    """What the head was compared with; `reason` says how it was chosen ("merge-base of origin/main")."""

    revision: str
    commit: str | None = None
    reason: str = ""


class Versions(Struct, frozen=True):
    """The programs that made the verdict; None is one that was not needed."""

    schemactl: str
    buf: str | None = None
    protoc: str | None = None


class Standing(Struct, frozen=True):
    """How much of a baseline is left: findings that it covers, and entries that are fixed."""

    remaining: int
    fixed: int


class RuleDoc(Struct, frozen=True):
    """What a report says of a rule beside its findings; no `severity` is one that depends on what is found."""

    title: str
    why: str
    severity: Severity | None
    help: str = ""
    help_uri: str | None = None


class RuleDocs(Mapping[str, RuleDoc]):
    """The rules of a run by id; what `about` knows of one is asked for when a report shows it."""

    def __init__(self, ids: Iterable[str], about: Callable[[str], RuleDoc]) -> None:
        self._ids = dict.fromkeys(ids)
        self._about = about

    def __getitem__(self, id: str) -> RuleDoc:
        if id not in self._ids:
            raise KeyError(id)
        return self._about(id)

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _no_source(path: str) -> bytes | None:
    return None


@dataclass(frozen=True)
class Run:
    """What a report is made from; `findings` in report order, `ran_*` True or the reason why it did not run.

    `suppressed` counts what the baseline covers, too. `told` is what a run came to that judges nothing; `extra` are
    more keys of the `json` format.
    """

    findings: Sequence[Finding]
    files: int
    ran_lint: bool | str
    ran_breaking: bool | str
    versions: Versions
    against: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    suppressed: int = 0
    baseline: Standing | None = None
    statistics: bool = False
    fail_on: str = "error"
    sources: Callable[[str], bytes | None] = _no_source
    rules: Mapping[str, RuleDoc] = field(default_factory=dict)
    told: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def fatal(run: Run) -> Collection[Severity]:
    """The severities that make the verdict no."""
    return () if run.fail_on == "never" else SEVERITIES[: SEVERITIES.index(run.fail_on) + 1]


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks; without a `width` it is not for a terminal and never wraps."""

    color: bool = False
    width: int | None = None


def _text(run: Run, style: Style) -> str:
    from schemactl.report import text

    return text.render(run, style)


def _json(run: Run, style: Style) -> str:
    from schemactl.report import json

    return json.render(run)


def _github(run: Run, style: Style) -> str:
    from schemactl.report import github

    return github.render(run)


def _sarif(run: Run, style: Style) -> str:
    from schemactl.report import sarif

    return sarif.render(run)


def _gitlab(run: Run, style: Style) -> str:
    from schemactl.report import gitlab

    return gitlab.render(run)


def _junit(run: Run, style: Style) -> str:
    from schemactl.report import junit

    return junit.render(run)


def _markdown(run: Run, style: Style) -> str:
    from schemactl.report import markdown

    return markdown.render(run)


FORMATS: dict[str, Callable[[Run, Style], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "markdown": _markdown,
}


def parse(specs: Sequence[str]) -> list[tuple[str, Path | None]]:
    """The `--format FORMAT[:FILE]` options as (format, file); a format without FILE goes to standard output."""
    outputs = [_output(spec) for spec in specs] or [("text", None)]
    files = [file for _, file in outputs]
    if files.count(None) > 1:
        wanted = " and ".join(f"`{name}`" for name, file in outputs if file is None)
        raise UsageError(f"--format: {wanted} both go to standard output", "give all but one a file: FORMAT:FILE")
    for file in files:
        if files.count(file) > 1:
            raise UsageError(f"--format: two reports go to `{file}`", "give each a file of its own")
    return outputs


def _output(spec: str) -> tuple[str, Path | None]:
    name, colon, file = spec.partition(":")
    if name not in FORMATS:
        from schemactl.yamlwalk import meant

        what = f"--format: there is no format `{name}`{meant(name, FORMATS)}"
        raise UsageError(what, f"use one of {', '.join(FORMATS)}")
    if colon and not file:
        raise UsageError(f"--format: `{spec}` names no file", f"write {name}:FILE, or {name} for standard output")
    return name, Path(file) if colon else None


def write(path: Path, text: str) -> None:
    """Write `text` whole or not at all; a device or a pipe is written to, a symlink is replaced."""
    if not path.name:
        raise ToolError(f"the report `{path}` cannot be written: it is a directory", "choose a file")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_text(text, "utf-8", newline="\n")
        else:
            atomically.write(path, text.encode())
    except OSError as error:
        hint = "create its directory, or choose another file" if not path.parent.is_dir() else "choose another file"
        raise ToolError(f"the report `{path}` cannot be written: {error.strerror}", hint) from error
