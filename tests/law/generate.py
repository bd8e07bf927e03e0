"""Random schemas: every syntax, kind of field and well-known type that events are made of."""

from __future__ import annotations

from random import Random
from typing import Any

from law.model import (
    DECLARED_IN,
    ENUM,
    GROUP,
    MESSAGE,
    OPTIONAL,
    REPEATED,
    REQUIRED,
    SCALARS,
    STRING,
    Features,
    Field,
    File,
    Schema,
    camel,
    settle,
)

NAMES = (
    "user_id", "name", "email", "status", "created_at", "amount", "note", "tags", "items", "data", "kind", "parent",
    "flags", "score", "line_1", "geo_lat_deg", "x", "is_new", "blob", "total_cents",
)  # fmt: skip
MAP_KEYS = (3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 18)
EDITION_2023 = 1000
SYNTAXES = ("proto2", "proto3", "proto3", "editions")
_MESSAGES = ("User", "Item", "Address", "Money")


def schema(rng: Random) -> Schema:
    files = [_file(rng, "shared", ("Shared",))] if rng.random() < 0.25 else []
    files.append(_file(rng, "users", ("Event", *_MESSAGES[: rng.randint(1, 4)])))
    found = Schema(files, "acme.users.v1.Event")
    for message in list(found.messages()):
        _fill(rng, found, message.name, message.proto, message.file)
    _connect(rng, found)
    _extend(rng, found)
    settle(found)
    return found


def is_proto3(file: Any) -> bool:
    return str(file.syntax) == "proto3"


def is_proto2(file: Any) -> bool:
    return file.syntax in ("", "proto2")


def _file(rng: Random, name: str, messages: tuple[str, ...]) -> Any:
    file = File(name=f"acme/{name}/v1/{name}.proto", package=f"acme.{name}.v1", syntax=rng.choice(SYNTAXES))
    if file.syntax == "editions":
        file.edition = EDITION_2023
        _features(rng, file.options.features)
    for each in messages:
        message = file.message_type.add(name=each)
        if rng.random() < 0.3:
            message.nested_type.add(name="Detail")
    for each in ("Kind", "State")[: rng.randint(1, 2)]:
        holder = rng.choice([file, *file.message_type])
        enum = holder.enum_type.add(name=f"{each}{name.capitalize()}")
        _values(rng, enum, closed=is_proto2(file) and rng.random() < 0.3)
    return file


def _features(rng: Random, features: Any) -> None:
    """What a whole file chooses."""
    choices = {
        "field_presence": Features.IMPLICIT,
        "enum_type": Features.CLOSED,
        "repeated_field_encoding": Features.EXPANDED,
        "utf8_validation": Features.NONE,
        "message_encoding": Features.DELIMITED,
    }
    for name, value in choices.items():
        if rng.random() < 0.2:
            setattr(features, name, value)


def _values(rng: Random, enum: Any, closed: bool) -> None:
    prefix = enum.name.upper()
    numbers = [rng.choice((1, 3, -1)) if closed else 0, *rng.sample((1, 2, 3, 7, 1000, -1, -5, 2**31 - 1), 3)]
    names = ("UNSPECIFIED", "A", "B", "C")
    for name, number in list(dict(zip(names, dict.fromkeys(numbers), strict=False)).items())[: rng.randint(2, 4)]:
        enum.value.add(name=f"{prefix}_{name}", number=number)
    if rng.random() < 0.2:
        enum.options.allow_alias = True
        enum.value.add(name=f"{prefix}_ALIAS", number=enum.value[-1].number)


def _fill(rng: Random, schema: Schema, name: str, proto: Any, file: Any) -> None:
    for _ in range(rng.randint(1, 6)):
        add_field(rng, schema, name, proto, file)
    for oneof in range(rng.choice((0, 0, 1, 1, 2))):
        proto.oneof_decl.add(name=("which", "what")[oneof])
        for _ in range(rng.randint(1, 3)):
            add_member(rng, schema, name, proto, file, oneof)


def free_number(rng: Random, proto: Any) -> int:
    taken = {field.number for field in proto.field}
    return int(rng.choice([each for each in (*range(1, 30), 2047, 2048) if each not in taken]))


def free_name(rng: Random, proto: Any) -> str:
    taken = {field.name for field in proto.field}
    return rng.choice([each for each in NAMES if each not in taken])


def add_field(rng: Random, schema: Schema, name: str, proto: Any, file: Any) -> Any:
    """A field of any kind; `name` is the message's full name."""
    field = _new(rng, proto)
    roll = rng.random()
    if roll < 0.15:
        _make_map(rng, schema, name, proto, field, file)
    elif roll < 0.2 and is_proto2(file):
        _make_group(rng, proto, name, field)
    else:
        set_type(rng, schema, field, file)
        field.label = REPEATED if rng.random() < 0.3 else OPTIONAL
        _choose_presence(rng, field, file)
        _choose_options(rng, field, file)
    return field


def add_member(rng: Random, schema: Schema, name: str, proto: Any, file: Any, oneof: int) -> Any:
    field = _new(rng, proto)
    set_type(rng, schema, field, file)
    field.label, field.oneof_index = OPTIONAL, oneof
    return field


def _new(rng: Random, proto: Any) -> Any:
    name, number = free_name(rng, proto), free_number(rng, proto)
    return proto.field.add(name=name, json_name=camel(name), number=number, label=OPTIONAL)


