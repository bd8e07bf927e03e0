"""Columns of `buf lint`, which counts terminal cells, as the code points that schemactl counts."""

from __future__ import annotations

from rich.cells import cell_len

_BOM = "\ufeff"
_TAB_STOP = 4


def lines(source: bytes) -> list[str]:
    """Lines as Buf counts them: only a line feed ends one, and a byte order mark is not there."""
    return source.decode("utf-8", "replace").removeprefix(_BOM).split("\n")


def code_point_column(line: str, column: int) -> int:
    """1-based column in code points of Buf's 1-based column in cells; behind what takes no cell of its own."""
    if line.isascii() and line.isprintable():
        return column
    ends = (end for end in range(len(line), -1, -1) if _cells(line[:end]) == column - 1)
    return next(ends, column - 1) + 1


def _cells(text: str) -> int:
    """How far Buf sees a text reach: a tab goes to the next multiple of 4."""
    first, *rest = text.split("\t")
    reached = cell_len(first)
    for part in rest:
        reached += _TAB_STOP - reached % _TAB_STOP + cell_len(part)
    return reached
