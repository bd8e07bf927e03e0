"""What an index says of a wheel or an sdist, read from the file itself."""

from __future__ import annotations

import hashlib
import re
import tarfile
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from schemactl.publish import shelf, simple
from schemactl.publish.simple import Listed

_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError,
)  # fmt: skip
_LARGEST = 16 << 20  # of metadata
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_PKG_INFO = re.compile(r"[^/]+/PKG-INFO")
_REQUIRES = re.compile(rb"^requires-python:[ \t]*([!-~ ]+?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def listed(path: Path) -> Listed | None:
    """None where it has gone, or never was a file."""
    content = shelf.read(path)
    if content is None:
        return None
    core = metadata(path.name, content)
    # What differs from the wheel would be believed instead of it.
    told = core if core and path.name.endswith(".whl") and shelf.read(Path(beside(str(path)))) == core else b""
    return simple.beside(
        path.name,
        hashlib.sha256(content).hexdigest(),
        len(content),
        _requires_python(core),
        hashlib.sha256(told).hexdigest() if told else "",
    )


def beside(path: str) -> str:
    """Where an index has the metadata of a wheel (PEP 658)."""
    return f"{path}.metadata"


def metadata(filename: str, content: bytes) -> bytes:
    """METADATA or PKG-INFO; empty where there is none to be found."""
    try:
        return _of_wheel(content) if filename.endswith(".whl") else _of_sdist(content)
    except _BROKEN:
        return b""


def _of_wheel(content: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        found = [each for each in packed.infolist() if _METADATA.fullmatch(each.filename)]
        return packed.read(found[0]) if len(found) == 1 and found[0].file_size <= _LARGEST else b""


def _of_sdist(content: bytes) -> bytes:
    with tarfile.open(fileobj=BytesIO(content), mode="r|gz") as packed:
        for each in packed:
            if _PKG_INFO.fullmatch(each.name) and each.size <= _LARGEST and (file := packed.extractfile(each)):
                return file.read()
    return b""


def _requires_python(core: bytes) -> str:
    head = re.split(rb"\r?\n\r?\n", core, maxsplit=1)[0]
    found = _REQUIRES.search(head)
    return found[1].decode() if found else ""
