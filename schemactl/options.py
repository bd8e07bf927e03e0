"""The options of the command line: what each is called, takes and does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from schemactl import completing
from schemactl.helptext import COMPARISON, FIXING, OUTPUT, REPORTED, RUNNING, SOURCES

Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Report only on these files and directories.")
]
DiffFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT[:FILE]",
        help="text, json or markdown (a changelog); repeat it for several reports.",
        autocompletion=completing.diff_formats,
        rich_help_panel=OUTPUT,
    ),
]
States = Annotated[
    str | None,
    typer.Argument(
        metavar="[A..B]",
        help="Two revisions: from A to B; A...B starts where B left A, and an empty side is HEAD. "
        "A alone: compare the working tree with A.",
        autocompletion=completing.states,
    ),
]
CurrentVersion = Annotated[
    str | None,
    typer.Option(
        "--current-version",
        metavar="VERSION",
        help="The current version. Default: that of the highest tag like v1.2.3.",
        rich_help_panel=COMPARISON,
    ),
]
Rev = Annotated[
    str | None,
    typer.Option(
        "--rev",
        metavar="REV",
        help="Check this git revision instead of the working tree.",
        autocompletion=completing.revisions,
        rich_help_panel=SOURCES,
    ),
]
Staged = Annotated[
    bool, typer.Option("--staged", help="Check what is staged for the next commit.", rich_help_panel=SOURCES)
]
ImageFile = Annotated[
    Path | None,
    typer.Option("--image", metavar="FILE", help="Check a descriptor set instead of sources.", rich_help_panel=SOURCES),
]
New = Annotated[
    bool,
    typer.Option("--new", help="Report only lint findings that the base does not have.", rich_help_panel=COMPARISON),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="BASE",
        help="What to compare with: a revision, merge-base:REV, tag:latest, tags, retained, image:FILE or none. "
        "Default: where the change came from.",
        autocompletion=completing.bases,
        rich_help_panel=COMPARISON,
    ),
]
Fetch = Annotated[
    bool,
    typer.Option(
        "--fetch",
        help="Fetch from the remote what the clone lacks to compare and to know the policy.",
        rich_help_panel=COMPARISON,
    ),
]
Profile = Annotated[
    Literal["json", "binary", "both", "source"] | None,
    typer.Option(
        "--profile",
        help="What must stay compatible: JSON, the binary format, both, or generated code.",
        rich_help_panel=COMPARISON,
    ),
]
WithEvidence = Annotated[
    bool,
    typer.Option(
        "--evidence", help="Show a message that proves each break; json reports always do.", rich_help_panel=COMPARISON
    ),
]
Chdir = Annotated[Path, typer.Option("-C", metavar="DIR", help="Run as if started in DIR.", rich_help_panel=RUNNING)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Use this file as schemactl.yaml.", rich_help_panel=RUNNING),
]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT[:FILE]",
        help="text, json, github, sarif, gitlab, junit or markdown; repeat it for several reports.",
        autocompletion=completing.formats,
        rich_help_panel=OUTPUT,
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="RULE",
        help="Run only this rule or category; repeatable.",
        autocompletion=completing.rules_and_categories,
        rich_help_panel=REPORTED,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="RULE",
        help="Leave out this rule or category; repeatable.",
        autocompletion=completing.rules_and_categories,
        rich_help_panel=REPORTED,
    ),
]
FailOn = Annotated[
    Literal["error", "warning", "info", "never"],
    typer.Option("--fail-on", help="Exit with 1 if a finding is at least this severe.", rich_help_panel=REPORTED),
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Count the findings of each rule.", rich_help_panel=OUTPUT)
]
ShowSuppressed = Annotated[
    bool, typer.Option("--show-suppressed", help="List suppressed findings too.", rich_help_panel=REPORTED)
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither use nor keep earlier results.", rich_help_panel=RUNNING)
]
PolicyOf = Annotated[
    Literal["base", "head"] | None,
    typer.Option(
        "--policy",
        help="Whose configuration judges. Default: the base's in a pull request of CI, else the head's.",
        rich_help_panel=COMPARISON,
    ),
]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        metavar="DATE",
        formats=["%Y-%m-%d"],
        help="The day by which `until=` counts as over; for tests.",
        rich_help_panel=RUNNING,
    ),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix", help="Correct what can be corrected without changing what the schema means.", rich_help_panel=FIXING
    ),
]
UnsafeFixes = Annotated[
    bool,
    typer.Option(
        "--unsafe-fixes",
        help="With --fix: also rename what exists already, which breaks its readers.",
        rich_help_panel=FIXING,
    ),
]
Diff = Annotated[
    bool, typer.Option("--diff", help="With --fix: show the changes, and write nothing.", rich_help_panel=FIXING)
]
WriteBaseline = Annotated[
    bool,
    typer.Option(
        "--write-baseline", help="Record today's findings; from then on only new ones count.", rich_help_panel=FIXING
    ),
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove from the baseline what is fixed.", rich_help_panel=FIXING)]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=0, metavar="N", help="Worker processes; 0 is one per core.", rich_help_panel=RUNNING),
]
Color = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--color", help="When to color the text report.", rich_help_panel=OUTPUT),
]
