"""A line of the budget, whether it keeps its goal, and the table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# What is held against the goal: ours over Buf's, ours as it is, or whether both are the same.
Judged = Literal["ratio", "value", "same"]

_HEAD = ("line of the budget", "buf", "ours", "ratio", "goal", "")


@dataclass(frozen=True)
class Line:
    name: str
    ours: float
    unit: str
    buf: float | None = None
    goal: float | None = None
    judged: Judged = "ratio"
    note: str = ""  # what is wrong with the results, however quickly they came

    @property
    def ratio(self) -> float | None:
        return self.ours / self.buf if self.buf and self.judged != "same" else None

    @property
    def verdict(self) -> str:
        if self.note or (self.judged == "same" and self.ours != self.buf):
            return "DIFFERENT"
        if self.judged == "same":
            return "ok"
        held = self.ratio if self.judged == "ratio" else self.ours
        if self.goal is None or held is None:
            return ""
        return "ok" if held <= self.goal else "OVER"


def render(lines: Sequence[Line], loud: Sequence[str]) -> str:
    """A Markdown table that also reads well as text; below it, loudly, what it must not hide."""
    rows = [_HEAD, *map(_cells, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    rule = "|" + "|".join("-" * (width + 1) + (":" if column else "-") for column, width in enumerate(widths)) + "|"
    table = [_row(rows[0], widths), rule, *(_row(row, widths) for row in rows[1:])]
    notes = [*(f"{line.name}: {line.note}" for line in lines if line.note), *loud]
    return "\n".join([*table, *("\n!! " + note for note in notes)])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


def _cells(line: Line) -> tuple[str, ...]:
    buf = _number(line.buf, line.unit) if line.buf is not None else "-"
    ratio = f"{line.ratio:.3f}" if line.ratio is not None else "-"
    return line.name, buf, _number(line.ours, line.unit), ratio, _goal(line), line.verdict


def _goal(line: Line) -> str:
    if line.judged == "same":
        return "same"
    if line.goal is None:
        return "-"
    return f"≤ {line.goal:g} x" if line.judged == "ratio" else f"≤ {_number(line.goal, line.unit)}"


def _number(value: float, unit: str) -> str:
    digits = {"s": 2, "s/MB": 4, "%": 1}.get(unit, 0)
    return f"{value:,.{digits}f} {unit}".rstrip()
