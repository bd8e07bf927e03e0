"""Reads imports and packages off the text of a proto file, before anything is compiled."""

from __future__ import annotations

import codecs
import re

from schemactl.image import OPTIONS_FILE

# Starts with the literal so that the engine can skip to it: `^\s*import` costs four times as much on large trees.
_PLAIN = re.compile(rb"""import\s+(?:(?:public|weak|option)\s+)?(?:"([^"\\\n]+)"|'([^'\\\n]+)')\s*;""")
_ANY = re.compile(rb"""import(?:\s*(?:public|weak|option)\b)?\s*["'/]""")
_PACKAGE = re.compile(rb"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_TOKEN = re.compile(rb"""//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(\w+|[;{}])""", re.DOTALL)


def imports(source: bytes) -> list[str]:
    """Imported paths; in the plain case a superset, since a commented-out import counts too."""
    plain = _PLAIN.findall(source)
    if len(plain) != len(_ANY.findall(source)):
        return _exact_imports(source)
    return [(double or single).decode("utf-8", "replace") for double, single in plain]


def _exact_imports(source: bytes) -> list[str]:
    """Imports whose strings are escaped, in pieces, or behind a comment: legal, and rare enough to be slow."""
    found: list[str] = []
    statement: list[bytes] = []
    for literal, word in _TOKEN.findall(source):
        if literal and statement[:1] == [b"import"]:
            statement.append(literal)
        elif word in (b";", b"{", b"}"):
            pieces = [piece for piece in statement[1:] if piece[:1] in (b'"', b"'")]
            if statement[:1] == [b"import"] and pieces:
                found.append(b"".join(_unescaped(piece) for piece in pieces).decode("utf-8", "replace"))
            statement = []
        elif word:
            statement.append(word)
    return found


def _unescaped(literal: bytes) -> bytes:
    try:
        return bytes(codecs.escape_decode(literal[1:-1])[0])
    except ValueError:
        return literal[1:-1]


def package(source: bytes) -> str:
    found = _PACKAGE.search(source)
    return found.group(1).decode() if found else ""


def imports_publicly(source: bytes) -> bool:
    """Whether the file may pass its imports on: a superset, a word in a comment is enough."""
    return b"public" in source


def may_hold_event(source: bytes) -> bool:
    """Whether the file can declare an event: no false negatives, so that trees without events cost nothing."""
    return b"Envelope" in source or b"schemactl" in source or OPTIONS_FILE in imports(source)
