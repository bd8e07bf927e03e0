"""Whether what was read is what was written: field by field, by what a field's type means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from law import declared, forms
from law.model import ENUM, Side
from law.values import at, is_map, narrow
from schemactl.compat.contract import Writer as Profile

_FLOAT, _BYTES = 2, 12


class Harm(NamedTuple):
    """What a reader made of a field that was set; `at` is the path of the field."""

    kind: Literal["default", "wrong", "error"]
    at: str
    what: str = ""


@dataclass(frozen=True)
class Comparison:
    """A message of `writer` that was read by `reader`; by JSON's names, or by binary's numbers."""

    writer: Side
    reader: Side
    json: bool
    profile: Profile

    def harms(self, wrote: Any, read: Any, path: str = "") -> Iterator[Harm]:
        name, other = wrote.DESCRIPTOR.full_name, read.DESCRIPTOR.full_name
        if name == "google.protobuf.Any" == other:
            yield from self._any(wrote, read, path)
        elif self.json and name != other and (_is_special(name) or _is_special(other)):
            yield from self._like(wrote, read, path)
        else:
            for field, value in wrote.ListFields():
                yield from self._field(field, value, read, f"{path}.{field.name}")

    def _like(self, wrote: Any, read: Any, path: str) -> Iterator[Harm]:
        one = forms.of_message(wrote, self.writer, self.profile)
        two = forms.of_message(read, self.reader, self.profile)
        if not forms.same(one, two):
            yield Harm("wrong", path, f"{one} -> {two}")

    def _any(self, wrote: Any, read: Any, path: str) -> Iterator[Harm]:
        name = wrote.TypeName()
        if not name:
            return
        if read.TypeName() != name:
            yield Harm("wrong", path, "Any")
            return
        inner = self.writer.named(name).FromString(wrote.value)
        try:
            found = self.reader.named(name).FromString(read.value)
        except Exception as error:
            yield Harm("error", path, f"{type(error).__name__}: {error}")
            return
        if not found.IsInitialized():
            yield Harm("error", path, "required is missing")
        yield from self.harms(inner, found, f"{path}.any")

    def _field(self, field: Any, value: Any, read: Any, path: str) -> Iterator[Harm]:
        other = self._resolved(field, read.DESCRIPTOR)
        if other is None:
            if not _is_nothing(value) and self._has_it_under_another(field, read.DESCRIPTOR):
                yield Harm("default", path, "not found")
            return
        try:
            found = at(read, other)
        except UnicodeDecodeError as error:
            yield Harm("error", path, str(error))
            return
        if is_map(field) or is_map(other):
            yield from self._map(field, value, other, found, path)
        elif field.is_repeated or other.is_repeated:
            yield from self._list(field, value, other, found, path)
        elif field.has_presence and other.has_presence and not _has(read, other) and _as_before(field, other):
            yield Harm("default", path, "not set")
        else:
            yield from self._value(field, value, other, found, path)

    def _resolved(self, field: Any, descriptor: Any) -> Any:
        """The reader's field that gets what was written."""
        pool = self.reader.pool
        if field.is_extension or not self.json:
            return self._by_number(field, descriptor) if not self.json else declared.extension(pool, field, descriptor)
        key = field.name if self.profile.proto_names else field.json_name
        by_json = next((each for each in descriptor.fields if each.json_name == key), None)
        return by_json or descriptor.fields_by_name.get(key)

    def _by_number(self, field: Any, descriptor: Any) -> Any:
        found = descriptor.fields_by_number.get(field.number)
        if found is not None:
            return found
        try:
            return self.reader.pool.FindExtensionByNumber(descriptor, field.number)
        except KeyError:
            return None

    def _has_it_under_another(self, field: Any, descriptor: Any) -> bool:
        """The same field all the same: its number with its name or type in JSON, its name and type in binary."""
        if field.is_extension:
            return False
        if self.json:
            found = descriptor.fields_by_number.get(field.number)
            taken = found is not None and found.name in field.containing_type.fields_by_name
            return found is not None and (found.name == field.name or (declared.alike(field, found) and not taken))
        found = descriptor.fields_by_name.get(field.name)
        if found is None or not declared.alike(field, found) or found.number in field.containing_type.fields_by_number:
            return False
        return not (
            declared.reserves(descriptor, field.number) or declared.reserves(field.containing_type, found.number)
        )

    def _list(self, field: Any, value: Any, other: Any, found: Any, path: str) -> Iterator[Harm]:
        values = list(value) if field.is_repeated else [value]
        read = list(found) if other.is_repeated else [found]
        if not other.is_repeated:
            if len(values) > 1:
                yield Harm("wrong", path, "only the last")
                return
        elif not read and all(map(_is_nothing, values)) and not field.is_repeated:
            return
        if len(values) != len(read):
            yield Harm("default" if len(read) < len(values) else "wrong", path, "another length")
            return
        for one, two in zip(values, read, strict=True):
            yield from self._value(field, one, other, two, path)

    def _map(self, field: Any, value: Any, other: Any, found: Any, path: str) -> Iterator[Harm]:
        if not (declared.is_entries(field) and declared.is_entries(other)):
            yield Harm("wrong" if found else "default", path, "no map any more")
            return
        if None in (*declared.entry(field), *declared.entry(other)):  # entries of which the reader does not know all
            if len(value) != len(found):
                yield Harm("default", path, "another length")
            return
        one, two = declared.entry(field), declared.entry(other)
        read = declared.items(other, found)
        for key, content in declared.items(field, value):
            match = [each for read_key, each in read if self._same_key(one[0], key, two[0], read_key)]
            if not match:
                yield Harm("default", f"{path}[{key!r}]", "entry is missing")
            else:
                yield from self._value(one[1], content, two[1], match[-1], f"{path}[{key!r}]")

    def _same_key(self, field: Any, key: Any, other: Any, found: Any) -> bool:
        """JSON's keys are strings, those that are no strings in messages too."""
        if self.json and isinstance(key, bool) != isinstance(found, bool):
            return str(key).lower() == str(found).lower()
        return not list(self._value(field, key, other, found, ""))

    def _value(self, field: Any, value: Any, other: Any, found: Any, path: str) -> Iterator[Harm]:
        message, read_message = field.message_type is not None, other.message_type is not None
        if message and read_message:
            yield from self.harms(value, found, path)
        elif message or read_message:
            if not self._across(field, value, other, found) and not (_is_nothing(value) and _is_nothing(found)):
                yield Harm("default" if _is_nothing(found) else "wrong", path, f"{value!r} -> {found!r}")
        elif not self._same(field, value, other, found):
            yield Harm("default" if _is_nothing(found) else "wrong", path, f"{value!r} -> {found!r}")

    def _across(self, field: Any, value: Any, other: Any, found: Any) -> bool:
        """A message that was read as a scalar, or the other way round."""
        if self.json:
            return self._looks_same(field, value, other, found)
        return bool(other.type == _BYTES and field.message_type is not None and value.SerializeToString() == found)

    def _same(self, field: Any, value: Any, other: Any, found: Any) -> bool:
        if field.type == ENUM and other.type == ENUM:
            return self._same_enum(field.enum_type, value, other.enum_type, found)
        if isinstance(value, float) or isinstance(found, float):
            return self._same_number(field, value, other, found)
        if _is_nothing(value) and _is_nothing(found):
            return True
        if isinstance(value, str) and isinstance(found, bytes):
            return value.encode() == found
        if isinstance(value, bytes) and isinstance(found, str):
            return value == found.encode()
        if isinstance(value, str) != isinstance(found, str):
            return self.json and self._looks_same(field, value, other, found)
        return bool(value == found)

    def _looks_same(self, field: Any, value: Any, other: Any, found: Any) -> bool:
        return forms.same(self._json(field, value, self.writer), self._json(other, found, self.reader))

    def _json(self, field: Any, value: Any, side: Side) -> Any:
        if field.message_type is not None:
            return forms.of_message(value, side, self.profile)
        return forms.of_scalar(field, value, self.profile)

    def _same_number(self, field: Any, value: Any, other: Any, found: Any) -> bool:
        if isinstance(value, str | bytes) or isinstance(found, str | bytes):
            return self.json and self._looks_same(field, value, other, found)
        if _FLOAT in (field.type, other.type) and isinstance(value, float) and isinstance(found, float):
            value, found = narrow(value), narrow(found)
        return bool(value == found or (value != value and found != found))

    def _same_enum(self, enum: Any, value: int, other: Any, found: int) -> bool:
        names = [each.name for each in enum.values if each.number == value]
        known = {each.name: each.number for each in other.values}
        if self.json and not self.profile.enum_numbers and names and names[0] in known:
            return bool(known[names[0]] == found)
        moved = any(known.get(name, value) != value for name in names)
        stayed = any(known.get(name) == value for name in names)
        return value == found and (stayed or not moved)


def _has(message: Any, field: Any) -> bool:
    return bool(message.HasExtension(field) if field.is_extension else message.HasField(field.name))


def _as_before(field: Any, other: Any) -> bool:
    """Whether it is a message on both sides, or on neither: nobody expects a message of what was set to zero."""
    return (field.message_type is None) == (other.message_type is None)


def _is_nothing(value: Any) -> bool:
    """A zero, or a message with nothing in it."""
    return not value.ListFields() if hasattr(value, "ListFields") else not value


def _is_special(name: str) -> bool:
    return name.startswith("google.protobuf.") and name != "google.protobuf.Empty"
