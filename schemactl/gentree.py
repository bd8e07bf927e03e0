"""A tree of generated files on disk: what is to be written, what is stale, and which files of it are ours to delete."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemactl import atomically, repopath
from schemactl.errors import ToolError, UsageError
from schemactl.tree.flaw import too_long

MANIFEST = "schemactl-generated.json"
_LARGEST = 64 << 20  # of a generated file, and of the manifest
# A manifest lies in a tree that anybody may have written: it can name nothing else for deletion.
_OURS = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.go", "/py.typed")


class _Manifest(msgspec.Struct, frozen=True):
    """`files`: the SHA-256 of each file that was written, by its path below the manifest."""

    files: dict[str, str]
    schema_version: int = 1


class Difference(NamedTuple):
    """Paths below the output directory; `foreign` are in the way, and nobody said that they may be replaced.

    `unlisted`: the manifest is not that of these files, so that nobody can tell which are not made any more. `strays`
    look like generated code, and are in no manifest.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    obsolete: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    unlisted: bool = False
    strays: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        return any(self)


def difference(directory: Path, files: Mapping[str, bytes], made: Collection[str] | None = None) -> Difference:
    """What writing the files would do; nothing is touched.

    `made` are the directories that the files are all of; what was written elsewhere earlier stays (None: nothing is).
    """
    known = {path: sum for path, sum in _manifest(directory).files.items() if _among(path, made)}
    missing: list[str] = []
    changed: list[str] = []
    foreign: list[str] = []
    _require_plain(directory, {*files, *known})
    for path in sorted(files):
        content = _content(directory, path)
        if content is None:
            missing.append(path)
        elif files[path] not in _as_committed(content):
            (changed if path in known else foreign).append(path)
    obsolete = [path for path in sorted(known) if path not in files and _ours(directory, path, known[path])]
    current = [path for path in files if path not in missing and path not in changed]
    unlisted = any(known.get(path) != hashlib.sha256(files[path]).hexdigest() for path in current)
    strays = _strays(directory, {*files, *known})
    return Difference(tuple(missing), tuple(changed), tuple(obsolete), tuple(foreign), unlisted, strays)


def _strays(directory: Path, known: Collection[str]) -> tuple[str, ...]:
    """What nobody wrote, in the directories of what was written."""
    tops = {directory / Path(path).parts[0] for path in known if "/" in path and _inside(path)}
    names = (each.relative_to(directory).as_posix() for top in tops for each in top.rglob("*") if each.is_file())
    return tuple(sorted(name for name in names if name.endswith(_OURS[:-1]) and name not in known))


def holds(directory: Path, language: str) -> bool:
    """Whether code of the language was written there."""
    return any(language in path.split("/")[:2] for path in _manifest(directory).files)


def write(directory: Path, files: Mapping[str, bytes], made: Collection[str] | None = None) -> Difference:
    """Makes the tree hold the files, and what was written earlier no more; all or, on a full disk, nothing."""
    found = difference(directory, files, made)
    if found.foreign:
        shown = ", ".join(f"`{path}`" for path in found.foreign[:3])
        raise UsageError(
            f"{len(found.foreign)} files in `{directory}` are in the way, and were not written by schemactl: {shown}",
            "delete them, or choose another directory with `--out`",
        )
    try:
        _replace(directory, files, found, made)
    except OSError as error:
        raise ToolError(
            f"`{directory}` cannot be written: {error.strerror}",
            "free some disk space, or choose another directory with `--out`",
        ) from error
    return found


def _replace(directory: Path, files: Mapping[str, bytes], found: Difference, made: Collection[str] | None) -> None:
    existed = directory.is_dir()
    directory.mkdir(parents=True, exist_ok=True)
    kept = {path: sum for path, sum in _manifest(directory).files.items() if not _among(path, made)}
    wanted = kept | {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    draft = Path(tempfile.mkdtemp(prefix=".schemactl-", dir=directory))
    try:
        for number, path in enumerate((*found.missing, *found.changed)):
            (draft / str(number)).write_bytes(files[path])
        # Whoever is interrupted from here on still knows both, the old files and the new ones.
        old = _manifest(directory).files
        if found.stale:
            _keep(directory, {**old, **wanted})
        for number, path in enumerate((*found.missing, *found.changed)):
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / str(number)).replace(directory / path)
        for path in found.obsolete:
            (directory / path).unlink()
            _prune(directory, Path(path).parent)
        if wanted != _manifest(directory).files:
            _keep(directory, wanted)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if not existed:
            with suppress(OSError):  # it is not empty: all went well
                directory.rmdir()


