"""Messages of a schema that was never generated: classes over a private pool, made as far as somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from schemactl.compat.shape import Field
from schemactl.descriptors import package, with_imports
from schemactl.image import Image

ANY = "google.protobuf.Any"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_STOPS = re.compile(r"\.{2,}$")
_NESTED = 32  # how deep messages may require each other


class Unloadable(Exception):
    """The schema of one side makes no message classes; the text says why."""


class Side:
    """One side of a comparison, called `base` or `head`."""

    def __init__(self, image: Image, word: str) -> None:
        from google.protobuf import descriptor_pool

        self.word = word
        self.pool: Any = descriptor_pool.DescriptorPool()
        self._image = image
        self._loaded: set[str] = set()
        self._sought: set[str] = set()

    def load(self, files: Iterable[str]) -> None:
        """Make the files known, each after all that it imports."""
        for name, descriptor in self._ordered(files):
            try:
                self.pool.AddSerializedFile(descriptor)
            except Exception as error:  # whatever the library says of it
                raise Unloadable(f"the schema of the {self.word} cannot be loaded: {said(error)}") from error
            self._loaded.add(name)

    def _ordered(self, files: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        pending: list[tuple[str, bytes | None]] = [(name, None) for name in files]
        seen = set(self._loaded)
        while pending:
            name, ready = pending.pop()
            if ready is not None:
                yield name, ready
            elif name not in seen and name in self._image.descriptors:
                seen.add(name)
                descriptor, imported = with_imports(self._image.descriptors[name], whole=False)
                pending += [(name, descriptor), *((each, None) for each in imported)]

    def new(self, name: str) -> Any:
        """An empty message of that full name."""
        from google.protobuf import message_factory

        try:
            found = self.pool.FindMessageTypeByName(name)
        except KeyError:
            if name not in self._sought:  # all of the image is looked through
                self.load(self._declaring(name))
                self._sought.add(name)
            found = self._found(name)
        return message_factory.GetMessageClass(found)()

    def knows(self, name: str) -> bool:
        try:
            self.new(name)
        except Unloadable:
            return False
        return True

    def _found(self, name: str) -> Any:
        try:
            return self.pool.FindMessageTypeByName(name)
        except KeyError:
            raise Unloadable(f"the {self.word} has no `{name}`") from None

    def _declaring(self, name: str) -> list[str]:
        """The files that may declare it."""
        last = name.rpartition(".")[2].encode()
        files = (file for file, descriptor in self._image.descriptors.items() if last in descriptor)
        return [file for file in files if name.startswith(f"{package(self._image.descriptors[file])}.".lstrip("."))]


def said(error: Exception) -> str:
    """The first line of an error, with its kind; without addresses, which are others in every run."""
    first = _STOPS.sub(".", _ADDRESS.sub("", str(error).strip().partition("\n")[0].rstrip()))
    return short(f"{type(error).__name__}: {first}" if first else type(error).__name__)


def short(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def known(message: Any, field: Field) -> Any:
    """The descriptor of the field in a message of that side, or None."""
    descriptor = message.DESCRIPTOR
    return descriptor.fields_by_number.get(field.number) or extension(descriptor, field.number)


def extension(descriptor: Any, number: int) -> Any:
    if not descriptor.is_extendable:
        return None
    try:
        return descriptor.file.pool.FindExtensionByNumber(descriptor, number)
    except KeyError:
        return None


def value(message: Any, of: Any) -> Any:
    return message.Extensions[of] if of.is_extension else getattr(message, of.name)


def is_set(message: Any, of: Any) -> bool:
    """Whether it holds something: of a field without presence, another value than zero."""
    if of.is_repeated:
        return bool(len(value(message, of)))
    if of.has_presence:
        return bool(message.HasExtension(of) if of.is_extension else message.HasField(of.name))
    return bool(value(message, of) != of.default_value)


def assign(message: Any, of: Any, given: Any) -> None:
    if of.is_extension:
        message.Extensions[of] = given
    else:
        setattr(message, of.name, given)


def is_map(of: Any) -> bool:
    return bool(of.is_repeated and of.message_type and of.message_type.GetOptions().map_entry)


def elements(message: Any, of: Any) -> list[Any]:
    """What the field holds, one by one; the entries of a map by their keys."""
    if not is_set(message, of):
        return []
    held = value(message, of)
    if is_map(of):
        return [(key, held[key]) for key in sorted(held)]
    return list(held) if of.is_repeated else [held]


def complete(message: Any, depth: int = 0) -> None:
    """Set what is required and was not, here and in all that the message holds."""
    if depth > _NESTED:
        raise Unloadable("its messages require each other without an end")
    if message.IsInitialized():
        return
    for each in message.DESCRIPTOR.fields:
        if each.is_required and not is_set(message, each):
            if each.message_type:
                value(message, each).SetInParent()
            else:
                assign(message, each, each.default_value)
    for each, _ in message.ListFields():
        for held in _messages(message, each):
            complete(held, depth + 1)


def _messages(message: Any, of: Any) -> list[Any]:
    if not of.message_type:
        return []
    held = elements(message, of)
    if not is_map(of):
        return held
    return [each for _, each in held] if of.message_type.fields_by_name["value"].message_type else []
