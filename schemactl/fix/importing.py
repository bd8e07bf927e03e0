"""Adds an import to a file, where the others are."""

from __future__ import annotations

from schemactl.element import FILE_IMPORT, PACKAGE
from schemactl.file import File
from schemactl.fix.edit import Edit, line_end, line_feed, line_start
from schemactl.fix.inserting import REST
from schemactl.fix.view import View

_SYNTAX = 12


def add(view: View, file: File, name: str) -> Edit | None:
    """In the order of the paths where the others are in order; without others, below the package."""
    others = list(file.proto.dependency)
    text, statement = view.text(file.name), f'import "{name}";'.encode()
    if not others:
        return _first(view, file, text, statement)
    smaller = [number for number, other in enumerate(others) if other.encode() < name.encode()]
    ordered = others == sorted(others, key=str.encode)
    if ordered and not smaller:
        return _above(view, file, text, statement)
    return _below(view, file, text, (FILE_IMPORT, smaller[-1] if ordered else len(others) - 1), statement)


def _below(view: View, file: File, text: bytes, path: tuple[int, ...], statement: bytes) -> Edit | None:
    span = view.span(file, path)
    if span is None:
        return None
    rest = REST.match(text, span[1])
    if rest is None:
        return Edit(file.name, span[1], span[1], b" " + statement)
    feed = line_feed(text, span[0])
    if not rest[0].endswith(b"\n"):
        return Edit(file.name, rest.end(), rest.end(), feed + statement)
    return Edit(file.name, rest.end(), rest.end(), statement + feed)


def _above(view: View, file: File, text: bytes, statement: bytes) -> Edit | None:
    """What stands above the first may head all of them."""
    span = view.span(file, (FILE_IMPORT, 0))
    if span is None:
        return None
    first = line_start(text, span[0])
    if text[first : span[0]].strip(b" \t"):
        return Edit(file.name, span[0], span[0], statement + b" ")
    return Edit(file.name, first, first, statement + line_feed(text, first))


def _first(view: View, file: File, text: bytes, statement: bytes) -> Edit | None:
    """A block of its own."""
    edit = _below(view, file, text, (PACKAGE,) if file.package else (_SYNTAX,), statement)
    if edit is None or not edit.text.endswith(b"\n"):
        return edit
    feed = line_feed(text, edit.start)
    apart = b"" if not text[edit.start : line_end(text, edit.start)].strip() else feed
    return edit._replace(text=feed + edit.text + apart)
