"""The descriptor image: the schema itself, as `--image`, `--against image:FILE` and Buf read it."""

from __future__ import annotations

import re
from collections.abc import Collection

from schemactl.artifact import Artifact
from schemactl.extensions import closure
from schemactl.image import IS_IMPORT, Image, framed

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def image(name: str, version: str, image: Image, files: Collection[str]) -> Artifact:
    """The files with all that they import, comments and options and all; what is imported is marked as Buf does."""
    if not files:
        raise ValueError(f"the image of {name!r} would have no files: give it protos, or take it out of `packages`")
    if not (_WORD.fullmatch(name) and _WORD.fullmatch(version)):
        raise ValueError(f"{name!r} at {version!r} cannot name a file: use letters, digits, `-` and `.`")
    ordered = closure(image.descriptors, files)
    content = b"".join(framed(image.descriptors[each] + (b"" if each in files else IS_IMPORT)) for each in ordered)
    return Artifact("image", name, version, f"image/{name}-{version}.binpb", content)
