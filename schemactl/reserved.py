"""What a message or an enum reserves, number by number and name by name, with what the comments beside it say."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from schemactl import element
from schemactl.element import Element
from schemactl.file import File
from schemactl.finding import Location

Candidate = TypeVar("Candidate")

STEPS = {
    "message": (element.MESSAGE_RESERVED_RANGE, element.MESSAGE_RESERVED_NAME),
    "enum": (element.ENUM_RESERVED_RANGE, element.ENUM_RESERVED_NAME),
}
_HIGHEST = {"message": 536_870_911, "enum": 2_147_483_647}
# protoc and Buf know ASCII only: of `naïve` no part is a name.
_WORD = r"[A-Za-z_][A-Za-z0-9_]*+(?![^\x00-\x7F])"
# `[name]`, "name", `name`: whoever wrote that meant a name. Other words may be one, or just words.
_MARKED = re.compile(rf'\[\s*({_WORD})\s*\]|"({_WORD})"|`({_WORD})`')
_LOOSE = re.compile(rf"\b(?:was|field|value)\s+({_WORD})|^\s*({_WORD})\s*$")
_LIST = re.compile(rf"\s*{_WORD}(?:\s*,\s*{_WORD})+\s*\.?\s*")
# `string name = 4;`: the declaration as it was.
_DECLARED = re.compile(r"(?<![\w.])([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(-?\d+)(?![\w.])")
_NUMBER = re.compile(r"(?:\b(?:was|field|value|number|tag)\s+|=\s*|\[\s*|^\s*|(?<=\d),\s*)(-?\d+)(?![\w.:/-])")
_COMMENT = re.compile(r"//(.*)|/\*(.*?)\*/")
_STATES = {
    "deleted", "deprecated", "dropped", "legacy", "obsolete", "removed", "renamed", "replaced", "reserved",
    "retired", "unused",
}  # fmt: skip
_WORDS = {
    *_STATES,
    "a", "an", "and", "are", "as", "by", "do", "for", "from", "here", "in", "is", "it", "never", "no", "not",
    "now", "of", "old", "on", "only", "or", "since", "that", "the", "this", "to", "todo", "until", "was",
    "were", "with",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One reserved number or name: its descriptor path below the element, and what its statement's comment calls it.

    `meant` is certain when the comment marks it as a name.
    """

    value: str
    at: tuple[int, int]
    meant: str = ""
    certain: bool = False


def numbers(owner: Element, max_range: int) -> tuple[list[Entry], int]:
    """Numbers that need a name, and how many more names may belong to blocks that are set aside as a whole."""
    step = STEPS[owner.kind][0]
    inclusive = owner.kind == "enum"
    room = 0
    found: list[tuple[int, int]] = []
    for index, reserved in enumerate(owner.proto.reserved_range):
        block = range(reserved.start, reserved.end + inclusive)
        if len(block) <= max_range and block[-1] < _HIGHEST[owner.kind]:
            found += [(number, index) for number in block]
        elif block[-1] < _HIGHEST[owner.kind]:
            room += len(block)
    live = {each.name for each in (owner.proto.value if inclusive else owner.proto.field)}
    entries = []
    for statement in _statements(owner, step, [index for _, index in found]):
        candidates = _each(statement, [c for c in _called(statement) if c[0] not in live], ("", False))
        declared = dict(map(reversed, _DECLARED.findall(f"{statement.leading}\n{statement.trailing}")))
        for k, meant in zip(statement.entries, candidates, strict=True):
            value = str(found[k][0])
            if declared.get(value, "") not in ("", *live):
                meant = (declared[value], True)
            entries.append(Entry(value, (step, found[k][1]), *meant))
    return entries, room


