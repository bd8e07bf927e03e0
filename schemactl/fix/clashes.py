"""What fields of a file tell that is more than each of them alone: who clashes in JSON, and what types they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemactl.schema import schema

Clash = tuple[str, str]


def clashes(descriptor: bytes) -> dict[Clash, list[str]]:
    """Names of fields that have one name in JSON, by message and that name: in proto2 protoc lets that pass."""
    found: dict[Clash, list[str]] = {}
    for message, field in fields(descriptor):
        found.setdefault((message, field.json_name), []).append(field.name)
    return {clash: names for clash, names in found.items() if len(names) > 1}


def types(descriptor: bytes) -> dict[str, str]:
    """The last parts of the names of fields' types, by the fields' full names."""
    return {f"{message}.{field.name}": field.type_name.rpartition(".")[2] for message, field in fields(descriptor)}


def fields(descriptor: bytes) -> Iterator[tuple[str, Any]]:
    """Each with the full name of its message."""
    file = schema().FileDescriptorProto.FromString(descriptor)
    yield from _fields(file.package, file.message_type)


def _fields(scope: str, messages: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for message in messages:
        name = f"{scope}.{message.name}" if scope else str(message.name)
        yield from ((name, field) for field in message.field)
        yield from _fields(name, message.nested_type)
