"""Reads imports and packages off the text of a proto file, before anything is compiled."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# Starts with the literal so that the engine can skip to it: `^\s*import` costs four times as much on large trees.
_CANDIDATE = re.compile(rb"""import(?<![^\s;}/\xbf]import)(?:\s*(?:public|weak|option)\b)?\s*(?:["']|/[/*])""")
_PLAIN = re.compile(rb"""import\s+(?:(?:public|weak|option)\s+)?(?:"([^"\\\n]+)"|'([^'\\\n]+)')\s*;""")
_PUBLIC = re.compile(rb"import(?:\s+public\b|\s*/[/*])")
_LINE = rb"""import (?:(?:public|weak|option) )?"%s";[ \t\r]*"""
_BLOCK = re.compile(rb"""(?:\n(?:%s)?(?://[^\n]*)?)+""" % (_LINE % rb"""[^"\\\n]+"""))
_OF_BLOCK = re.compile(rb"""\n%s""" % (_LINE % rb"""([^"\\\n]+)"""))
_PACKAGE = re.compile(rb"^[ \t]*package[ \t]+([\w.]+)[ \t]*;", re.MULTILINE)
# What is not closed ends with the line or the file: looking for its end again from every opening would take hours.
_TOKEN = re.compile(
    rb"""//[^\n]*|/\*.*?(?:\*/|\Z)|("(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|([\w.]+|[;{}=])""", re.DOTALL
)
_DECLARED = re.compile(rb"\b(?:message|enum|service)\s+(\w+)")
_COMMENTED = re.compile(rb"\b(?:message|enum|service)\s*/[/*]")
_VALUE = re.compile(rb"(?:[{};\n]|\*/)[ \t]*(\w+)\s*=\s*-?\s*\d")
_FIELD = re.compile(rb"\b(\w+)\s*=\s*\d")
_ENVELOPE = re.compile(rb"\wEnvelope\s*[{/=]")
_ANY = re.compile(rb"\[\s*type\s*\.\s*google")
_WORD = re.compile(rb"\b\w+")
_ESCAPE = re.compile(rb"\\(?:[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_FEW = 30  # words: looking for each of more takes longer than looking at each of the text
_MODIFIERS = (b"public", b"weak", b"option")


def imports(source: bytes) -> list[str]:
    """Imported paths, in the order of the file."""
    start = source.find(b"\nimport ")
    block = _BLOCK.match(source, start) if start >= 0 else None
    if block is None or source.find(b"/*", 0, block.end()) >= 0:
        return _separate_imports(source)
    if _CANDIDATE.search(source, 0, start) or _CANDIDATE.search(source, block.end()):
        return _separate_imports(source)
    return [name.decode("utf-8", "replace") for name in _OF_BLOCK.findall(source, start, block.end())]


def _separate_imports(source: bytes) -> list[str]:
    """Imports in lines of their own; without `/*` before them a line comment is all that can hide one."""
    found = []
    comment, commented = source.find(b"/*"), 0
    for candidate in _CANDIDATE.finditer(source):
        start = candidate.start()
        if start < commented:
            continue
        before = source[source.rfind(b"\n", 0, start) + 1 : start].lstrip()
        if before.startswith(b"//"):
            end = source.find(b"\n", start)
            commented = len(source) if end < 0 else end
            continue
        plain = None if before or 0 <= comment < start else _PLAIN.match(source, start)
        if plain is None:
            return list(_exact_imports(source))
        found.append((plain[1] or plain[2]).decode("utf-8", "replace"))
    return found


def _exact_imports(source: bytes) -> Iterator[str]:
    """Imports whose strings are escaped, in pieces, or near comments: legal, and rare enough to be slow."""
    for statement in _statements(source, source.rfind(b"import") + 1):
        if statement[:1] != [b"import"]:
            continue
        pieces = statement[2:] if statement[1:2] and statement[1] in _MODIFIERS else statement[1:]
        if pieces and all(piece[:1] in (b'"', b"'") for piece in pieces):
            yield _text(b"".join(_unescaped(piece[1:-1]) for piece in pieces))


def _text(escaped: bytes) -> str:
    """Two escapes may stand for the halves of one character."""
    try:
        halves = escaped.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return escaped.decode("utf-8", "replace")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _statements(source: bytes, last: int) -> Iterator[list[bytes]]:
    """The tokens of each statement, until one starts behind `last`."""
    statement: list[bytes] = []
    for token in _TOKEN.finditer(source):
        if not statement and token.start() > last:
            return
        literal, word = token.groups()
        if word in (b";", b"{", b"}"):
            yield statement
            statement = []
        elif literal or word:
            statement.append(literal or word)


def _unescaped(literal: bytes) -> bytes:
    return _ESCAPE.sub(_character, literal) if b"\\" in literal else literal


def _character(escape: re.Match[bytes]) -> bytes:
    hexadecimal, octal, short, long, letter = escape.groups()
    if letter is not None:
        return _LETTERS.get(letter, letter)
    if short or long:
        return chr(min(int(short or long, 16), 0x10FFFF)).encode("utf-8", "surrogatepass")
    return bytes([int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF])


def package(source: bytes) -> str:
    found = _PACKAGE.search(source)
    if found and source.find(b"/*", 0, found.start()) < 0:
        return found[1].decode()
    if b"package" not in source:
        return ""
    named = (b"".join(statement[1:]) for statement in _statements(source, len(source)) if statement[:1] == [b"package"])
    return next(named, b"").decode("utf-8", "replace")


def declared(source: bytes) -> set[str]:
    """Names of messages, enums, services, enum values and extensions: a superset of what stands in the package."""
    names = {*_DECLARED.findall(source), *_VALUE.findall(source)}
    if b"extend" in source:
        names.update(_FIELD.findall(source))
    if _COMMENTED.search(source):
        names.update(_WORD.findall(source))
    return {name.decode() for name in names}


def outline(source: bytes) -> bytes:
    """The words outside of any block, and those of enums and extensions: all that can name things in the package."""
    kept: list[bytes] = []
    depth, first, named = 0, b"", False
    for token in _TOKEN.finditer(source):
        word = token[2] or b""
        if depth == 0:
            named = (first or word) in (b"enum", b"extend")
            first = b"" if word == b";" else first or word
        depth += (word == b"{") - (word == b"}")
        if word and (depth == 0 or (depth == 1 and named) or word == b"{"):
            kept.append(word)
        if word == b"}" and depth == 0:
            first = b""
    return b" ".join(kept)


def holds(source: bytes, words: Collection[bytes]) -> bool:
    """Whether one of the words occurs; perhaps also when one is part of another word."""
    if len(words) <= _FEW:
        return any(word in source for word in words)
    return not set(words).isdisjoint(_WORD.findall(source))


def imports_publicly(source: bytes) -> bool:
    """Whether the file may pass its imports on: a superset, a comment right behind `import` is enough."""
    return b"public" in source and _PUBLIC.search(source) is not None


def shapes_options(source: bytes) -> bool:
    """Whether options, here or in files that import this one, may be read by what it imports for itself: a superset.

    It extends something, or writes out an `Any`.
    """
    return b"extend" in source or _ANY.search(source) is not None


def may_hold_event(source: bytes) -> bool:
    """Whether the file can declare an event: no false negatives, so that trees without events cost nothing.

    Using an option takes its name, or a package that begins like it; neither can be escaped. What is declared, a group
    too, is followed by no word.
    """
    return b"schemactl" in source or (b"Envelope" in source and _ENVELOPE.search(source) is not None)
