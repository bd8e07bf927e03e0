"""What `--help` looks like: options and commands in groups, and examples that keep their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from schemactl.errors import UsageError

SOURCES, COMPARISON = "What to check", "What to compare with"
FIXING, REPORTED = "Fixes and baseline", "Which findings"
OUTPUT, RUNNING = "Output", "How to run"
_OPTIONS = "Options"
_GROUPS = (_OPTIONS, SOURCES, COMPARISON, FIXING, REPORTED, OUTPUT, RUNNING)
_COMMANDS = {
    "Check": ("check", "lint", "breaking", "diff"),
    "Generate and release": ("generate", "package", "publish", "release"),
    "Set up and look up": ("init", "doctor", "explain", "rules", "cache"),
}
EXAMPLES: Mapping[str, Sequence[str]] = {
    "": (
        "check  # the working tree against where it came from",
        "check --staged  # what the next commit would hold",
        "diff v1.4.0..HEAD  # what changed, which version it asks for",
        "explain TOPIC_MISSING  # what a rule wants, and why",
        "lint --help  # all options of a command, with examples",
    ),
    "check": (
        "check  # the working tree against where it came from",
        "check --staged  # what the next commit would hold",
        "check --format github --format sarif:out.sarif  # two reports",
    ),
    "lint": (
        "lint  # the whole repository",
        "lint acme/users --format json  # one directory, for a program",
        "lint --new --against origin/main  # only what this branch brings",
        "lint --fix --diff  # show what could be corrected",
    ),
    "breaking": (
        "breaking  # against where the change came from",
        "breaking --against v1.4.0  # against a release",
        "breaking --profile both --evidence  # JSON and binary, with proof",
    ),
    "diff": (
        "diff  # the working tree against where it came from",
        "diff v1.9.0..HEAD  # between two revisions",
        "diff v1.9.0.. --format markdown:CHANGES.md  # a changelog",
    ),
    "generate": (
        "generate  # what schemactl.yaml declares, below gen/",
        "generate --lang python --out src  # Python alone, below src/",
        "generate --check  # is the committed code current?",
    ),
    "package": (
        "package  # a snapshot of HEAD, below dist/",
        "package --version 1.4.0 --lang python  # one version, Python alone",
        "package --rev v1.4.0 --out old  # what that tag was",
    ),
    "publish": (
        "publish dist --dry-run  # verify and compare, publish nothing",
        "publish dist  # to the targets in schemactl.yaml",
        "publish dist --to dir:../packages  # to a directory",
    ),
    "release": (
        "release  # the plan: which versions, where to, which tags",
        "release --execute  # do it; if it was killed, go on",
        "release --execute --from dist  # with what another job built",
    ),
    "init": (
        "init  # show what it would write, then ask",
        "init --yes --ci github  # write it, with a workflow for GitHub",
        "init --baseline  # and live with the findings that there are",
    ),
    "doctor": (
        "doctor  # a table, with the command that helps",
        "doctor --format json  # for a program",
    ),
    "explain": (
        "explain ENVELOPE_FIELDS  # a rule",
        "explain STANDARD  # the rules of a category",
    ),
    "rules list": (
        "rules list  # a table",
        "rules list --format json  # for a program",
    ),
    "rules test": (
        "rules test  # the packs in schemactl.yaml",
        "rules test rules  # all packs in a directory",
    ),
    "cache clean": ("cache clean  # the next run works everything out anew",),
}


class Command(TyperCommand):
    """Typer's groups of options without the library that it draws them with, which takes longer than a small run."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:  # which command an option is of is not always known to Typer
                error.ctx = ctx  # type: ignore[attr-defined]
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _parameters(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        _epilog(self.epilog, formatter)


class Group(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        order = [name for names in _COMMANDS.values() for name in names]
        return sorted(super().list_commands(ctx), key=lambda name: order.index(name) if name in order else len(order))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name in self.commands or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        from schemactl.names import nearest

        close = nearest(name, self.commands)
        path = f"schemactl {ctx.info_name}" if ctx.parent else "schemactl"
        meant = f"; did you mean `{close}`?" if close else ""
        raise UsageError(f"`{path}` has no command `{name}`{meant}", f"`{path} --help` lists them")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        _parameters(self.get_params(ctx), ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = {name: self.commands[name].get_short_help_str(formatter.width) for name in self.list_commands(ctx)}
        grouped = {name for names in _COMMANDS.values() for name in names}
        for title, names in {**_COMMANDS, "Commands": [name for name in rows if name not in grouped]}.items():
            _section(title, [(f"{name:<8}", rows[name]) for name in names if name in rows], formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        _epilog(self.epilog, formatter)


def dress(*apps: typer.Typer) -> None:
    """All commands of the applications look like this, and have their examples."""
    for command in (each for app in apps for each in app.registered_commands):
        command.cls = Command
        command.epilog = command.epilog or _examples(getattr(command.callback, "__name__", ""))


def _examples(name: str) -> str:
    parted = [line.partition("  # ") for line in EXAMPLES.get(name.replace("_", " "), ())]
    told = [f"  # {what}\n  schemactl {arguments}" for arguments, _, what in parted]
    return "\n".join(["Examples:", *told]) if told else ""


def _parameters(parameters: Iterable[Any], ctx: Any, formatter: Any) -> None:
    groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{group: [] for group in _GROUPS}}
    for each in parameters:
        if record := each.get_help_record(ctx):
            plain = RUNNING if each.name == "help" and len(groups[SOURCES] + groups[OUTPUT]) else _OPTIONS
            title = "Arguments" if each.param_type_name == "argument" else each.rich_help_panel or plain
            groups.setdefault(title, []).append(record)
    for title, rows in groups.items():
        _section(title, rows, formatter)


def _section(title: str, rows: list[tuple[str, str]], formatter: Any) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _epilog(text: str | None, formatter: Any) -> None:
    if text:
        formatter.write_paragraph()
        formatter.write(f"{text}\n")


MORE = (
    f"{_examples('')}\n\n"
    "Exit codes: 0 clean, 1 findings, 2 no verdict, 3 a bug in schemactl.\n"
    "The manual is docs/ in the repository of schemactl."
)
