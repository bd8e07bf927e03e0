"""Everything that an image declares by full name, and what a name written somewhere stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from schemactl.image import Image
from schemactl.schema import schema

ENUM = 14


class Index:
    """`types` are messages and enums, raw, and `extensions` are raw, too; `groups` are messages that name a field.

    `names` are all that is taken, and packages, but for fields and oneofs. Values of enums stand beside these.
    """

    def __init__(self, image: Image) -> None:
        self.types: dict[str, Any] = {}
        self.extensions: dict[str, Any] = {}
        self.names: set[str] = set()
        self.groups: set[str] = set()
        for descriptor in image.descriptors.values():
            self._add(schema().FileDescriptorProto.FromString(descriptor))

    def resolve(self, written: str, scope: str, among: Mapping[str, Any]) -> str | None:
        """The full name of what `written` means within the scope, of those that `among` holds."""
        if written.startswith("."):
            return written[1:] if written[1:] in among else None
        return next((name for each in _outwards(scope) if (name := _joined(each, written)) in among), None)

    def field(self, message: str, name: str) -> Any | None:
        """The field that a value of the message in text format calls by that name."""
        proto = self.types.get(message)
        for each in getattr(proto, "field", ()):
            if each.name == name or (each.type_name.rpartition(".")[2] == name and each.type_name[1:] in self.groups):
                return each
        return None

    def value(self, enum: str, name: str) -> str | None:
        """The full name of an enum's value, as elements have it: in the enum, and not beside it."""
        values = getattr(self.types.get(enum), "value", ())
        return f"{enum}.{name}" if any(value.name == name for value in values) else None

    def _add(self, file: Any) -> None:
        self.names.update(accumulate(file.package.split("."), _joined))
        for service in file.service:
            name = _joined(file.package, service.name)
            self.names.update((name, *(f"{name}.{method.name}" for method in service.method)))
        self._hold(file.package, file.message_type, file.enum_type, file.extension)

    def _hold(self, scope: str, messages: Iterable[Any], enums: Iterable[Any], extensions: Iterable[Any]) -> None:
        for enum in enums:
            self.types[_joined(scope, enum.name)] = enum
            self.names.update(_joined(scope, each.name) for each in (enum, *enum.value))
        for extension in extensions:
            self.extensions[_joined(scope, extension.name)] = extension
            self.names.add(_joined(scope, extension.name))
            self._note_group(extension)
        for message in messages:
            name = _joined(scope, message.name)
            self.types[name] = message
            self.names.add(name)
            for field in message.field:
                self._note_group(field)
            self._hold(name, message.nested_type, message.enum_type, message.extension)

    def _note_group(self, field: Any) -> None:
        if field.type == field.TYPE_GROUP:
            self.groups.add(field.type_name[1:])


def _outwards(scope: str) -> Iterator[str]:
    """The scope and those around it, the inner first."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def _joined(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
