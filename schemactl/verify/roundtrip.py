"""Sends messages of a type to and fro, with every field filled: the part of the trial that protobuf itself is asked.

Loaded by path, beside the trial; it knows only protobuf and the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_VALUES = {  # by the number of the type
    1: 1.5,
    2: -2.25,
    3: -(2**53) - 1,
    4: 2**64 - 1,
    5: -(2**31),
    6: 2**63 + 1,
    7: 2**31 + 1,
    8: True,
    9: "Grüße ✓",
    12: b"\x00\xff\x80",
    13: 2**32 - 1,
    15: -5,
    16: -6,
    17: -7,
    18: -8,
}
# What is within other messages, and tried there anyway: how much of it, so that the time is that of the schema's size.
_ALL, _FEW, _LEAST = 1_000_000, 20_000, 500  # for all messages; at most, and at least, for one
_DEEP = 3  # a type in itself: as deep as everything that is filled, and one more
_DEEPEST = 60  # protobuf reads 100 messages within each other
_GOOGLE = "google.protobuf."
_ONLY_REQUIRED = -1


class Trip:
    """Of all messages of a wheel, one after the other."""

    def __init__(self) -> None:
        self._left = _ALL

    def message(self, descriptor: Any, reference: Any) -> str:
        """What goes wrong; `reference` is the same type by another way: whether JSON is possible at all."""
        filling, required = self._filling(), _required(descriptor)
        for number, fields in enumerate(_variants(descriptor)):
            again = required if number and filling.affords(len(required)) else []
            made = filling.filled(descriptor, [*again, *fields])
            # JSON looks at every field of the type.
            json = reference if filling.affords(len(descriptor.fields)) else None
            if why := _travels(made, descriptor, json):
                return why
        self._left -= filling.spent
        return ""

    def extension(self, descriptor: Any) -> str:
        filling = self._filling()
        container = filling.filled(descriptor.containing_type, _required(descriptor.containing_type))
        filling.set(container, descriptor, 1)
        self._left -= filling.spent
        return _travels(container, descriptor.containing_type, None)

    def _filling(self) -> _Filling:
        return _Filling(max(_LEAST, min(_FEW, self._left)))


def _variants(descriptor: Any) -> Iterator[list[Any]]:
    """All fields with the first one of each oneof; then every other one of them, each once."""
    yield [each for each in descriptor.fields if _is_first(each)]
    oneofs, member = list(descriptor.oneofs), 1
    while oneofs := [each for each in oneofs if len(each.fields) > member]:
        yield [each.fields[member] for each in oneofs]
        member += 1


def _is_first(field: Any) -> bool:
    return field.containing_oneof is None or field.containing_oneof.fields[0] is field


@cache
def _required(descriptor: Any) -> list[Any]:
    return [each for each in descriptor.fields if _is_required(each)]


def _own(made: Any, name: str) -> Any:
    """What protobuf gave a message: a field may hide it from the message, a nested type from its class too."""
    found: Any = getattr(type(made), name, None)
    return found.__get__(made) if hasattr(type(found), "__get__") else getattr(super(type(made), made), name)


def _travels(sent: Any, descriptor: Any, reference: Any) -> str:
    try:
        got = _copy(sent, descriptor)
    except Exception as error:
        return f"cannot be read again from its bytes: {error}"
    if got != sent:
        return "is not the same when it is read again from its bytes"
    if reference is None or not _own(sent, "IsInitialized")() or not (why := _json(sent, descriptor)):
        return ""
    return "" if _hides(descriptor) or _json(_copy(sent, reference), reference) else why


def _hides(descriptor: Any) -> bool:
    """Whether a nested type has a name that protobuf's JSON calls, here or in what is within."""
    seen, pending = {descriptor}, [descriptor]
    while pending:
        each = pending.pop()
        if any(hasattr(Message, name) for name in each.nested_types_by_name):
            return True
        within = {field.message_type for field in each.fields if field.message_type} - seen
        seen |= within
        pending += within
    return False


