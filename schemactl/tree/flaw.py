"""Why a file of a tree must not be read as one: its name, its kind, its text."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping

from schemactl.finding import Finding, Location, fingerprint
from schemactl.repopath import lineage

MAX_FILE = 4 * 1024 * 1024  # the largest of googleapis' 7,232 files has 0.4 MB
_LONGEST_NAME = 255
_LONGEST_PATH = 3000
_SEGMENT = re.compile(r"[\w.][\w.+-]*")
Flaw = tuple[str, str, str]  # rule, message, help
SYMLINK: Flaw = (
    "FILE_NOT_REGULAR",
    "the file is a symbolic link: it may point out of the repository, and a revision holds only its target's name",
    "replace it by a copy of the file it points to",
)


def irregular(mode: int) -> Flaw | None:
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        return SYMLINK
    kind = "a FIFO" if stat.S_ISFIFO(mode) else "a directory" if stat.S_ISDIR(mode) else "a device or socket"
    return "FILE_NOT_REGULAR", f"the path is {kind}, not a regular file", "remove or rename it"


def unsafe(name: str) -> Flaw | None:
    """Names that a compiler, a shell or a log could take for something else."""
    if long := too_long(name):
        return "UNSAFE_PATH", f"the path is longer than a file system holds ({long})", "shorten it"
    for segment in name.split("/"):
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            message = f"the name `{segment}` is not safe to hand to a compiler"
            hint = "rename it: letters, digits, `_`, `.`, `+`, `-`, starting with a letter, a digit, `_` or `.`"
            return "UNSAFE_PATH", message, hint
    return None


def too_long(path: str) -> str:
    """What of a path the index can hold and no disk, or nothing."""
    encoded = os.fsencode(path)
    if len(encoded) > _LONGEST_PATH:
        return f"{len(encoded)} bytes; the limit is {_LONGEST_PATH}"
    longest = max(map(len, encoded.split(b"/"))) if len(encoded) > _LONGEST_NAME else 0
    return f"a name of {longest} bytes; the limit is {_LONGEST_NAME}" if longest > _LONGEST_NAME else ""


def unreadable(text: bytes | int) -> tuple[int, Flaw | None]:
    """The line and what is wrong with it."""
    if isinstance(text, int):
        size = f"{text / 1024 / 1024:.1f} MB"
        return 1, ("FILE_TOO_LARGE", f"the file has {size}; the limit is {MAX_FILE >> 20} MB", "split the file")
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        return line, ("FILE_ENCODING", f"line {line} holds a NUL byte: this is not a text file", "save it as UTF-8")
    if text.startswith(b"version https://git-lfs."):
        message = "the file is a Git LFS pointer, not its content"
        return 1, ("FILE_NOT_REGULAR", message, "keep `.proto` files out of Git LFS")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        message = f"line {line} is not UTF-8 (byte 0x{text[error.start]:02x})"
        return line, ("FILE_ENCODING", message, "save the file as UTF-8")
    return 1, None


def nested(paths: Mapping[str, str]) -> Iterator[Finding]:
    """No import path can be a file and, for another, a directory; one finding per such directory."""
    seen: set[str] = set()
    for name, path in paths.items():
        for above in lineage(name):
            if above in seen:
                break
            if above != name:
                seen.add(above)
                if above in paths:
                    message = f"`{name}` needs `{above}` to be a directory, but that is the file `{paths[above]}`"
                    yield problem("DUPLICATE_FILE", path, message, "rename one of the two", key=paths[above])


def problem(rule: str, path: str, message: str, help: str, *, key: str = "", line: int = 1, column: int = 1) -> Finding:
    """A finding about a file as such, before any schema is seen."""
    place = Location(path, line, column, line, column)
    return Finding(rule, "error", "compile", message, place, None, help, fingerprint=fingerprint(rule, path, key))
