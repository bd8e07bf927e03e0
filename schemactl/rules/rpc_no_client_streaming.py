"""RPC_NO_CLIENT_STREAMING: no RPC streams requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule

_WHOLE = ()
_HELP = "send what belongs together as a `repeated` field; more of it in further calls"


def suspect(method: Any) -> bool:
    return bool(method.client_streaming)


def check(method: Element, context: Context) -> Iterator[Hit]:
    if suspect(method.proto):
        yield Hit(f"RPC `{method.name}` should take one request, not a stream of them", _HELP, _WHOLE)


RULE = Rule(
    id="RPC_NO_CLIENT_STREAMING",
    target="method",
    categories=("UNARY_RPC",),
    check=check,
    suspect=suspect,
    title="No RPC streams requests",
    why=(
        "A stream of requests needs HTTP/2 from end to end: browsers, HTTP/1.1 proxies and REST gateways cannot send "
        "one. It is bound to one server for as long as it lasts, and nobody can retry it but the application."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc ImportUsers(stream ImportUsersRequest) returns (ImportUsersResponse);  // error
}

message ImportUsersRequest {}
message ImportUsersResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc ImportUsers(ImportUsersRequest) returns (ImportUsersResponse);
}

message ImportUsersRequest {
  repeated User users = 1;
}
message ImportUsersResponse {
  int32 count = 1;
}
message User {}
""",
)
