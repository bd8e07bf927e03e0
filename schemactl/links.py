"""Symbolic links that a path leads through, each by where it really lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_MOST = 40  # as many as Linux follows


def through(path: Path) -> Iterator[Path]:
    """In the order in which they are followed; a relative path starts where the process stands."""
    start = path if path.is_absolute() else Path.cwd() / path
    at, todo, seen = Path(start.anchor), [*reversed(start.parts[1:])], 0
    while todo and seen < _MOST:
        name = todo.pop()
        if name == "..":
            at = at.parent
        elif not os.path.islink(at / name):  # noqa: PTH114  (never raises)
            at /= name
        else:
            yield at.resolve() / name  # Windows knows a directory by a short name, too
            seen += 1
            target = (at / name).readlink()
            at = Path(target.anchor) if target.is_absolute() else at
            todo += reversed(target.parts[1:] if target.is_absolute() else target.parts)
