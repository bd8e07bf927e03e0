"""Changes of what fields hold: types, cardinality, maps and groups."""

from __future__ import annotations

from random import Random
from typing import Any

from law import generate
from law.model import (
    BYTES,
    DECLARED_IN,
    ENUM,
    GROUP,
    MESSAGE,
    OPTIONAL,
    REPEATED,
    SCALARS,
    STRING,
    Features,
    Field,
    Named,
    Schema,
    Unfit,
    entry_of,
)
from law.mutate_fields import Mutation, pick

_KIN = (
    ("google.protobuf.StringValue", STRING), ("google.protobuf.BytesValue", BYTES),
    ("google.protobuf.Int32Value", 5), ("google.protobuf.Int64Value", 3), ("google.protobuf.UInt32Value", 13),
    ("google.protobuf.UInt64Value", 4), ("google.protobuf.BoolValue", 8), ("google.protobuf.DoubleValue", 1),
    ("google.protobuf.FloatValue", 2), ("google.protobuf.Timestamp", STRING), ("google.protobuf.Timestamp", 3),
    ("google.protobuf.Duration", STRING), ("google.protobuf.FieldMask", STRING),
)  # fmt: skip


def _target(rng: Random, schema: Schema) -> tuple[Named, Any]:
    """A field, or the value of a map, whose type can be changed."""
    message, field = pick(rng, schema)
    entry = entry_of(message.proto, field)
    if field.type == GROUP:
        raise Unfit
    field.ClearField("default_value")
    return message, entry.field[1] if entry is not None else field


def _scalar(rng: Random, schema: Schema) -> None:
    _, field = _target(rng, schema)
    if field.type not in SCALARS:
        raise Unfit
    field.type = rng.choice(SCALARS)


def _kind(rng: Random, schema: Schema) -> None:
    message, field = _target(rng, schema)
    generate.set_type(rng, schema, field, message.file)


def _enum_or_number(rng: Random, schema: Schema) -> None:
    message, field = _target(rng, schema)
    if field.type == ENUM:
        field.ClearField("type_name")
        field.type = rng.choice((3, 4, 5, 8, 13, 17, STRING, STRING, BYTES))
    elif field.type in SCALARS:
        generate.set_type(rng, schema, field, message.file, "enum")
    else:
        raise Unfit


def _well_known(rng: Random, schema: Schema) -> None:
    """A well-known type and what looks like it in JSON, or another well-known one."""
    message, field = _target(rng, schema)
    name = field.type_name[1:]
    if field.type in SCALARS:
        field.type, field.type_name = MESSAGE, f".{rng.choice([name for name, kind in _KIN if kind == field.type])}"
    elif name in DECLARED_IN and rng.random() < 0.7:
        field.type = rng.choice([kind for known, kind in _KIN if known == name])
        field.ClearField("type_name")
    elif name in DECLARED_IN:
        generate.set_type(rng, schema, field, message.file, "well-known")
    else:
        raise Unfit


def _message_to_struct(rng: Random, schema: Schema) -> None:
    _, field = _target(rng, schema)
    if field.type != MESSAGE:
        raise Unfit
    name = rng.choice(("Struct", "Value", "Any", "Empty", "ListValue"))
    field.type_name = f".google.protobuf.{name}"


def _map_key(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    entry = entry_of(message.proto, field)
    if entry is None:
        raise Unfit
    entry.field[0].type = rng.choice(generate.MAP_KEYS)


def _cardinality(rng: Random, schema: Schema) -> None:
    _, field = pick(rng, schema, free=True)
    field.ClearField("default_value")
    field.proto3_optional = False
    field.options.ClearField("packed")
    field.options.ClearField("features")
    field.label = OPTIONAL if field.label == REPEATED else REPEATED


def _map_to_repeated(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema)
    entry = entry_of(message.proto, field)
    if entry is None:
        raise Unfit
    made = message.proto.nested_type.add(name=f"Plain{entry.name}")
    for each in entry.field:
        made.field.append(each)
    field.type_name = f".{message.name}.{made.name}"


def _repeated_to_map(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema, free=True)
    if field.label != REPEATED or field.type not in (MESSAGE, *SCALARS):
        raise Unfit
    value = Field(type=field.type, type_name=field.type_name)
    field.ClearField("options")
    generate.make_map(message.name, message.proto, field, rng.choice(generate.MAP_KEYS), value)


def _packed(rng: Random, schema: Schema) -> None:
    message, field = pick(rng, schema, free=True)
    if field.label != REPEATED or field.type not in (*SCALARS, ENUM) or field.type in (STRING, BYTES):
        raise Unfit
    generate.toggle_packed(rng, field, message.file)


def _group(rng: Random, schema: Schema) -> None:
    """Between a group and a message, however the syntax writes that."""
    message, field = pick(rng, schema)
    if field.type == GROUP:
        field.type = MESSAGE
    elif field.type == MESSAGE and message.file.syntax == "editions" and entry_of(message.proto, field) is None:
        features = field.options.features
        delimited = features.message_encoding == Features.DELIMITED
        features.message_encoding = Features.LENGTH_PREFIXED if delimited else Features.DELIMITED
    else:
        raise Unfit


def _same_shape(rng: Random, schema: Schema) -> None:
    """Another message that looks the same, or nearly."""
    message, field = pick(rng, schema)
    found = [each for each in schema.messages() if field.type == MESSAGE and f".{each.name}" == field.type_name]
    if not found or found[0].file is not message.file or entry_of(message.proto, field) is not None:
        raise Unfit
    copy = message.file.message_type.add()
    copy.CopyFrom(found[0].proto)
    copy.name = f"{copy.name}Copy"
    _repoint(copy, found[0].name, f"{message.file.package}.{copy.name}")
    field.type_name = f".{message.file.package}.{copy.name}"
    if rng.random() < 0.4 and copy.field:
        del copy.field[rng.randrange(len(copy.field))]


def _repoint(copy: Any, old: str, new: str) -> None:
    """What the copy has nested is its own."""
    if copy.extension:
        raise Unfit
    for field in (*copy.field, *(each for nested in copy.nested_type for each in nested.field)):
        if field.type_name.startswith(f".{old}."):
            field.type_name = f".{new}{field.type_name[len(old) + 1 :]}"


def _other_message(rng: Random, schema: Schema) -> None:
    message, field = _target(rng, schema)
    if field.type != MESSAGE:
        raise Unfit
    generate.set_type(rng, schema, field, message.file, "message")


MUTATIONS: dict[str, Mutation] = {
    "scalar type changed": _scalar,
    "kind of type changed": _kind,
    "enum and number or string": _enum_or_number,
    "well-known type and its like": _well_known,
    "message to Struct or Any": _message_to_struct,
    "map key changed": _map_key,
    "cardinality changed": _cardinality,
    "map to repeated entry": _map_to_repeated,
    "repeated to map": _repeated_to_map,
    "packed changed": _packed,
    "group and message": _group,
    "message of the same shape": _same_shape,
    "another message": _other_message,
}
