"""Files of a directory that others read and write meanwhile: each put whole and once, or replaced whole."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from schemactl.errors import ToolError
from schemactl.publish.state import State

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_AGAIN = "run again: what is there stays, and is not written twice"
_FULL, _CLOSED = "free some disk space there", "let this user write there"
_CURES: Mapping[int, str] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _CLOSED),
    errno.ENAMETOOLONG: "choose a directory with a shorter path, or on another disk",
}


def put(root: Path, name: str, content: bytes) -> bool:
    """Whether it was missing; what is there is left alone, whatever it is."""
    path = root / name
    with _told(path, "written"):
        if os.path.lexists(path):
            return False
        make(root, path.parent)
        with _draft(root, path.parent, content) as draft:
            return _linked(draft, path)


def replace(root: Path, name: str, content: bytes) -> None:
    """Readers find the old one or the new one."""
    path = root / name
    with _told(path, "written"):
        make(root, path.parent)
        with _draft(root, path.parent, content) as draft:
            draft.replace(path)


def claim(root: Path, path: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the directory was missing: it appears with all its files at once, and for one who makes it only."""
    with _told(path, "written"):
        make(root, path.parent)
        draft = path.with_name(_draft_name())
        try:
            _mkdir(root, draft)
            for each, content in files.items():
                _write(root, draft / each, content)
            draft.rename(path)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return False
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return True


def state(path: Path, sha256: str) -> tuple[State, str]:
    """Of what should have this checksum, and what is there instead."""
    if (found := digest(path)) is None:
        return "missing", ""
    if not found:
        return "different", "it is not a file, but a link or something else"
    return ("same", "") if found == sha256 else ("different", f"its checksum is {found[:12]}…, not {sha256[:12]}…")


def digest(path: Path) -> str | None:
    """The checksum; None where there is nothing, empty where it is no file."""
    try:
        with _opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() if file else ""
    except FileNotFoundError:
        return None


def read(path: Path) -> bytes | None:
    """None where there is no such file."""
    try:
        with _opened(path) as file:
            return file.read() if file else None
    except FileNotFoundError:
        return None


def entries(path: Path) -> list[os.DirEntry[str]]:
    """What is listed there, which drafts never are; nothing where there is no such directory."""
    with _told(path, "read"):
        try:
            with os.scandir(path) as found:
                return [each for each in found if not each.name.startswith(".")]
        except FileNotFoundError:
            return []


def identity(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    """The same as long as the file is: no file is written again under its name."""
    with _told(Path(entry.path), "read"):
        found = entry.stat(follow_symlinks=False)
        return entry.path, found.st_ino, found.st_size, found.st_mtime_ns


def is_file(path: Path) -> bool:
    with _told(path, "read"):
        return path.is_file()


def is_other(root: Path) -> bool:
    """Whether it is there, and no directory."""
    with _told(root, "read"):
        return os.path.lexists(root) and not root.is_dir()


def make(root: Path, directory: Path) -> None:
    """The directory below the root: a link in between could lead anywhere, and is not followed."""
    with _told(directory, "made"):
        root.mkdir(parents=True, exist_ok=True)
        path = root
        for part in directory.relative_to(root).parts:
            path /= part
            if not os.path.lexists(path):
                _mkdir(root, path)
            if not stat.S_ISDIR(path.lstat().st_mode):
                raise ToolError(
                    f"`{path}` should be a directory, and is a link or a file", f"move it away and {_AGAIN}"
                )


def _linked(draft: Path, path: Path) -> bool:
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError as error:
        # Some file systems have no links. A version's files are only written under its claim, and so by one build
        # alone: whoever comes in between here puts the same bytes.
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            return False
        draft.rename(path)
    return True


@contextmanager
def _draft(root: Path, directory: Path, content: bytes) -> Iterator[Path]:
    """The draft of a run that was killed stays: whether somebody still writes it, nobody can tell."""
    draft = directory / _draft_name()
    try:
        _write(root, draft, content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _draft_name() -> str:
    """Neither listed nor, however long the name of the file is, too long."""
    return f".schemactl-{secrets.token_hex(8)}.tmp"


def _write(root: Path, path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, _NEW, 0o644), "wb") as file:
        file.write(content)
    readers = stat.S_IMODE(root.stat().st_mode)
    _open_to(path, (readers | readers << 2) & 0o044)


def _mkdir(root: Path, path: Path) -> None:
    """Another publisher may have made it meanwhile."""
    with suppress(FileExistsError):
        path.mkdir()
        _open_to(path, stat.S_IMODE(root.stat().st_mode) & 0o055)


def _open_to(path: Path, readers: int) -> None:
    """Who may read the top may read all of it, whatever the umask of each publisher: a part that is left out is of no
    use. Who may write is the umask's to say.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if (wanted := mode & ~0o055 | readers) != mode:
        with suppress(OSError):  # some file systems have no modes
            path.chmod(wanted)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader | None]:
    """None where it is there, but no file."""
    with _told(path, "read"):
        if path.is_symlink() or path.is_dir():
            yield None
            return
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            yield file if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


@contextmanager
def _told(path: Path, done: str) -> Iterator[None]:
    """A file that is missing is no trouble when it is read."""
    try:
        yield
    except OSError as error:
        if done == "read" and isinstance(error, FileNotFoundError):
            raise
        cure = _CURES.get(error.errno or 0, "see what is there")
        raise ToolError(f"`{path}` cannot be {done}: {error.strerror}", f"{cure}, and {_AGAIN}") from error
