"""Reads a descriptor set from a file: what protoc writes with `-o`, or an image of Buf."""

from __future__ import annotations

from pathlib import Path

from schemactl import wellknown
from schemactl.errors import UsageError
from schemactl.image import Image, parse, split

_HOW = "make one with `buf build -o FILE` or `protoc --include_imports --include_source_info -oFILE`"


def load(path: Path) -> Image:
    """The image; files that Buf marked as imported, or that come with the tool, are not judged."""
    try:
        data = path.read_bytes()
        files = [(data[start:end], parse(data[start:end], "", None)) for start, end in split(data)]
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}", "give an existing file") from error
    except Exception as error:  # protobuf's DecodeError has no common ancestor across its implementations
        raise UsageError(f"`{path}` is not a descriptor set", _HOW) from error
    descriptors = {file.name: descriptor for descriptor, file in files}
    if not descriptors:
        raise UsageError(f"`{path}` holds no files", _HOW)
    missing = ((name, file.name) for _, file in files for name in file.proto.dependency if name not in descriptors)
    for name, importer in missing:
        raise UsageError(f"`{path}` lacks `{name}`, which `{importer}` imports", _HOW)
    judged = (file.name for _, file in files if not _imported(file.proto.buf_extension, file.name))
    return Image(descriptors, tuple(sorted(judged)))


def _imported(mark: bytes, name: str) -> bool:
    return mark.startswith(b"\x08\x01") if mark else wellknown.provide(name) is not None
