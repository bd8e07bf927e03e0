"""What a file declares and what it names: types by full name, extensions as `+.message:number`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.image import File

DESCRIPTOR = "google/protobuf/descriptor.proto"


def declared(file: File) -> Iterator[str]:
    """Full names that no other file of a pool may declare; nested ones follow from these.

    An enum's values stand beside the enum, not in it.
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
    """Types of fields and methods, messages that are extended, and custom options that are set."""
    found: set[str] = set()
    proto = file.proto
    found.update(_custom(proto, "File"))
    for message in proto.message_type:
        found.update(_of_message(message))
    for enum in proto.enum_type:
        found.update(_of_enum(enum))
    for service in proto.service:
        found.update(_custom(service, "Service"))
        for method in service.method:
            found.update((method.input_type[1:], method.output_type[1:], *_custom(method, "Method")))
    for extension in proto.extension:
        found.update(_of_field(extension))
    found.discard("")
    return found


def _of_message(message: Any) -> Iterator[str]:
    yield from _custom(message, "Message")
    for field in (*message.field, *message.extension):
        yield from _of_field(field)
    for oneof in message.oneof_decl:
        yield from _custom(oneof, "Oneof")
    for range in message.extension_range:
        yield from _custom(range, "ExtensionRange")
    for enum in message.enum_type:
        yield from _of_enum(enum)
    for nested in message.nested_type:
        yield from _of_message(nested)


def _of_field(field: Any) -> Iterator[str]:
    yield field.type_name[1:]
    yield field.extendee[1:]
    yield from _custom(field, "Field")


def _of_enum(enum: Any) -> Iterator[str]:
    yield from _custom(enum, "Enum")
    for value in enum.value:
        yield from _custom(value, "EnumValue")


def _custom(proto: Any, kind: str) -> Iterator[str]:
    """The extensions among the options; also of those that the private schema knows."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    if not proto.HasField("options"):
        return
    owner = f".google.protobuf.{kind}Options"
    for unknown in UnknownFieldSet(proto.options):
        yield f"+{owner}:{unknown.field_number}"
    for field, _ in proto.options.ListFields():
        if field.is_extension:
            yield f"+{owner}:{field.number}"
