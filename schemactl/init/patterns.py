"""The pattern that all names of a kind follow, as far as it can be told from them: `acme.<domain>.v<N>`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from schemactl.names import regex

_VERSION = re.compile("v[1-9][0-9]*")
_VERSION_LIKE = re.compile("v[0-9]")
_WORD = re.compile("[a-z][a-z0-9_-]*")


def package_pattern(packages: Collection[str], usual: str) -> str | None:
    """None where they do not all follow one; `usual` is what the rule wants anyway, and nothing may be let off."""
    return _pattern(packages, ("domain", "part"), usual)


def topic_pattern(topics: Collection[str], usual: str) -> str | None:
    return _pattern(topics, ("domain", "event"), usual)


def _pattern(names: Collection[str], placeholders: tuple[str, str], usual: str) -> str | None:
    """What is the same in all of them stays; up to two words differ, and never the first."""
    parts = [name.split(".") for name in sorted(set(names))]
    if len(parts) < 2 or len({len(each) for each in parts}) > 1:
        return None
    if not all(re.search(regex(usual), name) for name in names):
        return None
    columns = [_column([each[index] for each in parts]) for index in range(len(parts[0]))]
    free = [index for index, column in enumerate(columns) if column is None]
    if any(_VERSION_LIKE.match(each[index]) for each in parts for index in free):
        return None
    if not free or len(free) > len(placeholders) or columns[0] is None:
        return None
    called = dict(zip(free, placeholders, strict=False))
    found = ".".join(f"<{called[index]}>" if column is None else column for index, column in enumerate(columns))
    return found if all(re.search(regex(found), name) for name in names) else None


def _column(words: Sequence[str]) -> str | None:
    """What stands for the words at one place of a pattern; None for a placeholder."""
    if all(_VERSION.fullmatch(word) for word in words):
        return "v<N>"
    same = len(set(words)) == 1 and _WORD.fullmatch(words[0])
    return words[0] if same else None
