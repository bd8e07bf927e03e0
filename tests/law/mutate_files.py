"""Changes of messages and files as a whole, and of extensions."""

from __future__ import annotations

from random import Random

from law import generate
from law.model import OPTIONAL, REPEATED, Features, Field, Schema, Unfit
from law.mutate_fields import Mutation, pick


def _message_renamed(rng: Random, schema: Schema) -> None:
    message = rng.choice(list(schema.messages()))
    new = f"{message.name.rpartition('.')[0]}.Renamed{message.proto.name}"
    schema.rename_type(message.name, new)
    message.proto.name = f"Renamed{message.proto.name}"


def _package_renamed(rng: Random, schema: Schema) -> None:
    file = rng.choice(schema.files)
    old, new = file.package, file.package.replace("v1", "v2")
    file.package = new
    for field in schema.typed():
        for attribute in ("type_name", "extendee"):
            if getattr(field, attribute).startswith(f".{old}."):
                setattr(field, attribute, f".{new}{getattr(field, attribute)[len(old) + 1 :]}")
    if schema.root.startswith(f"{old}."):
        schema.root = new + schema.root[len(old) :]


def _extension(rng: Random, schema: Schema) -> None:
    extensible = [each for each in schema.messages() if each.proto.extension_range]
    declared = list(schema.extensions())
    if not declared or rng.random() < 0.2:
        message = rng.choice(extensible)
        generate.add_extension(rng, schema, message, rng.randint(0, 50))
        return
    holder, field = rng.choice(declared)
    file = next(each for each in schema.files if each.package in field.extendee)
    change = rng.choice(("removed", "renamed", "renumbered", "retyped", "relabelled"))
    if change == "removed":
        holder.extension.remove(field)
    elif change == "renamed":
        field.name = f"{field.name}_new"
    elif change == "renumbered":
        field.number += 50
    elif change == "retyped":
        generate.set_type(rng, schema, field, file)
    else:
        field.label = OPTIONAL if field.label == REPEATED else REPEATED


def _field_to_extension(rng: Random, schema: Schema) -> None:
    """Declared elsewhere from now on, or in the message itself."""
    message, field = pick(rng, schema, free=True)
    if generate.is_proto3(message.file) or field.label == 2:
        raise Unfit
    copy = Field.FromString(field.SerializeToString())
    message.proto.field.remove(field)
    copy.ClearField("json_name")
    copy.extendee = f".{message.name}"
    message.proto.extension_range.add(start=copy.number, end=copy.number + 1)
    message.file.extension.append(copy)


def _syntax(rng: Random, schema: Schema) -> None:
    """Of a whole file; what that leaves invalid is not taken."""
    file = rng.choice(schema.files)
    syntax = rng.choice([each for each in ("proto2", "proto3", "editions") if each != file.syntax])
    file.syntax = syntax
    file.ClearField("edition")
    if syntax == "editions":
        file.edition = generate.EDITION_2023
    file.options.ClearField("features")
    for _, field in Schema([file], "").fields():
        field.options.ClearField("features")
        field.proto3_optional = False


def _file_feature(rng: Random, schema: Schema) -> None:
    file = rng.choice([each for each in schema.files if each.syntax == "editions"])
    name, *values = rng.choice(
        (
            ("field_presence", Features.EXPLICIT, Features.IMPLICIT),
            ("enum_type", Features.OPEN, Features.CLOSED),
            ("repeated_field_encoding", Features.PACKED, Features.EXPANDED),
            ("utf8_validation", Features.VERIFY, Features.NONE),
            ("message_encoding", Features.LENGTH_PREFIXED, Features.DELIMITED),
        )
    )
    setattr(file.options.features, str(name), rng.choice(values))


MUTATIONS: dict[str, Mutation] = {
    "message renamed": _message_renamed,
    "package renamed": _package_renamed,
    "extension changed": _extension,
    "field to extension": _field_to_extension,
    "syntax changed": _syntax,
    "file feature changed": _file_feature,
}
