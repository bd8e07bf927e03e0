"""ENVELOPE_FIELDS: the five fields every envelope has, each with its number and type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemactl import events
from schemactl.element import Element, Module
from schemactl.names import short
from schemactl.rule import Context, Hit, Rule

_NAME, _NUMBER, _LABEL, _SCALAR, _TYPE = (1,), (3,), (4,), (5,), (6,)
_KINDS = {events.MESSAGE_TYPE: "message", events.ENUM_TYPE: "enum"}
_SHARED_ENUM = ("EventType", "shared")


@dataclass(frozen=True)
class Wanted:
    """A field of the envelope; `types` are scalars, full names of types, or `message` and `enum` for any."""

    name: str
    number: int
    types: Sequence[str]


def check(module: Module, context: Context) -> Iterator[Hit]:
    wanted = [Wanted(**field) for field in context.params["fields"]]
    for event in events.events(module):
        for field in wanted:
            yield from _judge(module, event, field, {other.name for other in wanted})


def _judge(module: Module, event: Element, wanted: Wanted, standard: set[str]) -> Iterator[Hit]:
    field = events.field_named(event, wanted.name)
    if field is None and _is_oneof(event, wanted.name):
        return  # ENVELOPE_NO_ONEOF_PAYLOAD says it
    if field is None:
        field = _in_its_place(event, wanted, standard)
    if field is None:
        line = _line(module, event, wanted, None)
        yield Hit(f"`{event.name}` should have the field `{line}`", line, key=wanted.name, element=event)
        return
    flaws = list(_flaws(field.proto, wanted))
    if flaws:
        at = flaws[0][0] if len(flaws) == 1 else _NAME
        message = f"field `{field.name}` of `{event.name}` should {_listed([flaw for _, flaw in flaws])}"
        yield Hit(message, _line(module, event, wanted, field.proto), at, wanted.name, field)


def _listed(flaws: list[str]) -> str:
    return " and ".join(part for part in (", ".join(flaws[:-1]), flaws[-1]) if part)


def _is_oneof(event: Element, name: str) -> bool:
    return any(oneof.name == name for oneof in event.proto.oneof_decl)


def _in_its_place(event: Element, wanted: Wanted, standard: set[str]) -> Element | None:
    """The field that has the number: probably the one that was meant, under another name."""
    holders = (field for field in event.fields if field.proto.number == wanted.number and field.name not in standard)
    return next((field for field in holders if not _is_member(event, field.proto)), None)


def _is_member(event: Element, field: Any) -> bool:
    return bool(field.HasField("oneof_index") and event.proto.oneof_decl[field.oneof_index].name == "payload")


def _flaws(field: Any, wanted: Wanted) -> Iterator[tuple[tuple[int, ...], str]]:
    if field.name != wanted.name:
        yield _NAME, f"be called `{wanted.name}`"
    if field.number != wanted.number:
        yield _NUMBER, f"have number {wanted.number}, not {field.number}"
    if field.label == events.REPEATED:
        yield _LABEL, "be singular"
    if not _fits(field, wanted.types):
        where = _TYPE if field.type_name else _SCALAR
        yield where, f"be {_described(wanted.types)}, not `{short(events.type_of(field))}`"


def _fits(field: Any, types: Iterable[str]) -> bool:
    return bool({_KINDS.get(field.type), events.type_of(field)} & set(types))


def _described(types: Iterable[str]) -> str:
    return " or ".join({"message": "a message", "enum": "an enum"}.get(name, f"`{name}`") for name in types)


def _line(module: Module, event: Element, wanted: Wanted, field: Any) -> str:
    """The declaration as it should stand in the file."""
    type_name = events.written(_type(module, event, wanted, field), event.file)
    optional = event.file.proto.syntax in ("", "proto2") or (field is not None and field.proto3_optional)
    return f"{'optional ' if optional else ''}{type_name} {wanted.name} = {wanted.number};"


def _type(module: Module, event: Element, wanted: Wanted, field: Any) -> str:
    if "message" in wanted.types:
        return _payload(module, event)
    if field is not None and _fits(field, wanted.types):
        return events.type_of(field)
    if "enum" in wanted.types:
        shared = events.shared_enum(module, *_SHARED_ENUM)
        return shared.full_name if shared else ".".join(reversed(_SHARED_ENUM))
    return wanted.types[0]


def _payload(module: Module, event: Element) -> str:
    """The message the envelope is named after; without such a name, the one it carries."""
    carried = [field.proto for name in ("payload", "prev_payload") if (field := events.field_named(event, name))]
    types = [events.type_of(field) for field in carried if field.type == events.MESSAGE_TYPE]
    wanted = events.payload_name(event)
    if not wanted:
        return next(iter(types), "Payload")
    local = f"{event.file.package}.{wanted}".lstrip(".")
    known = [name for name, element in module.types.items() if element.kind == "message" and short(name) == wanted]
    named = [name for name in types if short(name) == wanted]
    return next(iter((*named, *(name for name in known if name == local), *sorted(known))), wanted)


_PARAMS: Mapping[str, Any] = {
    "fields": [
        {"name": "event_uuid", "number": 1, "types": ["string"]},
        {"name": "occurred_at", "number": 2, "types": ["google.protobuf.Timestamp", "int64"]},
        {"name": "event_type", "number": 3, "types": ["enum"]},
        {"name": "payload", "number": 4, "types": ["message"]},
        {"name": "prev_payload", "number": 5, "types": ["message"]},
    ]
}

RULE = Rule(
    id="ENVELOPE_FIELDS",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    params=_PARAMS,
    title="Every envelope has the five standard fields",
    why=(
        "Tools that know nothing of a topic (replay, deduplication, tracing, change capture) read the envelope alone. "
        "They find what they need under the same names in JSON, and under the same numbers in binary, or not at all."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;

message User {
  string id = 1;
}

message UserEnvelope {  // error
  string uuid = 1;  // error
  string occurred_at = 2;  // error
  User payload = 5;  // error
  repeated User prev_payload = 4;  // error
}
""",
    good="""\
syntax = "proto3";
package users;
import "shared/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  string event_uuid = 1;
  int64 occurred_at = 2;
  shared.EventType event_type = 3;
  User payload = 4;
  User prev_payload = 5;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
