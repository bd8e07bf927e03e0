"""RPC_REQUEST_STANDARD_NAME: the request of an RPC is named after it."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _standard_name

RULE = Rule(
    id="RPC_REQUEST_STANDARD_NAME",
    target="method",
    categories=("STANDARD",),
    check=_standard_name.check("request"),
    suspect=_standard_name.suspect("request"),
    params={"rpc_allow_google_protobuf_empty_requests": False},
    title="The request of an RPC is named after the RPC",
    why=(
        "A request of its own can get new fields without changing any other RPC. One that is named after the RPC shows "
        "that it is its own, and is found by whoever knows the RPC."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(UserKey) returns (GetUserResponse);  // error
}

message UserKey {}
message GetUserResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
  rpc ListUsers(UserServiceListUsersRequest) returns (UserServiceListUsersResponse);
}

message GetUserRequest {}
message GetUserResponse {}
message UserServiceListUsersRequest {}
message UserServiceListUsersResponse {}
""",
)
