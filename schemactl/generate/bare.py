"""Descriptors as plain protoc would embed them: without our options, without what only a compiler adds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemactl.extensions import closure, head
from schemactl.generate import comments, retention
from schemactl.generate.wire import without
from schemactl.image import Image
from schemactl.names import camel
from schemactl.packed import pack
from schemactl.schema import OPTIONS_FILE, schema

NUMBER = 51374  # the field of message and field options that holds ours
_NUMBER = re.compile(rb"\x8a\x19")  # how every tag of that field ends
_FIELD, _NESTED, _EXTENSION_IN, _MESSAGE, _EXTENSION, _JSON_NAME = 2, 3, 6, 4, 7, 10
Path = tuple[int, ...]


@dataclass(frozen=True)
class Bare:
    """`descriptors`: serialized FileDescriptorProtos by import path, imports first: what a generated module registers.

    `sources`: serialized SourceCodeInfo whose comments no generator can be led astray by, for those that keep them.
    """

    descriptors: Mapping[str, bytes]
    sources: Mapping[str, bytes]


def bare(image: Image, names: Collection[str]) -> Bare:
    """Of the files and all that they import."""
    ordered = closure(image.descriptors, names, without=(OPTIONS_FILE,))
    descriptors = {name: image.descriptors[name] for name in ordered}
    seeing = _seeing(descriptors) if OPTIONS_FILE in image.descriptors else set()
    found: dict[str, bytes] = {}
    infos: dict[str, bytes] = {}
    for name, descriptor in descriptors.items():
        proto = schema().FileDescriptorProto.FromString(descriptor)
        infos[name] = proto.source_code_info
        _strip(proto, ours=name in seeing and _NUMBER.search(descriptor) is not None)
        found[name] = _plain(proto, infos[name])
    if retention.is_used(found):
        for name, descriptor in retention.runtime(found).items():
            found[name] = _plain(schema().FileDescriptorProto.FromString(descriptor), infos[name])
    return Bare(found, _Sources(infos))


def imported(files: Iterable[str], bare: Bare) -> set[str]:
    """What code of the files can name: these, what they import, and what that imports publicly."""
    found: set[str] = set()
    pending = [(file, True) for file in files]
    while pending:
        file, whole = pending.pop()
        known = head(bare.descriptors[file])
        names = known.dependency if whole else [known.dependency[each] for each in known.public_dependency]
        pending += [(name, False) for name in names if name not in found]
        found.update(names)
    return found.union(files)


class _Sources(Mapping[str, bytes]):
    """Made when somebody asks: most generators want no comments, or those of few files."""

    def __init__(self, infos: Mapping[str, bytes]) -> None:
        self._infos = infos

    def __getitem__(self, name: str) -> bytes:
        return comments.harmless(self._infos[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)


def _seeing(descriptors: Mapping[str, bytes]) -> set[str]:
    """The files that can use our options: they import them, or what hands them on."""
    handing_on, seeing = {OPTIONS_FILE}, set()
    for name, descriptor in descriptors.items():
        found = head(descriptor)
        if handing_on.intersection((*found.dependency, *found.option_dependency)):
            seeing.add(name)
        if handing_on.intersection(found.dependency[index] for index in found.public_dependency):
            handing_on.add(name)
    return seeing


def _strip(proto: Any, *, ours: bool) -> None:
    proto.ClearField("source_code_info")
    proto.ClearField("buf_extension")
    _strip_imports(proto)
    if ours:
        for _, field in _fields(proto):
            _strip_options(field)
        for message in _messages(proto):
            _strip_options(message)


def _plain(proto: Any, info: bytes) -> bytes:
    """Encoded, without the json names that follow from names; protoc adds them wherever it writes descriptors."""
    explicit = _explicit_json_names(info)
    for path, field in _fields(proto):
        if field.json_name == camel(field.name) and pack((*path, _JSON_NAME)) not in explicit:
            field.ClearField("json_name")
    return bytes(proto.SerializeToString(deterministic=True))


def _explicit_json_names(info: bytes) -> set[bytes]:
    """Packed paths, among them those of json names that the file sets: protoc embeds these, default or not."""
    locations = schema().Locations.FromString(info).location
    return {path for each in locations if (path := each[2 : 2 + each[1]])[-1:] == b"\x0a"}


def _strip_imports(proto: Any) -> None:
    kept = [name for name in proto.option_dependency if name != OPTIONS_FILE]
    proto.option_dependency[:] = kept
    if OPTIONS_FILE not in proto.dependency:
        return
    old = list(proto.dependency)
    new = {name: index for index, name in enumerate(name for name in old if name != OPTIONS_FILE)}
    for indexes in (proto.public_dependency, proto.weak_dependency):
        indexes[:] = [new[old[index]] for index in indexes if old[index] in new]
    proto.dependency[:] = list(new)


def _strip_options(element: Any) -> None:
    if not element.HasField("options"):
        return
    before = element.options.SerializeToString()
    after = without(before, NUMBER)
    if not after:
        element.ClearField("options")
    elif after != before:
        element.options.ParseFromString(after)


def _fields(proto: Any) -> Iterator[tuple[Path, Any]]:
    """Every field and extension with its path."""
    yield from (((_EXTENSION, index), each) for index, each in enumerate(proto.extension))
    pending: list[tuple[Path, Any]] = [((_MESSAGE, index), each) for index, each in enumerate(proto.message_type)]
    while pending:
        path, message = pending.pop()
        yield from (((*path, _FIELD, index), each) for index, each in enumerate(message.field))
        yield from (((*path, _EXTENSION_IN, index), each) for index, each in enumerate(message.extension))
        pending += [((*path, _NESTED, index), each) for index, each in enumerate(message.nested_type)]


def _messages(proto: Any) -> Iterator[Any]:
    pending = list(proto.message_type)
    while pending:
        message = pending.pop()
        yield message
        pending += message.nested_type
