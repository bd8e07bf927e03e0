"""Events: which messages are envelopes of a topic, what these are made of, and how to write it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from schemactl.element import MESSAGE_OPTIONS, Element, Module
from schemactl.image import File, schema
from schemactl.names import short

ENVELOPE = "Envelope"
MESSAGE_TYPE, ENUM_TYPE, GROUP_TYPE = 11, 14, 10
REPEATED = 3
_SCALARS = {
    1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool", 9: "string",
    12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64",
}  # fmt: skip


def topic(message: Element) -> Any | None:
    """The message's (schemactl.v1.topic), a schemactl.v1.Topic, if it has one."""
    options = message.proto.options
    return options.Extensions[schema().topic] if options.HasExtension(schema().topic) else None


def topic_path(part: int = 1) -> tuple[int, int, int]:
    """Descriptor path, below the message, of a part of its topic option: the name, unless said otherwise.

    protoc records it for `option (schemactl.v1.topic).name = …`; for `= {name: …}` its parent stands in.
    """
    return (MESSAGE_OPTIONS, schema().topic.number, part)


def is_event(message: Element) -> bool:
    """A message with the topic option, or one named `<X>Envelope` with a message-typed `payload`."""
    if topic(message) is not None:
        return True
    return payload_name(message) != "" and any(
        field.name == "payload" and field.type == MESSAGE_TYPE and not _is_map(message.proto, field)
        for field in message.proto.field
    )


def _is_map(message: Any, field: Any) -> bool:
    entries = {nested.name for nested in message.nested_type if nested.options.map_entry}
    return bool(entries) and short(field.type_name) in entries


def payload_name(message: Element) -> str:
    """`User` for `UserEnvelope`; empty when the name is not of that form."""
    return message.name.removesuffix(ENVELOPE) if message.name.endswith(ENVELOPE) else ""


@lru_cache(maxsize=1)
def events(module: Module) -> tuple[Element, ...]:
    """The events of the judged files, in path order; every rule of the module asks for them."""
    return tuple(message for message in module.messages if is_event(message))


def topics(module: Module) -> list[tuple[Element, str]]:
    """Every event that names its topic, with the name."""
    named = ((event, option.name) for event in events(module) if (option := topic(event)) is not None)
    return [(event, name) for event, name in named if name]


def type_of(field: Any) -> str:
    """How the field's type is written, fully qualified: `string`, `acme.users.v1.User`."""
    return _SCALARS.get(field.type) or str(field.type_name).lstrip(".")


def field_named(message: Element, name: str) -> Element | None:
    return next((field for field in message.fields if field.name == name), None)


def written(type_name: str, file: File) -> str:
    """How to write the fully qualified type in that file: short within its own package."""
    return type_name.removeprefix(f"{file.package}.") if file.package else type_name


def reached(module: Module, roots: Iterable[Element]) -> set[str]:
    """Import paths of the files that hold a type the given messages are made of, their own included."""
    seen: set[str] = set()
    pending = [message.full_name for message in roots]
    files: set[str] = set()
    while pending:
        name = pending.pop()
        element = module.types.get(name)
        if name in seen or element is None:
            continue
        seen.add(name)
        files.add(element.file.name)
        if element.kind == "message":
            pending += [type_name.lstrip(".") for type_name in _used(element.proto)]
    return files


def _used(message: Any) -> list[str]:
    """Type names in the fields of a message and in its map entries, which nobody else sees."""
    entries = [nested for nested in message.nested_type if nested.options.map_entry]
    return [field.type_name for owner in (message, *entries) for field in owner.field if field.type_name]


def shared_enum(module: Module, name: str, segment: str) -> Element | None:
    """The enum of that name in a package that has the segment, if the module knows one."""
    found = [
        element
        for element in module.types.values()
        if element.kind == "enum" and short(element.full_name) == name and segment in element.file.package.split(".")
    ]
    return min(found, key=lambda element: element.full_name, default=None)
