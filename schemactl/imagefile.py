"""Reads a descriptor set from a file: what protoc writes with `-o`, or an image of Buf; what it gives is a schema."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from schemactl import wellknown
from schemactl.errors import UsageError
from schemactl.image import Image, split
from schemactl.schema import OPTIONS_FILE, OPTIONS_PACKAGE, options_descriptor, schema

_HOW = "make one with `buf build -o FILE` or `protoc --include_imports --include_source_info -oFILE`"
_MOST = 1024**3  # all of googleapis has 80 MB; a device has no end
_INT = rb"(?:[\x80-\xff]{0,3}[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x07])"  # a varint of at most 31 bits
_SPAN = re.compile(_INT + rb"{3,4}")
_PATH = re.compile(_INT + rb"*")


def load(path: Path) -> Image:
    """The image; files that Buf marked as imported, or that come with the tool, are not judged."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}", "check the path") from error
    if len(data) > _MOST:
        raise UsageError(f"`{path}` has more than {_MOST // 1024**2} MB", _HOW)
    try:
        descriptors = _by_name(data[start:end] for start, end in split(data))
        image = Image(descriptors, _judged(descriptors))
        _require_schema(image)
    except Exception as error:  # protobuf's DecodeError has no common ancestor across its implementations
        said = " ".join(str(error).split())
        raise UsageError(f"`{path}` is not a valid descriptor set: {said}", _HOW) from error
    if not image.targets:
        what = "holds only files that are imported, none to judge" if descriptors else "holds no files"
        raise UsageError(f"`{path}` {what}", _HOW)
    return image


def _by_name(descriptors: Iterable[bytes]) -> dict[str, bytes]:
    """Two sets written one behind the other are one, so a file may be there twice: as long as it is the same."""
    found: dict[str, bytes] = {}
    for descriptor in descriptors:
        name = str(_strict().FromString(descriptor).name)
        if not name:
            raise ValueError("it holds a file without a name")
        if found.setdefault(name, descriptor) != descriptor:
            raise ValueError(f"`{name}` is there twice, and not the same")
    return found


def _judged(descriptors: dict[str, bytes]) -> tuple[str, ...]:
    marks = {name: schema().FileDescriptorProto.FromString(each).buf_extension for name, each in descriptors.items()}
    return tuple(sorted(name for name, mark in marks.items() if not _imported(mark, name)))


def _imported(mark: bytes, name: str) -> bool:
    if name == OPTIONS_FILE:
        return True
    return mark.startswith(b"\x08\x01") if mark else wellknown.provide(name) is not None


def _require_schema(image: Image) -> None:
    """Whoever reads the image may rely on it: names resolve, indexes are in range, text is text, places are places."""
    from google.protobuf.descriptor_pool import DescriptorPool

    imports: dict[str, list[str]] = {}
    for file in image.files(image.descriptors):
        imports[file.name] = list(file.proto.dependency)
        for name in imports[file.name]:
            if name not in image.descriptors:
                raise ValueError(f"it lacks `{name}`, which `{file.name}` imports")
        if file.package == OPTIONS_PACKAGE and not _is_ours(file.proto):
            raise ValueError(f"`{file.name}` is not a version of schemactl's options that this schemactl knows")
        _require_places(file.name, file.proto)
        if OPTIONS_FILE in image.descriptors:
            schema().WithOptions.FromString(image.descriptors[file.name])
    pool = DescriptorPool()
    for name in TopologicalSorter(imports).static_order():
        pool.AddSerializedFile(image.descriptors[name])


def _is_ours(proto: Any) -> bool:
    """The options as the tool brings them; what a compiler adds says nothing about their meaning."""
    bare = type(proto).FromString(proto.SerializeToString())
    bare.ClearField("source_code_info")
    bare.ClearField("buf_extension")
    return bool(bare.name == OPTIONS_FILE and bare == type(proto).FromString(options_descriptor()))


def _require_places(name: str, proto: Any) -> None:
    for location in schema().SourceCodeInfo.FromString(proto.source_code_info).location:
        if not (_SPAN.fullmatch(location.span) and _PATH.fullmatch(location.path)):
            raise ValueError(f"`{name}` has a source position that is not valid")


@cache
def _strict() -> Any:
    """The class of a descriptor.proto that takes no text that is not UTF-8: as proto2 it would, until it is read."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
    file.syntax, file.edition = "editions", descriptor_pb2.EDITION_2023
    file.options.features.enum_type = descriptor_pb2.FeatureSet.CLOSED
    messages = list(file.message_type)
    while messages:
        message = messages.pop()
        messages += message.nested_type
        for field in message.field:
            field.options.ClearField("packed")
            if field.label == field.LABEL_REQUIRED:
                field.label = field.LABEL_OPTIONAL
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto"))
