"""What releases between a base and the head had: a field that one of them lacks is another one when it comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from schemactl.image import Image
from schemactl.schema import schema


class Had(NamedTuple):
    """Numbers of a message's fields, or of an enum's values, and all the names they go by."""

    numbers: frozenset[int]
    names: frozenset[str]


class Releases:
    """The releases that were compared so far: newest first, so that all are later than the one that is next.

    Of each only files count that differ from the head's: in the others nothing is missing that the head has. Versions
    of a file, and of a message, that several releases share are kept once.
    """

    def __init__(self) -> None:
        self._added: list[tuple[str, list[Mapping[str, Had]]]] = []
        self._by_content: dict[bytes, Mapping[str, Had]] = {}
        self._alike: dict[Had, Had] = {}
        self._found: dict[str, tuple[int, list[tuple[str, Had]]]] = {}

    def add(self, release: str, image: Image, names: Collection[str]) -> None:
        files = [self._read(image.descriptors[name]) for name in names if name in image.descriptors]
        self._added.append((release, files))

    def gone_number(self, message: str, number: int) -> str | None:
        """The first release after the base that has the message, or the enum, and not that number in it."""
        return next((release for release, had in reversed(self._later(message)) if number not in had.numbers), None)

    def gone_name(self, message: str, key: str) -> str | None:
        """The same of a name: that of a field, or its JSON name, or that of a value."""
        return next((release for release, had in reversed(self._later(message)) if key not in had.names), None)

    def _later(self, name: str) -> list[tuple[str, Had]]:
        seen, found = self._found.get(name, (0, []))
        for release, files in self._added[seen:]:
            had = next((file[name] for file in files if name in file), None)
            if had and not (found and found[-1][1] is had):
                found.append((release, had))
            elif had:
                found[-1] = release, had  # the older of two that are alike is nearer to the base
        self._found[name] = len(self._added), found
        return found

    def _read(self, descriptor: bytes) -> Mapping[str, Had]:
        digest = blake2b(descriptor, digest_size=16).digest()
        if digest not in self._by_content:
            proto = schema().FileDescriptorProto.FromString(descriptor)
            self._by_content[digest] = {name: self._alike.setdefault(had, had) for name, had in _of_file(proto)}
        return self._by_content[digest]


def _of_file(file: Any) -> Iterator[tuple[str, Had]]:
    yield from _enums(file.package, file.enum_type)
    for message in file.message_type:
        yield from _of_message(file.package, message)


def _of_message(scope: str, message: Any) -> Iterator[tuple[str, Had]]:
    name = f"{scope}.{message.name}".lstrip(".")
    names = {each for field in message.field for each in (field.name, field.json_name or field.name)}
    yield name, Had(frozenset(field.number for field in message.field), frozenset(names))
    yield from _enums(name, message.enum_type)
    for nested in message.nested_type:
        yield from _of_message(name, nested)


def _enums(scope: str, enums: Any) -> Iterator[tuple[str, Had]]:
    for enum in enums:
        numbers = frozenset(value.number for value in enum.value)
        yield f"{scope}.{enum.name}".lstrip("."), Had(numbers, frozenset(value.name for value in enum.value))
