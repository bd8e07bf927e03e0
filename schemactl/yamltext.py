"""Where a character of a YAML value stands in the file, whatever style the value is written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_ANCHOR = re.compile(r"(?:[&!]\S*\s+)*")
_ESCAPE = re.compile(r"\\(?:x..|u....|U........|\r?\n\s*|.)", re.DOTALL)
_WIDTH = 120  # of a line that is shown


def source_index(text: str, node: Any, offset: int) -> int:
    """The index in the file's text of the character `offset` of the scalar, or of what follows its last one.

    Folding changes white space alone: the other characters stand in the file in the order they have in the value.
    """
    before = sum(not character.isspace() for character in node.value[:offset])
    places = list(_places(text, node))
    if offset < len(node.value) and not node.value[offset].isspace() and before < len(places):
        return places[before]
    return places[before - 1] + 1 if 0 < before <= len(places) else _start(text, node)


def _start(text: str, node: Any) -> int:
    found = _ANCHOR.match(text, node.start_mark.index)
    return found.end() if found else int(node.start_mark.index)


def _places(text: str, node: Any) -> Iterator[int]:
    """The indexes of all that is not white space."""
    at, end = _start(text, node), node.end_mark.index
    if node.style in ("|", ">"):
        at = max(text.find("\n", at), at)
    elif node.style in ("'", '"'):
        at, end = at + 1, end - 1
    while at < end:
        escape = _escape(text, at, node.style)
        if not (escape or text[at]).isspace() and not (escape and _is_space(escape)):
            yield at
        at += len(escape) or 1


def _escape(text: str, at: int, style: str | None) -> str:
    if style == "'" and text.startswith("''", at):
        return "''"
    found = _ESCAPE.match(text, at) if style == '"' else None
    return found[0] if found else ""


def _is_space(escape: str) -> bool:
    """Whether a double-quoted escape stands for white space, or for nothing as before the end of a line."""
    import yaml

    return not str(yaml.safe_load(f'"{escape}"') if escape[0] == "\\" else escape).strip()


def shown_at(text: str, index: int) -> str:
    """The line around an index, without its indentation, and below it a caret."""
    start, end = text.rfind("\n", 0, index) + 1, text.find("\n", index)
    line = text[start : end if end >= 0 else len(text)].rstrip("\r").replace("\t", " ")
    first = len(line) - len(line.lstrip(" "))
    if index - start - first > _WIDTH * 3 // 4:
        first = index - start - _WIDTH * 3 // 4
    return f"    {line[first : first + _WIDTH]}\n    {' ' * max(index - start - first, 0)}^"
