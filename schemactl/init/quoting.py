"""Text of a repository as it may stand in YAML, in a workflow and in a line for a shell."""

from __future__ import annotations

import re

_SCALAR = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*|--?[A-Za-z]+|\.")
_PLAIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))  # no text to YAML 1.1


def yaml(text: str) -> str:
    """A scalar, also in a flow sequence: plain where nothing can be mistaken, else in double quotes."""
    if _SCALAR.fullmatch(text) and text.lower() not in _WORDS:
        return text
    import yaml as library

    written: str = library.safe_dump(text, default_style='"', allow_unicode=False, width=1 << 20)
    return written.rstrip("\n")


def is_text(text: str) -> bool:
    """Whether YAML can say it at all: a byte that is not UTF-8 reaches Python as half of a code point."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def is_plain(path: str) -> bool:
    """Whether it is one word to a shell, and nothing that a CI platform would look into."""
    return _PLAIN.fullmatch(path) is not None
