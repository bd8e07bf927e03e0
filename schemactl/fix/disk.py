"""Writes changed files where they stand: all of them or none, and nobody's work of the meantime is lost."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from schemactl.atomically import undisturbed
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
    files, drafts, path = Files(top), dict[str, Path](), ""
    try:
        for path, change in sorted(changes.items()):
            drafts[path] = _draft(top / path, change.new, _mode(files, path))
        with undisturbed():
            for path, change in changes.items():
                _check(files, path, change.old)
            _replace(files, top, changes, drafts)
    except OSError as error:
        raise _failed(error, path) from error
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _replace(files: Files, top: Path, changes: Mapping[str, Change], drafts: Mapping[str, Path]) -> None:
    """All or none, whatever comes between: a draft that is gone has taken the place of its file."""
    path = ""
    try:
        for path, draft in drafts.items():
            draft.replace(top / path)
    except BaseException as error:
        for done in [each for each, draft in drafts.items() if not draft.exists()]:
            _draft(top / done, changes[done].old, _mode(files, done)).replace(top / done)
        if isinstance(error, OSError):
            raise _failed(error, path) from error
        raise


def _failed(error: OSError, path: str) -> ToolError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    name = Path(error.filename or path).name
    return _refused(
        f"`{name}` cannot be written: {error.strerror}", "free some disk space, and run again" if full else "run again"
    )


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
        raise _refused(f"`{path}` is gone")
    if files.barrier(path) is not None or not stat.S_ISREG(status.st_mode):
        raise _refused(f"`{path}` is no longer a regular file")
    if not status.st_mode & stat.S_IWUSR:
        raise ToolError(f"`{path}` is read-only: nothing was written", "make it writable, or leave it out")
    return stat.S_IMODE(status.st_mode)


def _check(files: Files, path: str, old: bytes) -> None:
    _mode(files, path)
    if files.read(path, len(old)) != old:
        raise _refused(f"`{path}` changed while it was being fixed")


def _refused(what: str, hint: str = "run again") -> ToolError:
    return ToolError(f"{what}: nothing was written", hint)
