"""RPC_RESPONSE_STANDARD_NAME: the response of an RPC is named after it."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _standard_name

RULE = Rule(
    id="RPC_RESPONSE_STANDARD_NAME",
    target="method",
    categories=("STANDARD",),
    check=_standard_name.check("response"),
    suspect=_standard_name.suspect("response"),
    params={"rpc_allow_google_protobuf_empty_responses": False},
    title="The response of an RPC is named after the RPC",
    why=(
        "An RPC that returns a `User`, or nothing, cannot say more later: a page token, a warning, a second result. A "
        "response of its own can, and its name tells which RPC it belongs to."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(GetUserRequest) returns (User);  // error
}

message GetUserRequest {}
message User {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
}

message GetUserRequest {}
message GetUserResponse {
  User user = 1;
}
message User {}
""",
)