def set_type(rng: Random, schema: Schema, field: Any, file: Any, only: str = "") -> None:
    """`only`: `scalar`, `enum`, `message` or `well-known`."""
    wanted = only or rng.choices(("scalar", "enum", "message", "well-known"), (10, 4, 4, 3))[0]
    field.ClearField("type_name")
    if wanted == "scalar":
        field.type = rng.choice(SCALARS)
        return
    if wanted == "well-known":
        field.type, field.type_name = MESSAGE, f".{rng.choice(tuple(DECLARED_IN))}"
        return
    found = schema.enums() if wanted == "enum" else schema.messages()
    visible = [each.name for each in found if each.file is file or each.file is schema.files[0]]
    field.type = ENUM if wanted == "enum" else MESSAGE
    field.type_name = f".{rng.choice(visible)}"


def _choose_presence(rng: Random, field: Any, file: Any) -> None:
    if field.label == REPEATED:
        return
    if is_proto3(file):
        field.proto3_optional = rng.random() < 0.25
    elif is_proto2(file):
        field.label = REQUIRED if rng.random() < 0.1 else OPTIONAL
    elif field.type != MESSAGE and rng.random() < 0.4:
        chosen = rng.choice((Features.IMPLICIT, Features.LEGACY_REQUIRED, Features.EXPLICIT))
        field.options.features.field_presence = chosen


def _choose_options(rng: Random, field: Any, file: Any) -> None:
    if rng.random() < 0.08:
        field.json_name = f"{camel(field.name)}Json"
    if field.label == REPEATED and field.type in SCALARS and field.type not in (STRING, 12) and rng.random() < 0.3:
        toggle_packed(rng, field, file)
    if field.label == OPTIONAL and is_proto2(file) and rng.random() < 0.2:
        give_default(rng, field)
    if field.type == MESSAGE and file.syntax == "editions" and rng.random() < 0.2:
        field.options.features.message_encoding = Features.DELIMITED


def toggle_packed(rng: Random, field: Any, file: Any) -> None:
    if file.syntax == "editions":
        field.options.features.repeated_field_encoding = rng.choice((Features.PACKED, Features.EXPANDED))
    else:
        field.options.packed = not field.options.packed


def give_default(rng: Random, field: Any) -> None:
    if field.type in (3, 4, 5, 6, 7, 13, 15, 16, 17, 18, 1, 2):
        field.default_value = rng.choice(("1", "7", "42"))
    elif field.type == 8:
        field.default_value = "true"
    elif field.type == STRING:
        field.default_value = rng.choice(("a", "none"))


def _make_map(rng: Random, schema: Schema, name: str, proto: Any, field: Any, file: Any) -> None:
    value = Field()
    set_type(rng, schema, value, file)
    make_map(name, proto, field, rng.choice(MAP_KEYS), value)


def make_map(name: str, proto: Any, field: Any, key: int, value: Any) -> None:
    """protoc's name of an entry is made of that of the field."""
    entry = proto.nested_type.add(name=camel(f"_{field.name}_entry"))
    entry.options.map_entry = True
    entry.field.add(name="key", json_name="key", number=1, label=OPTIONAL, type=key)
    entry.field.add(name="value", json_name="value", number=2, label=OPTIONAL, type=value.type)
    if value.type_name:
        entry.field[1].type_name = value.type_name
    field.type, field.label, field.type_name = MESSAGE, REPEATED, f".{name}.{entry.name}"


def _make_group(rng: Random, proto: Any, name: str, field: Any) -> None:
    group = proto.nested_type.add(name=f"Group{len(proto.nested_type)}")
    group.field.add(name="inner", json_name="inner", number=1, label=OPTIONAL, type=rng.choice(SCALARS))
    group.field.add(name="more", json_name="more", number=2, label=REPEATED, type=rng.choice(SCALARS))
    field.name = field.json_name = group.name.lower()
    field.type, field.type_name = GROUP, f".{name}.{group.name}"


def _connect(rng: Random, schema: Schema) -> None:
    """Lets the root reach every message and enum."""
    root = next(each for each in schema.messages() if each.name == schema.root)
    named = [(MESSAGE, each.name) for each in schema.messages() if each.name != schema.root]
    named += [(ENUM, each.name) for each in schema.enums()]
    for number, (kind, name) in enumerate(named, 40):
        word = f"to_{name.rpartition('.')[2].lower()}_{number}"
        label = rng.choice((OPTIONAL, OPTIONAL, REPEATED))
        root.proto.field.add(
            name=word, json_name=camel(word), number=number, label=label, type=kind, type_name=f".{name}"
        )


def _extend(rng: Random, schema: Schema) -> None:
    for message in list(schema.messages()):
        if not is_proto3(message.file) and rng.random() < 0.3:
            message.proto.extension_range.add(start=100, end=200)
            for index in range(rng.randint(1, 2)):
                add_extension(rng, schema, message, index)


def add_extension(rng: Random, schema: Schema, message: Any, index: int) -> None:
    holder = rng.choice((message.file, message.proto))
    taken = [each.number for _, each in schema.extensions()]
    number = next(each for each in range(100 + index, 200) if each not in taken)
    field = holder.extension.add(name=f"ext_{number}", number=number, extendee=f".{message.name}")
    field.label = rng.choice((OPTIONAL, REPEATED))
    set_type(rng, schema, field, message.file)
