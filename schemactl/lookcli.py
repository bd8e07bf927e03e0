"""The commands that look things up: `rules`, `explain` and `cache`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from schemactl import completing, exits
from schemactl.errors import ToolError
from schemactl.helptext import Group
from schemactl.options import Chdir, Color, ConfigFile
from schemactl.shell import colored, printed, shell, width

rules_app = typer.Typer(
    cls=Group, help="List the rules, or test your own.", no_args_is_help=True, rich_markup_mode=None
)
cache_app = typer.Typer(
    cls=Group, help="Manage the results kept from earlier runs.", no_args_is_help=True, rich_markup_mode=None
)


@rules_app.command("list")
def rules_list(
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="A table, or JSON.")] = "text",
    color: Color = "auto",
) -> None:
    """List every rule, whether it is on here, and which file says so."""
    from schemactl import listing
    from schemactl.report import Style

    with shell():
        rows = listing.rows(directory, config)
        style = Style(colored(color), width())
        printed(listing.json(rows) if format == "json" else listing.table(rows, style))


@rules_app.command("test")
def rules_test(
    packs: Annotated[
        str | None,
        typer.Argument(
            metavar="[DIR]",
            help="A directory of packs, one of their files, or an installed package. Default: as configured.",
        ),
    ] = None,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    color: Color = "auto",
) -> None:
    """Run your own rules against their own examples."""
    from schemactl import packtest
    from schemactl.report import Style

    with shell():
        outcome = packtest.run(directory, config, packs, Style(colored(color), width()))
        printed(outcome.text)
        if not outcome.passed:
            raise typer.Exit(exits.NO)


@cache_app.command("clean")
def cache_clean() -> None:
    """Delete all results that are kept."""
    from schemactl import cache

    with shell():
        place = cache.directory()
        if place is None:
            raise ToolError("there is no home directory to keep a cache in", "set SCHEMACTL_CACHE_DIR to a directory")
        freed = cache.clean(place)
        printed(f"freed {freed / 1e6:.2f} MB in {place}\n" if freed else f"the cache in {place} is empty\n")


def explain(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE",
            help="The id of a rule, or the name of a category or pack.",
            autocompletion=completing.rules_and_categories,
        ),
    ],
    directory: Chdir = Path(),
    config: ConfigFile = None,
    color: Color = "auto",
) -> None:
    """Say what a rule wants, why, and how it is set here."""
    from schemactl.explained import explained

    with shell():
        text = explained(rule, directory, config)
        if colored(color):
            from schemactl.painted import painted

            text = painted(text, width())
        printed(text)
