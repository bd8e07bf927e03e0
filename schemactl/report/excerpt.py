"""The source line of a finding with carets under its columns, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from schemactl.finding import Location
from schemactl.report.escape import pieces

# A line longer than this is not for reading; decoding it once per finding would take minutes.
_LONGEST = 100_000
_TAB_STOP = 4
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`line` is safe to print; the carets start `indent` cells in and are `carets` cells wide."""

    line: str
    indent: int
    carets: int


def excerpts(sources: Callable[[str], bytes | None]) -> Callable[[Location, int], Excerpt | None]:
    """A function from a place and a width in cells to its excerpt; None where the source has no such line."""

    # Findings come sorted by path: splitting the last few files is enough.
    @lru_cache(maxsize=8)
    def lines(path: str) -> list[bytes]:
        return (sources(path) or b"").split(b"\n")

    def excerpt(place: Location, width: int) -> Excerpt | None:
        found = lines(place.path)
        if place.line > len(found) or len(found[place.line - 1]) > _LONGEST:
            return None
        line = found[place.line - 1].removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        end = place.end_column if place.end_line == place.line else len(line.rstrip()) + 1
        return None if not line.strip() else _drawn(line, place.column - 1, end - 1, width)

    return excerpt


def cells(text: str) -> int:
    """How many terminal cells `text` takes; wide characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _drawn(line: str, start: int, end: int, width: int) -> Excerpt:
    if line.isascii() and line.isprintable() and "##" not in line:
        start = min(start, len(line))
        found = Excerpt(line.rstrip(), start, max(min(end, len(line)) - start, 1))
    else:
        found = _spread(line, start, end)
    return found if cells(found.line) <= width else _cut(found, width)


def _spread(line: str, start: int, end: int) -> Excerpt:
    """The excerpt of a line in which a code point is not always one cell."""
    drawn, edges = [], [0]
    for character, piece in zip(line, pieces(line), strict=True):
        blank = _TAB_STOP - edges[-1] % _TAB_STOP
        drawn.append(" " * blank if character == "\t" else piece)
        edges.append(edges[-1] + cells(drawn[-1]))
    indent = edges[min(start, len(line))]
    return Excerpt("".join(drawn).rstrip(), indent, max(edges[min(end, len(line))] - indent, 1))


def _cut(found: Excerpt, width: int) -> Excerpt:
    """The part of the line around the carets, with … where something was left out."""
    room = width - 2
    carets = min(found.carets, room)
    first = min(found.indent - (room - carets) // 2, cells(found.line) - room)
    first = 0 if found.indent + carets <= room else max(0, first)
    head, body = _split(found.line, first)
    shown, tail = _split(body, room)
    before = _ELLIPSIS if head.strip() else ""
    after = _ELLIPSIS if tail else ""
    return Excerpt(before + shown + after, found.indent - cells(head) + len(before), carets)


def _split(text: str, width: int) -> tuple[str, str]:
    """`text` in two: the first part is at most `width` cells wide."""
    if text.isascii():
        return text[:width], text[width:]
    used = 0
    for index, character in enumerate(text):
        used += cells(character)
        if used > width:
            return text[:index], text[index:]
    return text, ""
