"""Every rule with what the configuration here makes of it: as a table for people, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple

from schemactl import bufrules, compatrules, documented
from schemactl.enginedocs import ENGINE
from schemactl.job import Job, Request, job
from schemactl.report import Style
from schemactl.report.escape import ascii_json, terminal
from schemactl.standing import Elsewhere, Standing, Standings
from schemactl.written import Written

Kind = Literal["lint", "engine", "breaking", "compat"]
TITLES = {
    "lint": "lint",
    "engine": "by the engine itself",
    "breaking": "breaking changes, by Buf",
    "compat": "breaking changes, by what they do to readers",
}
_COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36", "off": "2", "by effect": "1"}
_SEVERITY = 7
_WIDEST = 36  # of ids; longer ones push the rest of their line aside
# Of "`lint.use` in schemactl.yaml:4 (`STANDARD`)" the place and the name; of "… does not name it" the place.
_PLACE = re.compile(r"^`[^`]*` in | does not (name|hold) it$")
_FOR_ALL = re.compile(r"`(lint|breaking)\.ignore`")


class Row(NamedTuple):
    """One rule, and where it stands."""

    id: str
    kind: Kind
    title: str
    categories: tuple[str, ...]
    origin: str
    standing: Standing


def rows(directory: Path, config: Path | None) -> list[Row]:
    """In four groups, the first and Buf's by id."""
    with job(Request(directory, config=config)) as here:
        explicit = here.place.top / here.place.start / config if config else None
        written = Written(lambda path: explicit.read_bytes() if path == str(config) and explicit else _read(here, path))
        standings = Standings(here.config, here.known, written)
        return [*_lint(here, standings), *_engine(standings), *_breaking(standings), *_compat(standings)]


def table(listed: Iterable[Row], style: Style) -> str:
    """Without a width nothing is cut."""
    groups = groupby(listed, key=lambda row: row.kind)
    return "\n".join(f"{TITLES[kind]}\n{_aligned(list(each), style)}" for kind, each in groups)


def json(listed: Iterable[Row]) -> str:
    return "[\n" + ",\n".join(ascii_json(_plain(row) for row in listed)) + "\n]\n"


def _read(here: Job, path: str) -> bytes | None:
    return here.head.tree.read(path)


def _lint(here: Job, standings: Standings) -> Iterator[Row]:
    for id, rule in sorted(here.known.items()):
        yield Row(id, "lint", rule.title, rule.categories, rule.origin, standings.lint(rule))


def _engine(standings: Standings) -> Iterator[Row]:
    for id, document in ENGINE.items():
        yield Row(id, "engine", document.title, (), "schemactl", standings.engine(id))


def _breaking(standings: Standings) -> Iterator[Row]:
    for id, rule in sorted(bufrules.table().items()):
        if rule.kind == "breaking" and not rule.deprecated:
            categories = rule.categories.get("v2", ())
            yield Row(id, "breaking", documented.title(rule), categories, "Buf", standings.breaking(id))


def _compat(standings: Standings) -> Iterator[Row]:
    for id, document in documented.COMPAT.items():
        yield Row(id, "compat", document.title, (compatrules.CATEGORY,), "schemactl", standings.compat(id))


def _aligned(listed: list[Row], style: Style) -> str:
    """Who said so comes last, since it is what a narrow terminal can do without."""
    widest = min(_WIDEST, max(len(row.id) for row in listed))
    wide = max(_SEVERITY, *(len(row.standing.severity) for row in listed))
    lines = []
    for row in listed:
        severity, start = row.standing.severity, f"  {terminal(row.id):<{widest}}  "
        line = f"{start}{severity:<{wide}}  {terminal(row.title)} · {_said(row.standing)}"
        line = line if style.width is None or len(line) <= style.width else line[: style.width - 1] + "…"
        lines.append(_colored(line, len(start), severity, wide, style) + "\n")
    return "".join(lines)


def _colored(line: str, at: int, severity: str, wide: int, style: Style) -> str:
    if not style.color:
        return line
    return f"{line[:at]}\x1b[{_COLORS[severity]}m{line[at : at + wide]}\x1b[0m{line[at + wide :]}"


def _said(standing: Standing) -> str:
    """Where the word stands that counts, and by which name; then where it is otherwise, if only for this rule."""
    by = _PLACE.sub("", standing.severe_by or standing.said_by).replace("`", "")
    here = [
        each for each in standing.elsewhere if each.severity != standing.severity and not _FOR_ALL.match(each.said_by)
    ]
    idle = [f"{_PLACE.sub('', standing.idle)} has no effect"] if standing.idle else []
    return terminal("; ".join([by, *idle, *map(_otherwise, here)]))


def _otherwise(other: Elsewhere) -> str:
    more = f" and {len(other.where) - 1} more" if len(other.where) > 1 else ""
    return f"{other.severity} in {other.where[0]}{more}"


def _plain(row: Row) -> dict[str, Any]:
    standing = row.standing
    return {
        "id": row.id,
        "kind": row.kind,
        "severity": standing.severity,
        "on": standing.severity != "off",
        "said_by": "; ".join(dict.fromkeys(filter(None, (standing.said_by, standing.severe_by, standing.set_by)))),
        "no_effect": standing.idle or None,
        "overrides": [each._asdict() for each in standing.elsewhere],
        "title": row.title,
        "categories": row.categories,
        "params": standing.params,
        "origin": row.origin,
    }
