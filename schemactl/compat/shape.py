"""Shapes: what readers and writers have to know of messages, fields and enums, whatever syntax they are written in."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from schemactl.element import (
    FILE_ENUM,
    FILE_EXTENSION,
    FILE_MESSAGE,
    MESSAGE_ENUM,
    MESSAGE_EXTENSION,
    MESSAGE_FIELD,
    MESSAGE_NESTED,
)
from schemactl.file import File

Presence = Literal["implicit", "explicit", "required"]
Cardinality = Literal["singular", "repeated", "map"]

KINDS = {
    1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool", 9: "string",
    10: "message", 11: "message", 12: "bytes", 13: "uint32", 14: "enum", 15: "sfixed32", 16: "sfixed64", 17: "sint32",
    18: "sint64",
}  # fmt: skip
_GROUP, _REPEATED, _REQUIRED = 10, 3, 2
_IMPLICIT, _LEGACY_REQUIRED, _CLOSED, _EXPANDED, _UNCHECKED, _DELIMITED = 2, 3, 2, 2, 3, 2


class Place(NamedTuple):
    """Where something is declared: the import path of its file, and the descriptor path in it."""

    file: str
    path: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Enum:
    """`values` are (name, number) in declaration order; a closed enum knows no other numbers.

    One is looked up once for each of its values: it is compared by identity.
    """

    full_name: str
    place: Place
    values: tuple[tuple[str, int], ...]
    closed: bool
    reserved_names: frozenset[str] = frozenset()
    reserved_ranges: tuple[tuple[int, int], ...] = ()

    @cached_property
    def names(self) -> dict[str, int]:
        return dict(self.values)

    @cached_property
    def printed(self) -> dict[int, str]:
        """The name that writers print for each number: of aliases the first."""
        return {number: name for name, number in reversed(self.values)}


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is a scalar's name, `enum` or `message`, whose full name is `type`; of a map `entry` are key and value.

    `default` is as the descriptor has it, None where none is declared. `checked`: a string must be UTF-8.
    `oneof` is empty for the oneof that only stands for `optional`. An extension's `name` is its full name in brackets.
    Equal are those that are alike wherever they stand.
    """

    full_name: str
    place: Place = field(compare=False)
    name: str
    json_name: str
    number: int
    kind: str
    type: str
    cardinality: Cardinality
    presence: Presence
    oneof: str = ""
    default: str | None = None
    checked: bool = True
    delimited: bool = False
    packed: bool = False
    entry: tuple[Field, Field] | None = None

    @property
    def written(self) -> str:
        """How its type is written: `repeated string`, `map<string, acme.v1.User>`."""
        if self.entry:
            return f"map<{self.entry[0].written}, {self.entry[1].written}>"
        name = self.type or self.kind
        return f"repeated {name}" if self.cardinality == "repeated" else name


@dataclass(frozen=True)
class Message:
    """`reserved_ranges` end before their second number."""

    full_name: str
    place: Place
    fields: tuple[Field, ...]
    reserved_names: frozenset[str] = frozenset()
    reserved_ranges: tuple[tuple[int, int], ...] = ()
    proto: Any = field(default=None, compare=False, repr=False)

    def by_number(self, number: int) -> Field | None:
        return next((each for each in self.fields if each.number == number), None)

    def by_name(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)

    def reserves(self, number: int) -> bool:
        at = bisect(self._ranges, (number, 1 << 30)) - 1
        return at >= 0 and number < self._ranges[at][1]

    @cached_property
    def _ranges(self) -> list[tuple[int, int]]:
        return sorted(self.reserved_ranges)


class _Features(NamedTuple):
    """What editions made a choice of, and syntaxes decide for all (descriptor.proto, FeatureSetDefaults)."""

    implicit: bool
    required: bool
    closed: bool
    packed: bool
    checked: bool
    delimited: bool

    def with_(self, options: Any) -> _Features:
        if not options.HasField("features"):
            return self
        said = options.features
        presence, enum, repeated = said.field_presence, said.enum_type, said.repeated_field_encoding
        utf8, encoding = said.utf8_validation, said.message_encoding
        return _Features(
            presence == _IMPLICIT if presence else self.implicit,
            presence == _LEGACY_REQUIRED if presence else self.required,
            enum == _CLOSED if enum else self.closed,
            repeated != _EXPANDED if repeated else self.packed,
            utf8 != _UNCHECKED if utf8 else self.checked,
            encoding == _DELIMITED if encoding else self.delimited,
        )


_PROTO2 = _Features(False, False, True, False, False, False)
_PROTO3 = _Features(True, False, False, True, True, False)
_EDITIONS = _Features(False, False, False, True, True, False)


class _Scope(NamedTuple):
    file: File
    name: str
    path: tuple[int, ...]
    features: _Features

    def within(self, name: str, *path: int) -> _Scope:
        full = f"{self.name}.{name}" if self.name else name
        return self._replace(name=full, path=(*self.path, *path))


