"""Encoded messages, field by field, for those whose type nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.packed import pack

_VARINT, _EIGHT, _LENGTH, _GROUP, _END, _FOUR = range(6)


def without(message: bytes, number: int) -> bytes:
    """The message less one field, the others as they stood, in their order."""
    kept = [message[start:end] for found, start, end in _fields(message) if found != number]
    return b"".join(kept)


def numbers(message: bytes) -> set[int]:
    """The fields that are there."""
    return {found for found, _, _ in _fields(message)}


def values(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields that are numbers of varying length or have one before them, with their values."""
    for number, start, end in _fields(message):
        tag, at = _varint(message, start)
        if tag & 7 == _VARINT:
            yield number, _varint(message, at)[0]
        elif tag & 7 == _LENGTH:
            yield number, message[_varint(message, at)[1] : end]


def embedded(number: int, message: bytes) -> bytes:
    """The message as a field of another one."""
    return pack((number << 3 | _LENGTH, len(message))) + message


def _fields(message: bytes) -> Iterator[tuple[int, int, int]]:
    """(number, start, end) of every field."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _varint(message, at)
        at = _skip(message, at, tag & 7)
        yield tag >> 3, start, at


def _skip(message: bytes, at: int, kind: int) -> int:
    """Where the value of that wire type ends; a group ends with the end of the last one in it."""
    open_groups = 0
    while True:
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind == _LENGTH:
            length, at = _varint(message, at)
            at += length
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            open_groups += 1 if kind == _GROUP else -1
        if open_groups <= 0:
            return at
        tag, at = _varint(message, at)
        kind = tag & 7


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
