"""Where a part of a topic's option stands: protoc knows the place of `= {…}` as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import events
from schemactl.element import Element
from schemactl.file import File
from schemactl.finding import Against, Location
from schemactl.position import BOM, byte_offset
from schemactl.schema import schema
from schemactl.tokens import tokens

_OPEN, _CLOSE = (b"{", b"[", b"<"), (b"}", b"]", b">")


def place(message: Element, part: int) -> Location:
    """Of the part's key inside of the braces, where it is the only one there; else as near as protoc knows."""
    file, path = message.file, (*message.path, *events.topic_path(part))
    whole = file.span(path[:-1])
    if file.source is None or whole is None:
        return file.location(path)
    start = _offset(file, whole[0], whole[1])
    end = _offset(file, whole[-2] if len(whole) == 4 else whole[0], whole[-1])
    key = schema().Topic.DESCRIPTOR.fields_by_number[part].name.encode()
    found = [start + at for at in _keys(file.source[start:end], key)]
    return _located(file, found[0], len(key)) if len(found) == 1 else file.location(path)


def stood(message: Element, part: int, revision: str) -> Against:
    found = place(message, part)
    return Against(revision, found.path, found.line, found.column)


def _offset(file: File, line: int, column: int) -> int:
    return sum(len(each) + 1 for each in file.lines[:line]) + byte_offset(file.lines[line], column)


def _keys(option: bytes, key: bytes) -> Iterator[int]:
    """Where the key is set among the fields of the message itself."""
    depth, before = 0, -1
    for token in tokens(option):
        text = option[token.start : token.end]
        if token.kind == "comment":
            continue
        if text == b"#":  # to protoc the rest of the option is a comment
            return
        if before >= 0 and text in (b":", b"{", b"<"):
            yield before
        before = token.start if depth == 1 and token.kind == "word" and text == key else -1
        depth += (token.kind == "symbol") * ((text in _OPEN) - (text in _CLOSE))


def _located(file: File, at: int, length: int) -> Location:
    assert file.source is not None
    above = file.source[:at]
    line, before = above.count(b"\n") + 1, above.rpartition(b"\n")[2]
    column = len(before.removeprefix(BOM).decode("utf-8", "replace")) + 1
    return Location(file.path, line, column, line, column + length)
