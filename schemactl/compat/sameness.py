"""Whether a reader sees what was written: two messages of two schemas, field by field."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

from schemactl.compat.dynamic import elements, extension, is_map, is_set
from schemactl.compat.reading import Way
from schemactl.effect import Kind, Reading, worse

_FLOAT, _STRING, _BYTES = 2, 9, 12
_WRAPPERS = {
    f"google.protobuf.{kind}Value"
    for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
}


class Pair(NamedTuple):
    """A field as it was written and as it is read, in the messages that hold it."""

    writer: Any
    written: Any
    reader: Any
    read: Any

    @property
    def single(self) -> bool:
        return not self.written.is_repeated and not self.read.is_repeated


def compared(pair: Pair, way: Way, *, zero: bool = False) -> Kind:
    """What the reader makes of a field: sees it, sees its default instead, or sees something else.

    `zero`: it was set even where that does not show, to zero.
    """
    sent, got = elements(pair.writer, pair.written), elements(pair.reader, pair.read)
    if not got:
        return "default" if zero and hidden(pair) else _missing(pair, sent)
    if not sent:
        return "ok" if _same(_default(pair.written), pair.written, got[-1], pair.read) else "wrong"
    if len(got) < len(sent):
        return "default" if pair.read.is_repeated and is_map(pair.read) == is_map(pair.written) else "wrong"
    if len(got) > len(sent):
        return "wrong"
    return _worst(_element(pair, *both, way) for both in zip(sent, got, strict=True))


def hidden(pair: Pair) -> bool:
    """Whether a reader that tells unset from zero may see the one where the other was meant."""
    blurred = pair.single and pair.read.has_presence and not pair.written.has_presence
    return bool(blurred) and not (is_set(pair.writer, pair.written) or is_set(pair.reader, pair.read))


def _missing(pair: Pair, sent: list[Any]) -> Kind:
    """The reader sees nothing: which is what was written, if that was the default all the same."""
    if pair.written.message_type or pair.read.message_type or not pair.single:
        return "default" if sent else "ok"
    written = sent[0] if sent else _default(pair.written)
    if sent and pair.read.has_presence:
        return "default"
    if _same(written, pair.written, _default(pair.read), pair.read):
        return "ok"
    return "default" if sent else "wrong"


def _default(of: Any) -> Any:
    return None if of.message_type or of.is_repeated else of.default_value


def _element(pair: Pair, sent: Any, got: Any, way: Way) -> Kind:
    written, read = pair.written, pair.read
    if is_map(written) and is_map(read):
        return _entry(pair, sent, got, way)
    if is_map(written) or is_map(read):
        return _half_map(written, read, got)
    if written.message_type and read.message_type:
        return _messages(sent, got, way)
    if _same(sent, written, got, read):
        return "ok"
    return "default" if not read.message_type and got == read.default_value else "wrong"


def _half_map(written: Any, read: Any, got: Any) -> Kind:
    """Entries read as messages, or the reverse; or as something that they never were."""
    if not (written.message_type and read.message_type):
        return "wrong"
    return "default" if is_map(written) and not got.ListFields() else "ok"


def _entry(pair: Pair, sent: Any, got: Any, way: Way) -> Kind:
    (key, value), (found_key, found) = sent, got
    written, read = (each.message_type.fields_by_name for each in (pair.written, pair.read))
    if not _same(key, written["key"], found_key, read["key"]):
        return "wrong"
    return _element(Pair(pair.writer, written["value"], pair.reader, read["value"]), value, found, way)


def _messages(sent: Any, got: Any, way: Way) -> Kind:
    """Field by field; what the reader has no field for is no harm."""
    if sent.DESCRIPTOR.full_name != got.DESCRIPTOR.full_name and not way.binary and _is_special(sent, got):
        return "ok" if shown(sent) == shown(got) else "wrong"
    pairs = ((each, counterpart(each, got.DESCRIPTOR, way)) for each, _ in sent.ListFields())
    return _worst(compared(Pair(sent, each, got, found), way) for each, found in pairs if found)


def _is_special(*messages: Any) -> bool:
    """Whether JSON has it otherwise than field by field."""
    if all(each.DESCRIPTOR.full_name in _WRAPPERS for each in messages):
        return False
    return any(not isinstance(shown(each), dict) for each in messages)


def _bare(value: Any, of: Any) -> tuple[Any, Any]:
    """What a wrapper holds, which is what JSON has for it; anything else as it is."""
    if of.message_type and of.message_type.full_name in _WRAPPERS and value is not None:
        return value.value, of.message_type.fields_by_name["value"]
    return value, of


def counterpart(of: Any, descriptor: Any, way: Way) -> Any:
    """The field that is read where the other was written, or None."""
    if way.binary or of.is_extension:
        return descriptor.fields_by_number.get(of.number) or extension(descriptor, of.number)
    key = of.name if way.printed.proto_names else of.json_name
    found = (each for each in reversed(descriptor.fields) if each.json_name == key)
    return next(found, None) or descriptor.fields_by_name.get(key)


def _worst(kinds: Iterable[Kind]) -> Kind:
    return worse(Reading(kind) for kind in kinds).effect


def _same(sent: Any, written: Any, got: Any, read: Any) -> bool:
    if sent is None or got is None:
        return sent is got
    (sent, written), (got, read) = _bare(sent, written), _bare(got, read)
    if written.message_type or read.message_type:
        return text(sent, written) == text(got, read)
    if written.enum_type and read.enum_type:
        return _same_value(_names(sent, written), got, read, sent)
    if {written.type, read.type} == {_STRING, _BYTES}:
        return _octets(sent) == _octets(got)
    if isinstance(sent, float) or isinstance(got, float):
        return _same_float(sent, got, _FLOAT in (written.type, read.type))
    return (
        bool(sent == got) if type(sent) is type(got) or _numbers(sent, got) else text(sent, written) == text(got, read)
    )


def _numbers(*values: Any) -> bool:
    return all(isinstance(each, int) for each in values)


def _same_value(names: set[str], got: int, read: Any, sent: int) -> bool:
    """By name; a number whose name is unknown there has a new one."""
    if names & _names(got, read):
        return True
    return sent == got and not any(name in read.enum_type.values_by_name for name in names)


def _names(number: int, of: Any) -> set[str]:
    enum = of.enum_type
    if enum.GetOptions().allow_alias:
        return {each.name for each in enum.values if each.number == number}
    named = enum.values_by_number.get(number)
    return {named.name} if named else set()


def _octets(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _same_float(sent: Any, got: Any, single: bool) -> bool:
    if isinstance(sent, (str, bytes)) or isinstance(got, (str, bytes)):
        return str(sent) == str(got)
    first, second = (_single(each) if single else each for each in (sent, got))
    return bool(first == second or (first != first and second != second))


def _single(value: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float(value)


def text(value: Any, of: Any) -> str:
    """A value as it is written in JSON, less quotes."""
    if of.message_type:
        return str(shown(value))
    if of.enum_type:
        named = of.enum_type.values_by_number.get(value)
        return str(named.name if named else value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def shown(message: Any, *, defaults: bool = False) -> Any:
    """The message as Python prints it in JSON."""
    from google.protobuf import json_format

    pool = message.DESCRIPTOR.file.pool
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=defaults, descriptor_pool=pool)
