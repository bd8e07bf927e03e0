"""What descriptors say of fields: whether two are alike, what is reserved, and the entries of maps."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2

from law.values import at, is_map


def alike(field: Any, other: Any) -> bool:
    """Whether they are declared in the same way."""
    if is_map(field) and is_map(other):
        return all(map(alike, entry(field), entry(other)))
    kinds = [each.message_type or each.enum_type for each in (field, other)]
    names = [kind.full_name if kind is not None else "" for kind in kinds]
    return field.type == other.type and field.is_repeated == other.is_repeated and names[0] == names[1]


def reserves(descriptor: Any, number: int) -> bool:
    proto = descriptor_pb2.DescriptorProto()
    descriptor.CopyToProto(proto)
    return any(each.start <= number < each.end for each in proto.reserved_range)


def extension(pool: Any, field: Any, descriptor: Any) -> Any:
    try:
        found = pool.FindExtensionByName(field.full_name)
    except KeyError:
        return None
    return found if found.containing_type is descriptor else None


def is_entries(field: Any) -> bool:
    return bool(field.is_repeated and field.message_type is not None)


def entry(field: Any) -> tuple[Any, Any]:
    numbers = field.message_type.fields_by_number
    return numbers.get(1), numbers.get(2)


def items(field: Any, value: Any) -> list[tuple[Any, Any]]:
    if is_map(field):
        return list(value.items())
    key, content = entry(field)
    return [(at(each, key), at(each, content)) for each in value]
