"""Writes changed files where they stand: all of them or none, and nobody's work of the meantime is lost."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from schemactl.errors import ToolError
from schemactl.git.worktree import Files


class Change(NamedTuple):
    """The bytes of a file as they were read, and as they shall be."""

    old: bytes
    new: bytes


def write(top: Path, changes: Mapping[str, Change]) -> None:
    """Raises ToolError, and leaves all files as they are, where one is not what was read or cannot be written.

    First everything is written beside the files: what can fail, a full disk above all, fails while nothing has changed.
    """
    files, drafts, done = Files(top), dict[str, Path](), list[str]()
    try:
        for path, change in sorted(changes.items()):
            drafts[path] = _draft(top / path, change.new, _mode(files, path))
        for path, change in changes.items():
            _check(files, path, change.old)
        for path, draft in drafts.items():
            draft.replace(top / path)
            done.append(path)
    except OSError as error:
        for path in done:
            _draft(top / path, changes[path].old, _mode(files, path)).replace(top / path)
        raise _refused(f"`{Path(error.filename or '').name}` cannot be written: {error.strerror}") from error
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            draft.chmod(mode)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return draft


def _mode(files: Files, path: str) -> int:
    """The permissions of a regular file that may be written."""
    status = files.status(path)
    if status is None:
        raise _refused(f"`{path}` is not there any more")
    if files.barrier(path) is not None or not stat.S_ISREG(status.st_mode):
        raise _refused(f"`{path}` is no regular file any more")
    if not status.st_mode & stat.S_IWUSR:
        raise ToolError(f"`{path}` is read-only: nothing was written", "make it writable, or leave it out")
    return stat.S_IMODE(status.st_mode)


def _check(files: Files, path: str, old: bytes) -> None:
    _mode(files, path)
    if files.read(path, len(old)) != old:
        raise _refused(f"`{path}` changed while it was being fixed")


def _refused(what: str) -> ToolError:
    return ToolError(f"{what}: nothing was written", "run again")
