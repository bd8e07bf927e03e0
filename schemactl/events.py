"""Events: which messages are envelopes of a topic, what these are made of, and how to write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from schemactl.element import MESSAGE_OPTIONS, Element, Module
from schemactl.file import File
from schemactl.names import short
from schemactl.schema import schema

ENVELOPE = "Envelope"
MESSAGE_TYPE, ENUM_TYPE, GROUP_TYPE = 11, 14, 10
REPEATED = 3
_MAP_VALUE = 2
_KNOWN_FILES = {"google.protobuf.Timestamp": "google/protobuf/timestamp.proto"}
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
    """A message with the topic option, or one named `<X>Envelope` that carries messages as its `payload`."""
    if topic(message) is not None:
        return True
    return payload_name(message) != "" and any(
        field.name == "payload" or is_payload_member(message, field) for field in _carriers(message)
    )


def _carriers(message: Element) -> list[Any]:
    return [field for field in message.proto.field if carried(message, field)]


def carried(message: Element, field: Any) -> str:
    """Full name of the message that a field carries, of a map's values too; empty when it carries none."""
    entry = map_entry(message, field)
    if entry is not None:
        field = next(value for value in entry.field if value.number == _MAP_VALUE)
    return type_of(field) if field.type == MESSAGE_TYPE else ""


def map_entry(message: Element, field: Any) -> Any | None:
    """The message that stands for the pairs of a map field."""
    if field.type != MESSAGE_TYPE or field.label != REPEATED:
        return None
    entries = (nested for nested in message.proto.nested_type if nested.options.map_entry)
    return next((entry for entry in entries if type_of(field) == f"{message.full_name}.{entry.name}"), None)


def is_payload_member(message: Element, field: Any) -> bool:
    """Whether the field belongs to a oneof that is called `payload`."""
    return bool(field.HasField("oneof_index") and message.proto.oneof_decl[field.oneof_index].name == "payload")


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


def written(type_name: str, package: str) -> str:
    """How to write the fully qualified type in a file of that package: short within its own.

    A first word that is also a later one of the package would be taken for that: a dot in front makes it the first.
    """
    prefix = f"{package}." if package else ""
    if type_name.startswith(prefix):
        return type_name.removeprefix(prefix)
    hidden = type_name.partition(".")[0] in package.split(".")[1:]
    return f".{type_name}" if hidden else type_name


def declaration(module: Module, file: File, type_name: str, field: str, optional: bool = False) -> str:
    """`type field;` as it can be pasted into a message of the file, and the import that it needs there."""
    label = "optional " if optional or file.proto.syntax in ("", "proto2") else ""
    return f"{label}{written(type_name, file.package)} {field};{_import(module, file, type_name)}"


def _import(module: Module, file: File, type_name: str) -> str:
    holder = module.types.get(type_name)
    path = holder.file.name if holder else _KNOWN_FILES.get(type_name, "")
    return f'\nimport "{path}";' if path and path not in _visible(module, file) else ""


def _visible(module: Module, file: File) -> set[str]:
    """The file, what it imports, and what these import publicly."""
    files = {each.name: each for each in (*module.files, *module.imports)}
    seen = {file.name}
    pending = list(file.proto.dependency)
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            proto = files[name].proto if name in files else None
            pending += [proto.dependency[index] for index in proto.public_dependency] if proto else []
    return seen


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


@lru_cache(maxsize=1)
def shared_enum(module: Module, name: str, segment: str) -> str:
    """The enum of that name in a package that has the segment: what most events use, of all that the module knows."""
    found = [
        element.full_name
        for element in module.types.values()
        if element.kind == "enum" and is_shared(element.full_name, name, segment)
    ]
    used = Counter(type_of(field) for event in events(module) for field in event.proto.field if field.type == ENUM_TYPE)
    return min(found, key=lambda enum: (-used[enum], enum), default="")


def is_shared(type_name: str, name: str, segment: str) -> bool:
    return short(type_name) == name and segment in type_name.split(".")[:-1]