def _keep(directory: Path, files: Mapping[str, str]) -> None:
    text = msgspec.json.format(msgspec.json.encode(_Manifest(dict(sorted(files.items())))), indent=2)
    atomically.write(directory / MANIFEST, text + b"\n")


def _manifest(directory: Path) -> _Manifest:
    path = directory / MANIFEST
    try:
        content = _regular(path)
        if content is None:
            return _Manifest({})
        found = msgspec.json.decode(content, type=_Manifest)
    except (msgspec.MsgspecError, OSError, RecursionError) as error:
        raise UsageError(
            f"`{path}`, the list of generated files, cannot be read: {_said(error)}",
            "bring it back from git, or delete the directory and generate it anew",
        ) from error
    if found.schema_version != 1:
        raise UsageError(f"`{path}` was written by a newer schemactl", "upgrade schemactl")
    return found


def _said(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, OSError) else str(error)


def _ours(directory: Path, path: str, sha256: str) -> bool:
    """Whether a file that the manifest names may be deleted: it is there, and is what was written."""
    if not f"/{path}".endswith(_OURS) or not _inside(path):
        return False
    content = _content(directory, path)
    return content is not None and sha256 in (hashlib.sha256(each).hexdigest() for each in _as_committed(content))


def _as_committed(content: bytes) -> tuple[bytes, bytes]:
    """The content, and what it is without the CRLF that git writes where `core.autocrlf` says so."""
    return content, content.replace(b"\r\n", b"\n")


def _inside(path: str) -> bool:
    """Whether it can be the path of a file that was written here."""
    return repopath.problem(path, ".") == "" and not too_long(path) and "\0" not in path


def _among(path: str, directories: Collection[str] | None) -> bool:
    return directories is None or any(repopath.contains(each, path) for each in directories)


def _require_plain(directory: Path, paths: Iterable[str]) -> None:
    """A link on the way could lead anywhere, and is refused."""
    parts = {above for path in filter(_inside, paths) for above in repopath.lineage(path)}
    for part in sorted(parts - {"."}):
        if os.path.islink(f"{directory}/{part}"):  # noqa: PTH114  (asked for every file)
            raise UsageError(
                f"`{directory / part}` is a symbolic link", "remove it, or choose another directory with `--out`"
            )


def _content(directory: Path, path: str) -> bytes | None:
    try:
        return _regular(directory / path)
    except OSError as error:
        raise UsageError(
            f"`{directory / path}` cannot be read: {error.strerror}",
            "remove it, or choose another directory with `--out`",
        ) from error


def _regular(path: Path) -> bytes | None:
    """The content of a file; None without one. Whatever else stands there may never end."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if status.st_size > _LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {_LARGEST >> 20} MB")
    return path.read_bytes()


def _prune(directory: Path, parent: Path) -> None:
    """Directories that became empty go with their last file."""
    for each in (parent, *parent.parents):
        if each == Path():
            return
        try:
            os.rmdir(directory / each)  # noqa: PTH106  (the same, and says what it does)
        except OSError:
            return


def told(found: Difference) -> Iterable[str]:
    """The difference in lines: a sign and a path each."""
    yield from (f"+ {path}" for path in found.missing)
    yield from (f"~ {path}" for path in (*found.changed, *found.foreign))
    yield from (f"- {path}" for path in found.obsolete)
    yield from (f"? {path} (nothing here is made into it: delete it)" for path in found.strays)
    if found.unlisted:
        yield f"~ {MANIFEST} (the list of generated files; it tells which are obsolete)"
