"""Items: the named things of one state with all that can change of them, as a tree below their file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from schemactl.compat.shape import Enum, Field, camel, shapes
from schemactl.diff.options import said
from schemactl.element import MESSAGE_FIELD, Element, children
from schemactl.file import File
from schemactl.finding import Location

Kind = Literal[
    "file", "message", "field", "extension", "oneof", "enum", "enum_value", "service", "method", "reserved",
    "extension_range",
]  # fmt: skip
Ranges = tuple[tuple[int, int], ...]
NAMES_OF, ONEOF = "names of", "oneof"
_EDITIONS = {998: "proto2", 999: "proto3"}


@dataclass(frozen=True)
class Taken:
    """Numbers and names that a message or an enum keeps for something; ranges end before their second number."""

    numbers: Ranges = ()
    names: tuple[str, ...] = ()


@dataclass(eq=False)
class Item:
    """One named thing: `label` is how its type is written, `facts` are what may change beside its name.

    `members` are the fields of a oneof, their full names by their numbers.
    """

    kind: Kind
    name: str
    full_name: str
    file: File
    path: tuple[int, ...]
    number: int | None = None
    label: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Item, ...] = ()
    reserved: Taken = Taken()
    extensible: Taken = Taken()
    members: Mapping[int, str] = field(default_factory=dict)

    @property
    def location(self) -> Location:
        return self.file.location(self.path)


def items(file: File) -> list[Item]:
    """The file itself, without anything below it, and what it declares at its top."""
    reader = _Reader(file)
    top = Element("file", file.proto, file.package, file, (), None)
    own = Item("file", file.name, file.name, file, (), facts=_of_file(file))
    return [own, *map(reader.item, children(top))]


def _of_file(file: File) -> dict[str, str]:
    proto = file.proto
    edition = proto.edition if proto.syntax == "editions" else 0
    syntax = f"edition {_EDITIONS.get(edition, edition)}" if edition else proto.syntax or "proto2"
    return {"syntax": syntax, **said(proto.options)}


class _Reader:
    def __init__(self, file: File) -> None:
        found = shapes(file)
        self._file = file
        self._enums: Mapping[str, Enum] = found.enums
        every = [each for message in found.messages.values() for each in message.fields]
        every += [each for extensions in found.extensions.values() for each in extensions]
        self._fields: Mapping[tuple[int, ...], Field] = {each.place.path: each for each in every}
        self._make: Mapping[str, Callable[[Element], Item]] = {
            "message": self._message,
            "field": self._field,
            "enum": self._enum,
            "enum_value": self._value,
            "method": _method,
        }

    def item(self, element: Element) -> Item:
        return self._make.get(element.kind, self._plain)(element)

    def _plain(self, element: Element) -> Item:
        return _item(element, children=self._below(element))

    def _message(self, element: Element) -> Item:
        proto = element.proto
        below = self._below(element)
        for each in below:
            if each.kind == "oneof":
                each.members = _members(below, each.name)
        return _item(
            element,
            children=below,
            reserved=Taken(_ranges(proto.reserved_range), tuple(proto.reserved_name)),
            extensible=Taken(_ranges(proto.extension_range)),
        )

    def _enum(self, element: Element) -> Item:
        proto, enum = element.proto, self._enums[element.full_name]
        facts = {"closed": "true"} if enum.closed else {}
        facts |= {"allow_alias": "true"} if proto.options.allow_alias else {}
        facts |= {"first value": str(enum.values[0][1]), **_aliases(enum)}
        taken = Taken(_ranges(proto.reserved_range, inclusive=True), tuple(proto.reserved_name))
        return _item(element, facts, children=self._below(element), reserved=taken)

    def _value(self, element: Element) -> Item:
        number = element.proto.number
        return _item(element, {"number": str(number)}, number=number)

    def _field(self, element: Element) -> Item:
        shape = self._fields[element.path]
        member = element.path[-2] == MESSAGE_FIELD
        return _item(
            element,
            {"number": str(shape.number), "type": shape.written, **_field_facts(shape, element.proto, member)},
            kind="field" if member else "extension",
            number=shape.number,
            label=_typed(shape, element.proto),
        )

    def _below(self, element: Element) -> tuple[Item, ...]:
        return tuple(map(self.item, children(element)))


def _members(fields: Iterable[Item], oneof: str) -> dict[int, str]:
    return {
        each.number: each.full_name for each in fields if each.number is not None and each.facts.get(ONEOF) == oneof
    }


def _item(element: Element, facts: Mapping[str, str] | None = None, **more: Any) -> Item:
    """Options come last: they say least."""
    known = {**(facts or {}), **said(element.proto.options)}
    values = {"kind": element.kind, "facts": known} | more
    return Item(name=element.name, full_name=element.full_name, file=element.file, path=element.path, **values)


def _aliases(enum: Enum) -> dict[str, str]:
    """Writers print the first name of a number, so that the order of its names counts."""
    names: dict[int, list[str]] = {}
    for name, number in enum.values:
        names.setdefault(number, []).append(name)
    return {f"{NAMES_OF} {number}": ", ".join(each) for number, each in names.items() if len(each) > 1}


def _field_facts(shape: Field, proto: Any, member: bool) -> dict[str, str]:
    single = shape.cardinality == "singular"
    facts = {
        "extends": "" if member else proto.extendee.removeprefix("."),
        "presence": shape.presence if single else "",
        ONEOF: shape.oneof,
        "json_name": f'"{shape.json_name}"' if member and shape.json_name != camel(shape.name) else "",
        "default": "" if shape.default is None else f'"{shape.default}"' if shape.kind == "string" else shape.default,
        "encoding": "delimited" if shape.delimited else "",
        "packed": "true" if shape.packed else "",
        "utf8_validation": "none" if shape.kind == "string" and not shape.checked else "",
    }
    return {name: value for name, value in facts.items() if value}


def _typed(shape: Field, proto: Any) -> str:
    word = "required " if shape.presence == "required" else "optional " if proto.proto3_optional else ""
    return f"{word}{shape.written}"


def _method(element: Element) -> Item:
    proto = element.proto
    request = ("stream " if proto.client_streaming else "") + proto.input_type.removeprefix(".")
    response = ("stream " if proto.server_streaming else "") + proto.output_type.removeprefix(".")
    facts = {"request": request, "response": response}
    return _item(element, facts, label=f"({request}) returns ({response})")


def _ranges(protos: Any, *, inclusive: bool = False) -> Ranges:
    return tuple(sorted((each.start, each.end + inclusive) for each in protos))
