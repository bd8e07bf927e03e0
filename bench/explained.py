"""Differences between `buf lint` and `schemactl lint` that are meant: which they are, why, and who is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from bench.linters import Found

Side = Literal["Buf", "schemactl"]


class Reason(NamedTuple):
    """`applies` is given who reports what the other does not, and the lines of the file."""

    id: str
    right: Side
    why: str
    applies: Callable[[Side, Found, Sequence[str]], bool]


def _comment_on_the_line(side: Side, found: Found, lines: Sequence[str]) -> bool:
    before = lines[found.line - 1][: found.column - 1]
    return side == "Buf" and found.rule.startswith("COMMENT_") and before.rstrip().endswith("*/")


def _longer_rule_ignored(side: Side, found: Found, lines: Sequence[str]) -> bool:
    longer = re.compile(rf"buf:lint:ignore\s+{found.rule}\w")
    return side == "schemactl" and any(longer.search(line) for line in lines[: found.line])


REASONS = (
    Reason(
        "comment-on-the-line",
        "schemactl",
        "protoc attaches `/* it */ string name = 1;` to the field, Buf does not",
        _comment_on_the_line,
    ),
    Reason(
        "longer-rule-ignored",
        "schemactl",
        "Buf takes `buf:lint:ignore COMMENT_ENUM_VALUE` for COMMENT_ENUM too: it compares beginnings",
        _longer_rule_ignored,
    ),
)


def reason(side: Side, found: Found, lines: Sequence[str]) -> str:
    """The id of what explains a difference, or nothing."""
    return next((each.id for each in REASONS if each.applies(side, found, lines)), "")
