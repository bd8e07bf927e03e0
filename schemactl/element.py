"""Elements: the named things of a schema, with their parents, as the rules see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemactl.file import File

# Field numbers of descriptor.proto: the steps of a descriptor path.
NAME, PACKAGE = 1, 2
FILE_IMPORT, FILE_OPTIONS = 3, 8
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, FILE_EXTENSION = 4, 5, 6, 7
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM, MESSAGE_EXTENSION, MESSAGE_ONEOF, MESSAGE_OPTIONS = 2, 3, 4, 6, 8, 7
MESSAGE_RESERVED_RANGE, MESSAGE_RESERVED_NAME = 9, 10
ENUM_VALUE, ENUM_RESERVED_RANGE, ENUM_RESERVED_NAME = 2, 4, 5
SERVICE_METHOD = 2

KINDS = ("file", "message", "field", "enum", "enum_value", "oneof", "service", "method")


@dataclass(eq=False, slots=True)
class Element:
    """One named thing: `proto` is its raw descriptor, `path` the descriptor path within its file."""

    kind: str
    proto: Any
    full_name: str
    file: File
    path: tuple[int, ...]
    parent: Element | None

    @property
    def name(self) -> str:
        return str(self.proto.name)

    @property
    def comment(self) -> str:
        return self.file.comment(self.path)

    @property
    def fields(self) -> list[Element]:
        """Of a message: its fields."""
        return [child for child in children(self) if child.kind == "field" and child.path[-2] == MESSAGE_FIELD]


# Of these kinds, only the descriptors that the function says yes to.
Suspects = Mapping[str, Callable[[Any], bool]]
_ALL: Suspects = {}
_LEAVES = ("field", "enum_value", "oneof", "method")


def walk(file: File, kinds: Collection[str] = KINDS, suspects: Suspects = _ALL) -> Iterator[Element]:
    """Every element of the given kinds in declaration order; map entries and synthetic oneofs are nobody's doing.

    Making an element of each of 150,000 fields is most of what walking them costs: `suspects` says which are wanted.
    """
    suspects = {**suspects, **{kind: _nobody for kind in _LEAVES if kind not in kinds}}
    top = Element("file", file.proto, file.package, file, (), None)
    if "file" in kinds:
        yield top
    pending = list(reversed(list(children(top, suspects))))
    while pending:
        element = pending.pop()
        if element.kind in kinds:
            yield element
        if element.kind in ("message", "enum", "service"):
            pending.extend(reversed(list(children(element, suspects))))


def _nobody(proto: Any) -> bool:
    return False


def children(element: Element, suspects: Suspects = _ALL) -> Iterator[Element]:
    proto = element.proto
    if element.kind == "file":
        yield from _each(element, "message", FILE_MESSAGE, proto.message_type)
        yield from _each(element, "enum", FILE_ENUM, proto.enum_type)
        yield from _each(element, "service", FILE_SERVICE, proto.service)
        yield from _each(element, "field", FILE_EXTENSION, proto.extension, suspects)
    elif element.kind == "message":
        # Most messages have nothing but fields, and there are 40,000 of them: an empty loop is not free.
        yield from _each(element, "field", MESSAGE_FIELD, proto.field, suspects)
        if proto.nested_type:
            yield from _each(element, "message", MESSAGE_NESTED, proto.nested_type)
        if proto.enum_type:
            yield from _each(element, "enum", MESSAGE_ENUM, proto.enum_type)
        if proto.extension:
            yield from _each(element, "field", MESSAGE_EXTENSION, proto.extension, suspects)
        if proto.oneof_decl:
            synthetic = {field.oneof_index for field in proto.field if field.proto3_optional}
            oneofs = _each(element, "oneof", MESSAGE_ONEOF, proto.oneof_decl, suspects)
            yield from (oneof for oneof in oneofs if oneof.path[-1] not in synthetic)
    elif element.kind == "enum":
        yield from _each(element, "enum_value", ENUM_VALUE, proto.value, suspects)
    elif element.kind == "service":
        yield from _each(element, "method", SERVICE_METHOD, proto.method, suspects)


def _each(parent: Element, kind: str, step: int, protos: Iterable[Any], suspects: Suspects = _ALL) -> Iterator[Element]:
    suspect = suspects.get(kind)
    if suspect is _nobody:
        return
    numbered = enumerate(protos) if suspect is None else [each for each in enumerate(protos) if suspect(each[1])]
    for index, proto in numbered:
        if kind == "message" and proto.options.map_entry:
            continue
        name = f"{parent.full_name}.{proto.name}" if parent.full_name else proto.name
        yield Element(kind, proto, name, parent.file, (*parent.path, step, index), parent)


@dataclass(eq=False)
class Module:
    """The files that cross-file rules look at together; `imports` are known to them but not judged."""

    files: tuple[File, ...]
    imports: tuple[File, ...] = ()

    @cached_property
    def types(self) -> dict[str, Element]:
        """Messages and enums by full name, imported ones too."""
        every = (*self.files, *self.imports)
        return {element.full_name: element for file in every for element in walk(file, ("message", "enum"))}

    @cached_property
    def messages(self) -> list[Element]:
        """The messages of the judged files, in path order."""
        return [element for file in self.files for element in walk(file, ("message",))]
