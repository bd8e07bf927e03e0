"""Changed files as a patch that people read and `git apply` takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff

from schemactl.fix.disk import Change
from schemactl.report.escape import terminal

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COLORS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}


def patch(changes: Mapping[str, Change], color: bool = False, raw: bool = False) -> bytes:
    """`raw`: byte by byte what is in the files, for whoever applies it; else harmless to a terminal."""
    lines = (line for path, change in sorted(changes.items()) for line in _file(path, change, raw))
    return "".join(_painted(line) if color else line for line in lines).encode("utf-8", "surrogateescape")


def _file(path: str, change: Change, raw: bool) -> Iterator[str]:
    old, new = _lines(change.old, raw), _lines(change.new, raw)
    for line in unified_diff(old, new, f"a/{terminal(path)}", f"b/{terminal(path)}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: bytes, raw: bool) -> list[str]:
    lines = _LINE.findall(text.decode("utf-8", "surrogateescape"))
    return lines if raw else [_harmless(line) for line in lines]


def _harmless(line: str) -> str:
    """What a terminal or a log would obey is written out; tabs and the ends of lines are as they were."""
    content = line.removesuffix("\n").removesuffix("\r")
    return "\t".join(map(terminal, content.split("\t"))) + line[len(content) :]


def _painted(line: str) -> str:
    color = next((color for start, color in _COLORS.items() if line.startswith(start)), "")
    return f"\x1b[{color}m{line[:-1]}\x1b[0m\n" if color else line
