"""ACME_MESSAGE_COPIED: no message repeats another one of its file."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.element import Element, walk
from schemactl.rule import Context, Hit, Rule


def _check(file: Element, context: Context) -> Iterator[Hit]:
    seen: dict[tuple[object, ...], Element] = {}
    for message in walk(file.file, ("message",)):
        fields = message.proto.field
        shape = tuple((each.name, each.number, each.label, each.type, each.type_name) for each in fields)
        if len(shape) < context.params["fields"]:
            continue
        first = seen.setdefault(shape, message)
        if first is not message:
            yield Hit(
                f"`{message.name}` repeats `{first.name}` field by field",
                f"use `{first.name}` in its place, or make a message of what they share",
                element=message,
            )


RULE = Rule(
    id="ACME_MESSAGE_COPIED",
    target="file",
    check=_check,
    params={"fields": 3},
    title="No message repeats another one of its file",
    why=(
        "Two messages with the same fields are changed together until somebody forgets one. Then a reader that was "
        "written for both understands one of them only."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Address {
  string street = 1;
  string zip_code = 2;
  string city = 3;
}

message Place {  // error
  string street = 1;
  string zip_code = 2;
  string city = 3;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message Address {
  string street = 1;
  string zip_code = 2;
  string city = 3;
}

message Order {
  Address invoice = 1;
  Address delivery = 2;
}
""",
)
