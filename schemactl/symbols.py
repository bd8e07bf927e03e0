"""What a file declares, and what of it another version takes away, changes or adds, as far as other files can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from schemactl.schema import schema

_REQUIRED, _LEGACY_REQUIRED = 2, 3  # a field's label, and the feature that stands for it in editions
_HELD = ("field", "extension", "nested_type", "enum_type", "oneof_decl", "reserved_name", "value", "method")


class Symbol(NamedTuple):
    """`essence`: it without what it holds; `words`: how others write it; `enum`: it is that one, or a value of it."""

    essence: bytes
    words: tuple[str, ...]
    enum: str = ""
    required: bool = False


@dataclass(frozen=True)
class Difference:
    """Between two versions of files.

    Other files that notice write one of the `words`; or any may, if it is `vast`. `enums` have other values than
    before. What may now be declared twice: `names`, `packages`, and numbers of extensions of messages `extended`.
    """

    vast: bool = False
    words: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    extended: set[str] = field(default_factory=set)

    @property
    def adds(self) -> bool:
        return bool(self.names or self.packages or self.extended)


def difference(new: bytes | None, old: bytes | None) -> Difference:
    """Of two serialized descriptors; None where there is no such file."""
    here, before = _File.read(new), _File.read(old)
    touched = {name for name, symbol in before.symbols.items() if here.symbols.get(name) != symbol}
    added = here.symbols.keys() - before.symbols.keys()
    names = {name for name in added if name.rpartition(".")[0] == here.package}
    # What is added to a message hides nothing from other files, and is not what they meant.
    changed = [file.symbols[name] for file in (here, before) for name in touched if name in file.symbols]
    demanded = (here.symbols[name].required for name in {*touched, *added} if name in here.symbols)
    return Difference(
        here.head != before.head or any(demanded),
        {*(word for symbol in changed for word in symbol.words), *(name.rpartition(".")[2] for name in names)},
        {symbol.enum for symbol in changed if symbol.enum},
        names,
        here.packages - before.packages,
        {extendee.rpartition(".")[2] for extendee, _ in here.extensions - before.extensions},
    )


def declared(descriptor: bytes) -> Set[str]:
    """Full names of all that the file declares, on whatever level."""
    return _File.read(descriptor).symbols.keys()


def together(differences: Iterable[Difference]) -> Difference:
    found = list(differences)
    return Difference(
        any(each.vast for each in found),
        {word for each in found for word in each.words},
        {enum for each in found for enum in each.enums},
        {name for each in found for name in each.names},
        {package for each in found for package in each.packages},
        {message for each in found for message in each.extended},
    )


@dataclass(frozen=True)
class _File:
    """`head`: what is said of the file as a whole; `extensions`: whom of, and their numbers."""

    package: str
    head: tuple[object, ...]
    symbols: dict[str, Symbol]
    extensions: set[tuple[str, int]]

    @classmethod
    def read(cls, descriptor: bytes | None) -> _File:
        if descriptor is None:
            return cls("", (), {}, set())
        proto = schema().FileDescriptorProto.FromString(descriptor)
        public = tuple(proto.dependency[index] for index in proto.public_dependency)
        head = (proto.package, proto.syntax, proto.edition, _bytes(proto.options), public)
        extensions = {(each.extendee, each.number) for each in _extensions(proto)}
        return cls(proto.package, head, dict(_symbols(proto)), extensions)

    @property
    def packages(self) -> set[str]:
        return set(accumulate(self.package.split("."), "{}.{}".format)) if self.package else set()


def _symbols(proto: Any) -> Iterator[tuple[str, Symbol]]:
    demanding = proto.options.features.field_presence == _LEGACY_REQUIRED
    yield from _held(proto.package, proto, demanding)
    for message in proto.message_type:
        yield from _message(proto.package, message, demanding)
    for service in proto.service:
        name = _joined(proto.package, service.name)
        for method in service.method:
            yield f"{name}.{method.name}", Symbol(_bytes(method), (method.name,))
        yield name, Symbol(_emptied(service), (service.name,))


def _message(scope: str, message: Any, demanding: bool) -> Iterator[tuple[str, Symbol]]:
    name = _joined(scope, message.name)
    yield from _held(name, message, demanding)
    for each in message.field:
        yield f"{name}.{each.name}", _field(each, demanding)
    for each in message.oneof_decl:
        yield f"{name}.{each.name}", Symbol(b"oneof" + _bytes(each), (each.name,))
    for reserved in message.reserved_name:  # in the value of an option it is passed over, anything else is refused
        yield f"{name}.{reserved}", Symbol(b"reserved", (reserved,))
    for nested in message.nested_type:
        yield from _message(name, nested, demanding)
    yield name, Symbol(b"message" + _emptied(message), (message.name,))


def _held(scope: str, holder: Any, demanding: bool) -> Iterator[tuple[str, Symbol]]:
    """What files and messages hold alike."""
    for each in holder.extension:
        yield _joined(scope, each.name), _field(each, demanding)
    for enum in holder.enum_type:
        name = _joined(scope, enum.name)
        for value in enum.value:
            yield _joined(scope, value.name), Symbol(b"value" + _bytes(value), (value.name,), name)
        first = _bytes(enum.value[0])  # the default
        yield name, Symbol(b"enum" + first + _emptied(enum), (enum.name,), name)


def _field(field: Any, demanding: bool) -> Symbol:
    presence = field.options.features.field_presence
    required = field.label == _REQUIRED or presence == _LEGACY_REQUIRED or (demanding and not presence)
    kind = field.type_name.rpartition(".")[2]
    words = (field.name, kind) if kind.lower() == field.name else (field.name,)  # a group
    return Symbol(b"field" + _bytes(field), words, required=required)


def _extensions(proto: Any) -> Iterator[Any]:
    pending = [proto]
    while pending:
        holder = pending.pop()
        yield from holder.extension
        pending += holder.message_type if holder is proto else holder.nested_type


def _emptied(holder: Any) -> bytes:
    for name in _HELD:
        if name in holder.DESCRIPTOR.fields_by_name:
            holder.ClearField(name)
    return _bytes(holder)


def _bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))


def _joined(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else str(name)
