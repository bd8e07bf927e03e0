"""Files of others: what a schema was compiled with has to be in what the modules of others register."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemactl.names import camel
from schemactl.schema import schema

_SHOWN = 3
# Options and nothing else, of the compiler, which may be ahead of any runtime.
_OPTIONS = re.compile(r"google/protobuf/(descriptor|\w+_features)\.proto", re.ASCII)


def lacks(found: Mapping[str, str], provided: Mapping[str, bytes], imported: Collection[str]) -> Iterator[str]:
    """`found` are registered descriptors in base64. What they have besides does no harm, nor do options.

    Those of `imported` have to be there; a version of a module may do without a file that others of its files used.
    """
    for file, descriptor in sorted(provided.items()):
        if _OPTIONS.fullmatch(file):
            continue
        if file in found:
            theirs = dict(_elements(b64decode(found[file])))
            yield from _told(file, [name for name, said in _elements(descriptor) if theirs.get(name) != said])
        elif file in imported:
            yield f"`{file}`: its Go module does not register it: import the file by the path that the module has it by"


def _told(file: str, names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield (
            f"`{file}`: what is here of {shown}{more} is not in what its Go module registers: take the file as that "
            "has it, or name another version of the module"
        )


def _elements(descriptor: bytes) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Each element by its full name, with what has to be equal."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    package = f".{proto.package}" if proto.package else ""
    pending = [(f"{package}.{each.name}", each) for each in proto.message_type]
    yield from _fields(package, proto.extension, ())
    yield from _enums(package, proto.enum_type)
    for service in proto.service:
        name = f"{package}.{service.name}"
        yield name[1:], ("service",)
        for each in service.method:
            streams = each.client_streaming, each.server_streaming
            yield f"{name}.{each.name}"[1:], ("method", each.input_type, each.output_type, *streams)
    while pending:
        name, message = pending.pop()
        yield name[1:], ("message",)
        yield from _fields(name, [*message.field, *message.extension], message.oneof_decl)
        yield from _enums(name, message.enum_type)
        pending += [(f"{name}.{each.name}", each) for each in message.nested_type]


def _fields(scope: str, fields: Any, oneofs: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for each in fields:
        # An editions file says otherwise what `optional` says.
        oneof = oneofs[each.oneof_index].name if each.HasField("oneof_index") and not each.proto3_optional else ""
        json = each.json_name or camel(each.name)
        facts = (each.number, each.label, each.type, each.type_name, each.extendee, each.default_value, oneof, json)
        yield f"{scope}.{each.name}"[1:], ("field", *facts)


def _enums(scope: str, enums: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for enum in enums:
        name = f"{scope}.{enum.name}"
        yield name[1:], ("enum",)
        yield from ((f"{name}.{each.name}"[1:], ("value", each.number)) for each in enum.value)
