"""A tree of files: the working directory, the index or a revision, read without following or running anything."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from schemactl import git
from schemactl.errors import ConfigError, ToolError

Flaw = tuple[str, str, str]  # rule, message, help
_SYMLINK: Flaw = (
    "FILE_NOT_REGULAR",
    "the file is a symbolic link: it may point out of the repository, and a revision holds only its target's name",
    "replace it by a copy of the file it points to",
)


class Tree(Protocol):
    """Paths start at the top of the repository and use POSIX slashes."""

    @property
    def paths(self) -> Collection[str]: ...

    def read(self, path: str) -> bytes | None:
        """The content of a file; None if there is none. Raises ConfigError for what must not be read as a file."""

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        """Contents; of a file above `limit` bytes only its size."""

    def flaw(self, path: str) -> Flaw | None:
        """Why a path must not be read as a file."""


class Directory:
    """Files on disk below `top`: those that git tracks or would track, all of them where there is no git."""

    def __init__(self, top: Path, repository: git.Repository | None) -> None:
        self._top = top
        self._repository = repository

    @cached_property
    def paths(self) -> list[str]:
        listed = git.working_paths(self._repository) if self._repository else _walk(self._top)
        top = str(self._top) + os.sep
        return [path for path in listed if not path.endswith(".proto") or os.path.lexists(top + path)]

    def read(self, path: str) -> bytes | None:
        try:
            if (flaw := self.flaw(path)) is not None:
                raise ConfigError(f"{path}: {flaw[1]}", flaw[2])
            return (self._top / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unread(path, error) from error

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        top = str(self._top) + os.sep
        texts: dict[str, bytes | int] = {}
        for path in paths:
            try:
                texts[path] = _read_regular(top + path, limit)
            except OSError as error:
                raise _unread(path, error) from error
        return texts

    def flaw(self, path: str) -> Flaw | None:
        try:
            mode = os.lstat(f"{self._top}{os.sep}{path}").st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISREG(mode):
            return None
        if stat.S_ISLNK(mode):
            return _SYMLINK
        kind = "a FIFO" if stat.S_ISFIFO(mode) else "a directory" if stat.S_ISDIR(mode) else "a device or socket"
        return "FILE_NOT_REGULAR", f"the path is {kind}, not a regular file", "remove or rename it"


class Snapshot:
    """The files of a commit or of the index, by their blobs."""

    def __init__(self, repository: git.Repository, entries: Mapping[str, git.Entry]) -> None:
        self._repository = repository
        self._entries = entries

    @property
    def paths(self) -> Collection[str]:
        return self._entries.keys()

    def read(self, path: str) -> bytes | None:
        entry = self._entries.get(path)
        if entry is None:
            return None
        if (flaw := self.flaw(path)) is not None:
            raise ConfigError(f"{path}: {flaw[1]}", flaw[2])
        return git.blobs(self._repository, [entry.oid])[entry.oid]

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        wanted = {path: self._entries[path].oid for path in paths}
        blobs = git.blobs(self._repository, wanted.values())
        return {path: blobs[oid] if len(blobs[oid]) <= limit else len(blobs[oid]) for path, oid in wanted.items()}

    def flaw(self, path: str) -> Flaw | None:
        mode = self._entries[path].mode
        if mode == "120000":
            return _SYMLINK
        if mode == "160000":
            return "FILE_NOT_REGULAR", "the path is a submodule, not a file", "rename the submodule"
        return None


def _walk(top: Path) -> list[str]:
    found = []
    for directory, names, files in os.walk(top):
        names[:] = sorted(name for name in names if name != ".git")
        below = Path(directory).relative_to(top)
        found += [(below / name).as_posix() for name in files]
    return sorted(found)


def _read_regular(path: str, limit: int) -> bytes | int:
    """Content of a file that stays what it was when it was looked at: no link is followed, no FIFO waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file any more")
        if status.st_size > limit:
            return status.st_size
        text = os.read(descriptor, status.st_size + 1)
        if len(text) != status.st_size:
            raise OSError(errno.EAGAIN, "its size changed while it was read")
        return text
    finally:
        os.close(descriptor)


def _unread(path: str, error: OSError) -> ToolError:
    if isinstance(error, PermissionError):
        return ToolError(f"`{path}` cannot be read: {error.strerror}", "make it readable for the user that runs this")
    return ToolError(f"`{path}` cannot be read: {error.strerror}", "the files changed meanwhile: run again")
