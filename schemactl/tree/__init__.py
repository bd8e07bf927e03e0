"""A tree of files: the working directory, the index or a revision, read without following or running anything."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from schemactl import git
from schemactl.errors import ConfigError, ToolError
from schemactl.git.worktree import Files, unread
from schemactl.repopath import leaves, lineage
from schemactl.tree.flaw import SYMLINK, Flaw, irregular, too_long, unsafe

MAX_TOTAL = 1 << 30  # googleapis' 7,232 files have 60 MB
MAX_EXPECTED = 1024 * 1024
MAX_READ = 4 * 1024 * 1024  # for a file of configuration
_ENVIRONMENT, _INSTALLED = "/pyvenv.cfg", re.compile(r"(?:.*/)?(?:site-packages|node_modules)\Z", re.DOTALL)
_LOOKED_AT = 1000  # entries of a submodule


class Closed(NamedTuple):
    """A directory that is not part of the tree: what it is, and where in the tree a link leads, if it does."""

    kind: str
    target: str | None = None


class Tree(Protocol):
    """Paths start at the top of the repository and use POSIX slashes."""

    @property
    def paths(self) -> Collection[str]: ...

    def read(self, path: str, limit: int = MAX_READ) -> bytes | None:
        """The content of a file; None if there is none. Raises ConfigError for what must not be read as a file."""

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        """Contents; of a file above `limit` bytes only its size."""

    def expect(self, paths: Iterable[str]) -> None:
        """That these will be read, one by one: where each takes long, they are got together."""

    def identities(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Of readable files what is the same as long as their content is; of those it is not certain of, nothing."""

    def flaw(self, path: str) -> Flaw | None:
        """Why a path must not be read as a file."""

    @property
    def closed(self) -> Mapping[str, Closed]:
        """Directories that may hold protos and are not followed."""

    @property
    def installed(self) -> Mapping[str, str]:
        """Protos of packages that were installed here, each with the directory of these; git tracks none of them."""


class Directory:
    """Files on disk below `top`: those that git tracks or would track, all of them where there is no git."""

    def __init__(self, top: Path, repository: git.Repository | None) -> None:
        self._top = top
        self._repository = repository
        self._files = Files(top)

    @cached_property
    def _listed(self) -> dict[str, str]:
        return git.working(self._repository) if self._repository else dict.fromkeys(_walk(self._top), "")

    @cached_property
    def paths(self) -> list[str]:
        return [path for path in self._listed if not path.endswith("/") and self._is_there(path)]

    def _is_there(self, path: str) -> bool:
        return not path.endswith(".proto") or bool(too_long(path)) or self._files.status(path) is not None

    def read(self, path: str, limit: int = MAX_READ) -> bytes | None:
        if (flaw := self.flaw(path)) is not None:
            raise ConfigError(f"{path}: {flaw[1]}", flaw[2])
        return None if self._files.status(path) is None else _small(path, self._files.read(path, limit), limit)

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        wanted = list(paths)
        found = [self._files.status(path) for path in wanted]
        within_total(status.st_size for status in found if status and status.st_size <= limit)
        return {path: self._files.read(path, limit) for path in wanted}

    def expect(self, paths: Iterable[str]) -> None:
        """Each is a moment."""

    def identities(self, paths: Iterable[str]) -> dict[str, bytes]:
        known = {path: self._files.identity(path) for path in paths if not too_long(path)}
        return {path: identity for path, identity in known.items() if identity}

    def flaw(self, path: str) -> Flaw | None:
        if too_long(path):
            return unsafe(path)
        if (barrier := self._files.barrier(path)) is not None:
            message = f"`{barrier}` leads out of what is checked: it is a symbolic link, a `.git` or a `..`"
            return "FILE_NOT_REGULAR", message, "name the directory that the files really lie in"
        status = self._files.status(path)
        return None if status is None else irregular(status.st_mode)

    @cached_property
    def closed(self) -> dict[str, Closed]:
        found = {}
        for path, mode in self._listed.items():
            if path.endswith("/") or mode == "160000":
                name = path.rstrip("/")
                if self._files.holds(name, ".proto", _LOOKED_AT):
                    found[name] = Closed("a submodule" if mode else "a repository of its own")
            elif (
                mode in ("", "120000")
                and not path.endswith(".proto")
                and not too_long(path)
                and self._links_to_directory(path)
            ):
                found[path] = Closed("a symbolic link", _target(path, self._files.link(path)))
        return found

    @cached_property
    def installed(self) -> dict[str, str]:
        untracked = [path for path in self.paths if not self._listed[path]]
        environments = {path.removesuffix(_ENVIRONMENT) for path in untracked if path.endswith(_ENVIRONMENT)}
        found = ((path, _installed_in(path, environments)) for path in untracked if path.endswith(".proto"))
        return {path: directory for path, directory in found if directory}

    def _links_to_directory(self, path: str) -> bool:
        return self._files.is_link(path) and self._files.is_directory(path)


