"""Makes text from a repository harmless where it is shown: terminals, CI logs, JSON, workflow commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec

# Printable by Unicode's categories, yet drawn as nothing; readers of logs that compare by culture skip them.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)

# CI runners obey `##[command]` (and `##vso[`, `##teamcity[`) anywhere in a line, and `::command` at its start, which
# is where wrapping may put any word.
_ANYWHERE = re.compile(r"#(?=#\w*\[)")
_LEADING = re.compile(r"(?<!\S):(?=:)")
_AT_ONCE = 2000  # values that are encoded together: all of 70,000 would be several times their size in memory
_LONE = re.compile("[\ud800-\udfff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")


def visible(text: str) -> str:
    """One line of `text` as it may stand inside a line: what cannot be seen is written out (`\\x1b`, `\\u202e`)."""
    plain = text.isascii() and text.isprintable() and "##" not in text
    return text if plain else "".join(pieces(text))


def pieces(text: str) -> list[str]:
    """What `visible` makes of each code point of `text`."""
    commands = {match.start() for match in _ANYWHERE.finditer(text)}
    return [_hex(character) if at in commands else _character(character) for at, character in enumerate(text)]


def terminal(text: str) -> str:
    """One line of `text` as it may stand anywhere, also at the start of a line and where a line is wrapped."""
    text = visible(text)
    return _LEADING.sub(_written_out, text) if "::" in text else text


def lines(text: str) -> list[str]:
    """The lines of `text`, each for a terminal."""
    return [terminal(line) for line in _split(text)]


def workflow_data(text: str) -> str:
    """The message of a workflow command: the runner reads it back as `visible` lines."""
    return "%0A".join(visible(line).replace("%", "%25") for line in _split(text))


def workflow_property(text: str) -> str:
    """A property of a workflow command: the runner reads it back as `visible(text)`."""
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def ascii_json(values: Iterable[Any]) -> list[str]:
    """Each value as a line of pure ASCII JSON that reads back as it was, lone surrogates written out as text."""
    values = iter(values)
    lines: list[str] = []
    while some := list(islice(values, _AT_ONCE)):
        lines += _ascii_lines(some)
    return lines


def _ascii_lines(values: list[Any]) -> list[str]:
    encode = msgspec.json.Encoder().encode_lines
    try:
        texts = encode(values).decode()
    except UnicodeEncodeError:
        texts = encode(_paired(msgspec.to_builtins(values))).decode()
    # Line by line: a pattern looks at every character of 30 MB, and few lines hold any of this.
    lines = texts.replace("\x7f", "\\u007f").split("\n")[:-1]
    if not texts.isascii():
        lines = [line if line.isascii() else _NOT_ASCII.sub(_json_escape, line) for line in lines]
    if "##" in texts:
        lines = [_ANYWHERE.sub(r"\\u0023", line) if "##" in line else line for line in lines]
    return lines


def _split(text: str) -> list[str]:
    return text.rstrip("\r\n").replace("\r\n", "\n").split("\n")


def _character(character: str) -> str:
    return character if character.isprintable() and character not in _BLANK else _hex(character)


def _hex(character: str) -> str:
    code = ord(character)
    # A byte that is not UTF-8 reaches Python as U+DC80 to U+DCFF.
    code = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _written_out(match: re.Match[str]) -> str:
    return _hex(match[0])


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _paired(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub(_written_out, value)
    if isinstance(value, dict):
        return {_paired(key): _paired(item) for key, item in value.items()}
    return [_paired(item) for item in value] if isinstance(value, list | tuple) else value
