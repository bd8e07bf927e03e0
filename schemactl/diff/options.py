"""Options of an element as names and values in words, so that two states of it can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemactl.extensions import declared
from schemactl.schema import schema

_ELSEWHERE = {"features", "uninterpreted_option", "map_entry", "packed", "allow_alias"}
_LONGEST = 80
_BYTES, _MESSAGE, _ENUM, _STRING = 12, 11, 14, 9


def said(options: Any) -> dict[str, str]:
    """Those that an element sets: `deprecated`, `topic.name`; the ones that nobody here can read by their number."""
    found: dict[str, str] = {}
    for field, value in options.ListFields():
        if field.name in _ELSEWHERE and not field.is_extension:
            continue
        found.update(_flat(field.name, field, value))
    for number, text in _unread(options):
        key = unread(options.DESCRIPTOR.name, number)
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def unread(holder: str, number: int) -> str:
    return f"#{holder}.{number}"


class Names:
    """The custom options that files declare, by what they extend and their number."""

    def __init__(self, descriptors: Mapping[str, bytes]) -> None:
        self._descriptors = descriptors
        self._known: dict[str, str] | None = None

    def of(self, key: str) -> str:
        if not key.startswith("#"):
            return key
        if self._known is None:
            self._known = dict(self._declared())
        return f"({self._known.get(key, key.rpartition('.')[2])})"

    def _declared(self) -> Iterator[tuple[str, str]]:
        for descriptor in self._descriptors.values():
            if b".google.protobuf." not in descriptor or b"Options" not in descriptor:
                continue
            for name, each in declared(schema().FileDescriptorProto.FromString(descriptor)):
                yield unread(each.extendee.rpartition(".")[2], each.number), name


def _flat(name: str, field: Any, value: Any) -> Iterator[tuple[str, str]]:
    """A message as its fields, each by its path; what is repeated in one."""
    if field.message_type is None:
        yield name, _listed(field, value) if field.is_repeated else _text(field, value)
    elif field.message_type.GetOptions().map_entry:
        yield from ((f"{name}[{key}]", f"{value[key]!s}"[:_LONGEST]) for key in sorted(value))
    elif field.is_repeated:
        for index, each in enumerate(value):
            yield from _inner(f"{name}[{index}]", each)
    else:
        yield from _inner(name, value)


def _inner(name: str, message: Any) -> Iterator[tuple[str, str]]:
    if message.DESCRIPTOR.full_name == "google.protobuf.Duration":
        yield name, message.ToJsonString()
        return
    for field, value in message.ListFields():
        yield from _flat(f"{name}.{field.name}", field, value)


def _listed(field: Any, values: Iterable[Any]) -> str:
    return ", ".join(_text(field, each) for each in values)


def _text(field: Any, value: Any) -> str:
    if field.type == _ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else str(value)
    if field.type in (_STRING, _BYTES):
        text = value if isinstance(value, str) else value.decode("utf-8", "replace")
        return f'"{text[:_LONGEST]}{"…" if len(text) > _LONGEST else ""}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unread(options: Any) -> Iterator[tuple[int, str]]:
    from google.protobuf.unknown_fields import UnknownFieldSet

    unread: Any = UnknownFieldSet(options)
    for field in unread:
        yield field.field_number, _raw(field.data)


def _raw(data: Any) -> str:
    """What tells two values apart; it is shown to nobody."""
    if isinstance(data, int | bytes):
        return repr(data)
    return "{" + ", ".join(f"{each.field_number}: {_raw(each.data)}" for each in data) + "}"
