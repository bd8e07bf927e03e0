"""Writes docs/commands.md, the reference of all commands, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import typer

from schemactl.cli import app
from schemactl.helptext import COMPARISON, FIXING, OUTPUT, REPORTED, RUNNING, SOURCES

PAGE = Path(__file__).with_name("commands.md")
_HEAD = """# Commands

All options come after the command: `schemactl lint --staged`. Each command says the same with `--help`. What it can end
with is in [exit-codes.md](exit-codes.md); a shell completes commands, options and values once that is set up:
[completion.md](completion.md).

| command | what it does |
|---|---|
"""
_GROUPS = ("", "Options", SOURCES, COMPARISON, FIXING, REPORTED, OUTPUT, RUNNING)
_FOOT = "<!-- written by `python docs/commandpages.py` -->\n"
_DEFAULT = re.compile(r" *\[(?:env var: [^;\]]*; )?default: ([^;\]]*)(?:;[^\]]*)?\]| *\[[^\]]*\]$")


def page() -> str:
    found = list(_commands("", typer.main.get_command(app), None))
    rows = (f"| [`{name}`](#{name.replace(' ', '-')}) | {command.help} |\n" for name, command, _ in found)
    return "".join((_HEAD, *rows, "\n", *(_section(*each) for each in found), _FOOT))


def _commands(name: str, command: Any, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    context = command.make_context(name or "schemactl", [], parent=parent, resilient_parsing=True)
    if not hasattr(command, "commands"):
        yield name, command, context
        return
    for each in command.list_commands(context):
        yield from _commands(f"{name} {each}".strip(), command.commands[each], context)


def _section(name: str, command: Any, context: Any) -> str:
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    groups: dict[str, list[Any]] = {title: [] for title in _GROUPS}
    for each in command.get_params(context):
        if each.name != "help":
            title = "" if each.param_type_name == "argument" else each.rich_help_panel or "Options"
            groups.setdefault(title, []).append(each)
    told = [f"## {name}", command.help, f"Usage: `{usage}`", *_table(groups, context), *_examples(command.epilog or "")]
    return "\n\n".join([*told, ""])


def _table(groups: Mapping[str, list[Any]], context: Any) -> Iterator[str]:
    rows = []
    for title, parameters in groups.items():
        rows += [(f"**{title}**", "", "")] if title and parameters else []
        rows += [_row(each, context) for each in parameters]
    if rows:
        yield "\n".join(
            ["| option | what it does | default |\n|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
        )


def _row(parameter: Any, context: Any) -> tuple[str, str, str]:
    _, told = parameter.get_help_record(context)
    found = _DEFAULT.search(told)
    default = f"`{found[1]}`" if found and found[1] else ""
    said = _DEFAULT.sub("", told) + (f" In the environment: `{parameter.envvar}`." if parameter.envvar else "")
    return _name(parameter), re.sub(r"<(\w+)>", r"`<\1>`", said), default


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`"
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    if choices := getattr(parameter.type, "choices", None):
        return f"{names} {', '.join(f'`{each}`' for each in choices)}"
    return f"`{' '.join([*parameter.opts, parameter.metavar])}`" if parameter.metavar else names


def _examples(epilog: str) -> Iterator[str]:
    """What stands below `Examples:`, and a single `Example: …`."""
    lines = epilog.partition("Examples:\n")[2] or epilog.removeprefix("Example: ")
    if lines:
        yield f"```sh\n{dedent(lines).strip()}\n```"


def write() -> None:
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write()
