"""How a command that makes things tells what it did: in every format that is asked for, and also when it may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from schemactl.errors import Mismatch, Rejected, UsageError
from schemactl.exits import NO
from schemactl.shell import colored, deliver, width

if TYPE_CHECKING:
    from schemactl.report import Run


@contextmanager
def refusing(formats: list[str], color: str, rule: str = "PACKAGE_REFUSED") -> Iterator[None]:
    """Findings that keep anything from being made are a report like any other, and exit 1.

    `rule` is what a refusal is called, unless an artifact is not what it should be.
    """
    from schemactl.finding import ordered
    from schemactl.generate.refused import Refused

    _require_places(formats)
    try:
        yield
    except Rejected as rejected:
        from schemactl import __version__, report
        from schemactl.finding import Finding, fingerprint

        message = rejected.message
        rule = "ARTIFACT_MISMATCH" if isinstance(rejected, Mismatch) else rule
        finding = Finding(
            rule, "error", "compile", message, help=rejected.hint, fingerprint=fingerprint(rule, None, message)
        )
        nothing, versions = report.NOT_ASKED, report.Versions(__version__)
        run = report.Run((finding,), 0, nothing, nothing, versions, told="1 error")
        reported(formats, color, run)
        raise typer.Exit(NO) from None
    except Refused as refused:
        from schemactl import __version__, report

        nothing, versions = report.NOT_ASKED, report.Versions(__version__)
        run = report.Run(ordered(refused.findings), refused.files, nothing, nothing, versions, sources=refused.sources)
        reported(formats, color, run)
        raise typer.Exit(NO) from None


def _require_places(formats: list[str]) -> None:
    """A report that nobody can write is told before anything else is written."""
    from schemactl import report

    for _, file in report.parse(formats):
        if file and not file.parent.is_dir():
            raise UsageError(f"--format: `{file.parent}` is not a directory", "make it first, or name another file")


def reported(formats: list[str], color: str, run: Run, text: str | None = None) -> None:
    """The run in every format that is asked for; where it has a `text` of its own, people get that."""
    from schemactl import report
    from schemactl.documented import brief, known

    run = replace(run, rules=report.RuleDocs([each.rule for each in run.findings], lambda id: brief(known(id))))
    style = report.Style(colored(color), width())
    texts = []
    for name, file in report.parse(formats):
        own = text if name == "text" else None
        texts.append((file, own or report.FORMATS[name](run, report.Style() if file else style)))
    deliver(texts, formats)
