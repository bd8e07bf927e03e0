"""TOPIC_MISSING: where topics are declared, every event has one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from schemactl import events
from schemactl.element import Element, Module
from schemactl.names import kebab
from schemactl.rule import Context, Hit, Rule
from schemactl.schema import OPTIONS_FILE

_VERSION = re.compile(r"v\d+\w*")


def check(module: Module, context: Context) -> Iterator[Hit]:
    topics = events.topics(module)
    if not topics:
        return
    projects = Counter(name.partition(".")[0] for _, name in topics)
    project = min(projects, key=lambda name: (-projects[name], name))
    for event in events.events(module):
        if events.topic(event) is None:
            yield Hit(f"event `{event.name}` should name its topic", _lines(event, project), element=event)


def _lines(event: Element, project: str) -> str:
    option = f'option (schemactl.v1.topic).name = "{_suggested(event, project)}";'
    imported = OPTIONS_FILE in event.file.proto.dependency
    return option if imported else f'{option}\nimport "{OPTIONS_FILE}";'


def _suggested(event: Element, project: str) -> str:
    """`<project>.<domain>.<event>`, of the other topics' project and the package's last word."""
    words = [word for word in event.file.package.split(".") if word and not _VERSION.fullmatch(word)]
    domain = kebab(words[-1]) if words else "domain"
    return f"{project}.{domain}.{kebab(events.payload_name(event))}"


RULE = Rule(
    id="TOPIC_MISSING",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    title="Every event names its topic",
    why=(
        "Once topics are declared beside the messages, that is where people and tools look for all of them: access "
        "rights, retention and documentation follow from it. An event without a topic is invisible there."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.users.status";
  User payload = 4;
}

message Account {
  string id = 1;
}

message AccountEnvelope {  // error
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
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
