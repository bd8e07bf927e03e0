"""Columns: from what protoc counts to what people and editors count."""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"
_TAB_STOP = 8


def byte_offset(line: bytes, column: int) -> int:
    """The byte at protoc's 0-based `column`: protoc counts bytes, and a tab goes to the next multiple of 8."""
    if b"\t" not in line:
        return min(column, len(line))
    reached = 0
    for offset, byte in enumerate(line):
        if reached >= column:
            return offset
        reached += _TAB_STOP - reached % _TAB_STOP if byte == 0x09 else 1
    return len(line)


def code_point_column(line: bytes, column: int) -> int:
    """1-based column in code points (a tab is 1, a byte order mark 0) of protoc's 0-based `column`."""
    if line.isascii() and b"\t" not in line:
        return min(column, len(line)) + 1
    before = line[: byte_offset(line, column)].removeprefix(BOM)
    return len(before.decode("utf-8", "replace")) + 1
