"""The JSON forms of values: how each type is printed, and what is accepted for it by every library."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

from schemactl.compat.values import LARGEST_FLOAT, LIMITS, narrowed

_GOOGLE = "google.protobuf."
WRAPPERS: dict[str, str] = {
    f"{_GOOGLE}{name}Value": kind
    for name, kind in (
        ("Double", "double"), ("Float", "float"), ("Int64", "int64"), ("UInt64", "uint64"), ("Int32", "int32"),
        ("UInt32", "uint32"), ("Bool", "bool"), ("String", "string"), ("Bytes", "bytes"),
    )
}  # fmt: skip
NULL = f"{_GOOGLE}NullValue"
OBJECT = "object"  # what messages without a form of their own are read from and printed as

_TIMESTAMPS = ("2024-01-02T03:04:05Z", "1969-12-31T23:59:59.999Z")
_PRINTED: dict[str, tuple[object, ...]] = {
    f"{_GOOGLE}Timestamp": _TIMESTAMPS,
    f"{_GOOGLE}Duration": ("1.500s", "-3s"),
    f"{_GOOGLE}FieldMask": ("user.displayName,photo", "x"),
    f"{_GOOGLE}Struct": ({"key": 1.5}, {"userName": "x"}),
    f"{_GOOGLE}ListValue": (["x", 1.5],),
    f"{_GOOGLE}Value": (*_TIMESTAMPS, "x", "42", "1.5s", 1.5, 2.0, True, {"key": "x"}, [1.5], None),
    f"{_GOOGLE}Any": ({"@type": f"type.googleapis.com/{_GOOGLE}Duration", "value": "1s"},),
    OBJECT: ({"userName": "x"},),
}
FORMED: frozenset[str] = frozenset(_PRINTED) - {OBJECT} | frozenset(WRAPPERS)

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BASE64 = re.compile(r"([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(r"-?([0-9]{1,12})(\.[0-9]{1,9})?s")
_LONGEST = 315_576_000_000
_PATH = r"[a-z][A-Za-z0-9]*"
_PATHS = re.compile(rf"({_PATH}(\.{_PATH})*(,{_PATH}(\.{_PATH})*)*)?")
_NO_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def printed(kind: str, value: object) -> object:
    """The JSON of a value of a scalar kind."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return next(name for name, each in _NO_NUMBERS.items() if str(each) == str(value))
    return str(value) if kind.endswith("64") else value


def printed_forms(name: str) -> tuple[object, ...]:
    return _PRINTED.get(name, _PRINTED[OBJECT])


@cache
def parser(kind: str) -> Callable[[object], object]:
    """What reads JSON as a scalar kind, or as a message by its full name; it raises ValueError."""
    if kind in LIMITS:
        return lambda given: _integer(given, *LIMITS[kind])
    return _PARSERS[kind]


def key(kind: str, text: str) -> object:
    """The key of a map: all of them are strings in JSON."""
    if kind == "bool":
        return {"true": True, "false": False}[_matched(re.compile("true|false"), text)]
    return parser(kind)(text)


def is_integer(text: str) -> bool:
    return bool(_INTEGER.fullmatch(text))


def _whole(given: object) -> int:
    if isinstance(given, str):
        return int(_matched(_INTEGER, given))
    if isinstance(given, bool) or not isinstance(given, int | float) or not float(given).is_integer():
        raise ValueError
    return int(given)


def _integer(given: object, low: int, high: int) -> int:
    number = _whole(given)
    if not low <= number <= high:
        raise ValueError
    return number


def _double(given: object) -> float:
    if isinstance(given, str):
        return _NO_NUMBERS[given] if given in _NO_NUMBERS else _finite(float(_matched(_NUMBER, given)))
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError
    return _finite(float(given))


def _float(given: object) -> float:
    number = _double(given)
    if math.isfinite(number) and abs(number) > LARGEST_FLOAT:
        raise ValueError
    return narrowed(number)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError
    return number


def _of(type: type) -> Callable[[object], object]:
    def parse(given: object) -> object:
        if not isinstance(given, type):
            raise ValueError
        return given

    return parse


def _bytes(given: object) -> bytes:
    text = _matched(_BASE64, given)
    bare = text.rstrip("=")
    if len(bare) % 4 == 1 or (bare != text and len(text) % 4):
        raise ValueError
    return binascii.a2b_base64(bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4))


def _timestamp(given: object) -> object:
    text = _matched(_TIMESTAMP, given)
    datetime.fromisoformat(text[:19])
    return text


def _duration(given: object) -> object:
    text = _matched(_DURATION, given)
    if int(text.lstrip("-").partition(".")[0].rstrip("s")) > _LONGEST:
        raise ValueError
    return text


def _any(given: object) -> object:
    if not isinstance(given, dict) or "@type" not in given:
        raise ValueError
    return given


def _matched(pattern: re.Pattern[str], given: object) -> str:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise ValueError
    return given


_PARSERS: dict[str, Callable[[object], object]] = {
    "double": _double,
    "float": _float,
    "bool": _of(bool),
    "string": _of(str),
    "bytes": _bytes,
    f"{_GOOGLE}Timestamp": _timestamp,
    f"{_GOOGLE}Duration": _duration,
    f"{_GOOGLE}FieldMask": lambda given: _matched(_PATHS, given),
    f"{_GOOGLE}Struct": _of(dict),
    f"{_GOOGLE}ListValue": _of(list),
    f"{_GOOGLE}Value": lambda given: given,
    f"{_GOOGLE}Any": _any,
    OBJECT: _of(dict),
}