@dataclass(frozen=True)
class FileShapes:
    """What one file declares, by full name; `extensions` by the full name of the message they extend."""

    messages: Mapping[str, Message]
    enums: Mapping[str, Enum]
    extensions: Mapping[str, tuple[Field, ...]]


def shapes(file: File) -> FileShapes:
    return _Reader(file).read()


class _Reader:
    def __init__(self, file: File) -> None:
        proto = file.proto
        base = _PROTO3 if proto.syntax == "proto3" else _EDITIONS if proto.syntax == "editions" else _PROTO2
        self._top = _Scope(file, file.package, (), base.with_(proto.options))
        self._messages: dict[str, Message] = {}
        self._enums: dict[str, Enum] = {}
        self._extensions: dict[str, list[Field]] = {}

    def read(self) -> FileShapes:
        proto = self._top.file.proto
        self._enums_of(self._top, proto.enum_type, FILE_ENUM)
        self._extensions_of(self._top, proto.extension, FILE_EXTENSION)
        for index, message in enumerate(proto.message_type):
            self._message(self._top.within(message.name, FILE_MESSAGE, index), message)
        extensions = {name: tuple(found) for name, found in self._extensions.items()}
        return FileShapes(self._messages, self._enums, extensions)

    def _message(self, scope: _Scope, proto: Any) -> None:
        scope = scope._replace(features=scope.features.with_(proto.options))
        self._enums_of(scope, proto.enum_type, MESSAGE_ENUM)
        self._extensions_of(scope, proto.extension, MESSAGE_EXTENSION)
        for index, nested in enumerate(proto.nested_type):
            self._message(scope.within(nested.name, MESSAGE_NESTED, index), nested)
        entries = {f"{scope.name}.{each.name}" for each in proto.nested_type if each.options.map_entry}
        self._messages[scope.name] = Message(
            scope.name,
            Place(scope.file.name, scope.path),
            tuple(self._field(scope, each, proto, entries, index) for index, each in enumerate(proto.field)),
            frozenset(proto.reserved_name),
            tuple((each.start, each.end) for each in proto.reserved_range),
            proto,
        )

    def _field(self, scope: _Scope, proto: Any, owner: Any, entries: set[str], index: int) -> Field:
        real = proto.HasField("oneof_index") and not proto.proto3_optional
        oneof = owner.oneof_decl[proto.oneof_index] if real else None
        features = scope.features.with_(oneof.options) if oneof is not None else scope.features
        found = _field(
            scope.within(proto.name, MESSAGE_FIELD, index), proto, features, oneof.name if oneof is not None else ""
        )
        if found.type not in entries or found.cardinality != "repeated":
            return found
        key, value = self._messages[found.type].fields
        # Entries and what is in them are never groups, whatever a feature says of all messages.
        value = _changed(value, delimited=False)
        return _changed(found, cardinality="map", delimited=False, entry=(key, value))

    def _extensions_of(self, scope: _Scope, protos: Iterable[Any], step: int) -> None:
        for index, proto in enumerate(protos):
            found = _field(scope.within(proto.name, step, index), proto, scope.features, "")
            name = f"[{found.full_name}]"
            known = self._extensions.setdefault(proto.extendee.removeprefix("."), [])
            known.append(_changed(found, name=name, json_name=name))

    def _enums_of(self, scope: _Scope, protos: Iterable[Any], step: int) -> None:
        for index, proto in enumerate(protos):
            place = scope.within(proto.name, step, index)
            self._enums[place.name] = Enum(
                place.name,
                Place(scope.file.name, place.path),
                tuple((value.name, value.number) for value in proto.value),
                scope.features.with_(proto.options).closed,
                frozenset(proto.reserved_name),
                tuple((each.start, each.end + 1) for each in proto.reserved_range),
            )


def _field(scope: _Scope, proto: Any, features: _Features, oneof: str) -> Field:
    features = features.with_(proto.options)
    repeated = proto.label == _REPEATED
    packed = proto.options.packed if proto.options.HasField("packed") else features.packed
    return Field(
        scope.name,
        Place(scope.file.name, scope.path),
        proto.name,
        proto.json_name or camel(proto.name),
        proto.number,
        KINDS.get(proto.type, "message"),
        proto.type_name.removeprefix("."),
        "repeated" if repeated else "singular",
        _presence(proto, features, oneof) if not repeated else "implicit",
        oneof,
        proto.default_value if proto.HasField("default_value") else None,
        features.checked,
        proto.type == _GROUP or (features.delimited and KINDS.get(proto.type) == "message"),
        repeated and packed,
    )


def _presence(proto: Any, features: _Features, oneof: str) -> Presence:
    if proto.label == _REQUIRED or features.required:
        return "required"
    message = KINDS.get(proto.type) == "message"
    explicit = message or oneof or proto.proto3_optional or proto.extendee or not features.implicit
    return "explicit" if explicit else "implicit"


def camel(name: str) -> str:
    """protoc's `json_name` of a field that declares none; descriptor sets of others may leave it out."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _changed(found: Field, **changes: Any) -> Field:
    from dataclasses import replace

    return replace(found, **changes)
