"""What is typed wrongly: what there is not, what was meant, what to do, as every other mistake is told."""

from __future__ import annotations

import pytest
import typer

from repositories import run
from schemactl.cli import app

LISTED = "`schemactl lint --help` lists its options"
SHOWN = "`schemactl {} --help` shows what it takes"
MISTAKES = {
    "lint --fail-on eror": (
        "`--fail-on` cannot be `eror`; did you mean `error`?",
        "use one of error, warning, info, never",
    ),
    "lint --color blue": ("`--color` cannot be `blue`", "use one of auto, always, never"),
    "check --profile jsn": (
        "`--profile` cannot be `jsn`; did you mean `json`?",
        "use one of json, binary, both, source",
    ),
    "lint --jobs x": ("`--jobs` cannot be `x`", "write a whole number, at least 0"),
    "lint --jobs -1": ("`--jobs` cannot be `-1`", "write a whole number, at least 0"),
    "lint --today soon": ("`--today` cannot be `soon`", "write a day such as 2027-01-31"),
    "lint --nw": ("`schemactl lint` has no option `--nw`; did you mean `--new`?", LISTED),
    "lint -Z": ("`schemactl lint` has no option `-Z`", LISTED),
    "lint --rev": ("`--rev` needs a value", SHOWN.format("lint")),
    "lint --staged=no": ("`--staged` takes no value", SHOWN.format("lint")),
    "explain": ("`schemactl explain` needs `RULE`", SHOWN.format("explain")),
    "explain A B C": ("`schemactl explain` has no place for `B C`", SHOWN.format("explain")),
    "--": ("no command is given", "`schemactl --help` lists them"),
    "lint -C proto-schemas --format json:/": ("the report `/` cannot be written: it is a directory", "choose a file"),
    "chek": ("`schemactl` has no command `chek`; did you mean `check`?", "`schemactl --help` lists them"),
    "rules lst": (
        "`schemactl rules` has no command `lst`; did you mean `list`?",
        "`schemactl rules --help` lists them",
    ),
    "rules list --formt": (
        "`schemactl rules list` has no option `--formt`; did you mean `--format`?",
        "`schemactl rules list --help` lists its options",
    ),
    "init --dry-run": (
        "`schemactl init` has no option `--dry-run`",
        "leave it out: that is what it does without `--yes`",
    ),
    "release --dry-run": (
        "`schemactl release` has no option `--dry-run`",
        "leave it out: that is what it does without `--execute`",
    ),
    "\x1b[2J": ("`schemactl` has no command `\\x1b[2J`", "`schemactl --help` lists them"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_in_a_command_line_is_told_in_two_lines(line: str) -> None:
    done = run(*line.split())
    what, hint = MISTAKES[line]
    assert (done.code, done.out, done.err) == (2, "", f"schemactl: {what}\n{hint}\n")


@pytest.mark.parametrize("group", [(), ("rules",), ("cache",)])
def test_a_group_of_commands_alone_shows_its_help(group: tuple[str, ...]) -> None:
    """As no command was run there is no verdict either."""
    done = run(*group)
    assert (done.code, done.out) == (2, "")
    assert done.err.strip() == run(*group, "--help").out.strip()


def test_whoever_embeds_the_command_gets_its_errors() -> None:
    with pytest.raises(typer.BadParameter):
        typer.main.get_command(app).main(["lint", "--jobs", "x"], standalone_mode=False)
