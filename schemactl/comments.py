"""Reads the comments that suppress findings off a file, each with what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemactl.element import FILE_IMPORT, FILE_OPTIONS, PACKAGE, walk
from schemactl.file import File
from schemactl.finding import Location
from schemactl.innermost import Point, innermost
from schemactl.marks import ABOVE_NOTHING, Mark, marks, written
from schemactl.suppression import MARKER, Suppression

_SYNTAX, _EDITION = 12, 14
_ONCE = ((PACKAGE,), (_SYNTAX,), (_EDITION,))  # in a file
_TOLD_APART = ((FILE_IMPORT,), (FILE_OPTIONS,))
_TAB_STOP = 8
_HEAD = re.compile(rb"[^;{]{1,100}")
_CONTINUED = bytes(range(0x80, 0xC0))  # bytes of a code point behind its first

Span = tuple[int, ...]
Path = tuple[int, ...]


class _At(NamedTuple):
    """0-based; columns in code points, and as protoc counts them."""

    line: int
    column: int
    counted: int


class _Layout(NamedTuple):
    """What stands where: what starts at the tokens that matter, and what is around them."""

    file: File
    at: Mapping[int, _At]
    starting: Mapping[Point, tuple[Path, Span]]
    around: Mapping[Point, Path]
    names: Mapping[Path, str]


def suppressions(file: File) -> tuple[Suppression, ...]:
    """Those of a compiled file whose source is at hand, in the order they stand in."""
    source = file.source
    if source is None or MARKER not in source:
        return ()
    first, found = marks(source)
    if not found:
        return ()
    layout = _layout(file, source, found)
    return tuple(_suppression(layout, source, mark, whole=mark.token == first) for mark in found)


def _suppression(layout: _Layout, source: bytes, mark: Mark, *, whole: bool) -> Suppression:
    """`whole`: it stands above the first statement, and so is about the file as well."""
    rules, until, reason, problem = written(source[mark.start : mark.end].decode("utf-8", "replace"))
    start, end, file = layout.at[mark.start], layout.at[mark.end], layout.file
    at = Location(file.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    token = None if mark.token is None else (layout.at[mark.token].line, layout.at[mark.token].counted)
    around, statement = _named(layout, layout.around.get(token, ()) if token else ())
    if token and mark.behind:
        line = (Location(file.path, token[0] + 1, 1, token[0] + 2, 1),)
        return Suppression(rules, at, line, around, until, reason, problem, statement, True)
    about = layout.starting.get(token) if token else None
    if about is None:
        return Suppression(rules, at, (), around, until, reason, problem or ABOVE_NOTHING)
    path, span = about
    name, statement = _named(layout, path)
    if statement.isdecimal() and path not in _ONCE:
        statement += f" {_text(source, mark)}"
    covers = tuple(dict.fromkeys((_place(file, span), *(_of_file(file) if whole else ()))))
    statement = f"file {statement}" if whole else statement
    return Suppression(rules, at, covers, name, until, reason, problem, statement)


def _named(layout: _Layout, path: Path) -> tuple[str, str]:
    """The element that a path leads to, or into, and what the rest of the path stands for; nothing leads nowhere."""
    if not path:
        return layout.file.package, "file"
    for end in range(len(path), 0, -1):
        if name := layout.names.get(path[:end]):
            return name, ".".join(map(str, path[end:]))
    if path[0] == FILE_IMPORT and len(path) > 1:
        return layout.file.package, f"{FILE_IMPORT}.{layout.file.proto.dependency[path[1]]}"
    return layout.file.package, ".".join(map(str, path))


def _text(source: bytes, mark: Mark) -> str:
    """The head of a statement that has neither a name nor a number of its own: `reserved`, `extensions`, `extend`."""
    head = _HEAD.match(source, mark.token or 0)
    return b" ".join(head[0].split()).decode("utf-8", "replace") if head else ""


def _of_file(file: File) -> Iterable[Location]:
    """Where findings stand that are about a file as such."""
    yield Location(file.path, 1, 1, 1, 2)
    yield from (file.location((step,)) for step in (_SYNTAX, _EDITION, PACKAGE) if file.span((step,)))


def _layout(file: File, source: bytes, found: Iterable[Mark]) -> _Layout:
    tokens = {mark.token for mark in found if mark.token is not None}
    at = _places(source, {*tokens, *(each for mark in found for each in (mark.start, mark.end))})
    points = {(at[token].line, at[token].counted) for token in tokens}
    names = {element.path: element.full_name for element in walk(file) if element.path}
    starting: dict[Point, tuple[Path, Span]] = {}
    named = []
    for path, span in file.recorded():
        start = span[0], span[1]
        if path in names or path[:1] in _ONCE or (path[:1] in _TOLD_APART and len(path) == 2):
            named.append((start, _end(span), path))
        if path and start in points:
            first = starting.get(start)
            if first is None or (_end(first[1]), len(first[0])) < (_end(span), len(path)):
                starting[start] = path, span
    return _Layout(file, at, starting, innermost(points, named), names)


def _end(span: Span) -> Point:
    return (span[0], span[2]) if len(span) == 3 else (span[2], span[3])


def _place(file: File, span: Span) -> Location:
    end_line, end_column = _end(span)
    start = file.column(span[0], span[1])
    return Location(file.path, span[0] + 1, start, end_line + 1, file.column(end_line, end_column))


def _places(source: bytes, offsets: Iterable[int]) -> dict[int, _At]:
    """Lines and columns of the offsets, in one pass."""
    found = {}
    reached = line = column = counted = 0
    for offset in sorted(offsets):
        if lines := source.count(b"\n", reached, offset):
            line, column, counted = line + lines, 0, 0
            reached = source.rindex(b"\n", reached, offset) + 1
        piece = source[reached:offset]
        column += len(piece.translate(None, _CONTINUED)) - (piece.startswith(b"\xef\xbb\xbf") and reached == 0)
        counted = _counted(counted, piece)
        found[offset] = _At(line, column, counted)
        reached = offset
    return found


def _counted(column: int, piece: bytes) -> int:
    """protoc's column behind a piece of a line: it counts bytes, and a tab goes to the next multiple of 8."""
    before, *tabbed = piece.split(b"\t")
    column += len(before)
    for part in tabbed:
        column += _TAB_STOP - column % _TAB_STOP + len(part)
    return column
