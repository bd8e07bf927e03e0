"""The command `init`: shows what it would write, asks, writes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from schemactl.errors import ToolError
from schemactl.options import Chdir, Color
from schemactl.shell import colored, printed, shell, width

_HOW = "nothing was written: run again with `--yes`\n"
_LEFT = "nothing was written\n"


def init(
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Also record today's findings, so that only new ones count.")
    ] = False,
    options: Annotated[
        bool, typer.Option("--options", help="Also bring schemactl/v1/options.proto, for protoc, Buf and editors.")
    ] = False,
    ci: Annotated[
        Literal["auto", "github", "gitlab", "none"],
        typer.Option("--ci", help="Which platform runs the check; auto: as the repository tells."),
    ] = "auto",
    hook: Annotated[bool, typer.Option("--hook/--no-hook", help="Whether commits are checked.")] = True,
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="NAME", help="For new schemas: the first word of their packages."),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="OWNER/REPO@REF", help="Where on GitHub CI and hooks get schemactl."),
    ] = None,
    directory: Chdir = Path(),
    color: Color = "auto",
) -> None:
    """Set up a repository: configuration, CI, a commit hook. Shows everything first, and overwrites nothing."""
    with shell():
        from schemactl import init
        from schemactl.report import Style

        style = Style(colored(color), width())
        plan = init.plan(init.Request(directory, baseline, options, ci, hook, project, action))
        if yes or not plan.files:
            init.carry_out(plan)
            _tell(init.written(plan, style), [each.path for each in plan.files])
            return
        _tell(init.proposed(plan, style) + "\n", [])
        if not _at_terminal():
            printed(_HOW)
        elif _agreed(init.question(plan, style)):
            init.carry_out(plan)
            _tell("\n" + init.done(plan, style), [each.path for each in plan.files])
        else:
            printed(_LEFT)


def _tell(text: str, paths: Sequence[str]) -> None:
    """What was written is so, too, where nobody can be told on standard output."""
    try:
        printed(text)
    except ToolError as error:
        state = f"all was written: {', '.join(f'`{path}`' for path in paths)}" if paths else "nothing was written"
        hint = "send it elsewhere, and run again: nothing is written over"
        raise ToolError(f"{error.message}; {state}", hint) from error


def _at_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _agreed(question: str) -> bool:
    printed(question)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
