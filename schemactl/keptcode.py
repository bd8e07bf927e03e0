"""Code that was generated before, by all that it follows from."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from schemactl.cache import Cache, decoded
from schemactl.image import Image
from schemactl.product import Language, Plan
from schemactl.stamp import stamp

Files = Mapping[tuple[str, Language], Mapping[str, bytes]]


def key(image: Image, plan: Plan) -> bytes:
    """The image with its comments, what is to be made of it, and this installation with its generators."""
    digest = blake2b(b"code\0" + stamp() + msgspec.msgpack.encode(plan))
    for name in sorted(image.descriptors):
        content = image.descriptors[name]
        digest.update(b"%s\0%d\0" % (name.encode("utf-8", "surrogateescape"), len(content)))
        digest.update(content)
    return digest.digest()


def find(cache: Cache, key: bytes) -> Files | None:
    found = decoded(cache.get(key), list[tuple[str, Language, dict[str, bytes]]])
    return None if found is None else {(name, language): files for name, language, files in found}


def keep(cache: Cache, key: bytes, files: Files) -> None:
    rows = [(name, language, dict(each)) for (name, language), each in files.items()]
    cache.put([(key, msgspec.msgpack.encode(rows))])
