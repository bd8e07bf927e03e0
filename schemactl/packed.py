"""Descriptor paths and spans as they are encoded: varints, packed; and what is found by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from schemactl.finding import Location


def placed(path: str, span: tuple[int, ...]) -> Location:
    """The place of a 0-based span in code points; of an empty one the top of the file."""
    if not span:
        return Location(path, 1, 1, 1, 1)
    end_line, end_column = (span[0], span[2]) if len(span) == 3 else (span[2], span[3])
    return Location(path, span[0] + 1, span[1] + 1, end_line + 1, end_column + 1)


def is_ignored(ignores: Mapping[bytes, Collection[str]], path: bytes, rule: str) -> bool:
    """Whether the rule is named at the path or above: a cut inside of a varint is the end of none."""
    return bool(ignores) and any(rule in ignores.get(path[:end], ()) for end in range(len(path), 0, -1))


def pack(numbers: tuple[int, ...]) -> bytes:
    """The varints of a packed repeated int32 (descriptor paths and spans are never negative)."""
    if not numbers or max(numbers) < 0x80:
        return bytes(numbers)
    packed = bytearray()
    for number in numbers:
        while number > 0x7F:
            packed.append(number & 0x7F | 0x80)
            number >>= 7
        packed.append(number)
    return bytes(packed)


def unpack(packed: bytes) -> tuple[int, ...]:
    if not packed or max(packed) < 0x80:
        return tuple(packed)
    numbers, value, shift = [], 0, 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return tuple(numbers)
