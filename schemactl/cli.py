"""The command line: reads arguments, calls, prints, exits. Everything else is somewhere else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemactl import __version__, artifactcli, completing, exits, initcli, lookcli, releasecli
from schemactl.errors import UsageError
from schemactl.helptext import MORE, dress
from schemactl.options import (
    Against,
    Chdir,
    Color,
    ConfigFile,
    CurrentVersion,
    Diff,
    DiffFormat,
    FailOn,
    Fetch,
    Fix,
    Format,
    Ignore,
    ImageFile,
    Jobs,
    New,
    NoCache,
    Paths,
    PolicyOf,
    Profile,
    Prune,
    Rev,
    Select,
    ShowSuppressed,
    Staged,
    States,
    Statistics,
    Today,
    UnsafeFixes,
    WithEvidence,
    WriteBaseline,
)
from schemactl.shell import colored, complain, deliver, printed, shell, width
from schemactl.usage import Root

if TYPE_CHECKING:
    from schemactl.check import Request

app = typer.Typer(
    name="schemactl",
    cls=Root,
    help="Govern Protobuf event contracts: lint them, judge what changes break, release their code.",
    epilog=MORE,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def main_options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        with shell():
            printed(f"schemactl {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        with shell():
            raise UsageError("no command is given", "`schemactl --help` lists them")


@app.command()
def lint(
    paths: Paths = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    new: New = False,
    fix: Fix = False,
    unsafe_fixes: UnsafeFixes = False,
    diff: Diff = False,
    write_baseline: WriteBaseline = False,
    prune: Prune = False,
    against: Against = None,
    fetch: Fetch = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Format = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = "error",
    policy: PolicyOf = None,
    today: Today = None,
    statistics: Statistics = False,
    show_suppressed: ShowSuppressed = False,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Check the schemas against Buf's rules and conventions for events."""
    from schemactl.check import Request

    with shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, new, against, None, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, breaking=False, policy=policy, today=_day(today),
            fetch=_fetching(fetch),
        )  # fmt: skip
        request = replace(
            request, fix=_fixing(fix, unsafe_fixes, diff), diff=diff, baseline=_baseline(write_baseline, prune)
        )
        _report(request, format or [], fail_on, color)


@app.command()
def breaking(
    paths: Paths = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    against: Against = None,
    fetch: Fetch = False,
    profile: Profile = None,
    evidence: WithEvidence = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Format = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = "error",
    policy: PolicyOf = None,
    today: Today = None,
    statistics: Statistics = False,
    show_suppressed: ShowSuppressed = False,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Say what the change breaks for readers and writers."""
    from schemactl.check import Request

    with shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, False, against, profile, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, lint=False, policy=policy, today=_day(today), evidence=evidence,
            fetch=_fetching(fetch),
        )  # fmt: skip
        _report(request, format or [], fail_on, color)


@app.command()
def check(
    paths: Paths = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    new: New = False,
    against: Against = None,
    fetch: Fetch = False,
    profile: Profile = None,
    evidence: WithEvidence = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Format = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = "error",
    policy: PolicyOf = None,
    today: Today = None,
    statistics: Statistics = False,
    show_suppressed: ShowSuppressed = False,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Lint, and say what the change breaks: for pull requests."""
    from schemactl.check import Request

    with shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, new, against, profile, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, policy=policy, today=_day(today), evidence=evidence,
            fetch=_fetching(fetch),
        )  # fmt: skip
        _report(request, format or [], fail_on, color)


@app.command()
def diff(
    states: States = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    against: Against = None,
    fetch: Fetch = False,
    profile: Profile = None,
    current_version: CurrentVersion = None,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: DiffFormat = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Say what changed, and which version that asks for."""
    from schemactl.check import Request
    from schemactl.diff import run as differing
    from schemactl.report import Style

    with shell():
        request = Request(
            directory, (), rev, staged, image, False, against, profile, config,
            jobs=jobs, cached=not no_cache, lint=False,
            fetch=_fetching(fetch),
        )  # fmt: skip
        style = Style(colored(color), width())
        outcome = differing.run(request, states, format or [], style, current_version)
        deliver(outcome.outputs, format or [])
        if not outcome.compiles:
            raise typer.Exit(exits.NO)


app.command()(artifactcli.generate)
app.command()(artifactcli.package)
app.command()(releasecli.publish)
app.command()(releasecli.release)


app.command()(initcli.init)
app.command()(artifactcli.doctor)
app.command()(lookcli.explain)
app.add_typer(lookcli.rules_app, name="rules")
app.add_typer(lookcli.cache_app, name="cache")
dress(app, lookcli.rules_app, lookcli.cache_app)


def _fetching(wanted: bool) -> Callable[[str], None] | None:
    if not wanted:
        return None
    from schemactl.report.escape import terminal

    return lambda fetched: complain(f"schemactl: {terminal(fetched)}")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _fixing(fix: bool, unsafe: bool, diff: bool) -> Literal["", "safe", "unsafe"]:
    if not fix and (unsafe or diff):
        raise UsageError(f"`{'--unsafe-fixes' if unsafe else '--diff'}` needs `--fix`", "add `--fix`")
    return "" if not fix else "unsafe" if unsafe else "safe"


def _baseline(write: bool, prune: bool) -> Literal["", "write", "prune"]:
    if write and prune:
        raise UsageError("`--write-baseline` and `--prune` cannot be used together", "leave out one of them")
    return "write" if write else "prune" if prune else ""


def _report(request: Request, formats: list[str], fail_on: str, color: str) -> None:
    from schemactl import check, needless, report

    if not formats and needless.is_needless(request, os.environ):
        printed("what is staged changes no schema\n")
        return
    outputs = report.parse(formats)
    names = {name for name, _ in outputs}
    request = replace(
        request, versions=not names.isdisjoint(("json", "sarif")), evidence=request.evidence or "json" in names
    )
    fixes = _fixes(request, colored(color)) if request.fix else ()
    run = replace(check.run(request, wait=True), fail_on=fail_on)
    run = replace(run, notes=(*fixes, *run.notes))
    style = report.Style(colored(color), width())
    texts = [(file, report.FORMATS[name](run, report.Style() if file else style)) for name, file in outputs]
    deliver(texts, formats)
    if any(finding.severity in report.fatal(run) and not finding.suppressed for finding in run.findings):
        raise typer.Exit(exits.NO)


def _fixes(request: Request, color: bool) -> tuple[str, ...]:
    """Fixes, and gives what there is to say of it; with --diff only prints what would change, if that can be told."""
    from schemactl import fixing

    fixes = fixing.fixed(request, wait=True)
    if request.diff and fixes.tried:
        from schemactl.fix.patch import patch
        from schemactl.report.escape import terminal

        printed(patch(fixes.changes, color, raw=width() is None))
        complain("\n".join(map(terminal, fixes.notes)))
        raise typer.Exit(exits.NO if fixes.changes else 0)
    return fixes.notes


def main() -> None:
    # Ended by a CI platform's time limit, a run still removes its temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(exits.TERMINATED))
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # `nohup` wants to go on
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(exits.HUNG_UP))
    if completing.ASKED in os.environ:
        completing.plainly()
    app()
