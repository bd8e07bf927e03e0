"""Fixes for imports: the unused ones go, the others stand in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from schemactl.element import FILE_IMPORT
from schemactl.file import File
from schemactl.finding import Finding
from schemactl.fix.edit import Edit, Fix, Fixer, line_end, line_feed, line_start
from schemactl.fix.view import View
from schemactl.rules.imports_sorted import Block, blocks
from schemactl.tokens import tokens

# What a line may hold behind a statement: blanks, comments, the line feed.
_REST = re.compile(rb"[ \t]*(?:/\*(?:(?!\*/)[^\n])*\*/[ \t]*)*(?://[^\n]*|\r?)(?:\n|\Z)")
_COMMENT = re.compile(rb"[ \t]*//")
_IMPORT = re.compile(rb"[ \t]*import\b")
_BLANK = re.compile(rb"\n[ \t]*\r?\n")
_LETS_PASS = re.compile(rb"(?:schemactl|buf:lint):ignore")
_LICENSE = re.compile(rb"copyright|licen[cs]e", re.IGNORECASE)


def unused(finding: Finding, view: View) -> Fix | None:
    """A comment behind the import goes with it; one above, only if it cannot be about anything else."""
    file = view.file_of(finding)
    number = _import(file, finding) if file else None
    if file is None or number is None or (span := view.span(file, (FILE_IMPORT, number))) is None:
        return None
    found = _lines(view.text(file.name), *span)
    title = f"delete the import of `{file.proto.dependency[number]}`"
    return Fix(title, (Edit(file.name, *found),), True) if found else None


def _import(file: File, finding: Finding) -> int | None:
    places = (number for number in range(len(file.proto.dependency)))
    return next((number for number in places if file.location((FILE_IMPORT, number)) == finding.location), None)


def _lines(text: bytes, start: int, end: int) -> tuple[int, int, bytes] | None:
    """All of the lines that nothing but the statement is on, and what stays; where something is, the statement alone.

    None where a comment would be about something else, or nothing: one that lets findings pass, or in the same line.
    """
    first, rest = line_start(text, start), _REST.match(text, end)
    if text[first:start].strip(b" \t") or rest is None:
        return None if _would_head(text, text[first:start], end) else (start, end, b"")
    above, last = _comments_above(text, first), rest.end()
    following = text[last : line_end(text, last)]
    alone = not _IMPORT.match(following) and not _COMMENT.match(following)
    if above < first and alone and not _LICENSE.search(text[above:first]) and _stands_apart(text, above):
        first = above
    before = _line_before(text, first)
    if _is_blank(before):
        return first, line_end(text, last) if _is_blank(following) and following else last, b""
    if not _COMMENT.match(before) and not before.rstrip().endswith(b"*/"):
        return first, last, b""
    if _LETS_PASS.search(text[above:first] + before):
        return None
    # What stands above must not become a comment on what comes next.
    parted = not _is_blank(following) and not _IMPORT.match(following)
    return first, last, line_feed(text, start) if parted else b""


def _would_head(text: bytes, before: bytes, end: int) -> bool:
    """Whether comments beside a statement would stand right above the next one, if that is no import."""
    following = next((token for token in tokens(text[end:]) if token.kind != "comment"), None)
    if following is None or text[end:][following.start : following.end] == b"import":
        return False
    between = text[end : end + following.start]
    return b"/" in before + between and not _BLANK.search(between)


def _comments_above(text: bytes, first: int) -> int:
    while first and _COMMENT.match(_line_before(text, first)):
        first = line_start(text, first - 1)
    return first


def _stands_apart(text: bytes, at: int) -> bool:
    before = _line_before(text, at)
    return _is_blank(before) or _IMPORT.match(before) is not None


def _line_before(text: bytes, start: int) -> bytes:
    return text[line_start(text, start - 1) : start] if start else b""


def _is_blank(line: bytes) -> bool:
    return not line.strip()


def unsorted(finding: Finding, view: View) -> Fix | None:
    file = view.file_of(finding)
    number = _import(file, finding) if file else None
    if file is None or number is None:
        return None
    block = next((block for block in blocks(file) if number in block.numbers), None)
    edits = tuple(_sorted(file, view, block)) if block else ()
    return Fix("sort the imports", edits, True, waits=True) if edits else None


def _sorted(file: File, view: View, block: Block) -> Iterator[Edit]:
    """Nothing where it is not clear what goes with which import: a comment above the first may head them all."""
    text, units = view.text(file.name), []
    for number in block.numbers:
        span = view.span(file, (FILE_IMPORT, number))
        if span is None or (unit := _unit(text, *span)) is None:
            return
        units.append(unit)
    between = [text[one[1] : other[0]] for one, other in pairwise(units)]
    right = sorted(range(len(units)), key=lambda at: block.names[at])
    headed = _COMMENT.match(text, units[0][0]) or _line_before(text, units[0][0]).rstrip().endswith(b"*/")
    if right == sorted(right) or any(map(bytes.strip, between)) or (right[0] != 0 and headed):
        return
    texts = [text[slice(*units[source])] for source in right]
    whole = b"".join(part for both in zip(texts, [*between, b""], strict=True) for part in both)
    yield Edit(file.name, units[0][0], units[-1][1], whole)


def _unit(text: bytes, start: int, end: int) -> tuple[int, int] | None:
    """The lines of an import with the comments above and behind, but for the last line feed."""
    first, rest = line_start(text, start), _REST.match(text, end)
    if text[first:start].strip(b" \t") or rest is None:
        return None
    return _comments_above(text, first), rest.end() - len(rest[0]) + len(rest[0].rstrip(b"\r\n"))


FIXERS: Mapping[str, Fixer] = {"IMPORT_USED": unused, "IMPORTS_SORTED": unsorted}
