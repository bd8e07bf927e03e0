"""What a file means, element by element: what a fix did not set out to change has to stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemactl.schema import schema

_ENUM = 14
_HELD = ("field", "extension", "nested_type", "enum_type", "oneof_decl", "value", "method")
_OF_FILE = ("message_type", "enum_type", "service", "extension", "source_code_info", "dependency")


class Renames:
    """Full names as they are once parts of them have other names."""

    def __init__(self, renames: Mapping[str, str]) -> None:
        self._renames = renames
        self.new = frozenset(map(self, renames))

    def __call__(self, full_name: str) -> str:
        parts, at, found = full_name.split("."), "", []
        for part in parts:
            at = f"{at}.{part}" if at else part
            found.append(self._renames.get(at, part))
        return ".".join(found)

    def reference(self, name: str) -> str:
        """The same of a name with a dot in front, or of none."""
        return f".{self(name[1:])}" if name else ""

    def value(self, enum: str, value: str) -> str:
        return self(f"{enum}.{value}").rpartition(".")[2]


def meanings(descriptor: bytes, renames: Renames, new: frozenset[str]) -> dict[str, bytes]:
    """By full name, as it is after the renames; `new` are full names whose elements may have any name in JSON.

    The file as a whole is `file:` and its name. Imports and places mean nothing.
    """
    proto = schema().FileDescriptorProto.FromString(descriptor)
    found = dict(_file(proto, renames, new))
    for name in _OF_FILE:
        proto.ClearField(name)
    proto.ClearField("public_dependency")
    proto.ClearField("weak_dependency")
    found[f"file:{proto.name}"] = _bytes(proto)
    return found


def _file(proto: Any, renames: Renames, new: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    yield from _members(proto.package, proto.message_type, proto.enum_type, proto.extension, renames, new)
    for service in proto.service:
        name = _joined(proto.package, service.name)
        for method in service.method:
            method.input_type, method.output_type = map(renames.reference, (method.input_type, method.output_type))
        yield from _held(name, service.method, renames)
        yield from _named(name, service, renames)


def _members(
    scope: str,
    messages: Iterable[Any],
    enums: Iterable[Any],
    extensions: Iterable[Any],
    renames: Renames,
    new: frozenset[str],
) -> Iterator[tuple[str, bytes]]:
    yield from _fields(scope, extensions, renames, new)
    for enum in enums:
        name = _joined(scope, enum.name)
        yield from _held(name, enum.value, renames)
        yield from _named(name, enum, renames, enum.value[0].name)
    for message in messages:
        name = _joined(scope, message.name)
        _settle(name, message, renames)
        yield from _fields(name, message.field, renames, new)
        yield from _held(name, message.oneof_decl, renames)
        yield from _members(name, message.nested_type, message.enum_type, message.extension, renames, new)
        yield from _named(name, message, renames)


def _settle(name: str, message: Any, renames: Renames) -> None:
    """What protoc makes up from a field's name is called after its new one, whatever protoc calls it."""
    entries = {f".{name}.{each.name}": each for each in message.nested_type if each.options.map_entry}
    for field in message.field:
        new = renames(f"{name}.{field.name}").rpartition(".")[2]
        if entry := entries.get(field.type_name):
            entry.name = f"{new} entry"
            field.type_name = f".{name}.{entry.name}"
        if field.proto3_optional:
            message.oneof_decl[field.oneof_index].name = f"{new} oneof"


def _fields(scope: str, fields: Iterable[Any], renames: Renames, new: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    for field in fields:
        if field.type == _ENUM and field.default_value:
            field.default_value = renames.value(field.type_name[1:], field.default_value)
        field.type_name, field.extendee = map(renames.reference, (field.type_name, field.extendee))
        if renames(_joined(scope, field.name)) in new:
            field.ClearField("json_name")
    yield from _held(scope, fields, renames)


def _held(scope: str, protos: Iterable[Any], renames: Renames) -> Iterator[tuple[str, bytes]]:
    for proto in protos:
        yield from _named(_joined(scope, proto.name), proto, renames)


def _named(name: str, proto: Any, renames: Renames, first: str = "") -> tuple[tuple[str, bytes], ...]:
    """`first` is the value that an enum has by default."""
    first = renames(f"{name}.{first}") if first else ""
    for each in _HELD:
        if each in proto.DESCRIPTOR.fields_by_name:
            proto.ClearField(each)
    kind, new = proto.DESCRIPTOR.name.encode(), renames(name)
    proto.name = new.rpartition(".")[2]
    return ((new, b"\0".join((kind, first.encode(), _bytes(proto)))),)


def _bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))


def _joined(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else str(name)
