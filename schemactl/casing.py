"""Cases of names as Buf converts them, to the letter: what Buf calls right, we call right."""

from __future__ import annotations

import re
from functools import lru_cache

_DELIMITERS = ".-_ \t\n\r"
_DELIMITED = re.compile(r"[.\-_ \t\n\r]+")
# Before a capital that follows a small letter, or that begins a word: `fooBar`, `HTTPServer`.
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][^A-Z0-9_])")

# These accept only names that the conversion leaves alone, which nearly all names are, in a tenth of the time.
IS_LOWER_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*").fullmatch
IS_UPPER_SNAKE = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*").fullmatch
IS_PASCAL = re.compile(r"[A-Z0-9][A-Za-z0-9]*").fullmatch


def lower_snake(name: str) -> str:
    """`userID` is `user_id`; a number stays with the word before it."""
    return _snake(name).lower() if name.isascii() else "".join(map(_lower, _snake_of_any(name)))


def upper_snake(name: str) -> str:
    return _snake(name).upper() if name.isascii() else "".join(map(_upper, _snake_of_any(name)))


def pascal(name: str) -> str:
    """Capitals stay: `HTTP_url` is `HTTPUrl`."""
    if IS_PASCAL(name):
        return name
    converted, before = "", "_"
    for char in name.strip():
        if char not in _DELIMITERS:
            converted += _upper(char) if before in _DELIMITERS or _category(char) == "Lu" else _lower(char)
        before = char
    return converted


def _snake(name: str) -> str:
    return _BOUNDARY.sub("_", _DELIMITED.sub("_", name.strip(_DELIMITERS)))


def _snake_of_any(name: str) -> str:
    """The same beyond ASCII: the neighbours of a capital are bytes, each of which Buf takes for a Latin-1 character."""
    name = _DELIMITED.sub("_", name.strip(_DELIMITERS))
    beside = name.encode("utf-8", "surrogatepass").decode("latin-1")
    converted, at = "", 0
    for char in name:
        if at and _category(char) == "Lu" and _begins_word(beside[at - 1], beside[at + 1 : at + 2]):
            converted += "_"
        converted += char
        at += len(char.encode("utf-8", "surrogatepass"))
    return converted


def _begins_word(before: str, after: str) -> bool:
    if before == "_":
        return False
    return _category(before) == "Ll" or (after not in ("", "_") and _category(after) not in ("Lu", "Nd"))


@lru_cache(maxsize=1024)
def _category(char: str) -> str:
    from unicodedata import category

    return category(char)


def _lower(char: str) -> str:
    """The one character that it is in lower case; itself where there is none, or where it would become several."""
    lower = char.lower()
    return lower[0] if len(lower) == 1 or char == "İ" else char


def _upper(char: str) -> str:
    return next(each for each in (char.upper(), char.title(), char) if len(each) == 1)
