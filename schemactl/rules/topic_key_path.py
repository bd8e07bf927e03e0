"""TOPIC_KEY_PATH: the key of a topic leads to a scalar field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl import events
from schemactl.element import Element, Module
from schemactl.names import nearest, short, snake
from schemactl.rule import Context, Hit, Rule

_KEY = 2
_SCALAR = "a scalar field: "
_USELESS = {"bool": "has only two values", "float": "has no exact value", "double": "has no exact value"}


def check(module: Module, context: Context) -> Iterator[Hit]:
    for event in events.events(module):
        topic = events.topic(event)
        if topic is not None and topic.key:
            flaw = _useless(module, event, topic.key, context) or _flaw(module, event, topic.key)
            if flaw:
                message = f"key path `{topic.key}` of `{event.name}` should lead to {flaw[0]}"
                yield Hit(message, flaw[1], events.topic_path(_KEY), key=topic.key, element=event)


def _useless(module: Module, event: Element, path: str, context: Context) -> tuple[str, str] | None:
    """What is wrong with a field of the envelope whatever lies below it."""
    first = path.partition(".")[0]
    if events.field_named(event, first) is None:
        return None
    if first in context.params["absent"]:
        flaw = f"what is always there: `{first}` is absent from a record of something new, which would have no key"
    elif first in context.params["unique"]:
        flaw = f"what the event is about: `{first}` differs in every record, so that none is kept in order with another"
    else:
        return None
    payload = events.field_named(event, "payload")
    message = module.types.get(events.type_of(payload.proto)) if payload else None
    return flaw, f"choose a field that identifies what the event is about{f': {_listed(message)}' if message else ''}"


def _flaw(module: Module, event: Element, path: str) -> tuple[str, str] | None:
    """Where the path goes wrong, and what could stand there."""
    message: Element | None = event
    segments = path.split(".")
    for index, segment in enumerate(segments):
        if message is None:
            return None  # a type that is not in the image: nothing can be said
        field = events.field_named(message, segment)
        if field is None:
            return f"{_SCALAR}`{message.name}` has no field `{segment}`", _choices(message, segment)
        last = index == len(segments) - 1
        flaw = _unfit(field.proto, last)
        if flaw:
            return f"{_SCALAR}`{segment}` {flaw}", "choose a singular field that identifies what the event is about"
        if field.proto.type in (events.MESSAGE_TYPE, events.GROUP_TYPE):
            message = module.types.get(events.type_of(field.proto))
            if last and message is not None:
                return f"{_SCALAR}`{segment}` is the message `{message.name}`", f"go on into it: {_listed(message)}"
    return None


def _unfit(field: Any, last: bool) -> str:
    type_name = events.type_of(field)
    is_message = field.type in (events.MESSAGE_TYPE, events.GROUP_TYPE)
    if field.label == events.REPEATED:
        return "is repeated"
    if not last:
        return "" if is_message else f"is a `{short(type_name)}`, and has no fields"
    if field.type == events.ENUM_TYPE:
        return f"is the enum `{short(type_name)}`, which has few values"
    return f"is a `{type_name}`, which {_USELESS[type_name]}" if type_name in _USELESS else ""


def _choices(message: Element, segment: str) -> str:
    names = [field.name for field in message.fields]
    close = snake(segment) if snake(segment) in names else nearest(segment, names)
    return (f"did you mean `{close}`? " if close else "") + _listed(message)


def _listed(message: Element) -> str:
    names = [field.name for field in message.fields]
    return f"`{message.name}` has `{'`, `'.join(names)}`" if names else f"`{message.name}` has no fields"


RULE = Rule(
    id="TOPIC_KEY_PATH",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    params={"absent": ["prev_payload"], "unique": ["event_uuid", "occurred_at"]},
    title="The key of a topic is a scalar field of its message",
    why=(
        "Kafka keeps the order of records with equal keys, and compacts by key. A path that leads nowhere, to a list "
        "or to a whole message gives no key; a `bool`, an enum or a floating point number gives a useless one. "
        "What is new in every record (`unique`) is as good as no key, and what is "
        "not in every record (`absent`) leaves some without one."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";

message User {
  string id = 1;
  repeated string emails = 2;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.users.status";
  option (schemactl.v1.topic).key = "payload.uid";  // error
  User payload = 4;
}

message LoginEnvelope {
  option (schemactl.v1.topic).name = "acme.users.login";
  option (schemactl.v1.topic).key = "payload.emails";  // error
  User payload = 4;
}

message LogoutEnvelope {
  option (schemactl.v1.topic).name = "acme.users.logout";
  option (schemactl.v1.topic).key = "event_uuid";  // error
  string event_uuid = 1;
  User payload = 4;
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
  option (schemactl.v1.topic) = {name: "acme.users.status" key: "payload.id"};
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
