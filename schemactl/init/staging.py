"""A place for drafts beside what is to be written: of what a killed run leaves there, git sees nothing."""

from __future__ import annotations

import errno
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemactl.atomically import undisturbed
from schemactl.errors import ToolError

_NAME = re.compile(r"\.schemactl-[0-9a-f]{16}\.tmp")
_OLD = 3600  # seconds: no run that still goes on is that old
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def stage(top: Path) -> Iterator[Path]:
    """A new directory, gone in the end; old ones of killed runs go, too."""
    _sweep(top)
    directory = top / f".schemactl-{secrets.token_hex(8)}.tmp"
    try:
        directory.mkdir()
        (directory / ".gitignore").write_bytes(b"*\n")
        yield directory
    finally:
        with undisturbed():
            shutil.rmtree(directory, ignore_errors=True)


def _sweep(top: Path) -> None:
    for each in top.glob(".schemactl-*.tmp"):
        with suppress(OSError):
            left = _NAME.fullmatch(each.name) and each.is_dir() and not each.is_symlink()
            if left and each.stat().st_mtime < time.time() - _OLD and (each / ".gitignore").read_bytes() == b"*\n":
                shutil.rmtree(each, ignore_errors=True)


def failed(error: OSError, path: str) -> ToolError:
    """Of a file that was to be there, whatever draft or directory the system could not do."""
    return ToolError(f"`{path}` cannot be written: {error.strerror}: nothing was written", _cure(error, path))


def _cure(error: OSError, path: str) -> str:
    if error.errno in _FULL:
        return "free some disk space, and run again"
    if error.errno in _CLOSED:
        return f"run it as a user who may write into `{path.rpartition('/')[0] or '.'}`, or make that writable"
    if error.errno == errno.EEXIST:
        return "it came up meanwhile: run again, and it stays as it is"
    return "once that is cured, run again"
