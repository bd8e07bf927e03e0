"""What a fix is: pieces of text that take the place of others, the findings they answer, and what they may change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from schemactl.finding import Finding

if TYPE_CHECKING:
    from schemactl.fix.view import View


class Edit(NamedTuple):
    """`text` in place of the bytes from `start` to `end` of the file with that import path."""

    name: str
    start: int
    end: int
    text: bytes


@dataclass(frozen=True)
class Fix:
    """`also` are fingerprints of further findings that it answers, beside the one it was asked for.

    `renames` leads from full names to new last parts. `touches` are the full names of elements that are new or mean
    something else afterwards: whatever else does is a reason not to apply it. `waits`: for others of the same place.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    renames: Mapping[str, str] = field(default_factory=dict)
    touches: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    waits: bool = False


# None: not this time, be it that another fixer knows better, or that nobody can know.
Fixer = Callable[[Finding, "View"], Fix | None]


def overlap(one: Edit, other: Edit) -> bool:
    """Also two that insert at the same place: which comes first would be chance."""
    return one.name == other.name and (
        (one.start < other.end and other.start < one.end) or one.start == other.start or one.end == other.end
    )


def applied(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with edits, none of which overlap, all of this one file."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return b"".join([*pieces, text[at:]])


def line_start(text: bytes, at: int) -> int:
    return text.rfind(b"\n", 0, at) + 1


def line_end(text: bytes, at: int) -> int:
    """The first byte of the next line, or the end of the file."""
    found = text.find(b"\n", at)
    return len(text) if found < 0 else found + 1


def line_feed(text: bytes, at: int) -> bytes:
    """How lines end around there: like that one, else like the one before it."""
    end = text.find(b"\n", at)
    end = text.rfind(b"\n", 0, at) if end < 0 else end
    return b"\r\n" if end > 0 and text[end - 1 : end] == b"\r" else b"\n"


def indentation(text: bytes, at: int) -> bytes:
    """The blanks that the line starts with."""
    line = text[line_start(text, at) : at]
    return line[: len(line) - len(line.lstrip(b" \t"))]
