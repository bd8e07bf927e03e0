"""TOPIC_UNIQUE: a topic carries one envelope."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import events
from schemactl.element import Element, Module
from schemactl.rule import Context, Hit, Rule


def check(module: Module, context: Context) -> Iterator[Hit]:
    by_name: dict[str, list[Element]] = {}
    for event, name in events.topics(module):
        by_name.setdefault(name, []).append(event)
    for name, sharing in by_name.items():
        for event in sharing if len(sharing) > 1 else ():
            others = ", ".join(f"`{other.full_name}` ({other.file.path})" for other in sharing if other is not event)
            yield Hit(
                f"topic `{name}` is also the topic of {others}",
                "give each envelope a topic of its own",
                events.topic_path(),
                key=name,
                element=event,
            )


RULE = Rule(
    id="TOPIC_UNIQUE",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    title="A topic carries one envelope",
    why=(
        "Nothing in a record says which of two messages it is. A reader that expects one and gets the other fails, or "
        "worse, reads the wrong fields without noticing."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.users.status";  // error
  User payload = 4;
}

message Account {
  string id = 1;
}

message AccountEnvelope {
  option (schemactl.v1.topic).name = "acme.users.status";  // error
  Account payload = 4;
}
""",
    good="""\
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "schemactl/v1/options.proto";
import "shared/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.users.status";
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
  option (schemactl.v1.topic).name = "acme.users.account";
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
