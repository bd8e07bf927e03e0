"""What a file declares and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from schemactl.file import File

DESCRIPTOR = "google/protobuf/descriptor.proto"

_BLANK = re.compile(rb"""//[^\n]*|/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
# `option (name)`, `[(name) =`, `, (name) =` and `(other).(name)`; in the text of a value `[name]:` and `[url/name] {`.
_OPTION = re.compile(rb"(?:\boption|[\[,.])\s*\(([\w.\s]+)\)|\[([\w.\s/%-]+)\]\s*[:{<]")


def declared(file: File) -> Iterator[str]:
    """Full names that no other file of a pool may declare; nested ones follow from these.

    An enum's values stand beside the enum, not in it. `+.message:number` is an extension number.
    """
    prefix = f"{file.package}." if file.package else ""
    proto = file.proto
    for group in (proto.message_type, proto.enum_type, proto.service, proto.extension):
        yield from (f"{prefix}{declared.name}" for declared in group)
    yield from (f"{prefix}{value.name}" for enum in proto.enum_type for value in enum.value)
    yield from (f"+{extension.extendee}:{extension.number}" for extension in proto.extension)
    for message in proto.message_type:
        yield from _nested_extensions(message)


def _nested_extensions(message: Any) -> Iterator[str]:
    for extension in message.extension:
        yield f"+{extension.extendee}:{extension.number}"
    for nested in message.nested_type:
        yield from _nested_extensions(nested)


def of(file: File) -> set[str]:
    """Full names of the types of fields and methods, of messages that are extended, and of whatever options name.

    The descriptor keeps numbers of options, and nothing readable of those inside the value of another: their names are
    taken from the source, each with every full name that it may stand for in the file's package.
    """
    proto = file.proto
    found = {name[1:] for name in _types(proto)}
    for name in _of_options(file.source or b""):
        found.update(_meanings(name, file.package))
    return found


def _types(proto: Any) -> Iterator[str]:
    """The names in the descriptor, with the dot in front."""
    pending, fields = list(proto.message_type), list(proto.extension)
    while pending:
        message = pending.pop()
        pending += message.nested_type
        fields += [*message.field, *message.extension]
    for field in fields:
        yield from (name for name in (field.type_name, field.extendee) if name)
    for service in proto.service:
        for method in service.method:
            yield from (method.input_type, method.output_type)


def _of_options(source: bytes) -> Iterator[str]:
    for found in _OPTION.finditer(_BLANK.sub(b" ", source)):
        written = found[1] or found[2].rpartition(b"/")[2]
        yield b"".join(written.split()).decode("ascii")


def _meanings(name: str, package: str) -> Iterator[str]:
    if name.startswith("."):
        yield name[1:]
        return
    yield name
    scopes = accumulate(package.split("."), lambda outer, inner: f"{outer}.{inner}") if package else ()
    yield from (f"{scope}.{name}" for scope in scopes)
