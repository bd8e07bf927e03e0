"""Paths as configuration writes them: relative, with slashes, inside the repository; `.` is its top."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

_LONGEST = 4096
_DRIVE = re.compile(r"[A-Za-z]:")


def problem(written: str, directory: str | None = None, inside: str = "the repository") -> str:
    """What is wrong with a path, or nothing; seen from `directory` it may not go above `.` (None: it may)."""
    if not written or len(written) > _LONGEST:
        return "should be a path, not empty" if not written else f"should be a path of at most {_LONGEST} characters"
    if "\\" in written or _DRIVE.match(written):
        return "should be a path with `/`, not of one operating system"
    if directory is None:
        return ""
    if written.startswith("/"):
        return "should be relative to the file it is written in, not absolute"
    if leaves(posixpath.join(directory, written)):
        return f"should not lead out of {inside}"
    return ""


def leaves(path: str) -> bool:
    """Whether a relative path goes above where it starts."""
    normal = posixpath.normpath(path)
    return normal == ".." or normal.startswith("../")


def joined(directory: str, written: str) -> str:
    """The path from the top of the repository."""
    return posixpath.normpath(posixpath.join(directory, written))


def lineage(path: str) -> Iterator[str]:
    """The path itself, then each directory above it, up to `.`; what is absolute has the same parts."""
    path = path.lstrip("/") or "."
    while path != ".":
        yield path
        path = posixpath.dirname(path) or "."
    yield path


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies below it."""
    return outer in (".", inner) or inner.startswith(f"{outer}/")
