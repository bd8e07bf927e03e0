"""One way from a writer of the one side to a reader of the other, really taken: messages encoded, decoded, compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from schemactl.compat.contrast import Ends, told
from schemactl.compat.dynamic import (
    ANY,
    Side,
    Unloadable,
    complete,
    elements,
    is_map,
    is_set,
    known,
    said,
)
from schemactl.compat.reading import Way
from schemactl.compat.sameness import Pair, compared, counterpart
from schemactl.compat.samples import Filling, enter, fillings
from schemactl.compat.shape import Field
from schemactl.effect import Kind, Reading, worse

_LONGEST = 4000  # of what is shown of a message
_ELSEWHERE = "what else changed breaks each message that was tried"


class Path(NamedTuple):
    """A root message and the fields to follow in it, on one side; `target` is the field of interest at their end."""

    root: str
    steps: tuple[Field, ...]
    target: Field | None


class Result(NamedTuple):
    effect: Kind
    wire: str
    read: str


@dataclass(frozen=True)
class Trial:
    """`words` are names that the reader's error must mention, where the message is not read without the change either.

    `reused`: what is found under the same number or name means something else.
    """

    writer: Side
    reader: Side
    written: Path
    expected: Path
    way: Way
    tolerant: bool
    words: tuple[str, ...]
    reused: bool = False

    def companions(self) -> Iterator[Any]:
        """Fields that the writer may set beside it, and the reader takes for members of the same oneof."""
        holder, reader = self._holder(self.writer.new(self.written.root)), self._blank
        own = self._written(holder)
        read = own and self._read(own, reader)
        if not read or not read.containing_oneof:
            return
        for each in holder.DESCRIPTOR.fields:
            apart = each.number != own.number and not _together(each, own)
            if apart and (found := counterpart(each, reader.DESCRIPTOR, self.way)) and _together(found, read):
                yield each

    @cached_property
    def _blank(self) -> Any:
        """What holds the field on the reader's side."""
        return _descend(self.reader.new(self.expected.root), self.expected.steps)

    @cached_property
    def target(self) -> Any:
        """The field that is written, or None if the writer has none."""
        return self._written(self._holder(self.writer.new(self.written.root)))

    def run(self, fill: Filling | None, beside: tuple[Any, ...] = ()) -> Result | str:
        """What happens to a message that was filled so; or why it shows nothing."""
        root = self.writer.new(self.written.root)
        holder = self._holder(root)
        try:
            for each in (fill, *(next(fillings(each)) for each in beside)):
                if each:
                    each(holder)
            wire = self._emit(root)
        except _unwritable():
            return "no value that was tried can be written"
        text = wire.hex() if isinstance(wire, bytes) else wire
        if len(text) > _LONGEST:
            return f"a message with it is longer than {_LONGEST} characters"
        got = self.reader.new(self.expected.root)
        try:
            self._absorb(wire, got)
        except Exception as error:  # whatever the library raises is what its users get
            return Result("error", text, said(error)) if self._is_to_blame(error) else _ELSEWHERE
        return self._judged(root, holder, got, text, fill is not None, beside)

    def _holder(self, root: Any) -> Any:
        return _descend(root, self.written.steps)

    def _written(self, holder: Any) -> Any:
        return known(holder, self.written.target) if self.written.target else None

    def _read(self, written: Any, reader: Any) -> Any:
        """Where the reader finds it, or else looks for it."""
        found = written and counterpart(written, reader.DESCRIPTOR, self.way)
        return found or (known(reader, self.expected.target) if self.expected.target else None)

    def _emit(self, root: Any) -> str | bytes:
        from google.protobuf import json_format

        complete(root)
        if self.way.binary:
            return bytes(root.SerializeToString())
        printed = self.way.printed
        value = json_format.MessageToDict(
            root,
            preserving_proto_field_name=printed.proto_names,
            use_integers_for_enums=printed.enum_numbers,
            always_print_fields_with_no_presence=printed.print_defaults,
            descriptor_pool=self.writer.pool,
        )
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def _absorb(self, wire: str | bytes, message: Any) -> None:
        from google.protobuf import json_format

        if isinstance(wire, bytes):
            message.ParseFromString(wire)
        else:
            pool = self.reader.pool
            json_format.Parse(wire, message, ignore_unknown_fields=self.tolerant, descriptor_pool=pool)

    def _is_to_blame(self, error: Exception) -> bool:
        return self._is_read_without or any(word in str(error).partition("\n")[0] for word in self.words)

    @cached_property
    def _is_read_without(self) -> bool:
        root = self.writer.new(self.written.root)
        self._holder(root)
        try:
            self._absorb(self._emit(root), self.reader.new(self.expected.root))
        except Exception:  # as above
            return False
        return True

    def _judged(
        self, root: Any, holder: Any, got: Any, wire: str, filled: bool, beside: tuple[Any, ...]
    ) -> Result | str:
        reader = _follow(got, self.expected.steps)
        if reader is None:
            return _ELSEWHERE
        written = self._written(holder)
        read = self._read(written, reader)
        if read and read.is_required and (lost := _lost(got, read)):
            return Result("error", wire, f"not initialized, missing: {lost}")
        both = [(written, read), *((each, counterpart(each, reader.DESCRIPTOR, self.way)) for each in beside)]
        pairs = [Pair(holder, first, reader, then) for first, then in both if first and then]
        kinds = [self._kind(pair, filled) for pair in pairs]
        effect = worse(Reading(kind) for kind in kinds).effect
        misread = pairs[kinds.index(effect)] if effect in ("default", "wrong") else None
        ends = Ends(root, got, self.written.steps, self.expected.steps)
        return Result(effect, wire, told(wire, ends, misread))

    def _kind(self, pair: Pair, filled: bool) -> Kind:
        if pair.written.message_type and pair.written.message_type.full_name == ANY and self._lost_any(pair):
            return "error"
        found = compared(pair, self.way, zero=filled)
        if found != "ok" or not self.reused or not is_set(pair.reader, pair.read):
            return found
        written, read = pair.written, pair.read
        alike = written.name == read.name if self.way.binary else written.number == read.number
        return "ok" if alike else "wrong"

    def _lost_any(self, pair: Pair) -> bool:
        """Whether it holds a message that the reader cannot find."""
        held = elements(pair.reader, pair.read)
        messages = (each[1] if is_map(pair.read) else each for each in held)
        urls = (getattr(each, "type_url", "") for each in messages)
        return any(url and not self.reader.knows(url.rpartition("/")[2]) for url in urls)


