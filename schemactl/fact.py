"""Facts about a file's text: what is asked of every file, known from an earlier run without reading it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b, sha1

import msgspec
from msgspec import Struct

from schemactl import scan
from schemactl.cache import Cache, decoded
from schemactl.stamp import stamp


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """`passes_on`: it may hand on what it imports; `event`: it may declare one; `blob` is git's name for the text."""

    digest: bytes
    size: int
    imports: tuple[str, ...]
    package: str
    passes_on: bool
    event: bool
    blob: bytes


def fact(text: bytes) -> Fact:
    return Fact(
        digest(text),
        len(text),
        tuple(scan.imports(text)),
        scan.package(text),
        scan.imports_publicly(text),
        scan.may_hold_event(text),
        sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest().encode(),
    )


def digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


class Memory:
    """Facts by an identity of the file: a blob's id, or what the file system says of it."""

    def __init__(self, cache: Cache, name: str) -> None:
        self._cache = cache
        self._key = blake2b(b"facts\0%s\0%s" % (stamp(), name.encode("utf-8", "surrogateescape"))).digest()
        self._fresh: dict[bytes, Fact] = {}
        self._used: set[bytes] = set()
        self._known = decoded(cache.get(self._key), dict[bytes, Fact]) or {}

    def learn(self, facts: Iterable[Fact]) -> None:
        """Of files that were read from elsewhere: most blobs of a base are files of the head."""
        self._known |= {each.blob: each for each in facts}

    def get(self, identity: bytes | None) -> Fact | None:
        return None if identity is None else self._known.get(identity)

    def add(self, identity: bytes | None, found: Fact) -> None:
        if identity is not None:
            self._fresh[identity] = found

    def keep(self, used: Collection[bytes]) -> None:
        """Remember what is new, and of the rest what was of use: the names of files change, and files go."""
        self._used.update(used)
        if self._fresh:
            known = {identity: self._known[identity] for identity in self._used if identity in self._known}
            self._cache.put([(self._key, msgspec.msgpack.encode(known | self._fresh))])
