"""The command line: reads arguments, calls, prints, exits. Everything else is somewhere else."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemactl import __version__
from schemactl.errors import Failure, ToolError, UsageError

if TYPE_CHECKING:
    from schemactl.check import Request

_FINDINGS, _NO_VERDICT, _BUG, _INTERRUPTED, _TERMINATED = 1, 2, 3, 130, 143

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

Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Report only on these files and directories.")
]
Rev = Annotated[
    str | None, typer.Option("--rev", metavar="REV", help="Check a git revision instead of the working tree.")
]
Staged = Annotated[bool, typer.Option("--staged", help="Check what is staged for the next commit.")]
ImageFile = Annotated[
    Path | None, typer.Option("--image", metavar="FILE", help="Check a descriptor set instead of sources.")
]
New = Annotated[bool, typer.Option("--new", help="Report only lint findings that the base does not have.")]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="BASE",
        help="What to compare with: a revision, merge-base:REV, tag:latest, tags, image:FILE or none.",
    ),
]
Profile = Annotated[
    Literal["json", "binary", "both", "source"] | None,
    typer.Option("--profile", help="What must stay compatible: JSON, the binary format, both, or generated code."),
]
Chdir = Annotated[Path, typer.Option("-C", metavar="DIR", help="Run as if started in DIR.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Use this schemactl.yaml.")]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT[:FILE]",
        help="text, json, github, sarif, gitlab, junit or markdown; repeat it for several reports.",
    ),
]
Select = Annotated[
    list[str] | None, typer.Option("--select", metavar="RULE", help="Run only this rule or category; repeatable.")
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave out this rule or category; repeatable.")
]
FailOn = Annotated[
    Literal["error", "warning", "info", "never"], typer.Option("--fail-on", help="Exit 1 from this severity on.")
]
Statistics = Annotated[bool, typer.Option("--statistics", help="Count the findings of each rule.")]
ShowSuppressed = Annotated[bool, typer.Option("--show-suppressed", help="List suppressed findings too.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither use nor keep earlier results.")]
PolicyOf = Annotated[
    Literal["base", "head"] | None,
    typer.Option("--policy", help="Whose rules judge; the base's in a CI pull request, else those of what is checked."),
]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today", metavar="DATE", formats=["%Y-%m-%d"], help="The day that `until=` is measured by; for tests."
    ),
]
Fix = Annotated[
    bool, typer.Option("--fix", help="Correct what can be corrected without changing what the schema means.")
]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="With --fix: also rename what exists already, which breaks its readers.")
]
Diff = Annotated[bool, typer.Option("--diff", help="With --fix: show the changes, write nothing.")]
WriteBaseline = Annotated[
    bool, typer.Option("--write-baseline", help="Record today's findings; from then on only new ones count.")
]
Prune = Annotated[bool, typer.Option("--prune", help="Drop from the baseline what is fixed.")]
Jobs = Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Worker processes; 0 is one per core.")]
Color = Annotated[Literal["auto", "always", "never"], typer.Option("--color", help="Colours in the text report.")]


@app.callback(invoke_without_command=True)
def main_options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        with _shell():
            _print(f"schemactl {__version__}\n")
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

    with _shell():
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

    with _shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, False, against, profile, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, lint=False, policy=policy, today=_day(today),
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

    with _shell():
        request = Request(
            directory, tuple(paths or ()), rev, staged, image, new, against, profile, config,
            tuple(select or ()), tuple(ignore or ()), jobs, not no_cache, show_suppressed,
            statistics=statistics, policy=policy, today=_day(today),
        )  # fmt: skip
        _report(request, format or [], fail_on, color)


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

    with _shell():
        rows = listing.rows(directory, config)
        style = Style(_colored(color), _width())
        _print(listing.json(rows) if format == "json" else listing.table(rows, style))


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

    with _shell():
        outcome = packtest.run(directory, config, packs, Style(_colored(color), _width()))
        _print(outcome.text)
        if not outcome.passed:
            raise typer.Exit(_FINDINGS)


@cache_app.command("clean")
def cache_clean() -> None:
    """Delete all results that are kept."""
    from schemactl import cache

    with _shell():
        place = cache.directory()
        if place is None:
            raise ToolError("this user has no home, and so no cache", "name a directory by SCHEMACTL_CACHE_DIR")
        freed = cache.clean(place)
        _print(f"freed {freed / 1e6:.2f} MB in {place}\n" if freed else f"there is nothing kept in {place}\n")


@app.command(epilog="Example: schemactl explain ENVELOPE_FIELDS")
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule id.")],
    directory: Chdir = Path(),
    config: ConfigFile = None,
    color: Color = "auto",
) -> None:
    """Say what a rule checks and why, and what the configuration here makes of it."""
    from schemactl.explained import explained

    with _shell():
        text = explained(rule, directory, config)
        if _colored(color):
            from schemactl.painted import painted

            text = painted(text, _width())
        _print(text)


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
    request = replace(request, versions=any(name in ("json", "sarif") for name, _ in outputs))
    fixes = _fixes(request, _colored(color)) if request.fix else ()
    run = replace(check.run(request, wait=True), fail_on=fail_on)
    run = replace(run, notes=(*fixes, *run.notes))
    style = report.Style(_colored(color), _width())
    texts = [(file, report.FORMATS[name](run, report.Style() if file else style)) for name, file in outputs]
    # Files first: when one cannot be written there is no verdict, and nothing on standard output.
    for file, text in texts:
        if file:
            report.write(file, text)
    for file, text in texts:
        if not file:
            _print(text)
    if any(finding.severity in report.fatal(run) and not finding.suppressed for finding in run.findings):
        raise typer.Exit(_FINDINGS)


def _fixes(request: Request, color: bool) -> tuple[str, ...]:
    """Fixes, and gives what there is to say of it; with --diff only prints what would change."""
    from schemactl import fixing

    fixes = fixing.fixed(request, wait=True)
    if request.diff:
        from schemactl.fix.patch import patch

        _print(patch(fixes.changes, color))
        _complain("\n".join(fixes.notes))
        raise typer.Exit(_FINDINGS if fixes.changes else 0)
    return fixes.notes


@contextmanager
def _shell() -> Iterator[None]:
    """Every way a command can end: a verdict, no verdict, a bug, or somebody's Ctrl-C."""
    try:
        yield
    except Failure as failure:
        from schemactl.report.escape import terminal

        lines = [*failure.message.splitlines(), *([failure.hint] if failure.hint else [])]
        first = "schemactl: " if len(failure.message.splitlines()) == 1 else ""
        _complain(first + "\n".join(terminal(line) for line in lines))
        raise typer.Exit(_NO_VERDICT) from None
    except KeyboardInterrupt:
        _complain("schemactl: interrupted")
        raise typer.Exit(_INTERRUPTED) from None
    except OSError as error:
        # A full disk or a vanished directory can show up anywhere; it is never a verdict, and no bug of ours.
        where = f": {error.filename}" if error.filename else ""
        _complain(f"schemactl: the system refused{where}: {error.strerror}\nmake room, or set TMPDIR, and run again")
        raise typer.Exit(_NO_VERDICT) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception:
        import traceback

        _complain(traceback.format_exc())
        _complain("schemactl: this is a bug in schemactl; please report it with the lines above")
        raise typer.Exit(_BUG) from None


def _complain(text: str) -> None:
    with suppress(OSError, AttributeError):  # a standard error that is closed or full
        print(text, file=sys.stderr)


def _print(text: str) -> None:
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
        sys.stdout.flush()
    except OSError as error:
        if sys.stdout is not None:
            # What is still in the buffer must not fail again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever read has seen enough
            hint = "make room, or write the report to a file: `--format FORMAT:FILE`"
            raise ToolError(f"standard output cannot be written: {error.strerror}", hint) from error


def _colored(wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    if os.environ.get("FORCE_COLOR"):
        return True
    return _at_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int | None:
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if _at_terminal() else None


def _at_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def main() -> None:
    # Ended by a CI platform's time limit, a run still removes its temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    app()
