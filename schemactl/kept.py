"""Images that were compiled before, by the content of all their files."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

import msgspec

from schemactl.build import Build
from schemactl.cache import Cache, decoded
from schemactl.image import Image
from schemactl.stamp import stamp
from schemactl.texts import Sources

_LARGEST = 8 * 1024 * 1024  # of what is compiled in one piece: whole trees are judged, and their records kept


def key(sources: Sources, names: Collection[str]) -> bytes | None:
    """What the image of these files follows from; None where it is too large to keep."""
    facts = {name: sources.facts[name] for name in sorted(sources.closure(names))}
    if not facts or sum(each.size for each in facts.values()) > _LARGEST:
        return None
    digest = blake2b(b"image\0" + stamp())
    for name, each in facts.items():
        digest.update(b"%s\0%s\0" % (name.encode("utf-8", "surrogateescape"), each.digest))
    return digest.digest()


def find(cache: Cache, key: bytes, sources: Sources) -> Build | None:
    descriptors = decoded(cache.get(key), dict[str, bytes])
    if descriptors is None:
        return None
    targets = tuple(sorted(name for name in descriptors if name in sources.files))
    return Build(Image(descriptors, targets, sources.paths, sources.everything))


def keep(cache: Cache, key: bytes, build: Build) -> None:
    """Not where something is wrong: that is told anew each time."""
    if not build.problems:
        cache.put([(key, msgspec.msgpack.encode(dict(build.image.descriptors)))])
