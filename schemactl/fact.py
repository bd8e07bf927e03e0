"""Facts about a file's text: what is asked of every file, known from an earlier run without reading it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import blake2b

import msgspec
from msgspec import Struct

from schemactl import scan
from schemactl.cache import Cache
from schemactl.errors import ToolError
from schemactl.stamp import stamp

_FEW = 4  # texts that are read one by one before all are


class Fact(Struct, frozen=True, array_like=True, gc=False):
    """`passes_on`: it may hand on what it imports; `event`: it may declare one."""

    digest: bytes
    size: int
    imports: tuple[str, ...]
    package: str
    passes_on: bool
    event: bool


def fact(text: bytes) -> Fact:
    imports = tuple(scan.imports(text))
    return Fact(
        _digest(text), len(text), imports, scan.package(text), scan.imports_publicly(text), scan.may_hold_event(text)
    )


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


class Memory:
    """Facts by an identity of the file: a blob's id, or what the file system says of it."""

    def __init__(self, cache: Cache, name: str) -> None:
        self._cache = cache
        self._key = blake2b(b"facts\0%s\0%s" % (stamp(), name.encode("utf-8", "surrogateescape"))).digest()
        self._fresh: dict[bytes, Fact] = {}
        kept = cache.get(self._key)
        self._known = msgspec.msgpack.decode(kept, type=dict[bytes, Fact]) if kept else {}

    def get(self, identity: bytes | None) -> Fact | None:
        return None if identity is None else self._known.get(identity)

    def add(self, identity: bytes | None, found: Fact) -> None:
        if identity is not None:
            self._fresh[identity] = found

    def keep(self, used: Collection[bytes]) -> None:
        """Remember what is new, and of the rest what was of use: the names of files change, and files go."""
        if self._fresh:
            known = {identity: self._known[identity] for identity in used if identity in self._known}
            self._cache.put([(self._key, msgspec.msgpack.encode(known | self._fresh))])


class Texts(Mapping[str, bytes]):
    """Texts by import path, read when somebody asks, and then still those that the facts are about."""

    def __init__(
        self,
        facts: Mapping[str, Fact],
        texts: Mapping[str, bytes],
        read: Callable[[Collection[str]], Mapping[str, bytes]],
    ) -> None:
        self._facts = facts
        self._texts = dict(texts)
        self._read = read
        self._asked = 0

    def __getitem__(self, name: str) -> bytes:
        if name not in self._texts:
            if name not in self._facts:
                raise KeyError(name)
            self._asked += 1
            self.load([name] if self._asked <= _FEW else self._facts)
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def release(self) -> None:
        self._texts = {}

    def load(self, names: Collection[str]) -> None:
        """Read at once what will be asked for."""
        missing = [name for name in names if name in self._facts and name not in self._texts]
        if not missing:
            return
        for name, text in self._read(missing).items():
            if _digest(text) == self._facts[name].digest:
                self._texts[name] = text
        if any(name not in self._texts for name in missing):
            raise ToolError("the files changed while they were read", "run again")
