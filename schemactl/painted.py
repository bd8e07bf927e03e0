"""Markdown for a terminal: headings, code and words in colours; what it is given must be harmless there already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

_FENCED = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$\n?", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"#+ ")
_LEXERS = {"proto": "protobuf", "yaml": "yaml", "diff": "diff"}
_WIDTH = 120


def painted(markdown: str, width: int | None) -> str:
    from rich.console import Console
    from rich.padding import Padding
    from rich.syntax import Syntax

    out = StringIO()
    console = Console(
        file=out, width=width or _WIDTH, force_terminal=True, color_system="standard", legacy_windows=False, _environ={}
    )
    for language, text in _parts(markdown):
        if language is None:
            for line in text.splitlines():
                console.print(_line(line), soft_wrap=False)
        else:
            code = Syntax(text, _LEXERS.get(language, "text"), theme="ansi_dark", background_color="default")
            console.print(Padding(code, (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


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
        text.append(line[end : word.start()]).append(word[1], "cyan")
        end = word.end()
    return text.append(line[end:])