def names(owner: Element) -> list[Entry]:
    step = STEPS[owner.kind][1]
    names = list(owner.proto.reserved_name)
    entries = []
    for statement in _statements(owner, step, range(len(names))):
        numbers = _NUMBER.findall(statement.trailing) or _NUMBER.findall(statement.leading)
        declared = dict(_DECLARED.findall(f"{statement.leading}\n{statement.trailing}"))
        for k, number in zip(statement.entries, _each(statement, numbers, ""), strict=True):
            entries.append(Entry(names[k], (step, k), declared.get(names[k], number)))
    return entries


def _each(statement: Statement, candidates: list[Candidate], none: Candidate) -> list[Candidate]:
    """One candidate for each entry, where it is clear which is whose."""
    count = len(statement.entries)
    return candidates[:count] if count in (1, len(candidates)) and candidates else [none] * count


@dataclass(frozen=True)
class Statement:
    """A `reserved …;`, or a line of one that has several, with its comments; `entries` are positions in the list."""

    entries: tuple[int, ...]
    trailing: str = ""
    leading: str = ""


def _statements(owner: Element, step: int, indexes: Sequence[int]) -> list[Statement]:
    """The entries of a list of ranges or names, by the statement they stand in."""
    file, path = owner.file, (*owner.path, step)
    found = file.statements(path)
    if not found:  # a descriptor without places
        return [Statement(tuple(range(len(indexes))))]
    starts = [(whole.line, whole.column) for whole, _ in found]
    places = [file.location((*path, index)) for index in indexes]
    entries: list[list[int]] = [[] for _ in found]
    for k, place in enumerate(places):
        entries[bisect_right(starts, (place.line, place.column)) - 1].append(k)
    return [
        part
        for inside, (whole, trailing) in zip(entries, found, strict=True)
        for part in _lines(file, inside, places, Statement(tuple(inside), trailing, _above(file, whole.line)))
    ]


def _lines(file: File, inside: list[int], places: list[Location], whole: Statement) -> list[Statement]:
    """The lines that a statement's entries stand in: what stands behind the last is not about those before it."""
    by_line: dict[int, list[int]] = {}
    for k in inside:
        by_line.setdefault(places[k].end_line, []).append(k)
    if len(by_line) < 2:
        return [whole]
    parts = [Statement(tuple(group), _behind(file, places[group[-1]])) for group in by_line.values()]
    return [*parts[:-1], Statement(parts[-1].entries, whole.trailing)]


def _behind(file: File, place: Location) -> str:
    """The comment in the rest of the line."""
    line = file.lines[place.end_line - 1] if place.end_line <= len(file.lines) else b""
    found = _COMMENT.search(line.decode("utf-8", "replace"), place.end_column - 1)
    return (found[1] or found[2] or "").strip() if found else ""


def _above(file: File, line: int) -> str:
    """The comment lines directly above the line."""
    above = line - 1
    while above > 0 and file.source is not None and file.lines[above - 1].lstrip().startswith(b"//"):
        above -= 1
    lines = file.lines[above : line - 1] if file.source is not None else []
    return "\n".join(text.decode("utf-8", "replace").strip().lstrip("/") for text in lines)


def _called(statement: Statement) -> list[tuple[str, bool]]:
    """Names in the comments; only marks in the one behind the statement are certain to be about it."""
    marked = _found(_MARKED, statement.trailing, _STATES)
    if marked:
        return [(name, True) for name in marked]
    # Several lines are prose, mostly about something else.
    above = "" if "\n" in statement.leading else statement.leading
    loose = _unmarked(statement.trailing) or _found(_MARKED, above, _WORDS) or _unmarked(above)
    return [(name, False) for name in loose]


def _unmarked(text: str) -> list[str]:
    if _LIST.fullmatch(text):
        return [name for name in re.findall(_WORD, text) if name.lower() not in _STATES]
    return _found(_LOOSE, text, _WORDS)


def _found(pattern: re.Pattern[str], text: str, words: Collection[str]) -> list[str]:
    names = ["".join(groups) for groups in pattern.findall(text)]
    return [name for name in names if name.lower() not in words]
