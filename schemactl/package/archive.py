"""Archives that are the same bytes whenever and wherever they are written: zip and tar.gz."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import accumulate

_LEVEL = 9
_MODE = 0o644
_UNIX = 3
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_EPOCH_SECONDS = 315_532_800


def zipped(files: Mapping[str, bytes]) -> bytes:
    require_safe(files)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = _UNIX
            info.external_attr = (0o100000 | _MODE) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, _LEVEL)
    return out.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """Gzipped; ustar, with a pax header only for a name that needs one."""
    require_safe(files)
    out = BytesIO()
    with (
        gzip.GzipFile("", "wb", _LEVEL, out, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive,
    ):
        for name, content in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(content), _MODE, _EPOCH_SECONDS
            archive.addfile(info, BytesIO(content))
    return out.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def untarred(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=BytesIO(content), mode="r:gz") as archive:
        readable = ((member.name, archive.extractfile(member)) for member in archive if member.isfile())
        return {name: file.read() for name, file in readable if file}


def contents(files: Mapping[str, bytes]) -> str:
    """A digest of names and bytes alone: what is inside, however it is packed."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def require_safe(names: Iterable[str]) -> None:
    """Wherever it is unpacked, every file stands below that directory and in nobody's place; else ValueError."""
    files: dict[str, str] = {}
    directories: dict[str, str] = {}
    for name in names:
        if problem := _problem(name):
            raise ValueError(f"{name!r} cannot be the name of a file in an archive: {problem}")
        if (other := files.get(_fold(name))) is not None:
            raise ValueError(f"{other!r} and {name!r} are one file, at least where case does not count: rename one")
        files[_fold(name)] = name
        for above in _above(name):
            if (other := directories.setdefault(_fold(above), above)) != above:
                raise ValueError(f"{other!r} and {above!r} are one directory where case does not count: rename one")
    for both in sorted(files.keys() & directories.keys()):
        raise ValueError(f"{files[both]!r} is both a file and a directory: rename one")


def _problem(name: str) -> str:
    segments = name.split("/")
    if not name or name.startswith("/"):
        return "it is not relative"
    if {"", ".", ".."}.intersection(segments):
        return "it has a segment that is empty, `.` or `..`"
    if "\\" in name or ":" in name:
        return "it has a backslash or a colon"
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in name):
        return "it has a character that cannot be seen"
    return ""


def _above(name: str) -> Iterator[str]:
    return accumulate(name.split("/")[:-1], "{}/{}".format)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
