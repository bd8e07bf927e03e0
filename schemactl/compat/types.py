"""The types of one side: found by name from the file that uses them, and read as far as somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from schemactl.compat.shape import Enum, Field, FileShapes, Message, camel, shapes
from schemactl.element import Element, walk
from schemactl.file import File
from schemactl.image import Image, parse
from schemactl.schema import OPTIONS_FILE


@dataclass(frozen=True)
class Body:
    """A message as its readers and writers see it, with the extensions that are known of it."""

    message: Message
    extensions: tuple[Field, ...] = ()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return (*self.message.fields, *self.extensions)

    @property
    def files(self) -> set[str]:
        """Where it is declared, and what extends it."""
        return {self.message.place.file, *(each.place.file for each in self.extensions)}

    @cached_property
    def by_number(self) -> Mapping[int, Field]:
        return {each.number: each for each in reversed(self.fields)}

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {each.name: each for each in reversed(self.fields)}

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """Readers of JSON look for `json_name` first, then for the name (protojson and json_format alike)."""
        return {**self.by_name, **{each.json_name: each for each in reversed(self.fields)}}

    @cached_property
    def json_names(self) -> frozenset[str]:
        return frozenset(each.json_name for each in self.fields)

    @cached_property
    def reserved_keys(self) -> Mapping[str, str]:
        """Reserved names by what their fields may be called in JSON."""
        names = sorted(self.message.reserved_names, reverse=True)
        return {**{camel(name): name for name in names}, **{name: name for name in names}}


@lru_cache(maxsize=1024)
def _shapes(descriptor: bytes, own: bool) -> tuple[FileShapes, tuple[str, ...]]:
    """What a file declares and imports; of releases that are compared one after the other, most files are alike."""
    file = parse(descriptor, "", None, own=own)
    return shapes(file), tuple(file.proto.dependency)


class Types:
    """Messages and enums of an image by full name."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._files: dict[str, File] = {}
        self._messages: dict[str, Message] = {}
        self._enums: dict[str, Enum] = {}
        self._extensions: dict[str, dict[int, Field]] = {}
        self._extended: dict[str, str] = {}
        self.extended_from: dict[str, str] = {}  # messages, each with a file that extends it
        self._bodies: dict[str, Body] = {}
        self._read: set[str] = set()
        self._walked: dict[str, Mapping[str, Element]] = {}

    def file(self, name: str) -> File:
        if name not in self._files:
            self._files[name] = self.image.file(name)
        return self._files[name]

    def read(self, names: Iterable[str]) -> None:
        """Learn what the files declare; those that the image does not have are passed over."""
        for name in names:
            if name in self._read or name not in self.image.descriptors:
                continue
            self._read.add(name)
            found, _ = self._read_file(name)
            self._messages |= found.messages
            self._enums |= found.enums
            for extended, fields in found.extensions.items():
                self._bodies.pop(extended, None)
                self._extensions.setdefault(extended, {}).update((each.number, each) for each in fields)
                self._extended.update((each.name, extended) for each in fields)
                self.extended_from.setdefault(extended, name)

    def _read_file(self, name: str) -> tuple[FileShapes, tuple[str, ...]]:
        return _shapes(self.image.descriptors[name], OPTIONS_FILE in self.image.descriptors)

    @property
    def messages(self) -> Mapping[str, Message]:
        """Those that were read so far."""
        return self._messages

    @property
    def enums(self) -> Mapping[str, Enum]:
        return self._enums

    def message(self, name: str, seen_from: str) -> Body | None:
        """The message, as the file that names it sees it."""
        if name not in self._messages:
            self._look(name, seen_from)
        if name in self._bodies:
            return self._bodies[name]
        found = self._messages.get(name)
        if found is None:
            return None
        body = self._bodies[name] = Body(found, tuple(self._extensions.get(name, {}).values()))
        return body

    def enum(self, name: str, seen_from: str) -> Enum | None:
        if name not in self._enums:
            self._look(name, seen_from)
        return self._enums.get(name)

    def extended(self, name: str) -> str | None:
        """The message that an extension extends, by its name in brackets."""
        return self._extended.get(name)

    def element(self, name: str) -> Element | None:
        """The message of that name, in what was read or what that imports."""
        if name not in self._messages:
            self._look(name, *sorted(self._read))
        if (found := self._messages.get(name)) is None:
            return None
        return self._elements(found.place.file).get(name)

    def _elements(self, file: str) -> Mapping[str, Element]:
        if file not in self._walked:
            self._walked[file] = {each.full_name: each for each in walk(self.file(file), ("message",))}
        return self._walked[file]

    def of_file(self, name: str) -> Iterable[Element]:
        """The messages that a file declares, without those behind maps."""
        return self._elements(name).values()

    def _look(self, name: str, *seen_from: str) -> None:
        for file in self._around(seen_from):
            if file in self._read:
                continue
            self.read([file])
            if name in self._messages or name in self._enums:
                return

    def _around(self, names: Iterable[str]) -> Iterator[str]:
        """The files, what they import, and what these import, nearest first."""
        wave = list(names)
        seen = set(wave)
        while wave:
            yield from wave
            known = [file for file in wave if file in self.image.descriptors]
            ahead = [each for file in known for each in self._read_file(file)[1]]
            wave = [each for each in dict.fromkeys(ahead) if each not in seen]
            seen.update(wave)
