"""RPC_REQUEST_RESPONSE_UNIQUE: no two RPCs share a request or response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schemactl.outline import Files, Method, Outline
from schemactl.rule import Context, FileHit, Rule
from schemactl.rules._groups import listed, quoted

_EMPTY = "google.protobuf.Empty"
_HELP = "give each RPC a request and a response of its own, so that a field can be added to one without the others"


class _Use(NamedTuple):
    file: Outline
    method: Method


def check(files: Files, context: Context) -> Iterator[FileHit]:
    params = context.params
    allowed = (params["rpc_allow_google_protobuf_empty_requests"], params["rpc_allow_google_protobuf_empty_responses"])
    uses = [_Use(file, method) for file in files.judged for method in file.methods]
    if not params["rpc_allow_same_request_response"]:
        yield from _same(uses, empty=all(allowed))
    for name, sharing in _by_type(uses).items():
        if name == _EMPTY and any(allowed):
            yield from _empty(sharing, *allowed)
        else:
            yield from _shared(name, "a request or response", sharing)


def _same(uses: Sequence[_Use], *, empty: bool) -> Iterator[FileHit]:
    for use in uses:
        name, method = use.method.input, use.method
        if name == method.output and not (empty and name == _EMPTY):
            message = f"{quoted(name)} should not be both request and response of {quoted(method.full_name)}"
            yield _hit(use, message, "same")


def _empty(uses: Sequence[_Use], requests: bool, responses: bool) -> Iterator[FileHit]:
    """Where requests or responses may be empty: only the others count."""
    if not requests:
        yield from _shared(_EMPTY, "the request", [use for use in uses if use.method.input == _EMPTY])
    if not responses:
        yield from _shared(_EMPTY, "the response", [use for use in uses if use.method.output == _EMPTY])


def _by_type(uses: Sequence[_Use]) -> Mapping[str, list[_Use]]:
    found: dict[str, list[_Use]] = defaultdict(list)
    for use in uses:
        method = use.method
        found[method.input].append(use)
        if method.output != method.input:
            found[method.output].append(use)
    return found


def _shared(name: str, role: str, sharing: Sequence[_Use]) -> Iterator[FileHit]:
    if len(sharing) > 1:
        methods = listed([use.method.full_name for use in sharing])
        message = f"{quoted(name)} should be {role} of one RPC, not of {methods}"
        yield from (_hit(use, message, name) for use in sharing)


def _hit(use: _Use, message: str, key: str) -> FileHit:
    return FileHit(use.file, message, use.method.at, _HELP, use.method.full_name, key)


RULE = Rule(
    id="RPC_REQUEST_RESPONSE_UNIQUE",
    target="files",
    categories=("STANDARD",),
    files_check=check,
    params={
        "rpc_allow_same_request_response": False,
        "rpc_allow_google_protobuf_empty_requests": False,
        "rpc_allow_google_protobuf_empty_responses": False,
    },
    title="Every RPC has a request and a response of its own",
    why=(
        "RPCs change one at a time: a field that one of them needs would appear in all that share its message. And a "
        "type in use cannot be replaced by another later without breaking its callers."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}

message GetUserRequest {
  string id = 1;
}

service UserService {
  rpc GetUser(GetUserRequest) returns (User);  // error
  rpc UpdateUser(User) returns (User);  // error
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}

message GetUserRequest {
  string id = 1;
}

message GetUserResponse {
  User user = 1;
}

message UpdateUserRequest {
  User user = 1;
}

message UpdateUserResponse {
  User user = 1;
}

service UserService {
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
  rpc UpdateUser(UpdateUserRequest) returns (UpdateUserResponse);
}
""",
)
