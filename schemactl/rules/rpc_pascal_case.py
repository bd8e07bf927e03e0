"""RPC_PASCAL_CASE: the names of RPCs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_PASCAL, pascal
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_CALLS, misnamed


def suspect(method: Any) -> bool:
    return not IS_PASCAL(method.name)


def check(method: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(method, "RPC", pascal(method.name), "PascalCase", IN_CALLS)


RULE = Rule(
    id="RPC_PASCAL_CASE",
    target="method",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="RPCs are PascalCase",
    why=(
        "Each generator turns the name of an RPC into a method of its language, and counts on PascalCase for it: from "
        "`get_user` Go makes `GetUser` and Java `getUser`, while the path of the call keeps `get_user`."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc get_user(GetUserRequest) returns (GetUserResponse);  // error
}

message GetUserRequest {}
message GetUserResponse {}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
}

message GetUserRequest {}
message GetUserResponse {}
""",
)
