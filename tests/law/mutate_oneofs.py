"""Changes of oneofs: fields that move into them, out of them and from one to another."""

from __future__ import annotations

from random import Random
from typing import Any

from law import generate
from law.model import OPTIONAL, Named, Schema, Unfit, entry_of, is_real
from law.mutate_fields import Mutation


def _eligible(message: Named) -> list[Any]:
    return [
        field
        for field in message.proto.field
        if field.label == OPTIONAL and not _is_member(field) and entry_of(message.proto, field) is None
    ]


def _is_member(field: Any) -> bool:
    return bool(field.HasField("oneof_index") and not field.proto3_optional)


def _with_oneof(rng: Random, schema: Schema) -> tuple[Named, int]:
    found = [
        (message, index)
        for message in schema.messages()
        for index, _ in enumerate(message.proto.oneof_decl)
        if is_real(message.proto, index)
    ]
    return rng.choice(found)


def _join(field: Any, index: int) -> None:
    field.proto3_optional = False
    field.options.ClearField("features")
    field.oneof_index = index


def _into_new(rng: Random, schema: Schema, count: int) -> None:
    message = rng.choice([each for each in schema.messages() if len(_eligible(each)) >= count])
    fields = rng.sample(_eligible(message), count)
    message.proto.oneof_decl.add(name="chosen")
    for field in fields:
        _join(field, len(message.proto.oneof_decl) - 1)


def _one_into_new(rng: Random, schema: Schema) -> None:
    _into_new(rng, schema, 1)


def _two_into_new(rng: Random, schema: Schema) -> None:
    _into_new(rng, schema, 2)


def _into_existing(rng: Random, schema: Schema) -> None:
    message, index = _with_oneof(rng, schema)
    _join(rng.choice(_eligible(message)), index)


def _member(rng: Random, schema: Schema) -> tuple[Named, Any]:
    return rng.choice([(message, field) for message, field in schema.fields() if _is_member(field)])


def _out_of(rng: Random, schema: Schema) -> None:
    _, field = _member(rng, schema)
    field.ClearField("oneof_index")


def _dissolved(rng: Random, schema: Schema) -> None:
    message, index = _with_oneof(rng, schema)
    for field in message.proto.field:
        if _is_member(field) and field.oneof_index == index:
            field.ClearField("oneof_index")


def _split(rng: Random, schema: Schema) -> None:
    message, field = _member(rng, schema)
    message.proto.oneof_decl.add(name="another")
    field.oneof_index = len(message.proto.oneof_decl) - 1


def _merged(rng: Random, schema: Schema) -> None:
    message, index = _with_oneof(rng, schema)
    others = [each for each in range(len(message.proto.oneof_decl)) if each != index and is_real(message.proto, each)]
    other = rng.choice(others)
    for field in message.proto.field:
        if field.HasField("oneof_index") and field.oneof_index == other:
            field.oneof_index = index


def _added(rng: Random, schema: Schema) -> None:
    message, index = _with_oneof(rng, schema)
    generate.add_member(rng, schema, message.name, message.proto, message.file, index)


def _removed(rng: Random, schema: Schema) -> None:
    message, field = _member(rng, schema)
    message.proto.reserved_range.add(start=field.number, end=field.number + 1)
    message.proto.reserved_name.append(field.name)
    message.proto.field.remove(field)


def _renamed(rng: Random, schema: Schema) -> None:
    message, index = _with_oneof(rng, schema)
    if any(oneof.name == "renamed" for oneof in message.proto.oneof_decl):
        raise Unfit
    message.proto.oneof_decl[index].name = "renamed"


def _new_with_member(rng: Random, schema: Schema) -> None:
    """One that was there and one that is new share a oneof."""
    message = rng.choice([each for each in schema.messages() if _eligible(each)])
    field = rng.choice(_eligible(message))
    message.proto.oneof_decl.add(name="fresh")
    index = len(message.proto.oneof_decl) - 1
    generate.add_member(rng, schema, message.name, message.proto, message.file, index)
    _join(field, index)


MUTATIONS: dict[str, Mutation] = {
    "one field into a new oneof": _one_into_new,
    "one field and a new one into a new oneof": _new_with_member,
    "two fields into a new oneof": _two_into_new,
    "field into a oneof": _into_existing,
    "field out of a oneof": _out_of,
    "oneof dissolved": _dissolved,
    "oneof split": _split,
    "oneofs merged": _merged,
    "oneof member added": _added,
    "oneof member removed": _removed,
    "oneof renamed": _renamed,
}
