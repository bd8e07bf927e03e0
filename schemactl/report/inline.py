"""Untrusted text inside Markdown: what any renderer would take for more than words stands as code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemactl.report.escape import visible

# Nobody reads more; what is to be pasted is never cut.
_LONGEST = 1000

# Not here, for what they start or end: * [ ] < & ~ $ ^ { } | \ @ #, and : % ! before anything (`::`, `://`, `!12`);
# _ only where it can end nothing.
_NAME = r"`[^`]+`(?!`)"
_PLAIN = r"""[^\x00-\x7f]|[A-Za-z0-9.,;()/='"?+>-]|_+(?=[^\W_])|[:%!](?=[ ]|$)"""
_HARMLESS = re.compile(rf"(?!.*www\.)(?:{_NAME}|{_PLAIN})+", re.IGNORECASE)
_HARMLESS_LINE = re.compile(rf"(?!.*www\.)(?:{_NAME}|{_PLAIN}|[ ])+", re.IGNORECASE)
_WORD = re.compile(r"(?:`[^`]+`|[^ ])+")
_TICKS = re.compile(r"`+")


def inline(text: str) -> str:
    """One line: names in backticks stay code, words that are more than words become it."""
    shown = visible(text[:_LONGEST]).strip(" ") + ("…" if len(text) > _LONGEST else "")
    return shown if _HARMLESS_LINE.fullmatch(shown) else _WORD.sub(_word, shown)


def code(text: str) -> str:
    shown = visible(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
    ticks = _longer(shown, 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(lines: Sequence[str], language: str) -> list[str]:
    """Lines that are safe to print, as a block of code."""
    ticks = _longer("\n".join(lines), 3)
    return [f"{ticks}{language}", *lines, ticks]


def _word(match: re.Match[str]) -> str:
    return match[0] if _HARMLESS.fullmatch(match[0]) else code(match[0])


def _longer(text: str, least: int) -> str:
    """Backticks that none in the text can close."""
    return "`" * max(least, 1 + max(map(len, _TICKS.findall(text)), default=0))
