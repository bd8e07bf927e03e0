"""Finds the comments `schemactl:ignore RULE until=DATE -- reason` in a text, and the tokens that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from schemactl.position import BOM
from schemactl.suppression import MARKER
from schemactl.tokens import tokens
from schemactl.yamlwalk import shown

FORM = "`// schemactl:ignore RULE until=2027-01-31 -- reason`"
ABOVE_NOTHING = "there is nothing below it: put it on the line above what it is about, or behind that"

_LINE = re.compile(rb"^[ \t/*]*(schemactl:ignore[^\n]*)", re.MULTILINE)
_REASON = re.compile(r"(?:^|\s)--(?:\s+|$)")
_WORD = re.compile(r"[^\s,]+")
_ID = re.compile(r"[A-Za-z]\w*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Mark(NamedTuple):
    """One comment: `source[start:end]`, and where the token starts that it is about: above it, or `behind` it."""

    start: int
    end: int
    token: int | None = None
    behind: bool = False


class Written(NamedTuple):
    """What a comment says; `problem` is what keeps it from being understood."""

    rules: tuple[str, ...] = ()
    until: str = ""
    reason: str = ""
    problem: str = ""


def marks(source: bytes) -> tuple[int | None, list[Mark]]:
    """Where the first token starts that is no comment, and the marks in their order."""
    found: list[Mark] = []
    waiting: list[Mark] = []  # they stand above what comes next, if that comes soon
    first = last = None
    reached, beside = 0, False
    for kind, start, end in tokens(source):
        if start < len(BOM) and source.startswith(BOM):
            continue
        lines = source.count(b"\n", reached, start)
        reached, beside = end, beside and not lines
        if lines > 1:
            found += waiting
            waiting = []
        if kind != "comment":
            found += [mark._replace(token=start) for mark in waiting]
            first, last, waiting, beside = start if first is None else first, start, [], True
        elif beside:
            found += [Mark(*place, last, True) for place in _marked(source, start, end)]
            beside = source.find(b"\n", start, end) < 0
        else:
            waiting += [Mark(*place) for place in _marked(source, start, end)]
    return first, sorted([*found, *waiting])


def _marked(source: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a comment that begin with the marker start and end."""
    text, more = source[start:end], b" \t\r"
    if text.startswith(b"/*"):
        text, more = text[:-2], b" \t\r*"
    for match in _LINE.finditer(text):
        yield start + match.start(1), start + match.start(1) + len(match[1].rstrip(more))


def written(text: str) -> Written:
    """What a mark's text says."""
    said = text.removeprefix(MARKER.decode())
    if said and not said[0].isspace():
        return Written(problem="behind `schemactl:ignore` should be a blank and the id of a rule")
    head, *rest = _REASON.split(said, maxsplit=1)
    words = _WORD.findall(head)
    dates = [word.removeprefix("until=") for word in words if word.startswith("until=")]
    ids = tuple(dict.fromkeys(word for word in words if not word.startswith("until=")))
    problem = _problem(ids, dates) or ("" if dates else _late(*rest))
    return Written(ids, "" if problem or not dates else dates[0], rest[0].strip() if rest else "", problem)


def _problem(ids: tuple[str, ...], dates: list[str]) -> str:
    if strange := next((word for word in ids if not _ID.fullmatch(word)), None):
        return f"`{shown(strange)}` is not the id of a rule; write the reason behind ` -- `"
    if not ids:
        return "it should name the rules that it is about"
    if len(dates) > 1:
        return "it should end on one day, not on several"
    if dates and not is_date(dates[0]):
        return f"`until={shown(dates[0])}` should be a day such as `until=2027-01-31`"
    return ""


def _late(reason: str = "") -> str:
    """An end that is part of the reason would be none."""
    end = next((word for word in _WORD.findall(reason) if word.startswith("until=")), None)
    return f"`{shown(end)}` should stand before ` -- `" if end else ""


def is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
