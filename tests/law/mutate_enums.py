"""Changes of enums: their values' names, numbers, order and aliases, and whether they are open."""

from __future__ import annotations

from random import Random
from typing import Any

from law import generate
from law.model import ENUM, Features, Schema, Unfit
from law.mutate_fields import Mutation, pick

_NUMBERS = (2, 4, 5, 11, -2, 500)


def _pick(rng: Random, schema: Schema) -> Any:
    return rng.choice(list(schema.enums())).proto


def _fresh(rng: Random, enum: Any) -> int:
    return rng.choice([each for each in _NUMBERS if each not in [value.number for value in enum.value]])


def _insert(enum: Any, at: int, name: str, number: int) -> None:
    values = [(value.name, value.number) for value in enum.value]
    values.insert(at, (name, number))
    _set(enum, values)


def _set(enum: Any, values: list[tuple[str, int]]) -> None:
    del enum.value[:]
    for name, number in values:
        enum.value.add(name=name, number=number)
    enum.options.allow_alias = len({number for _, number in values}) < len(values)
    if not enum.options.allow_alias:
        enum.options.ClearField("allow_alias")


def _added(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    _insert(enum, rng.randint(1, len(enum.value)), f"{enum.name.upper()}_NEW", _fresh(rng, enum))


def _removed(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    index = rng.randrange(1, len(enum.value))
    _set(enum, [(each.name, each.number) for at, each in enumerate(enum.value) if at != index])


def _removed_reserved(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    index = rng.randrange(1, len(enum.value))
    gone = enum.value[index]
    if [each.number for each in enum.value].count(gone.number) == 1:
        enum.reserved_range.add(start=gone.number, end=gone.number)
    enum.reserved_name.append(gone.name)
    _set(enum, [(each.name, each.number) for at, each in enumerate(enum.value) if at != index])


def _renamed(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    value = enum.value[rng.randrange(1, len(enum.value))]
    value.name = f"{value.name}_RENAMED"


def _zero_renamed(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    enum.value[0].name = f"{enum.value[0].name}_RENAMED"


def _renumbered(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    value = enum.value[rng.randrange(0, len(enum.value))]
    old = value.number
    value.number = _fresh(rng, enum)
    _set(enum, [(each.name, each.number) for each in enum.value])
    if value.number == old:
        raise Unfit


def _alias(rng: Random, schema: Schema, offset: int) -> None:
    enum = _pick(rng, schema)
    index = rng.randrange(len(enum.value))
    _insert(enum, index + offset, f"{enum.name.upper()}_OTHER", enum.value[index].number)


def _alias_after(rng: Random, schema: Schema) -> None:
    _alias(rng, schema, 1)


def _alias_before(rng: Random, schema: Schema) -> None:
    _alias(rng, schema, 0)


def _alias_removed(rng: Random, schema: Schema) -> None:
    enum = rng.choice([each.proto for each in schema.enums() if each.proto.options.allow_alias])
    numbers = [each.number for each in enum.value]
    index = rng.choice([at for at, number in enumerate(numbers) if numbers.count(number) > 1])
    _set(enum, [(each.name, each.number) for at, each in enumerate(enum.value) if at != index])


def _aliases_swapped(rng: Random, schema: Schema) -> None:
    """The other name is printed from now on."""
    enum = rng.choice([each.proto for each in schema.enums() if each.proto.options.allow_alias])
    numbers = [each.number for each in enum.value]
    one = rng.choice([at for at, number in enumerate(numbers) if numbers.count(number) > 1])
    other = rng.choice([at for at, number in enumerate(numbers) if at != one and number == numbers[one]])
    enum.value[one].name, enum.value[other].name = enum.value[other].name, enum.value[one].name


def _names_swapped(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    one, other = rng.sample(range(len(enum.value)), 2)
    enum.value[one].name, enum.value[other].name = enum.value[other].name, enum.value[one].name


def _name_reused(rng: Random, schema: Schema) -> None:
    """A value is gone, and its name is there for another number."""
    enum = _pick(rng, schema)
    index = rng.randrange(1, len(enum.value))
    name, number = enum.value[index].name, enum.value[index].number
    enum.value[index].number = _fresh(rng, enum)
    enum.value[index].name = name
    enum.reserved_range.add(start=number, end=number)
    _set(enum, [(each.name, each.number) for each in enum.value])


def _reordered(rng: Random, schema: Schema) -> None:
    enum = _pick(rng, schema)
    values = [(each.name, each.number) for each in enum.value]
    rest = values[1:]
    rng.shuffle(rest)
    _set(enum, [values[0], *rest])


def _closed(rng: Random, schema: Schema) -> None:
    """Open or closed from now on; in editions an enum may choose."""
    found = [each for each in schema.enums() if each.file.syntax == "editions"]
    features = rng.choice(found).proto.options.features
    features.enum_type = Features.OPEN if features.enum_type == Features.CLOSED else Features.CLOSED


def _another(rng: Random, schema: Schema) -> None:
    """The field's type is another enum, or a copy of it."""
    message, field = pick(rng, schema)
    if field.type != ENUM:
        raise Unfit
    field.ClearField("default_value")
    if rng.random() < 0.5:
        generate.set_type(rng, schema, field, message.file, "enum")
        return
    found = next(each for each in schema.enums() if f".{each.name}" == field.type_name)
    copy = message.proto.enum_type.add()
    copy.CopyFrom(found.proto)
    copy.name = f"{copy.name}Copy"
    field.type_name = f".{message.name}.{copy.name}"
    if rng.random() < 0.5:
        copy.value[-1].name = f"{copy.value[-1].name}_OTHER"


def _renamed_itself(rng: Random, schema: Schema) -> None:
    found = rng.choice(list(schema.enums()))
    new = f"{found.name.rpartition('.')[0]}.Renamed{found.proto.name}"
    schema.rename_type(found.name, new)
    found.proto.name = f"Renamed{found.proto.name}"


MUTATIONS: dict[str, Mutation] = {
    "enum value added": _added,
    "enum value removed": _removed,
    "enum value removed, reserved": _removed_reserved,
    "enum value renamed": _renamed,
    "zero value renamed": _zero_renamed,
    "enum value renumbered": _renumbered,
    "alias added after": _alias_after,
    "alias added before": _alias_before,
    "alias removed": _alias_removed,
    "aliases swapped": _aliases_swapped,
    "names of two enum values swapped": _names_swapped,
    "enum value's name reused": _name_reused,
    "enum values reordered": _reordered,
    "enum open or closed": _closed,
    "another enum": _another,
    "enum renamed": _renamed_itself,
}
