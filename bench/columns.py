"""Columns of `buf lint`, which counts terminal cells, as the code points that schemactl counts."""

from __future__ import annotations

from rich.cells import cell_len

_BOM = "\ufeff"
_TAB_STOP = 4


def lines(source: bytes) -> list[str]:
    """Lines as Buf counts them: only a line feed ends one, and a byte order mark is not there."""
    return source.decode("utf-8", "replace").removeprefix(_BOM).split("\n")


def code_point_column(line: str, column: int, *, end: bool = False) -> int:
    """1-based column in code points of Buf's 1-based column in cells: of where something starts, or ends.

    Characters without a cell (combining ones, for example) belong to what stands before them.
    """
    line = line.removesuffix("\r")
    if line.isascii() and line.isprintable():
        return column
    fitting = [index for index in range(len(line) + 1) if _cells(line[:index]) == column - 1]
    return fitting[0 if end else -1] + 1 if fitting else column


def _cells(text: str) -> int:
    """How far Buf sees a text reach: a tab goes to the next multiple of 4."""
    first, *rest = text.split("\t")
    reached = cell_len(first)
    for part in rest:
        reached += _TAB_STOP - reached % _TAB_STOP + cell_len(part)
    return reached
