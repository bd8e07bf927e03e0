"""Writes new files into a repository: whole, through no link, and never over what is there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemactl.atomically import undisturbed
from schemactl.errors import UsageError
from schemactl.git.worktree import Files
from schemactl.init.staging import failed, stage

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)


def is_there(top: Path, path: str) -> bool:
    return os.path.lexists(top / path)


def refuse(top: Path, paths: Iterable[str]) -> None:
    """UsageError for what would be written through a link, or into git's own directory."""
    files = Files(top)
    for path in paths:
        if (barrier := files.barrier(path)) is not None:
            raise UsageError(
                f"`{barrier}` is a symbolic link or git's own: nothing is written through it",
                "put a directory in its place, or write that file yourself",
            )
        for above in (top / path).parents:
            if above == top:
                break
            if above.exists() and not above.is_dir():
                what = f"`{above.relative_to(top).as_posix()}` is a file"
                raise UsageError(what, f"move it: `{path}` is to be written")


@dataclass(frozen=True)
class _Made:
    """What may have been made by this run, noted before it is: a directory, or a file that is a link to a draft."""

    path: Path
    content: bytes | None = None
    identity: tuple[int, int] | None = None


def place(top: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """All of them, or none; what somebody else has put there meanwhile stays, and is told."""
    files = list(files)
    paths = [path for path, _ in files]
    if not paths:
        return
    refuse(top, paths)
    made: list[_Made] = []
    path = paths[0]
    try:
        with stage(_around(top, paths)) as drafts:
            _draft(drafts, files)
            for number, (path, content) in enumerate(files):
                _make(top, (top / path).parent, made)
                refuse(top, [path])  # a directory that was made by somebody else
                _create(drafts / str(number), top / path, content, made)
    except BaseException as error:
        with undisturbed():
            _take_back(made)
        if isinstance(error, OSError):
            raise failed(error, path) from error
        raise


def _draft(directory: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """All of them before any is placed: a full disk is known by then."""
    for number, (path, content) in enumerate(files):
        try:
            _write_new(directory / str(number), content)
        except OSError as error:
            raise failed(error, path) from error


def _around(top: Path, paths: Iterable[str]) -> Path:
    """The innermost directory that is there and has all of them below it: drafts elsewhere may not be linked."""
    common = Path(os.path.commonpath([(top / path).parent for path in paths]))
    return next(each for each in (common, *common.parents) if each.is_dir())


def _make(top: Path, directory: Path, made: list[_Made]) -> None:
    for each in [*reversed([above for above in directory.parents if above.is_relative_to(top)]), directory]:
        if not each.is_dir():
            made.append(_Made(each))
            _alone(each.mkdir, made)


def _create(draft: Path, path: Path, content: bytes, made: list[_Made]) -> None:
    """OSError where something is there, be it a link that leads nowhere."""
    status = draft.stat()
    made.append(_Made(path, content, (status.st_dev, status.st_ino)))
    try:
        _alone(lambda: os.link(draft, path), made)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        made[-1] = _Made(path, content)
        _alone(lambda: _write_new(path, content), made)


def _alone(make: Callable[[], None], made: list[_Made]) -> None:
    """What was there is not ours to take back."""
    try:
        make()
    except FileExistsError:
        made.pop()
        raise


def _write_new(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)


def _take_back(made: Iterable[_Made]) -> None:
    for each in reversed(list(made)):
        with suppress(OSError):
            if each.content is None:
                each.path.rmdir()
            elif _is_ours(each, each.content):
                each.path.unlink()


def _is_ours(made: _Made, content: bytes) -> bool:
    status = made.path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > len(content):
        return False
    if made.identity is not None and made.identity != (status.st_dev, status.st_ino):
        return False
    found = made.path.read_bytes()
    return found == content if made.identity else content.startswith(found)
