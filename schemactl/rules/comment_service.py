"""COMMENT_SERVICE: services are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_SERVICE",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("service", "service"),
    title="Services have a comment",
    why=(
        "The comment is the first thing that is read about a service: what it is for, what it is not for, and who "
        "answers for it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {  // error
  // Finds one user.
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
}

message GetUserRequest {}
message GetUserResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

// Reads users; to change them, publish events.
service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
}

message GetUserRequest {}
message GetUserResponse {}
""",
)
