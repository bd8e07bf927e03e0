"""What a reader with one type makes of the JSON that a writer with another type printed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

from schemactl.compat import enums, jsonforms
from schemactl.compat.contract import Writer
from schemactl.compat.enums import UNKNOWN_NAME
from schemactl.compat.shape import Enum
from schemactl.compat.values import Type, narrowed, over_all, samples, usual
from schemactl.effect import OK, Outcome, Reading, both

WELL_KNOWN: frozenset[str] = jsonforms.FORMED
_VALUE = "google.protobuf.Value"
_Written = tuple[object, object]  # the value, and its JSON


def read(writer: Type, reader: Type, printed: Writer, *, zero: bool) -> Outcome:
    """`zero`: whether it is printed when it is zero. Not of two plain messages: what they hold tells."""
    form, zero = _form(writer), zero or writer.name in jsonforms.WRAPPERS
    if writer.enum is None:
        if reader.enum is None:
            return _known(form, _form(reader), zero)
        return _outcome((*_written(form, zero), *_as_names(form, reader.enum)), _form(reader), reader.enum)
    if writer.name == jsonforms.NULL:
        return OK if reader.name in (jsonforms.NULL, _VALUE) or not zero else both("default")
    if reader.enum:
        return enums.read_all(writer.enum, reader.enum, "json", printed, zero=zero)
    return _outcome(_named(writer.enum, printed, zero), _form(reader), None)


@cache
def read_key(writer: Type, reader: Type) -> Outcome:
    """Of keys of maps, which are strings in JSON."""
    found = []
    for value in samples(writer.kind, zero=True):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        try:
            jsonforms.key(reader.kind, text)
            found.append((OK, True))
        except ValueError:
            found.append((both("error"), True))
    return over_all(found)


def _form(type: Type) -> str:
    """What its JSON depends on."""
    if type.kind != "message":
        return type.kind
    plain = type.name not in WELL_KNOWN
    return jsonforms.OBJECT if plain else jsonforms.WRAPPERS.get(type.name, type.name)


@cache
def _known(writer: str, reader: str, zero: bool) -> Outcome:
    return OK if writer == reader else _outcome(_written(writer, zero), reader, None)


@cache
def _written(form: str, zero: bool) -> tuple[_Written, ...]:
    if form in WELL_KNOWN or form == jsonforms.OBJECT:
        return tuple((each, each) for each in jsonforms.printed_forms(form))
    return tuple((each, jsonforms.printed(form, each)) for each in samples(form, zero))


def _as_names(form: str, reader: Enum) -> tuple[_Written, ...]:
    """Texts may well be the names of its values."""
    return ((reader.values[0][0],) * 2,) if form in ("string", _VALUE) else ()


def _named(enum: Enum, printed: Writer, zero: bool) -> tuple[_Written, ...]:
    """Zero stands for all that is not written."""
    found = [(number, name) for number, name in enum.printed.items() if number or zero]
    return tuple((number, number if printed.enum_numbers else name) for number, name in found)


def _outcome(written: Iterable[_Written], reader: str, known: Enum | None) -> Outcome:
    return over_all((_one(value, given, reader, known), usual(value)) for value, given in written)


def _one(value: object, given: object, reader: str, known: Enum | None) -> Outcome:
    try:
        if given is None:
            return OK if reader == _VALUE else both("default")
        if reader == jsonforms.OBJECT:
            return _as_message(given)
        if known:
            return _as_enum(given, known)
        got = jsonforms.parser(reader)(given)
    except ValueError:
        return both("error")
    return OK if _same(value, got) else both("wrong")


def _as_message(given: object) -> Outcome:
    """Whether an object has the message's fields is not known."""
    if not isinstance(given, dict):
        return both("error")
    return Outcome(Reading("error", "some"), Reading("error", "all" if "@type" in given else "some"))


def _as_enum(given: object, known: Enum) -> Outcome:
    values = enums.named(known)
    if isinstance(given, str) and given in values.numbers:
        return OK
    if isinstance(given, str) and not jsonforms.is_integer(given):
        return UNKNOWN_NAME
    number = jsonforms.parser("int32")(given)
    if known.closed and number not in values.printed:
        return both("error")
    return UNKNOWN_NAME if isinstance(given, str) else OK  # some take it for a name, some for a number


def _same(written: object, got: object) -> bool:
    if isinstance(written, bytes) or isinstance(got, bytes):
        return written == got
    if not isinstance(got, int | float) or not isinstance(written, int | float):
        return True  # read from its own text
    if isinstance(got, float) and math.isnan(got):
        return isinstance(written, float) and math.isnan(written)
    return got == written or (isinstance(written, float) and abs(got) < math.inf and narrowed(got) == written)
