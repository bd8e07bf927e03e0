"""TOPIC_COLLISION: no two topics that differ only in `.` and `_`."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import events
from schemactl.element import Module
from schemactl.rule import Context, Hit, Rule


def check(module: Module, context: Context) -> Iterator[Hit]:
    by_metric: dict[str, set[str]] = {}
    for _, name in events.topics(module):
        by_metric.setdefault(_metric(name), set()).add(name)
    for event, name in events.topics(module):
        others = sorted(by_metric[_metric(name)] - {name})
        if others:
            yield Hit(
                f"topic `{name}` collides with `{'`, `'.join(others)}`: in Kafka's metrics `.` and `_` are one",
                "use only `.` between the parts of a name, and `-` within one",
                events.topic_path(),
                key=name,
                element=event,
            )


def _metric(name: str) -> str:
    return name.replace(".", "_")


RULE = Rule(
    id="TOPIC_COLLISION",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    title="No two topics differ only in `.` and `_`",
    why=(
        "Kafka replaces `.` by `_` in the names of its metrics, warns about such pairs, and refuses to create the "
        "second topic."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.users.log.in";  // error
  User payload = 4;
}

message Account {
  string id = 1;
}

message AccountEnvelope {
  option (schemactl.v1.topic).name = "acme.users.log_in";  // error
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
  option (schemactl.v1.topic).name = "acme.users.log-in";
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
