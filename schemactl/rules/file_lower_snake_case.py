"""FILE_LOWER_SNAKE_CASE: file names are lower_snake_case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_LOWER_SNAKE, lower_snake
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule


def _split(name: str) -> tuple[str, str]:
    """The file's own name and what follows the last dot of it."""
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return (stem, dot + suffix) if dot else (suffix, "")


def suspect(proto: Any) -> bool:
    return not IS_LOWER_SNAKE(_split(proto.name)[0])


def check(file: Element, context: Context) -> Iterator[Hit]:
    stem, suffix = _split(file.file.name)
    right = lower_snake(stem)
    if stem != right:
        message = f"file `{stem}{suffix}` should be called `{right}{suffix}`"
        yield Hit(message, "rename the file, and the imports of it", ())


RULE = Rule(
    id="FILE_LOWER_SNAKE_CASE",
    target="file",
    scope="reached",
    categories=("STANDARD", "events"),
    check=check,
    suspect=suspect,
    title="File names are lower_snake_case",
    why=(
        "A file's name becomes a module's name in generated code, and on some disks `User.proto` and `user.proto` are "
        "one file."
    ),
    bad="""\
// file: acme/users/v1/userEvents.proto
syntax = "proto3";  // error
package acme.users.v1;

message User {
  string id = 1;
}

message UserEnvelope {
  User payload = 4;
}
""",
    good="""\
// file: acme/users/v1/user_events.proto
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "shared/v1/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  shared.v1.EventType event_type = 3;
  User payload = 4;
  User prev_payload = 5;
}
// file: shared/v1/event_type.proto
syntax = "proto3";
package shared.v1;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
