"""Finds the file that brings protoc down, by running it on fewer and fewer of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemactl import protoc, scan
from schemactl.errors import ToolError

_PATIENCE = 10.0  # for each step


def find(directory: Path, names: Sequence[str], timeout: float) -> ToolError:
    """What to tell: halve the files until one stands alone, then go down its imports as long as one of them fails."""
    timeout = min(timeout, _PATIENCE)
    suspects = list(names)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        suspects = suspects[len(half) :] if protoc.survives(directory, half, timeout) else half
    seen = set(suspects)
    below: str | None = suspects[0]
    while below is not None:
        culprit = below
        imported = [name for name in _imports(directory, culprit) if name not in seen]
        seen.update(imported)
        below = next((name for name in imported if not protoc.survives(directory, [name], timeout)), None)
    return ToolError(
        f"{culprit}: protoc crashed or did not finish on this file",
        "look for options nested very deeply, or very large literals, and take them out",
    )


def _imports(directory: Path, name: str) -> list[str]:
    return [each for each in scan.imports((directory / name).read_bytes()) if protoc.is_file(directory, each)]
