"""What pages about rules are put together from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemactl import bufrules

NO_COMMENTS = "Comments suppress nothing here: `suppress: {comments: false}`."
_FENCE = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


class Customs(NamedTuple):
    """What a repository has settled; without it, what is so until somebody says otherwise.

    `comments`: whether any suppress. `of_buf`: what `buf:lint:ignore` does, if anything. `ruled_by`: the buf.yaml that
    says which rules lint, or what breaks.
    """

    comments: bool = True
    of_buf: str = "does the same"
    ruled_by: str = ""


USUAL = Customs()


def joined(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


def fenced(code: str, language: str) -> str:
    """Code between fences longer than any of its own."""
    body = code.strip("\n").rstrip()
    fence = "`" * max([3, *(len(each) + 1 for each in _FENCE.findall(code))])
    return f"{fence}{language}\n{body}\n{fence}"


def replacing(section: str, id: str, customs: Customs) -> Iterator[str]:
    """What to paste does more than it says where Buf's file has the word."""
    if not customs.ruled_by:
        return
    whole = f"a `{section}` section in schemactl.yaml takes the place of the one in {customs.ruled_by} as a whole"
    if id in bufrules.table():
        yield f"Write it in {customs.ruled_by}, which rules here: {whole}."
    else:
        events = ", and name `events` in `use`" if section == "lint" else ""
        yield f"Mind that {whole}: carry over what is to stay{events}."
