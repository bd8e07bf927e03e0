"""Finds for many points the innermost of many spans around each, in one pass over both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Point = tuple[int, int]
T = TypeVar("T")


def innermost(points: Iterable[Point], spans: Iterable[tuple[Point, Point, T]]) -> dict[Point, T]:
    """What belongs to the span (start, exclusive end) that starts last of those around a point."""
    waiting = sorted(spans, key=lambda span: (span[0], (-span[1][0], -span[1][1])), reverse=True)
    around: list[tuple[Point, Point, T]] = []
    found = {}
    for point in sorted(set(points)):
        while waiting and waiting[-1][0] <= point:
            around.append(waiting.pop())
        while around and around[-1][1] <= point:  # over for all later points, too
            around.pop()
        if around:
            found[point] = around[-1][2]
    return found
