"""The compiled schema: descriptors by import path, read raw and only as far as somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemactl.extensions import Extensions
from schemactl.file import File
from schemactl.packed import pack
from schemactl.schema import OPTIONS_FILE, schema

# Field 8042 of a file in a Buf image, `is_import: true`; with it --exclude-imports works on protoc's descriptors.
IS_IMPORT = b"\xd2\xf6\x03\x02\x08\x01"
_NUMBER = re.compile(rb"\x8a\x19")  # how every tag of field 51374, which our options have, ends


@dataclass(frozen=True)
class Image:
    """One side of a comparison: `descriptors` are serialized FileDescriptorProtos by import path.

    `targets` are the files of the repository's own modules, in path order; the rest is only imported.
    `paths` and `sources` give the repository path and the bytes of each file, where there are any.
    """

    descriptors: Mapping[str, bytes]
    targets: tuple[str, ...]
    paths: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)

    def file(self, name: str) -> File:
        own, path, source = OPTIONS_FILE in self.descriptors, self.paths.get(name, name), self.sources.get(name)
        return parse(self.descriptors[name], path, source, own=own, extensions=self._extensions)

    @cached_property
    def _extensions(self) -> Extensions:
        return Extensions(self.descriptors)

    def files(self, names: Iterable[str] | None = None) -> Iterator[File]:
        return (self.file(name) for name in (self.targets if names is None else names))


EMPTY = Image({}, ())


def parse(
    descriptor: bytes, path: str, source: bytes | None, *, own: bool = True, extensions: Extensions | None = None
) -> File:
    """`own`: the schema holds our options. Without them their number is somebody else's, and read as nobody's."""
    from google.protobuf.message import DecodeError

    if own or not _NUMBER.search(descriptor):
        with suppress(DecodeError):  # two claim the number: the clash is told once all is compiled
            return File(schema().WithOptions.FromString(descriptor), path, source, extensions)
    full = schema().FileDescriptorProto.FromString(descriptor)
    proto = schema().WithOptions.FromString(_without_options(type(full).FromString(descriptor)))
    return File(proto, path, source, extensions, full)


def _without_options(proto: Any) -> bytes:
    """The descriptor less the custom options of messages and fields."""
    pending, fields = list(proto.message_type), list(proto.extension)
    while pending:
        message = pending.pop()
        pending += message.nested_type
        fields += [*message.field, *message.extension]
        if message.HasField("options"):
            message.options.DiscardUnknownFields()
    for each in fields:
        if each.HasField("options"):
            each.options.DiscardUnknownFields()
    return bytes(proto.SerializeToString())


def framed(descriptor: bytes) -> bytes:
    """A file as it stands in a descriptor set."""
    return b"\x0a" + pack((len(descriptor),)) + descriptor


def split(descriptor_set: bytes) -> Iterator[tuple[int, int]]:
    """(start, end) of every file in a serialized FileDescriptorSet or Buf image (both: repeated field 1)."""
    at = 0
    while at < len(descriptor_set):
        if descriptor_set[at] != 0x0A:
            raise ValueError(f"unexpected byte at {at}")
        length, shift = 0, 0
        while True:
            at += 1
            length |= (descriptor_set[at] & 0x7F) << shift
            shift += 7
            if descriptor_set[at] < 0x80:
                break
        at += 1
        if at + length > len(descriptor_set):
            raise ValueError("it ends in the middle of a file")
        yield at, at + length
        at += length
