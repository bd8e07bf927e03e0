"""The text of CEL expressions: what in them is code, and how to write a name that CEL keeps for itself."""

from __future__ import annotations

import re

_PLAIN = r"""'''(?:\\.|(?!''').)*'''|\"""(?:\\.|(?!\""").)*\"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\""""
_RAW = r"""\b(?:[bB]?[rR]|[rR][bB])(?:'''.*?'''|\""".*?\"""|'[^'\n]*'|"[^"\n]*")"""
STRING = rf"{_RAW}|{_PLAIN}"
# Strings and comments: what looks like code in them is none.
DUMB = rf"//[^\n]*|{STRING}"
_DUMB = re.compile(DUMB, re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_PACKAGE = re.compile(rf"(?P<dumb>{DUMB}|\.\s*\w+)|\bpackage\b", re.DOTALL)
_STAND_IN = "packag_"  # as long as what it stands for: places stay what they are


def code(text: str) -> str:
    """The text with nothing but blanks in the place of strings and comments."""
    return _DUMB.sub(lambda found: " " * len(found[0]), text)


def identifiers(text: str) -> set[str]:
    """Those of the code, and what looks like one elsewhere: rather too many than too few."""
    return set(_IDENTIFIER.findall(text))


def compilable(text: str) -> str:
    """`package`, which CEL reserves, as a name that it takes."""
    return _PACKAGE.sub(lambda found: found["dumb"] or _STAND_IN, text)


def stand_in(name: str) -> str:
    return _STAND_IN if name == "package" else name


def original(text: str) -> str:
    return text.replace(_STAND_IN, "package")
