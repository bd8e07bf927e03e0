"""Serialized descriptors of files: whether two mean the same, and what little of one a comparison asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from hashlib import blake2b
from typing import Any, TypeVar

from schemactl.schema import schema

_Found = TypeVar("_Found")
_MOST = 10_000  # pairs that are remembered


def alike(new: bytes | None, old: bytes | None) -> bool:
    """Whether both are there and differ, if at all, in comments and places alone."""
    if new is None or old is None:
        return False
    return new == old or with_imports(new, whole=False) == with_imports(old, whole=False)


def by_content(work: Callable[[bytes | None, bytes | None], _Found]) -> Callable[[bytes | None, bytes | None], _Found]:
    """The same, asked once of the same descriptors: the releases of a year have few versions of a file."""
    known: dict[tuple[bytes, ...], _Found] = {}

    def asked(new: bytes | None, old: bytes | None) -> _Found:
        key = tuple(b"" if each is None else blake2b(each, digest_size=16).digest() for each in (new, old))
        if key not in known:
            if len(known) >= _MOST:
                known.clear()
            known[key] = work(new, old)
        return known[key]

    return asked


def with_imports(descriptor: bytes, *, whole: bool) -> tuple[bytes, list[str]]:
    """The descriptor, without source info unless it is wanted whole, and what the file imports."""
    proto = _read(descriptor)
    imports = list(proto.dependency)
    if whole:
        return descriptor, imports
    proto.ClearField("source_code_info")
    proto.ClearField("buf_extension")
    return bytes(proto.SerializeToString(deterministic=True)), imports


def package(descriptor: bytes) -> str:
    return str(schema().Head.FromString(descriptor).package)


def mentions(descriptor: bytes | None, enums: Collection[str]) -> bool:
    """Whether a field or extension of the file, if there is one, is of one of the enums."""
    if descriptor is None:
        return False
    proto = _read(descriptor)
    fields, pending = [*proto.extension], [*proto.message_type]
    while pending:
        message = pending.pop()
        fields += [*message.field, *message.extension]
        pending += message.nested_type
    return any(field.type_name.removeprefix(".") in enums for field in fields)


def _read(descriptor: bytes) -> Any:
    return schema().FileDescriptorProto.FromString(descriptor)
