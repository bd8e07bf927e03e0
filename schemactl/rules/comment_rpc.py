"""COMMENT_RPC: RPCs are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_RPC",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("method", "RPC"),
    title="RPCs have a comment",
    why=(
        "A caller has to know which errors to expect, whether a call can be repeated and who may make it. None of this "
        "is in the types."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);  // error
}

message GetUserRequest {}
message GetUserResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  // Fails with NOT_FOUND for users that were deleted.
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
}

message GetUserRequest {}
message GetUserResponse {}
""",
)
