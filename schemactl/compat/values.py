"""Values as they travel: for each type a value of every class that some reader may take for something else."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from schemactl.compat.shape import Enum
from schemactl.effect import Outcome, Reading, worse


class Type(NamedTuple):
    """Of one value, without its cardinality: `name` and `enum` where `kind` is one of `enum` and `message`.

    `checked`: a string must be UTF-8. `delimited`: a message that is written as a group.
    """

    kind: str
    name: str = ""
    enum: Enum | None = None
    checked: bool = True
    delimited: bool = False


LIMITS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("int32", "sint32", "sfixed32"), (-(2**31), 2**31 - 1)),
    **dict.fromkeys(("int64", "sint64", "sfixed64"), (-(2**63), 2**63 - 1)),
    **dict.fromkeys(("uint32", "fixed32"), (0, 2**32 - 1)),
    **dict.fromkeys(("uint64", "fixed64"), (0, 2**64 - 1)),
}
LARGEST_FLOAT = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
_EDGES = (2**24, 2**31, 2**32, 2**53, 2**63)  # where floats lose digits, and where integers end
_BESIDE = tuple(sign * (edge + step) for edge in _EDGES for step in (-1, 0, 1) for sign in (1, -1))
_INTEGERS = (0, 1, 2, 3, 127, -1, -2, *_BESIDE, 2**64 - 1)
_FLOATS = (0.0, 1.0, 2.0, -1.0, 1.5, 0.1, 2.0**24 + 1, 2.0**31, 2.0**53, 1e20, 1e300, math.inf, -math.inf, math.nan)
_STRINGS = (
    "", "x", "user name", "userName", "42", "-1", "1.5", "1e3", "true",
    "NaN", "2024-01-02T03:04:05.678Z", "2024-13-45T00:00:00Z", "1.5s", "abcd", "aGVsbG8=", "a-_b", "été \U0001f600",
)  # fmt: skip
_BYTES = (b"", b"hello", b"i\xb7\x1d", b"\xff\xfe", b"\x08\x01", "été".encode(), b"\x00")


@cache
def samples(kind: str, zero: bool = False) -> tuple[object, ...]:
    """Values of a scalar kind, one for each way in which a reader may go wrong, the default only with `zero`."""
    if kind in LIMITS:
        low, high = LIMITS[kind]
        found: Iterable[object] = (each for each in _INTEGERS if low <= each <= high)
    elif kind == "float":
        found = dict.fromkeys(narrowed(each) for each in _FLOATS if each != 1e300)
    else:
        found = {"bool": (False, True), "double": _FLOATS, "string": _STRINGS, "bytes": _BYTES}[kind]
    return tuple(each for each in found if each or zero)


def narrowed(number: float) -> float:
    """What a `float` keeps of it."""
    if not math.isfinite(number):
        return number
    kept: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return kept


def usual(value: object) -> bool:
    """Whether it is more than the default, or what is no number: harm to all usual values is harm to all."""
    return bool(value) and not (isinstance(value, float) and not math.isfinite(value))


def over_all(found: Iterable[tuple[Outcome, bool]]) -> Outcome:
    """What may become of a value, from what becomes of a value of each class, and whether that is a usual one."""
    classes = list(found)
    return Outcome(
        _over_all([(each.tolerant, is_usual) for each, is_usual in classes]),
        _over_all([(each.strict, is_usual) for each, is_usual in classes]),
    )


def _over_all(classes: list[tuple[Reading, bool]]) -> Reading:
    effect = worse(each for each, _ in classes).effect
    if effect == "ok":
        return Reading()
    counted = [each for each, is_usual in classes if is_usual] or [each for each, _ in classes]
    harmed = all(each.effect != "ok" and each.values == "all" for each in counted)
    return Reading(effect, "all" if harmed else "some")
