"""The options of the command line: what each is called, takes and does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Report only on these files and directories.")
]
DiffFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--format", metavar="FORMAT[:FILE]", help="text, json or markdown (a changelog); repeat it for several."
    ),
]
States = Annotated[
    str | None,
    typer.Argument(
        metavar="[A..B]",
        help="Two revisions; A...B: from where B left A, an empty side is HEAD. A alone: the working tree against it.",
    ),
]
CurrentVersion = Annotated[
    str | None,
    typer.Option(
        "--current-version", metavar="VERSION", help="The version now; otherwise the highest tag like v1.2.3."
    ),
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
        help="What to compare with: a revision, merge-base:REV, tag:latest, tags, retained, image:FILE or none.",
    ),
]
Profile = Annotated[
    Literal["json", "binary", "both", "source"] | None,
    typer.Option("--profile", help="What must stay compatible: JSON, the binary format, both, or generated code."),
]
WithEvidence = Annotated[
    bool, typer.Option("--evidence", help="Show a message that proves what breaks; the json format always does.")
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
