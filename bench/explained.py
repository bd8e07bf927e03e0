"""Differences between `buf lint` and `schemactl lint` that are meant: which they are, why, and who is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from bench.linters import Found

Side = Literal["Buf", "schemactl"]
Read = Callable[[str], Sequence[str]]  # the lines of a file, by its path in the tree; none if it is not there

_GAP = r"(?:\s|/\*.*?\*/)+"
_IMPORT = re.compile(rf'^\s*import{_GAP}(?:(public|weak){_GAP})?"([^"]+)"', re.MULTILINE)
_QUOTED = re.compile(r'["`]([^"`]+)["`]')


class Reason(NamedTuple):
    """`applies` is given who reports what the other does not."""

    id: str
    right: Side
    why: str
    applies: Callable[[Side, Found, Read], bool]


def _comment_on_the_line(side: Side, found: Found, read: Read) -> bool:
    before = _line(found, read)[: found.column - 1]
    if found.rule.startswith("COMMENT_"):
        return side == "Buf" and before.rstrip().endswith("*/")
    return side == "Buf" and re.search(rf"/\*.*buf:lint:ignore {found.rule}\b.*\*/", before) is not None


def _comment_behind(side: Side, found: Found, read: Read) -> bool:
    above = read(found.path)[: found.line - 1]
    ignored = re.compile(rf"\S.*/\*\s*buf:lint:ignore {found.rule}\b")
    if side == "Buf" or any(ignored.search(line) for line in above):
        return side == "schemactl"
    text = "\n".join(above).rstrip(" \t\r\n")
    comment = text.rfind("/*")
    code = text[text.rfind("\n", 0, comment) + 1 : comment].strip()
    return found.rule.startswith("COMMENT_") and text.endswith("*/") and code != ""


def _line(found: Found, read: Read) -> str:
    lines = read(found.path)
    return lines[found.line - 1] if found.line <= len(lines) else ""


def _longer_rule_ignored(side: Side, found: Found, read: Read) -> bool:
    longer = re.compile(rf"buf:lint:ignore {found.rule}\w")
    return side == "schemactl" and any(longer.search(line) for line in read(found.path)[: found.line])


def _import_beside(side: Side, found: Found, read: Read) -> bool:
    quoted = _QUOTED.search(found.message)
    if found.rule != "IMPORT_USED" or quoted is None:
        return False
    for other in _imports(found.path, read) - {quoted[1]}:
        needed, beside = (quoted[1], other) if side == "Buf" else (other, quoted[1])
        if _behind(beside, read) & _behind(needed, read, "public"):
            return True
    return False


def _imports(path: str, read: Read, kind: str = "") -> set[str]:
    return {name for said, name in _IMPORT.findall("\n".join(read(path))) if kind in ("", said)}


def _behind(path: str, read: Read, kind: str = "") -> set[str]:
    """What a file imports, and what that imports, and so on."""
    found: set[str] = set()
    pending = {path}
    while pending:
        fresh = _imports(pending.pop(), read, kind) - found
        found |= fresh
        pending |= fresh
    return found


REASONS = (
    Reason(
        "comment-on-the-line",
        "schemactl",
        "protoc attaches `/* it */ string name = 1;` to the field, Buf does not",
        _comment_on_the_line,
    ),
    Reason(
        "comment-behind",
        "schemactl",
        "Buf attaches the block comment behind `string a = 1; /* it */` to what the next line declares",
        _comment_behind,
    ),
    Reason(
        "longer-rule-ignored",
        "schemactl",
        "Buf takes `buf:lint:ignore COMMENT_ENUM_VALUE` for COMMENT_ENUM too: it compares beginnings",
        _longer_rule_ignored,
    ),
    Reason(
        "import-beside",
        "schemactl",
        "a file sees a type because `hub.proto` imports it publicly; Buf takes for the import that is used the first "
        "one that imports the type's file in any way, and may call `hub.proto` unused, without which nothing compiles",
        _import_beside,
    ),
)


def reason(side: Side, found: Found, read: Read) -> str:
    """The id of what explains a difference, or nothing."""
    return next((each.id for each in REASONS if each.applies(side, found, read)), "")
