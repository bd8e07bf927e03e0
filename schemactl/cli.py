"""The command line: reads arguments, calls, prints, exits. Everything else is somewhere else."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemactl import __version__, artifactcli, releasecli
from schemactl.errors import ToolError, UsageError
from schemactl.options import (
    Against,
    Chdir,
    Color,
    ConfigFile,
    CurrentVersion,
    Diff,
    DiffFormat,
    FailOn,
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

if TYPE_CHECKING:
    from schemactl.check import Request

_FINDINGS, _HUNG_UP, _TERMINATED = 1, 129, 143

app = typer.Typer(
    name="schemactl",
    help="Govern Protobuf event contracts: lint, judge breaking changes, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(help="The rules that exist, and which of them are on here.", rich_markup_mode=None)
app.add_typer(rules_app, name="rules")
cache_app = typer.Typer(help="Results of earlier runs, kept to be faster.", rich_markup_mode=None)
app.add_typer(cache_app, name="cache")


@app.callback(invoke_without_command=True)
def main_options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        with shell():
            printed(f"schemactl {__version__}\n")
        raise typer.Exit


@app.command(epilog="Example: schemactl lint --staged")
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
    """Lint by Buf's rules and by conventions for events."""
    from schemactl.check import Request

    with shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, new, against, None, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, breaking=False, policy=policy, today=_day(today),
        )  # fmt: skip
        request = replace(
            request, fix=_fixing(fix, unsafe_fixes, diff), diff=diff, baseline=_baseline(write_baseline, prune)
        )
        _report(request, format or [], fail_on, color)


@app.command(epilog="Example: schemactl breaking --against v1.4.0 --profile both")
def breaking(
    paths: Paths = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    against: Against = None,
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
        )  # fmt: skip
        _report(request, format or [], fail_on, color)


@app.command(epilog="Example: schemactl check --format text --format sarif:schemactl.sarif")
def check(
    paths: Paths = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    new: New = False,
    against: Against = None,
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
    """Lint and breaking over one compile: the one command for a pull request."""
    from schemactl.check import Request

    with shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, new, against, profile, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, policy=policy, today=_day(today), evidence=evidence,
        )  # fmt: skip
        _report(request, format or [], fail_on, color)


@app.command(epilog="Example: schemactl diff v1.9.0..HEAD --format markdown:CHANGES.md")
def diff(
    states: States = None,
    rev: Rev = None,
    staged: Staged = False,
    image: ImageFile = None,
    against: Against = None,
    profile: Profile = None,
    current_version: CurrentVersion = None,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: DiffFormat = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Say what changed between two states, additions too, and which version that asks for."""
    from schemactl.check import Request
    from schemactl.diff import run as differing
    from schemactl.report import Style

    with shell():
        request = Request(
            directory, (), rev, staged, image, False, against, profile, config,
            jobs=jobs, cached=not no_cache, lint=False,
        )  # fmt: skip
        style = Style(colored(color), width())
        outcome = differing.run(request, states, format or [], style, current_version)
        deliver(outcome.outputs)
        if not outcome.compiles:
            raise typer.Exit(_FINDINGS)


app.command(epilog="Example: schemactl generate --lang python --out gen --check")(artifactcli.generate)
app.command(epilog="Example: schemactl package --rev v1.4.0 --out dist")(artifactcli.package)
app.command(epilog="Example: schemactl publish dist --to dir:../packages")(releasecli.publish)
app.command(epilog="Example: schemactl release --execute")(releasecli.release)


@rules_app.command("list")
def rules_list(
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="A table, or a list of objects.")
    ] = "text",
    color: Color = "auto",
) -> None:
    """List every rule: whether it is on here, which file said so, and what it checks."""
    from schemactl import listing
    from schemactl.report import Style

    with shell():
        rows = listing.rows(directory, config)
        style = Style(colored(color), width())
        printed(listing.json(rows) if format == "json" else listing.table(rows, style))


@rules_app.command("test", epilog="Example: schemactl rules test rules")
def rules_test(
    packs: Annotated[
        str | None,
        typer.Argument(metavar="[DIR]", help="A directory of packs, a file, or an installed package."),
    ] = None,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    color: Color = "auto",
) -> None:
    """Run declared rules against their own examples, and print what differs."""
    from schemactl import packtest
    from schemactl.report import Style

    with shell():
        outcome = packtest.run(directory, config, packs, Style(colored(color), width()))
        printed(outcome.text)
        if not outcome.passed:
            raise typer.Exit(_FINDINGS)


@cache_app.command("clean")
def cache_clean() -> None:
    """Delete all results that are kept."""
    from schemactl import cache

    with shell():
        place = cache.directory()
        if place is None:
            raise ToolError("this user has no home, and so no cache", "name a directory by SCHEMACTL_CACHE_DIR")
        freed = cache.clean(place)
        printed(f"freed {freed / 1e6:.2f} MB in {place}\n" if freed else f"there is nothing kept in {place}\n")


app.command(epilog="Example: schemactl doctor --format json")(artifactcli.doctor)


@app.command(epilog="Example: schemactl explain ENVELOPE_FIELDS")
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule id.")],
    directory: Chdir = Path(),
    config: ConfigFile = None,
    color: Color = "auto",
) -> None:
    """Say what a rule checks and why, and what the configuration here makes of it."""
    from schemactl.explained import explained

    with shell():
        text = explained(rule, directory, config)
        if colored(color):
            from schemactl.painted import painted

            text = painted(text, width())
        printed(text)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _fixing(fix: bool, unsafe: bool, diff: bool) -> Literal["", "safe", "unsafe"]:
    if not fix and (unsafe or diff):
        raise UsageError(f"{'--unsafe-fixes' if unsafe else '--diff'} goes with --fix", "add --fix")
    return "" if not fix else "unsafe" if unsafe else "safe"


def _baseline(write: bool, prune: bool) -> Literal["", "write", "prune"]:
    if write and prune:
        raise UsageError("--write-baseline and --prune exclude each other", "give one of them")
    return "write" if write else "prune" if prune else ""


def _report(request: Request, formats: list[str], fail_on: str, color: str) -> None:
    from schemactl import check, report

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
    deliver(texts)
    if any(finding.severity in report.fatal(run) and not finding.suppressed for finding in run.findings):
        raise typer.Exit(_FINDINGS)


def _fixes(request: Request, color: bool) -> tuple[str, ...]:
    """Fixes, and gives what there is to say of it; with --diff only prints what would change, if that can be told."""
    from schemactl import fixing

    fixes = fixing.fixed(request, wait=True)
    if request.diff and fixes.tried:
        from schemactl.fix.patch import patch
        from schemactl.report.escape import terminal

        printed(patch(fixes.changes, color, raw=width() is None))
        complain("\n".join(map(terminal, fixes.notes)))
        raise typer.Exit(_FINDINGS if fixes.changes else 0)
    return fixes.notes


def main() -> None:
    # Ended by a CI platform's time limit, a run still removes its temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # `nohup` wants to go on
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(_HUNG_UP))
    app()
