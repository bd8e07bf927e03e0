"""RPC_NO_SERVER_STREAMING: no RPC streams responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule

_WHOLE = ()
_HELP = "return pages with a token for the next one, or publish events for those who wait for changes"


def suspect(method: Any) -> bool:
    return bool(method.server_streaming)


def check(method: Element, context: Context) -> Iterator[Hit]:
    if suspect(method.proto):
        yield Hit(f"RPC `{method.name}` should return one response, not a stream of them", _HELP, _WHOLE)


RULE = Rule(
    id="RPC_NO_SERVER_STREAMING",
    target="method",
    categories=("UNARY_RPC",),
    check=check,
    suspect=suspect,
    title="No RPC streams responses",
    why=(
        "A stream of responses is bound to one server for as long as it lasts: timeouts, load balancing, retries and "
        "metrics are made for calls that end. Where it breaks off, the client has to know how to go on."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc ListUsers(ListUsersRequest) returns (stream ListUsersResponse);  // error
}

message ListUsersRequest {}
message ListUsersResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc ListUsers(ListUsersRequest) returns (ListUsersResponse);
}

message ListUsersRequest {
  string page_token = 1;
}
message ListUsersResponse {
  repeated User users = 1;
  string next_page_token = 2;
}
message User {}
""",
)
