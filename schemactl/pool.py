"""One pool's view of files that were compiled in shards: what may exist only once, over all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from schemactl.element import walk
from schemactl.file import File
from schemactl.finding import Finding, Location, fingerprint
from schemactl.image import Image
from schemactl.outline import Outline


class Clash(NamedTuple):
    symbol: str
    file: str
    other: str


_QUOTED = re.compile(r'"([^"]*)"')


def clashes(outlines: Iterable[Outline]) -> list[Clash]:
    """Every name (type, enum value, service, extension number) declared in two files.

    protoc sees only one shard at a time, and of a number used twice it only warns; a package named like a symbol of
    another file is refused too.
    """
    ordered = sorted(outlines, key=lambda outline: outline.name)
    declared: dict[str, str] = {}
    found: dict[Clash, None] = {}
    for outline in ordered:
        for symbol in outline.symbols:
            first = declared.setdefault(symbol, outline.name)
            if first != outline.name:
                found[Clash(symbol, first, outline.name)] = None
    for name, symbol in _packages(ordered):
        if symbol in declared and declared[symbol] != name:
            found[Clash(symbol, declared[symbol], name)] = None
    return list(found)


def _packages(outlines: Iterable[Outline]) -> list[tuple[str, str]]:
    """(file, package) for every package and the packages around it."""
    return [
        (outline.name, outer)
        for outline in outlines
        if outline.package
        for outer in accumulate(outline.package.split("."), "{}.{}".format)
    ]


def told(image: Image, clashes: Iterable[Clash]) -> list[Finding]:
    """A finding on both files of each."""
    return [
        finding
        for symbol, first, second in clashes
        for finding in (_clash(image, symbol, first, second), _clash(image, symbol, second, first))
    ]


def _clash(image: Image, symbol: str, name: str, other: str) -> Finding:
    file = image.file(name)
    if symbol.startswith("+"):
        extendee, _, number = symbol[1:].rpartition(":")
        message = (
            f"extension number {number} of `{extendee.lstrip('.')}` is also used in {image.paths.get(other, other)}"
        )
        help = "give one of the two another number"
    else:
        message = f"`{symbol}` is also defined in {image.paths.get(other, other)}"
        help = "rename or delete one of the two: in one program both cannot be loaded"
    return Finding(
        "DUPLICATE_SYMBOL", "error", "compile", message, _place(file, symbol), symbol.lstrip("+"), help,
        fingerprint=fingerprint("DUPLICATE_SYMBOL", symbol, name),
    )  # fmt: skip


def _place(file: File, symbol: str) -> Location:
    kinds = ("message", "enum", "enum_value", "service", "field")
    for element in walk(file, kinds):
        value_beside_enum = element.kind == "enum_value" and symbol == beside(element.full_name)
        number = element.kind == "field" and symbol == f"+{element.proto.extendee}:{element.proto.number}"
        if element.full_name == symbol or value_beside_enum or number:
            return file.location((*element.path, 1))
    return file.location((2,))


def beside(value_name: str) -> str:
    """Scope rule of protobuf: `p.Enum.VALUE` is declared as `p.VALUE`."""
    outer, _, name = value_name.rpartition(".")
    package = outer.rpartition(".")[0]
    return f"{package}.{name}" if package else name


def mentioned(paths: Mapping[str, str], message: str) -> str:
    """The compiler's message with import paths replaced by where the files stand."""
    return _QUOTED.sub(lambda quoted: f'"{paths.get(quoted[1], quoted[1])}"', message)
