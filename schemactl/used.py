"""What of other people's files a package uses: the types it reaches, and the options it sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def used(own: Mapping[str, bytes], provided: Mapping[str, bytes]) -> dict[str, bytes]:
    """The provided files less what no file of `own` reaches; those of which nothing is left are missing.

    Whoever provides them may have them in another version: what nobody uses may differ.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    mine = [FileDescriptorProto.FromString(each) for each in own.values()]
    theirs = {name: FileDescriptorProto.FromString(each) for name, each in provided.items()}
    types = {f".{name}": each for file in theirs.values() for name, each in _types(file)}
    options = _numbers(mine)
    kept: set[str] = set()
    pending = [name for file in mine for name in _names(file)]
    for file in theirs.values():
        for extension in _extensions(file):
            if (extension.extendee, extension.number) in options or extension.extendee in pending:
                pending.append(extension.type_name)
    while pending:
        name = pending.pop()
        if name in types and name not in kept:
            kept.add(name)
            pending += [field.type_name for field in getattr(types[name], "field", ())]
    left = {name: _pruned(file, kept, options) for name, file in theirs.items()}
    return {name: file.SerializeToString(deterministic=True) for name, file in left.items() if file is not None}


def _types(file: Any) -> Iterator[tuple[str, Any]]:
    """Messages and enums, nested ones too, by their full name."""
    prefix = f"{file.package}." if file.package else ""
    pending = [(f"{prefix}{each.name}", each) for each in (*file.message_type, *file.enum_type)]
    while pending:
        name, each = pending.pop()
        yield name, each
        nested = (*getattr(each, "nested_type", ()), *getattr(each, "enum_type", ()))
        pending += [(f"{name}.{one.name}", one) for one in nested]


def _extensions(file: Any) -> Iterator[Any]:
    yield from file.extension
    for _, each in _types(file):
        yield from getattr(each, "extension", ())


def _names(file: Any) -> Iterator[str]:
    """Types that the elements of a file name."""
    for _, each in _types(file):
        yield from (field.type_name for field in getattr(each, "field", ()))
    for extension in _extensions(file):
        yield from (extension.type_name, extension.extendee)
    for service in file.service:
        for method in service.method:
            yield from (method.input_type, method.output_type)


def _numbers(files: Iterable[Any]) -> set[tuple[str, int]]:
    """The options that are set: what they extend, and their numbers."""
    from google.protobuf.message import Message
    from google.protobuf.unknown_fields import UnknownFieldSet

    found: set[tuple[str, int]] = set()
    pending: list[Any] = list(files)
    while pending:
        message = pending.pop()
        name = message.DESCRIPTOR.full_name
        if name.endswith("Options"):
            unknown: Any = UnknownFieldSet(message)
            found.update((f".{name}", unknown[index].field_number) for index in range(len(unknown)))
        for field, value in message.ListFields():
            if field.is_extension:
                found.add((f".{name}", field.number))
            values = [value] if isinstance(value, Message) else value if field.message_type else ()
            pending += [each for each in values if isinstance(each, Message)]
    return found


def _pruned(file: Any, kept: set[str], options: set[tuple[str, int]]) -> Any:
    """The file with what is used alone; None where nothing is."""
    prefix = f".{file.package}" if file.package else ""
    found = type(file).FromString(file.SerializeToString())
    del found.service[:]
    _keep_extensions(found, kept, options)
    _keep_types(found.enum_type, prefix, kept)
    for index in reversed(range(len(found.message_type))):
        if not _keep_message(found.message_type[index], f"{prefix}.{found.message_type[index].name}", kept, options):
            del found.message_type[index]
    return found if found.message_type or found.enum_type or found.extension else None


def _keep_message(message: Any, name: str, kept: set[str], options: set[tuple[str, int]]) -> bool:
    """A message that is not used itself may hold types that are."""
    if name not in kept:
        for part in ("field", "oneof_decl", "extension_range", "reserved_range", "reserved_name"):
            message.ClearField(part)
    _keep_extensions(message, kept, options)
    _keep_types(message.enum_type, name, kept)
    for index in reversed(range(len(message.nested_type))):
        if not _keep_message(message.nested_type[index], f"{name}.{message.nested_type[index].name}", kept, options):
            del message.nested_type[index]
    return name in kept or bool(message.nested_type or message.enum_type or message.extension)


def _keep_types(enums: Any, prefix: str, kept: set[str]) -> None:
    for index in reversed(range(len(enums))):
        if f"{prefix}.{enums[index].name}" not in kept:
            del enums[index]


def _keep_extensions(holder: Any, kept: set[str], options: set[tuple[str, int]]) -> None:
    for index in reversed(range(len(holder.extension))):
        each = holder.extension[index]
        if (each.extendee, each.number) not in options and each.extendee not in kept:
            del holder.extension[index]
