"""TOPIC_SIMILAR: topic names that look like a slip of another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from schemactl import events
from schemactl.element import Element, Module
from schemactl.names import alike
from schemactl.rule import Context, Hit, Rule

Prefix = tuple[str, ...]


def check(module: Module, context: Context) -> Iterator[Hit]:
    topics = events.topics(module)
    words = _words(topics)
    for event, name in topics:
        meant = _by_package(event, name) or _by_others(words, name)
        if meant:
            word, right = meant
            segments = [right if index == word else segment for index, segment in enumerate(name.split("."))]
            yield Hit(
                f"topic `{name}` looks like a slip: `{name.split('.')[word]}` is nearly `{right}`",
                f"did you mean `{'.'.join(segments)}`?",
                events.topic_path(),
                key=name,
                element=event,
            )


def _words(topics: list[tuple[Element, str]]) -> dict[Prefix, list[str]]:
    """The words that follow each beginning of a name, the one that is likeliest to be spelled right first.

    That is one that stands in the package; then the one that is used most; then the one that came first.
    """
    used: dict[Prefix, Counter[str]] = {}
    packaged: set[Prefix] = set()
    for event, name in topics:
        package = event.file.package.split(".")
        segments = tuple(name.split("."))
        for index, segment in enumerate(segments):
            used.setdefault(segments[:index], Counter())[segment] += 1
            if segment in package:
                packaged.add(segments[: index + 1])
    return {
        prefix: sorted(counted, key=lambda word: ((*prefix, word) not in packaged, -counted[word]))
        for prefix, counted in used.items()
    }


def _by_package(event: Element, name: str) -> tuple[int, str] | None:
    """The last segment is the event's own; those before it mostly stand in the package too."""
    package = event.file.package.split(".")
    for index, segment in enumerate(name.split(".")[:-1]):
        if segment not in package:
            for right in package:
                if alike(segment, right) and not _is_plural(segment, right):
                    return index, right
    return None


def _is_plural(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer in (f"{shorter}s", f"{shorter}es")


def _by_others(words: dict[Prefix, list[str]], name: str) -> tuple[int, str] | None:
    segments = tuple(name.split("."))
    for index, segment in enumerate(segments):
        beside = words[segments[:index]]
        likelier = islice(beside, beside.index(segment))
        right = next((word for word in likelier if alike(segment, word)), None)
        if right:
            return index, right
    return None


RULE = Rule(
    id="TOPIC_SIMILAR",
    target="module",
    scope="events",
    severity="warning",
    categories=("events",),
    module_check=check,
    title="No topic is named nearly like another",
    why=(
        "Kafka creates `acme.uers.status` as readily as `acme.users.status`: a slip in a name becomes a second topic "
        "that nobody reads. A word is compared with those at the same place in other topics, and with the package."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  option (schemactl.v1.topic).name = "acme.uers.status";  // error
  User payload = 4;
}

message Account {
  string id = 1;
}

message AccountEnvelope {
  option (schemactl.v1.topic).name = "acme.users.account";
  Account payload = 4;
}

message Login {
  string id = 1;
}

message LoginEnvelope {
  option (schemactl.v1.topic).name = "acme.users.acount";  // error
  Login payload = 4;
}
""",
    good="""\
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "schemactl/v1/options.proto";
import "shared/event_type.proto";

message UserCreated {
  string id = 1;
}

message UserCreatedEnvelope {
  option (schemactl.v1.topic).name = "acme.users.created";
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  shared.EventType event_type = 3;
  UserCreated payload = 4;
  UserCreated prev_payload = 5;
}

message UserUpdated {
  string id = 1;
}

message UserUpdatedEnvelope {
  option (schemactl.v1.topic).name = "acme.users.updated";
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  shared.EventType event_type = 3;
  UserUpdated payload = 4;
  UserUpdated prev_payload = 5;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
