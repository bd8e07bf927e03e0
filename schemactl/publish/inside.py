"""What is inside an artifact is what its name says: a renamed one would be published as what it is not."""

from __future__ import annotations

import gzip
import json
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from io import BytesIO

from schemactl.artifact import Artifact
from schemactl.package import archive, content

_LARGEST = 1 << 30  # unpacked; Go takes half of that
_CHUNK = 1 << 20
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError,
    KeyError, TypeError,
)  # fmt: skip


def problem(artifact: Artifact, called: str, contents: str) -> str:
    """`called` is the distribution as its files have it, or the Go module; empty for an image."""
    try:
        if _unpacked(artifact) > _LARGEST:
            return f"it has more than {_LARGEST >> 30} GB inside"
        files = content.files(artifact)
        if archive.contents(files) != contents:
            return "what is inside is not what release.json says"
        return "" if not called or _is(artifact, called, files) else f"inside it is not `{called}` {artifact.version}"
    except _BROKEN:
        return "it cannot be read as what it should be"


def _unpacked(artifact: Artifact) -> int:
    if artifact.kind in ("wheel", "go-zip"):
        with zipfile.ZipFile(BytesIO(artifact.content)) as packed:
            return sum(each.file_size for each in packed.infolist())
    size = 0
    if artifact.kind == "sdist":
        with gzip.GzipFile(fileobj=BytesIO(artifact.content)) as stream:
            while size <= _LARGEST and (chunk := stream.read(_CHUNK)):
                size += len(chunk)
    return size


def _is(artifact: Artifact, called: str, files: Mapping[str, bytes]) -> bool:
    stem = f"{called}-{artifact.version}"
    if artifact.kind == "wheel":
        return _says(files.get(f"{stem}.dist-info/METADATA", b""), called, artifact.version)
    if artifact.kind == "sdist":
        return _says(files.get(f"{stem}/PKG-INFO", b""), called, artifact.version)
    if artifact.kind == "go-zip":
        top = f"{called}@{artifact.version}/"
        return all(name.startswith(top) for name in files) and _is_module(files.get(f"{top}go.mod", b""), called)
    if artifact.kind == "go-mod":
        return _is_module(artifact.content, called)
    return bool(json.loads(artifact.content)["Version"] == artifact.version)


def _says(metadata: bytes, called: str, version: str) -> bool:
    from schemactl.package.metadata import normalised

    found = BytesHeaderParser().parsebytes(metadata)
    return (normalised(str(found["Name"])), found["Version"]) == (called, version)


def _is_module(gomod: bytes, module: str) -> bool:
    return gomod.startswith(f"module {module}\n".encode())
