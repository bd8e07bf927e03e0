"""The names that generated Go code gives to fields, oneofs and enum values, which depend on what else is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemactl.generate import features
from schemactl.generate.features import HYBRID, KEEP, OPAQUE, OPEN, STRIP, Features
from schemactl.generate.goidents import METHODS, camel_cased, free

Named = tuple[str, tuple[str, ...]]
_BUILD = "Build"  # a method of every builder
_ACCESSORS = ("Get", "Set", "Has", "Clear")


def names(file: Any) -> dict[str, tuple[str, ...]]:
    """By full name, all names of one thing."""
    package = f"{file.package}." if file.package else ""
    outer = features.of_file(file)
    found = dict(named for each in file.enum_type for named in _values(each, package, "", outer))
    for message, scope, own in _messages(file, outer):
        found |= _members(message, package, scope + message.name, own.api)
        for enum in message.enum_type:
            found |= _values(enum, package, f"{scope}{message.name}.", own)
    return found


def levels(file: Any) -> dict[str, int]:
    """The API level of each message that has members."""
    package = f"{file.package}." if file.package else ""
    found = _messages(file, features.of_file(file))
    return {package + scope + message.name: own.api for message, scope, own in found if message.field}


def _messages(file: Any, outer: Features) -> Iterator[tuple[Any, str, Features]]:
    pending = [(each, "", outer) for each in file.message_type]
    while pending:
        message, scope, around = pending.pop()
        if not message.options.map_entry:
            own = features.within(around, message)
            yield message, scope, own
            pending += [(each, f"{scope}{message.name}.", own) for each in message.nested_type]


def _values(enum: Any, package: str, scope: str, outer: Features) -> Iterator[Named]:
    own = features.within(outer, enum)
    holder = camel_cased(scope.removesuffix(".") or enum.name)
    for value in enum.value:
        long, short = f"{holder}_{value.name}", f"{holder}_{_stripped(value.name, enum.name)}"
        strip = features.within(own, value).strip
        found = (long,) if strip == KEEP else (short,) if strip == STRIP else (short, long)
        yield f"{package}{scope}{value.name}", found


def _stripped(name: str, enum: str) -> str:
    """Without the enum's name, however it is parted into words, unless nothing is left."""
    left = [each for each in enum.lower() if each != "_"]
    for at, each in enumerate(name):
        if not left:
            return name[at:].lstrip("_") or name
        if each == "_":
            continue
        if each.lower() != left.pop(0):
            return name
    return name


def _members(message: Any, package: str, full: str, level: int) -> dict[str, tuple[str, ...]]:
    own = f"{package}{full}."
    before = _Open(message, full)
    if level == OPEN:
        return {own + name: found for name, found in before.names()}
    after = dict(_opaque(message, camel_cased(full), before.fields, level))
    if level == OPAQUE:
        return {own + name: found for name, found in after.items()}
    return {own + name: (*found, *after.get(name, ())) for name, found in before.names()}


class _Open:
    """Each takes the first name that is free, in the order of the fields."""

    def __init__(self, message: Any, full: str) -> None:
        self._message, self._full = message, full
        self._used = dict.fromkeys(METHODS, True)
        self.fields: list[str] = []
        self._oneofs: dict[int, str] = {}
        for field in message.field:
            self.fields.append(self._unique(camel_cased(field.name), with_getter=True))
            if field.HasField("oneof_index") and field.oneof_index not in self._oneofs:
                name = camel_cased(message.oneof_decl[field.oneof_index].name)
                self._oneofs[field.oneof_index] = self._unique(name, with_getter=False)

    def _unique(self, name: str, *, with_getter: bool) -> str:
        while self._used.get(name) or (with_getter and self._used.get(f"Get{name}")):
            name += "_"
        self._used |= {name: True, f"Get{name}": with_getter}
        return name

    def names(self) -> Iterator[Named]:
        message, holder = self._message, camel_cased(self._full)
        inner = {camel_cased(f"{self._full}.{each.name}") for each in (*message.nested_type, *message.enum_type)}
        for field, name in zip(message.field, self.fields, strict=True):
            if _is_member(field):
                wrapper = free(f"{holder}_{name}", inner)
                yield field.name, (wrapper, f"{wrapper}.{name}", f"{holder}.Get{name}")
                oneof = self._oneofs[field.oneof_index]
                yield message.oneof_decl[field.oneof_index].name, (f"{holder}.{oneof}", f"{holder}.Get{oneof}")
            else:
                yield field.name, (f"{holder}.{name}", f"{holder}.Get{name}")


def _opaque(message: Any, holder: str, old: Sequence[str], level: int) -> Iterator[Named]:
    fields, oneofs = _parted(message)
    taken = {*fields, *oneofs.values()}
    for field, name, before in zip(message.field, fields, old, strict=True):
        clashes = level == HYBRID and not taken.isdisjoint(accessor + name for accessor in _ACCESSORS)
        infix = "_" if clashes else ""
        found = [f"{holder}.{accessor}{infix}{name}" for accessor in _ACCESSORS[:2]]
        yield field.name, (*found, *((f"{holder}_{before}_case",) if _is_member(field) else ()))
        if _is_member(field):
            yield message.oneof_decl[field.oneof_index].name, (f"{holder}.Which{oneofs[field.oneof_index]}",)


def _parted(message: Any) -> tuple[list[str], Mapping[int, str]]:
    """Fields whose names are the same get their numbers, and with them their oneofs."""
    fields = [f"{name}_" if (name := camel_cased(each.name)) == _BUILD else name for each in message.field]
    oneofs = {index: camel_cased(each.name) for index, each in enumerate(message.oneof_decl)}
    known: dict[str, int] = {}
    for index, name in enumerate(list(fields)):
        other = known.setdefault(name, index)
        for each in (other, index) if other != index else ():
            suffix = f"_{message.field[each].number}"
            fields[each] += suffix
            if message.field[each].HasField("oneof_index"):
                oneofs[message.field[each].oneof_index] += suffix
    return fields, oneofs


def _is_member(field: Any) -> bool:
    """Of a oneof that somebody wrote."""
    return bool(field.HasField("oneof_index") and not field.proto3_optional)