def _copy(sent: Any, descriptor: Any) -> Any:
    copied = GetMessageClass(descriptor)()
    _own(copied, "MergeFromString")(_own(sent, "SerializePartialToString")())
    return copied


def _json(sent: Any, descriptor: Any) -> str:
    kind = type(sent)
    try:
        got = json_format.Parse(json_format.MessageToJson(sent), kind(), descriptor_pool=descriptor.file.pool)
    except Exception as error:
        return f"cannot be read again from its JSON: {error}"
    return "" if got == sent else "is not the same when it is read again from its JSON"


class _Filling:
    def __init__(self, allowance: int) -> None:
        self._allowance = allowance
        self.spent = 0
        self._within: list[str] = []

    def affords(self, cost: int) -> bool:
        self.spent += cost
        return self.spent <= self._allowance

    def filled(self, descriptor: Any, fields: Sequence[Any]) -> Any:
        made = GetMessageClass(descriptor)()
        self._fill(made, descriptor, fields, 1)
        return made

    def _fill(self, made: Any, descriptor: Any, fields: Sequence[Any], depth: int) -> None:
        name = descriptor.full_name
        if self._known(made, name) or self._within.count(name) > _DEEP or len(self._within) > _DEEPEST:
            return
        self._within.append(name)
        for field in fields:
            self.set(made, field, depth)
        self._within.pop()

    def set(self, made: Any, field: Any, depth: int) -> None:
        if not _repeated(field):
            self._one(made, field, depth)
            return
        values = self._held(made, field)
        if field.message_type is None:
            values.extend([_value(field), _value(field)])
        elif field.message_type.GetOptions().map_entry and hasattr(values, "keys"):
            key, value = (field.message_type.fields_by_name[each] for each in ("key", "value"))
            if value.message_type is None:
                values[_value(key)] = _value(value)
            else:
                self._inner(values[_value(key)], value.message_type, depth)
        else:
            self._inner(values.add(), field.message_type, depth)

    def _one(self, made: Any, field: Any, depth: int) -> None:
        if field.message_type is not None:
            inner = self._held(made, field)
            _own(inner, "SetInParent")()
            self._inner(inner, field.message_type, depth)
        elif field.is_extension:
            _own(made, "Extensions")[field] = _value(field)
        else:
            setattr(made, field.name, _value(field))

    def _held(self, made: Any, field: Any) -> Any:
        return _own(made, "Extensions")[field] if field.is_extension else getattr(made, field.name)

    def _inner(self, inner: Any, descriptor: Any, depth: int) -> None:
        if self.affords(len(descriptor.fields) + 1):
            depth = max(depth - 1, _ONLY_REQUIRED)
            fields = _required(descriptor) if depth == _ONLY_REQUIRED else next(_variants(descriptor))
            self._fill(inner, descriptor, fields, depth)

    def _known(self, made: Any, name: str) -> bool:
        """The well-known types have a JSON of their own, which not every value has."""
        if name == f"{_GOOGLE}Any":
            made.Pack(descriptor_pb2.GeneratedCodeInfo())
        elif name in (f"{_GOOGLE}Timestamp", f"{_GOOGLE}Duration"):
            made.seconds, made.nanos = 86_400, 5_000
        elif name == f"{_GOOGLE}FieldMask":
            made.paths.extend(["mail", "sent_at.seconds"])
        elif name == f"{_GOOGLE}Value":
            made.string_value = "Grüße"
        elif name in (f"{_GOOGLE}Struct", f"{_GOOGLE}ListValue"):
            self._fill_value(made, name)
        else:
            return False
        return True

    def _fill_value(self, made: Any, name: str) -> None:
        if name == f"{_GOOGLE}Struct":
            made.fields["mail"].number_value = 1.5
        else:
            made.values.add().bool_value = True


def _value(field: Any) -> Any:
    if field.enum_type is not None:
        return next((each.number for each in reversed(field.enum_type.values) if each.number), 0)
    return _VALUES[field.type]


def _repeated(field: Any) -> bool:
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == 3)


def _is_required(field: Any) -> bool:
    return bool(field.is_required if hasattr(field, "is_required") else field.label == 2)
