"""A schema as descriptors that can be changed in place, and how to walk and check it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

File: Any = descriptor_pb2.FileDescriptorProto
Field: Any = descriptor_pb2.FieldDescriptorProto
Features: Any = descriptor_pb2.FeatureSet

_MODULES = (any_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
WELL_KNOWN = {module.DESCRIPTOR.name: module.DESCRIPTOR.serialized_pb for module in _MODULES}
DECLARED_IN = {
    message.full_name: module.DESCRIPTOR.name
    for module in _MODULES
    for message in module.DESCRIPTOR.message_types_by_name.values()
}
MESSAGE, GROUP, ENUM, STRING, BYTES = 11, 10, 14, 9, 12
OPTIONAL, REQUIRED, REPEATED = 1, 2, 3
SCALARS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18)


class Unfit(Exception):
    """There is nothing here to change this way."""


class Named(NamedTuple):
    """A message or enum with its full name, where it stands, and what holds it (None: the file)."""

    name: str
    proto: Any
    file: Any
    owner: Any


@dataclass
class Schema:
    """Own files, those that are imported first, and the full name of the message that travels."""

    files: list[Any]
    root: str

    def copy(self) -> Schema:
        return Schema([type(file).FromString(file.SerializeToString()) for file in self.files], self.root)

    @property
    def descriptors(self) -> dict[str, bytes]:
        return WELL_KNOWN | {file.name: file.SerializeToString() for file in self.files}

    def messages(self) -> Iterator[Named]:
        """All but map entries."""
        for file in self.files:
            yield from _messages(file, file, file.package)

    def enums(self) -> Iterator[Named]:
        for file in self.files:
            yield from (Named(f"{file.package}.{enum.name}", enum, file, None) for enum in file.enum_type)
        for message in self.messages():
            for enum in message.proto.enum_type:
                yield Named(f"{message.name}.{enum.name}", enum, message.file, message.proto)

    def fields(self) -> Iterator[tuple[Named, Any]]:
        for message in self.messages():
            for field in message.proto.field:
                yield message, field

    def extensions(self) -> Iterator[tuple[Any, Any]]:
        """(file or message that declares it, extension)."""
        for holder in (*self.files, *(message.proto for message in self.messages())):
            for extension in holder.extension:
                yield holder, extension

    def rename_type(self, old: str, new: str) -> None:
        """Everywhere where it is used; `old` and `new` are full names."""
        for field in self.typed():
            name = field.type_name
            if name == f".{old}" or name.startswith(f".{old}."):
                field.type_name = f".{new}{name[len(old) + 1 :]}"
            if field.extendee == f".{old}":
                field.extendee = f".{new}"
        if self.root == old or self.root.startswith(f"{old}."):
            self.root = new + self.root[len(old) :]

    def typed(self) -> Iterator[Any]:
        """Every field, those of map entries and extensions too."""
        for message in self.messages():
            yield from message.proto.field
            for nested in message.proto.nested_type:
                if nested.options.map_entry:
                    yield from nested.field
        for _, extension in self.extensions():
            yield extension


def _messages(holder: Any, file: Any, prefix: str) -> Iterator[Named]:
    protos = holder.message_type if isinstance(holder, File) else holder.nested_type
    for proto in protos:
        if not proto.options.map_entry:
            name = f"{prefix}.{proto.name}"
            yield Named(name, proto, file, None if holder is file else holder)
            yield from _messages(proto, file, name)


def camel(name: str) -> str:
    """The JSON name that protoc gives to a field."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def entry_of(message: Any, field: Any) -> Any:
    """The entry of a map field, None of other fields."""
    name = field.type_name.rpartition(".")[2]
    entries = (each for each in message.nested_type if each.options.map_entry and each.name == name)
    return next(entries, None) if field.type == MESSAGE and field.label == REPEATED else None


def is_real(message: Any, index: int) -> bool:
    """Whether it is a oneof that somebody wrote, not one that stands for `optional`."""
    return not any(
        field.proto3_optional and field.HasField("oneof_index") and field.oneof_index == index
        for field in message.field
    )


def settle(schema: Schema) -> None:
    """What follows from the rest: oneofs that stand for `optional`, entries of maps, imports."""
    for message in schema.messages():
        _settle_oneofs(message.proto)
        used = {field.type_name.rpartition(".")[2] for field in message.proto.field}
        for index, nested in reversed(list(enumerate(message.proto.nested_type))):
            if nested.options.map_entry and nested.name not in used:
                del message.proto.nested_type[index]
    _settle_imports(schema)


def _settle_oneofs(message: Any) -> None:
    names = [oneof.name for oneof in message.oneof_decl]
    members: dict[str, list[Any]] = {}
    for field in message.field:
        index = field.oneof_index if field.HasField("oneof_index") else None
        field.ClearField("oneof_index")
        if index is not None and not field.proto3_optional:
            members.setdefault(names[index], []).append(field)
    del message.oneof_decl[:]
    for index, (name, fields) in enumerate(sorted(members.items())):
        message.oneof_decl.add(name=name)
        for field in fields:
            field.oneof_index = index
    _gather(message)
    for field in message.field:
        if field.proto3_optional:
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field.name}")


def _gather(message: Any) -> None:
    """Members of a oneof stand together."""
    at: dict[int, int] = {}
    places = [
        at.setdefault(field.oneof_index, index) if field.HasField("oneof_index") else index
        for index, field in enumerate(message.field)
    ]
    order = sorted(range(len(places)), key=lambda index: (places[index], index))
    fields = [Field.FromString(message.field[index].SerializeToString()) for index in order]
    del message.field[:]
    message.field.extend(fields)


def _settle_imports(schema: Schema) -> None:
    where = DECLARED_IN | {named.name: named.file.name for named in (*schema.messages(), *schema.enums())}
    for file in schema.files:
        alone = Schema([file], "")
        names = {field.type_name[1:] for field in alone.typed()} | {field.extendee[1:] for field in alone.typed()}
        needed = {where[name] for name in names if name in where} - {file.name}
        del file.dependency[:]
        file.dependency.extend(sorted(needed))


class Side:
    """A schema that can write and read: a pool and the class of its root."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.pool: Any = descriptor_pool.DescriptorPool()
        for serialized in schema.descriptors.values():
            self.pool.AddSerializedFile(serialized)
        self.message = self.named(schema.root)

    def named(self, full_name: str) -> Any:
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(full_name))


def compiles(schema: Schema) -> bool:
    """As protoc judges it, which is stricter than the pools of Python."""
    from grpc_tools import _protoc_compiler  # type: ignore[attr-defined]

    described = descriptor_pb2.FileDescriptorSet(file=[File.FromString(each) for each in schema.descriptors.values()])
    with tempfile.NamedTemporaryFile(suffix=".binpb") as written, _quiet():
        Path(written.name).write_bytes(described.SerializeToString())
        names = [file.name.encode() for file in schema.files]
        arguments = [b"protoc", f"--descriptor_set_in={written.name}".encode(), b"-o/dev/null", *names]
        return int(_protoc_compiler.run_main(arguments)) == 0


@contextmanager
def _quiet() -> Iterator[None]:
    """protoc says what is wrong on the error output of the process."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
