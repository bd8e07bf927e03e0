"""Files of a working tree, each for itself: through no link, out of no `.git`, and no more bytes than asked for."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from pathlib import Path

from schemactl.errors import ToolError

_GONE = (errno.ENOENT, errno.ENOTDIR)
# Windows and macOS know these as one.
_GIT_DIRS = frozenset((".git", "git~1"))
_TICK = 3_000_000_000  # nanoseconds; FAT counts in steps of two seconds


class Files:
    """What lies below `top`, by paths with slashes."""

    def __init__(self, top: Path) -> None:
        self._top = f"{top}{os.sep}"
        self._passed = {""}
        self._since = time.time_ns()

    def status(self, path: str) -> os.stat_result | None:
        """Of the file or link itself; None only where there is certainly nothing."""
        try:
            return os.lstat(self._top + path)
        except OSError as error:
            if error.errno in _GONE:
                return None
            raise unread(path, error) from error

    def barrier(self, path: str) -> str | None:
        """The symbolic link, `.git` or way up among the directories of a path, by which it would leave the tree."""
        directory = path.rpartition("/")[0]
        if directory in self._passed:
            return None
        if (above := self.barrier(directory)) is not None:
            return above
        name = directory.rpartition("/")[2]
        if name == ".." or name.casefold() in _GIT_DIRS:
            return directory
        status = self.status(directory)
        if status is not None and stat.S_ISLNK(status.st_mode):
            return directory
        self._passed.add(directory)
        return None

    def read(self, path: str, limit: int) -> bytes | int:
        """Content of a regular file behind no barrier; above `limit` bytes only its size."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self._top + path, flags)
            try:
                return _content(descriptor, limit)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise unread(path, error) from error

    def identity(self, path: str) -> bytes | None:
        """What the file system says of a regular file behind no barrier; None while it may yet change unseen.

        Its clock ticks in milliseconds or seconds: a file that was just written can be written again within the tick.
        """
        if self.barrier(path) is not None or (status := self.status(path)) is None or not stat.S_ISREG(status.st_mode):
            return None
        if max(status.st_mtime_ns, status.st_ctime_ns) > self._since - _TICK:
            return None
        facts = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)
        return b"%d %d %d %d %d" % facts

    def is_link(self, path: str) -> bool:
        status = self.status(path)
        return status is not None and stat.S_ISLNK(status.st_mode)

    def link(self, path: str) -> str:
        return os.readlink(self._top + path)  # noqa: PTH115  (Path would normalize it)

    def is_directory(self, path: str) -> bool:
        """Also at the end of a link."""
        return os.path.isdir(self._top + path)  # noqa: PTH112  (never raises)

    def holds(self, path: str, ending: str, most: int) -> bool:
        """Whether a directory has, or may have beyond the first `most` entries, files of such a name."""
        seen = 0
        for _, names, files in os.walk(self._top + path):
            names[:] = [name for name in names if name != ".git"]
            seen += len(names) + len(files)
            if seen > most or any(name.endswith(ending) for name in files):
                return True
        return seen == 0  # a submodule that is not there yet


def same(files: Files, path: str, mode: str, oid: str, limit: int) -> bool:
    """Whether a file is the blob, or the blob with CRLF: git may have been told to check it out so.

    Whatever else a filter or an encoding makes of a file counts as changed, because none of them may run.
    """
    status = files.status(path)
    if status is None or files.barrier(path) is not None:
        return False
    if mode == "120000" and stat.S_ISLNK(status.st_mode):
        return _oid(os.fsencode(files.link(path)), len(oid)) == oid
    content = files.read(path, limit) if stat.S_ISREG(status.st_mode) else 0
    if isinstance(content, int):
        return False
    return _oid(content, len(oid)) == oid or (
        b"\r\n" in content and _oid(content.replace(b"\r\n", b"\n"), len(oid)) == oid
    )


def unread(path: str, error: OSError) -> ToolError:
    if isinstance(error, PermissionError):
        return ToolError(f"`{path}` cannot be read: {error.strerror}", "make it readable for the user that runs this")
    return ToolError(f"`{path}` cannot be read: {error.strerror}", "the files changed meanwhile: run again")


def _content(descriptor: int, limit: int) -> bytes | int:
    """What stays what it was when it was looked at: no FIFO is waited for."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no longer a regular file")
    if status.st_size > limit:
        return status.st_size
    text = os.read(descriptor, status.st_size + 1)
    if len(text) != status.st_size:
        raise OSError(errno.EAGAIN, "its size changed while it was read")
    return text


def _oid(content: bytes, digits: int) -> str:
    made = hashlib.sha1(usedforsecurity=False) if digits == 40 else hashlib.sha256()
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()
