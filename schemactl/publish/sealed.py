"""A directory whose files are exactly those that its SHA256SUMS lists, and nothing but files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from schemactl.distdir import SUMS
from schemactl.errors import Mismatch, ToolError
from schemactl.package import archive

CURE = "package the revision again: `schemactl package --release`"
_LARGEST = 16 << 20  # of a file that is read whole to be understood
_LINE = re.compile(r"([0-9a-f]{64})  (.+)", re.ASCII)
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def listed(directory: Path) -> Mapping[str, str]:
    """Checksums by name, as SHA256SUMS says; Mismatch unless the directory has these files and no others."""
    there = frozenset(_walked(directory)) - {SUMS}
    found = parsed(text(directory, SUMS))
    if missing := sorted(found.keys() - there):
        raise Mismatch(f"`{missing[0]}`, which SHA256SUMS lists, is missing", CURE)
    if added := sorted(there - found.keys()):
        raise Mismatch(f"`{added[0]}` is not listed in SHA256SUMS: it is not part of the build", CURE)
    return found


def text(directory: Path, name: str) -> bytes:
    """Of a file that is small, or not what it should be."""
    content = read(directory, name, _LARGEST)
    if len(content) > _LARGEST:
        raise Mismatch(f"`{name}` has more than {_LARGEST >> 20} MB: schemactl writes no such file", CURE)
    return content


def read(directory: Path, name: str, size: int) -> bytes:
    """One byte more than the `size`, if it has that many."""
    with _opened(directory, name) as file:
        return file.read(size + 1)


def measured(directory: Path, name: str) -> tuple[int, str]:
    """Its size and its checksum, however large it is."""
    with _opened(directory, name) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


@contextmanager
def _opened(directory: Path, name: str) -> Iterator[BufferedReader]:
    """It may have become something else since it was listed: what is no file is not waited for, nor followed."""
    try:
        with os.fdopen(os.open(directory / name, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _no_file(name)
            yield file
    except FileNotFoundError:
        raise Mismatch(f"`{name}` is missing", CURE) from None
    except OSError as error:
        if (directory / name).is_symlink():
            raise _no_file(name) from None
        raise _unreadable(directory / name, error) from error


def parsed(content: bytes) -> dict[str, str]:
    """Checksums by name."""
    found: dict[str, str] = {}
    try:
        lines = content.decode().removesuffix("\n").split("\n")
        for line in lines:
            if not (match := _LINE.fullmatch(line)) or match[2] in found:
                raise ValueError(f"the line {line[:200]!r} should be a checksum, two blanks and a name of its own")
            found[match[2]] = match[1]
        archive.require_safe(found)
    except ValueError as error:
        raise Mismatch(f"`{SUMS}` is not what schemactl writes: {error}", CURE) from error
    return found


def _walked(directory: Path) -> Iterator[str]:
    pending = [""]
    while pending:
        above = pending.pop()
        try:
            with os.scandir(directory / above) as entries:
                found = sorted(entries, key=lambda each: each.name)
                kinds = [(above + each.name, each.stat(follow_symlinks=False).st_mode) for each in found]
        except OSError as error:
            raise _unreadable(directory / above, error) from error
        for name, mode in kinds:
            if stat.S_ISDIR(mode):
                pending.append(f"{name}/")
            elif not stat.S_ISREG(mode):
                raise _no_file(name)
            else:
                yield name


def _no_file(name: str) -> Mismatch:
    return Mismatch(f"`{name}` is not a file, but a link or something else: it is not part of the build", CURE)


def _unreadable(path: Path, error: OSError) -> ToolError:
    return ToolError(f"`{path}` cannot be read: {error.strerror}", "let schemactl read all of the build, and run again")
