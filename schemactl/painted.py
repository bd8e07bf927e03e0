"""Markdown for a terminal: headings, code and words in colours; what it is given must be harmless there already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

_FENCED = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$\n?", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"`([^`\n]+)`")
_SPACED = re.compile(r"\S+\s*")
_HEADING = re.compile(r"#+ ")
_LEXERS = {"proto": "protobuf", "yaml": "yaml", "diff": "diff"}
_WIDTH = 120
# Stands for a space of inline code, which is to be copied and so never wraps; harmless text holds none of it.
_SPACE = "\ue000"


def painted(markdown: str, width: int | None) -> str:
    from rich.console import Console
    from rich.syntax import Syntax
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, width=width or _WIDTH, force_terminal=True, color_system="standard", legacy_windows=False, _environ={}
    )
    lines: list[Any] = []
    for language, text in _parts(markdown):
        if language is None:
            lines += [part for line in text.splitlines() for part in _wrapped(_line(line), console.width)]
        else:
            code = Syntax("", _LEXERS.get(language, "text"), theme="ansi_dark", background_color="default")
            lines += [Text("  ") + part for part in code.highlight(text).split("\n")]
    for line in lines:
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return "\n".join(line.rstrip() for line in out.getvalue().replace(_SPACE, " ").splitlines()) + "\n"


def _parts(markdown: str) -> Iterator[tuple[str | None, str]]:
    """Code with its language, and what stands between."""
    end = 0
    for found in _FENCED.finditer(markdown):
        yield None, markdown[end : found.start()]
        yield found[2], found[3].rstrip("\n")
        end = found.end()
    yield None, markdown[end:]


def _line(line: str) -> Any:
    from rich.text import Text

    heading = _HEADING.match(line)
    text = Text(style="bold" if heading else "")
    end = heading.end() if heading else 0
    for word in _WORD.finditer(line):
        text.append(line[end : word.start()]).append(word[1].replace(" ", _SPACE), "cyan")
        end = word.end()
    return text.append(line[end:])


def _wrapped(text: Any, width: int) -> Iterable[Any]:
    """The line as lines of whole words; one that is longer runs over the edge."""
    from rich.cells import cell_len

    starts, used = [], 0
    for word in _SPACED.finditer(text.plain):
        if used and used + cell_len(word[0].rstrip()) > width:
            starts.append(word.start())
            used = 0
        used += cell_len(word[0])
    parts: Iterable[Any] = text.divide(starts)
    return parts
