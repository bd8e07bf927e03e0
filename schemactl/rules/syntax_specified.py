"""SYNTAX_SPECIFIED: a file says its syntax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule

_SYNTAX = 12


def suspect(proto: Any) -> bool:
    return not proto.syntax


def check(file: Element, context: Context) -> Iterator[Hit]:
    # A descriptor says nothing of proto2, written or not; only its positions show the statement.
    if suspect(file.proto) and file.proto.source_code_info and file.file.span((_SYNTAX,)) is None:
        help = 'write `syntax = "proto2";` at the top, which changes nothing; "proto3" would change what fields mean'
        yield Hit("the file should say its syntax", help, ())


RULE = Rule(
    id="SYNTAX_SPECIFIED",
    target="file",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="A file says its syntax",
    why=(
        "Without `syntax` a file is proto2, which few people mean today: fields then have presence, enums are closed, "
        "and the same text means something else than in the file next to it."
    ),
    bad="""\
package acme.example.v1;  // error

message User {
  optional string id = 1;
}
""",
    good="""\
syntax = "proto2";
package acme.example.v1;

message User {
  optional string id = 1;
}
""",
)
