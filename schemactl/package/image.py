"""The descriptor image: the schema itself, as `--image`, `--against image:FILE` and Buf read it."""

from __future__ import annotations

import re
from collections.abc import Collection
from graphlib import TopologicalSorter

from schemactl.artifact import Artifact
from schemactl.extensions import head
from schemactl.image import Image

_IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"  # field 8042 of a file in an image of Buf
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def image(name: str, version: str, image: Image, files: Collection[str]) -> Artifact:
    """The files with all that they import, comments and options and all; what is imported is marked as Buf does."""
    if not files:
        raise ValueError(f"the image of {name!r} would have no files: give it protos, or take it out of `packages`")
    if not (_WORD.fullmatch(name) and _WORD.fullmatch(version)):
        raise ValueError(f"{name!r} at {version!r} cannot name a file: use letters, digits, `-` and `.`")
    parts = (image.descriptors[each] + (b"" if each in files else _IS_IMPORT) for each in _ordered(image, files))
    content = b"".join(b"\x0a" + _varint(len(part)) + part for part in parts)
    return Artifact("image", name, version, f"image/{name}-{version}.binpb", content)


def _ordered(image: Image, files: Collection[str]) -> list[str]:
    """Imports first, and else by name: the order says nothing about the machine."""
    imports: dict[str, list[str]] = {}
    pending = list(files)
    while pending:
        name = pending.pop()
        if name not in imports:
            found = head(image.descriptors[name])
            imports[name] = sorted({*found.dependency, *found.option_dependency} & image.descriptors.keys())
            pending += imports[name]
    return list(TopologicalSorter({name: imports[name] for name in sorted(imports)}).static_order())


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))
