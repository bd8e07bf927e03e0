"""RESERVED_NAME_VALID: a reserved name is one that a field could have."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import reserved
from schemactl.element import Element, walk
from schemactl.names import is_identifier
from schemactl.rule import Context, Hit, Rule


def check(file: Element, context: Context) -> Iterator[Hit]:
    for owner in walk(file.file, ("message", "enum")):
        for name in reserved.names(owner):
            if not is_identifier(name.value):
                message = f"reserved name `{name.value}` of `{owner.name}` is not a name that a field can have"
                help = "write ASCII letters, digits and `_`, no digit first; if no field was called so, delete it"
                yield Hit(message, help, name.at, name.value, owner)


RULE = Rule(
    id="RESERVED_NAME_VALID",
    target="file",
    scope="reached",
    categories=("events",),
    check=check,
    title="A reserved name is a valid identifier",
    why=(
        'protoc only warns about `reserved "naïve";`, Buf refuses the whole file. And a name that is misspelt '
        "protects nothing: the one that was meant is free to be taken again."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;

message User {
  reserved 1, 2;
  reserved "nick-name", "email";  // error
}

message UserEnvelope {
  User payload = 4;
}
""",
    good="""\
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "shared/event_type.proto";

message User {
  reserved 1, 2;
  reserved "nick_name", "email";
  string id = 3;
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
