"""ENVELOPE_EVENT_TYPE_SAME: one event type enum in all envelopes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from schemactl import events
from schemactl.element import Element, Module
from schemactl.rule import Context, Hit, Rule


def check(module: Module, context: Context) -> Iterator[Hit]:
    fields = [field for event in events.events(module) if (field := events.field_named(event, "event_type"))]
    used = [(field, events.type_of(field.proto)) for field in fields if field.proto.type == events.ENUM_TYPE]
    # What is not shared at all is ENVELOPE_EVENT_TYPE_SHARED's finding.
    used = [pair for pair in used if events.is_shared(pair[1], **context.params)] or used
    counted = Counter(name for _, name in used)
    common = min(counted, key=lambda name: (-counted[name], name), default="")
    for field, name in used:
        if name != common:
            yield _hit(module, field, name, common)


def _hit(module: Module, field: Element, name: str, common: str) -> Hit:
    message = f"`event_type` should be `{common}` as in the other envelopes, not `{name}`"
    line = events.declaration(
        module, field.file, common, f"event_type = {field.proto.number}", field.proto.proto3_optional
    )
    return Hit(message, line, (6,), element=field)


RULE = Rule(
    id="ENVELOPE_EVENT_TYPE_SAME",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    params={"name": "EventType", "segment": "shared"},
    title="All envelopes use the same event type",
    why=(
        "Two enums of event types in one repository drift apart: a consumer of two topics then handles `CREATED` of "
        "one and misses it in the other. The enum that most envelopes use is taken as the right one."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "shared/event_type.proto";
import "shared/v2/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  shared.EventType event_type = 3;
  User payload = 4;
}

message Account {
  string id = 1;
}

message AccountEnvelope {
  shared.v2.EventType event_type = 3;  // error
  Account payload = 4;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
// file: shared/v2/event_type.proto
syntax = "proto3";
package shared.v2;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
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

message Account {
  string id = 1;
}

message AccountEnvelope {
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  shared.EventType event_type = 3;
  Account payload = 4;
  Account prev_payload = 5;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
