"""Tokens of a .proto file by their bytes: whoever edits one of them leaves all others as they were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

Kind = Literal["comment", "text", "word", "number", "symbol"]

_TOKEN = re.compile(
    rb"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    rb"""|(?P<word>[A-Za-z_]\w*)|(?P<number>\.?[0-9](?:[eE][+-]|[\w.])*)|(?P<symbol>[^\s])""",
    re.DOTALL | re.ASCII,
)


class Token(NamedTuple):
    """`source[start:end]`; a comment of lines ends before its line feed (a carriage return belongs to it)."""

    kind: Kind
    start: int
    end: int


def tokens(source: bytes) -> Iterator[Token]:
    """All but white space; comments stand among them as they come. The source compiles: what does not is guessed at."""
    for found in _TOKEN.finditer(source):
        yield Token(cast(Kind, found.lastgroup), found.start(), found.end())
