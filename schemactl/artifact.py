"""An artifact: one file that is made to be published."""

from __future__ import annotations

import hashlib
from typing import Literal

from msgspec import Struct

Kind = Literal["wheel", "sdist", "go-zip", "go-mod", "go-info", "image"]


class Artifact(Struct, frozen=True):
    """`name` is the product's; `filename` may have directories: where the file stands in what is published."""

    kind: Kind
    name: str
    version: str
    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()