class Snapshot:
    """The files of a commit or of the index, by their blobs."""

    installed: Mapping[str, str] = MappingProxyType({})

    def __init__(self, repository: git.Repository, entries: Mapping[str, git.Entry]) -> None:
        self._repository = repository
        self._entries = entries

    @property
    def paths(self) -> Collection[str]:
        return self._entries.keys()

    def read(self, path: str, limit: int = MAX_READ) -> bytes | None:
        if path not in self._entries:
            return None
        if (flaw := self.flaw(path)) is not None:
            raise ConfigError(f"{path}: {flaw[1]}", flaw[2])
        return _small(path, self.read_many([path], limit)[path], limit)

    def read_many(self, paths: Iterable[str], limit: int) -> dict[str, bytes | int]:
        wanted = {path: self._entries[path].oid for path in paths}
        sizes = git.sizes(self._repository, wanted.values())
        # By path, not by blob: each path becomes a file of its own for the compiler.
        within_total(sizes[oid] for oid in wanted.values() if sizes[oid] <= limit)
        blobs = git.blobs(self._repository, (oid for oid, size in sizes.items() if size <= limit))
        return {path: blobs[oid] if oid in blobs else sizes[oid] for path, oid in wanted.items()}

    def expect(self, paths: Iterable[str]) -> None:
        wanted = [path for path in paths if path in self._entries and self.flaw(path) is None]
        if len(wanted) > 1:
            self.read_many(wanted, MAX_EXPECTED)  # git remembers what is small

    def identities(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self._entries[path].oid.encode() for path in paths if self.flaw(path) is None}

    def flaw(self, path: str) -> Flaw | None:
        mode = self._entries[path].mode
        if mode == "120000":
            return SYMLINK
        if mode == "160000":
            return "FILE_NOT_REGULAR", "the path is a submodule, not a file", "rename the submodule"
        return None

    @cached_property
    def closed(self) -> dict[str, Closed]:
        """What a link points to outside of the tree is not known: a name without extension may be a directory."""
        links = {path: entry.oid for path, entry in self._entries.items() if entry.mode == "120000"}
        sizes = git.sizes(self._repository, links.values()) if links else {}
        blobs = git.blobs(self._repository, (oid for oid, size in sizes.items() if size < 4096)) if links else {}
        found = {path: Closed("a submodule") for path, entry in self._entries.items() if entry.mode == "160000"}
        directories = {above for path in self._entries for above in lineage(path) if above != path} if links else set()
        for path, oid in links.items():
            target = _target(path, os.fsdecode(blobs.get(oid, b"/")))
            if target in directories or (target is None and "." not in posixpath.basename(path)):
                found[path] = Closed("a symbolic link", target)
        return found


def _installed_in(path: str, environments: Collection[str]) -> str:
    """The topmost directory above it that holds installed packages."""
    above = [each for each in lineage(path) if each != path]
    return next((each for each in reversed(above) if each in environments or _INSTALLED.match(each)), "")


def within_total(sizes: Iterable[int]) -> None:
    """Refuses more than one run takes, before any of it is read."""
    if (total := sum(sizes)) > MAX_TOTAL:
        raise ToolError(
            f"the files to read have {total >> 20} MB together; the limit is {MAX_TOTAL >> 20} MB",
            "list the directories to check under `roots:` in schemactl.yaml",
        )


def _small(path: str, content: bytes | int, limit: int) -> bytes:
    if isinstance(content, int):
        most = f"the limit is {limit >> 20} MB"
        raise ConfigError(f"{path}: the file has {content / 1024 / 1024:.1f} MB; {most}", "make it smaller")
    return content


def _target(path: str, link: str) -> str | None:
    """Where in the tree a link leads, None out of it."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
    return None if target.startswith("/") or leaves(target) else target


def _walk(top: Path) -> list[str]:
    found = []
    for directory, names, files in os.walk(top, onerror=_unwalked):
        names[:] = sorted(name for name in names if name != ".git")
        below = Path(directory).relative_to(top)
        links = [name for name in names if os.path.islink(f"{directory}{os.sep}{name}")]  # noqa: PTH114
        found += [(below / name).as_posix() for name in (*files, *links)]
    return sorted(found)


def _unwalked(error: OSError) -> None:
    raise unread(str(error.filename), error) from error
