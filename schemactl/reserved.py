"""What a message or an enum reserves, number by number and name by name, with what the comments beside it say."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemactl import element
from schemactl.element import Element
from schemactl.image import File

_STEPS = {
    "message": (element.MESSAGE_RESERVED_RANGE, element.MESSAGE_RESERVED_NAME),
    "enum": (element.ENUM_RESERVED_RANGE, element.ENUM_RESERVED_NAME),
}
_HIGHEST = {"message": 536_870_911, "enum": 2_147_483_647}
_WORD = r"[A-Za-z_]\w*"
# `[name]`, "name", `name`: whoever wrote that meant a name. Other words may be one, or just words.
_MARKED = re.compile(rf'\[\s*({_WORD})\s*\]|"({_WORD})"|`({_WORD})`')
_LOOSE = re.compile(rf"\b(?:was|field|value)\s+({_WORD})|^\s*({_WORD})\s*$")
_NUMBER = re.compile(r"(?:\b(?:was|field|value|number|tag)\s+|=\s*|\[\s*|^\s*)(-?\d+)(?![\w.:/-])")
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
    step = _STEPS[owner.kind][0]
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
        candidates = [c for c in _called(statement) if c[0] not in live]
        for place, k in enumerate(statement.entries):
            meant = candidates[place] if place < len(candidates) else ("", False)
            entries.append(Entry(str(found[k][0]), (step, found[k][1]), *meant))
    return entries, room


def names(owner: Element) -> list[Entry]:
    step = _STEPS[owner.kind][1]
    names = list(owner.proto.reserved_name)
    entries = []
    for statement in _statements(owner, step, range(len(names))):
        numbers = _NUMBER.findall(statement.trailing) or _NUMBER.findall(statement.leading)
        for place, k in enumerate(statement.entries):
            entries.append(Entry(names[k], (step, k), numbers[place] if place < len(numbers) else ""))
    return entries


@dataclass(frozen=True)
class Statement:
    """One `reserved …;` with the comments around it; `entries` are positions in the list that was asked for."""

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
    entries: list[list[int]] = [[] for _ in found]
    for k, index in enumerate(indexes):
        place = file.location((*path, index))
        entries[bisect_right(starts, (place.line, place.column)) - 1].append(k)
    return [
        Statement(tuple(inside), trailing, _above(file, whole.line))
        for inside, (whole, trailing) in zip(entries, found, strict=True)
    ]


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
    above = (
        "" if "\n" in statement.leading else statement.leading
    )  # several lines are prose, mostly about something else
    either = (_found(pattern, above, _WORDS) for pattern in (_MARKED, _LOOSE))
    loose = _found(_LOOSE, statement.trailing, _WORDS) or next(filter(None, either), [])
    return [(name, False) for name in loose]


def _found(pattern: re.Pattern[str], text: str, words: Collection[str]) -> list[str]:
    names = ["".join(groups) for groups in pattern.findall(text)]
    return [name for name in names if name.lower() not in words]
