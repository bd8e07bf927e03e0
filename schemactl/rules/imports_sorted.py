"""IMPORTS_SORTED: imports stand in the order of their paths, in each block of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemactl.element import FILE_IMPORT, Element
from schemactl.file import File
from schemactl.rule import Context, Hit, Rule

_BESIDE = re.compile(rb"\s*(?:;|//|/\*|import\b|\Z)")


class Block(NamedTuple):
    """Imports with neither a blank line nor another statement among them: their numbers in the file, their paths."""

    numbers: list[int]
    names: list[str]


def blocks(file: File) -> Iterator[Block]:
    block, before = Block([], []), 0
    for number, name in enumerate(file.proto.dependency):
        place = file.location((FILE_IMPORT, number))
        if block.numbers and not _together(file, before, place.line):
            yield block
            block = Block([], [])
        block.numbers.append(number)
        block.names.append(name)
        before = place.end_line
    if block.numbers:
        yield block


def _together(file: File, end: int, start: int) -> bool:
    """Whether all lines between hold comments; without a text there is nothing between."""
    if file.source is None:
        return start - end <= 1
    return end <= start and all(line.strip() and _BESIDE.match(line) for line in file.lines[end : start - 1])


def suspect(proto: Any) -> bool:
    names = list(proto.dependency)
    return names != sorted(names)


def check(file: Element, context: Context) -> Iterator[Hit]:
    for block in blocks(file.file):
        highest = ""
        for number, name in zip(*block, strict=True):
            if name < highest:
                message = f"import of `{name}` should stand before that of `{highest}`"
                yield Hit(message, "sort each block of imports by path", (FILE_IMPORT, number), name)
            else:
                highest = name


RULE = Rule(
    id="IMPORTS_SORTED",
    target="file",
    severity="warning",
    categories=("STYLE",),
    check=check,
    suspect=suspect,
    title="Imports are sorted by their paths",
    why=(
        "In a sorted list an import is found at a glance, is not added twice, and two branches that each add one "
        "seldom conflict. Paths are compared byte by byte, as `buf format` does, whose output always passes. "
        "Blank lines part blocks, each of which is sorted by itself: groups that somebody made stay."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";  // error

message User {
  google.protobuf.Timestamp created_at = 1;
  google.protobuf.Duration session = 2;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;
import "google/protobuf/timestamp.proto";

import "acme/example/v1/address.proto";
import "google/protobuf/duration.proto";

message User {
  google.protobuf.Timestamp created_at = 1;
  google.protobuf.Duration session = 2;
  Address address = 3;
}
// file: acme/example/v1/address.proto
syntax = "proto3";
package acme.example.v1;

message Address {
  string city = 1;
}
""",
)
