"""A mention: one word of a file that stands for an element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Mention(NamedTuple):
    """The bytes from `start` to `end` stand for the element `target`.

    `holder` is the element whose meaning holds them as text, if one does.
    """

    start: int
    end: int
    target: str
    holder: str = ""


def parts(words: list[tuple[int, int]], full_name: str) -> Iterator[Mention]:
    """What each word of a written name stands for, given what the whole does."""
    names = full_name.split(".")
    for number, (start, end) in enumerate(words):
        yield Mention(start, end, ".".join(names[: len(names) - len(words) + number + 1]))
