"""Changes of fields: what they are called, by which number they go, whether they are there, and their presence."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from law import generate
from law.model import OPTIONAL, REPEATED, REQUIRED, Features, Named, Schema, Unfit, camel, entry_of

Mutation = Callable[[Random, Schema], None]


def pick(rng: Random, schema: Schema, *, free: bool = False) -> tuple[Named, Any]:
    """`free`: not a member of a oneof, a group or a map."""
    fields = list(schema.fields())
    if free:
        fields = [
            (message, field)
            for message, field in fields
            if not _is_member(field) and field.type != 10 and entry_of(message.proto, field) is None
        ]
    return rng.choice(fields)


def _is_member(field: Any) -> bool:
    return bool(field.HasField("oneof_index") and not field.proto3_optional)


def rename(field: Any, name: str) -> None:
    field.name, field.json_name = name, camel(name)


def _added(rng: Random, schema: Schema) -> None:
    message = rng.choice(list(schema.messages()))
    generate.add_field(rng, schema, message.name, message.proto, message.file)


def _added_message(rng: Random, schema: Schema) -> None:
    message = rng.choice(list(schema.messages()))
    made = message.file.message_type.add(name="Brand")
    generate.add_field(rng, schema, f"{message.file.package}.Brand", made, message.file)
    field = generate.add_field(rng, schema, message.name, message.proto, message.file)
    field.type, field.type_name = 11, f".{message.file.package}.Brand"


def remove(message: Named, field: Any) -> None:
    message.proto.field.remove(field)


def _removed(rng: Random, schema: Schema) -> None:
    remove(*pick(rng, schema))


def _removed_reserved(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    message.proto.reserved_range.add(start=field.number, end=field.number + 1)
    message.proto.reserved_name.append(field.name)
    remove(message, field)


def _removed_number_reserved(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    message.proto.reserved_range.add(start=field.number, end=field.number + 1)
    remove(message, field)


def _renamed(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    rename(field, generate.free_name(rng, message.proto))


def _renamed_keeping_json(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    field.name = generate.free_name(rng, message.proto)


def _json_name(rng: Random, schema: Schema) -> None:
    _, field = pick(rng, schema)
    others = [camel(each) for each in generate.NAMES]
    field.json_name = rng.choice([field.name, f"{field.json_name}X", *others])


def _renumbered(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    field.number = generate.free_number(rng, message.proto)


def _names_swapped(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    other = rng.choice([each for each in message.proto.field if each is not field])
    field.name, other.name = other.name, field.name
    field.json_name, other.json_name = other.json_name, field.json_name


def _numbers_swapped(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    other = rng.choice([each for each in message.proto.field if each is not field])
    field.number, other.number = other.number, field.number


def _json_names_swapped(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    other = rng.choice([each for each in message.proto.field if each is not field])
    field.json_name, other.json_name = other.json_name, field.json_name


def _name_reused(rng: Random, schema: Schema) -> None:
    """Gone, its number reserved, and there again under another number, maybe as something else."""
    message, field = pick(rng, schema, free=True)
    message.proto.reserved_range.add(start=field.number, end=field.number + 1)
    field.number = generate.free_number(rng, message.proto)
    if rng.random() < 0.7:
        generate.set_type(rng, schema, field, message.file)


def _number_reused(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema, free=True)
    message.proto.reserved_name.append(field.name)
    rename(field, generate.free_name(rng, message.proto))
    generate.set_type(rng, schema, field, message.file)


def _replaced(rng: Random, schema: Schema) -> None:
    """Another field altogether under the same number."""
    message, field = pick(rng, schema)
    number = field.number
    remove(message, field)
    generate.add_field(rng, schema, message.name, message.proto, message.file).number = number


def _moved_to_the_end(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    copy = type(field).FromString(field.SerializeToString())
    remove(message, field)
    message.proto.field.append(copy)


def _reserved(rng: Random, schema: Schema) -> None:
    message = rng.choice(list(schema.messages()))
    number = generate.free_number(rng, message.proto)
    message.proto.reserved_range.add(start=number, end=number + 1)
    message.proto.reserved_name.append(generate.free_name(rng, message.proto))


def _optional(rng: Random, schema: Schema) -> None:
    """Has presence now, or has it no more."""
    message, field = pick(rng, schema, free=True)
    if field.label != OPTIONAL or generate.is_proto2(message.file):
        raise Unfit
    if generate.is_proto3(message.file):
        field.proto3_optional = not field.proto3_optional
        return
    features = field.options.features
    explicit = features.field_presence == Features.EXPLICIT
    features.field_presence = Features.IMPLICIT if explicit or rng.random() < 0.5 else Features.EXPLICIT


def _required(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema, free=True)
    if field.label == REPEATED or generate.is_proto3(message.file):
        raise Unfit
    if generate.is_proto2(message.file):
        field.label = OPTIONAL if field.label == REQUIRED else REQUIRED
        return
    features = field.options.features
    required = features.field_presence == Features.LEGACY_REQUIRED
    features.field_presence = Features.EXPLICIT if required else Features.LEGACY_REQUIRED


def _required_added(rng: Random, schema: Schema) -> None:
    messages = [each for each in schema.messages() if generate.is_proto2(each.file)]
    message = rng.choice(messages)
    field = generate.add_member(rng, schema, message.name, message.proto, message.file, 0)
    field.ClearField("oneof_index")
    field.label = REQUIRED


def _default(rng: Random, schema: Schema) -> None:
    _, field = pick(rng, schema, free=True)
    if field.HasField("default_value") and rng.random() < 0.5:
        field.ClearField("default_value")
    else:
        generate.give_default(rng, field)


MUTATIONS: dict[str, Mutation] = {
    "field added": _added,
    "field of a new message added": _added_message,
    "field removed": _removed,
    "field removed, number and name reserved": _removed_reserved,
    "field removed, number reserved": _removed_number_reserved,
    "field renamed": _renamed,
    "field renamed, json_name kept": _renamed_keeping_json,
    "json_name changed": _json_name,
    "field renumbered": _renumbered,
    "names of two fields swapped": _names_swapped,
    "numbers of two fields swapped": _numbers_swapped,
    "JSON names of two fields swapped": _json_names_swapped,
    "name reused": _name_reused,
    "number reused": _number_reused,
    "field replaced": _replaced,
    "field moved": _moved_to_the_end,
    "reservation added": _reserved,
    "presence changed": _optional,
    "required changed": _required,
    "required field added": _required_added,
    "default changed": _default,
}
