"""ENVELOPE_EVENT_TYPE_SHARED: the event type is an enum that all domains share."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import events
from schemactl.element import Element, Module
from schemactl.rule import Context, Hit, Rule


def check(module: Module, context: Context) -> Iterator[Hit]:
    name, segment = context.params["name"], context.params["segment"]
    for event in events.events(module):
        field = events.field_named(event, "event_type")
        if field is None or field.proto.type != events.ENUM_TYPE:
            continue  # ENVELOPE_FIELDS says it
        used = events.type_of(field.proto)
        if not events.is_shared(used, name, segment):
            right = events.shared_enum(module, name, segment)
            message = f"`event_type` of `{event.name}` should be the shared enum `{right or name}`, not `{used}`"
            yield Hit(message, _help(module, field, right, name, segment), (6,), element=field)


def _help(module: Module, field: Element, right: str, name: str, segment: str) -> str:
    if not right:
        return f"declare the enum `{name}` in a package that has `{segment}` in its name, and use it in all envelopes"
    number = field.proto.number
    return events.declaration(module, field.file, right, f"event_type = {number}", field.proto.proto3_optional)


RULE = Rule(
    id="ENVELOPE_EVENT_TYPE_SHARED",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    params={"name": "EventType", "segment": "shared"},
    title="The event type is the shared enum",
    why=(
        "Consumers of several topics route by `event_type`. One enum, defined once in a shared package, gives them one "
        "set of words; an enum of each domain's own gives them as many dialects as there are topics."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}

message User {
  string id = 1;
}

message UserEnvelope {
  EventType event_type = 3;  // error
  User payload = 4;
}
""",
    good="""\
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "shared/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
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