def _unwritable() -> tuple[type[Exception], ...]:
    """What is raised for what is no value of a field, or one that cannot be printed."""
    from google.protobuf import json_format, message

    return ValueError, TypeError, KeyError, AttributeError, json_format.Error, message.EncodeError


def _together(one: Any, other: Any) -> bool:
    return bool(one.containing_oneof and one.containing_oneof == other.containing_oneof)


def _descend(message: Any, steps: tuple[Field, ...]) -> Any:
    for step in steps:
        found = known(message, step)
        if found is None:
            raise Unloadable(f"`{message.DESCRIPTOR.full_name}` has no field {step.number} there")
        message = enter(message, found)
    return message


def _follow(message: Any, steps: tuple[Field, ...]) -> Any:
    """What the reader has there, or None if it was lost on the way."""
    for step in steps:
        found = known(message, step)
        held = elements(message, found) if found is not None else []
        if not held:
            return None
        message = held[0][1] if is_map(found) else held[0]
    return message


def _lost(message: Any, required: Any) -> str:
    name = f"({required.full_name})" if required.is_extension else required.name
    return next((each for each in _missing(message) if each == name or each.endswith(f".{name}")), "")


def _missing(message: Any, path: str = "") -> Iterator[str]:
    """Paths of required fields that are not set: `FindInitializationErrors` (protobuf 7.36.2) crashes on some."""
    for field in message.DESCRIPTOR.fields:
        if field.is_required and not message.HasField(field.name):
            yield f"{path}{field.name}"
    for field, held in message.ListFields():
        name = f"({field.full_name})" if field.is_extension else field.name
        for at, each in _held(field, held):
            yield from _missing(each, f"{path}{name}{at}.")


def _held(field: Any, held: Any) -> list[tuple[str, Any]]:
    """The messages in a field, each with where it is there."""
    if field.message_type is None:
        return []
    if is_map(field):
        values = [(f"[{key}]", held[key]) for key in held]
        return [(at, each) for at, each in values if hasattr(each, "ListFields")]
    if field.is_repeated:
        return [(f"[{index}]", each) for index, each in enumerate(held)]
    return [("", held)]
