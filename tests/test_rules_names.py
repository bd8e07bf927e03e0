from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from rule_runs import RULES, compiled, split
from schemactl import catalogue, lint
from schemactl.element import Element
from schemactl.finding import Finding
from schemactl.image import parse
from schemactl.rule import Context

PROTO2 = 'syntax = "proto2"; package acme.example.v1;\n'
PROTO3 = 'syntax = "proto3"; package acme.example.v1;\n'
EMPTY = 'import "google/protobuf/empty.proto";\n'


def judged(text: str, workspace: Path, id: str, **params: Any) -> list[Finding]:
    rule = catalogue.with_params(RULES[id], params, "params")
    files = compiled(split(text), workspace).files()
    return [finding for file in files for finding in lint.judge_file(file, [rule])]


def messages(text: str, workspace: Path, id: str, **params: Any) -> list[str]:
    return [finding.message for finding in judged(text, workspace, id, **params)]


def at(finding: Finding) -> tuple[int, int]:
    assert finding.location
    return finding.location.line, finding.location.column


@pytest.mark.parametrize(
    ("id", "declaration", "message"),
    [
        ("FIELD_LOWER_SNAKE_CASE", "message M { string userID = 1; }", "field `userID` should be `user_id`"),
        ("FIELD_LOWER_SNAKE_CASE", "message M { string _1 = 1; }", "field `_1` should be in lower_snake_case"),
        ("ONEOF_LOWER_SNAKE_CASE", "message M { oneof aB { int32 a = 1; } }", "oneof `aB` should be `a_b`"),
        ("ENUM_VALUE_UPPER_SNAKE_CASE", "enum E { _ = 0; }", "enum value `_` should be in UPPER_SNAKE_CASE"),
        ("ENUM_VALUE_UPPER_SNAKE_CASE", "enum E { fooBar = 0; }", "enum value `fooBar` should be `FOO_BAR`"),
        ("ENUM_PASCAL_CASE", "message M { enum a_b { A = 0; } }", "enum `a_b` should be `AB`"),
        ("MESSAGE_PASCAL_CASE", "message M { message a_b {} }", "message `a_b` should be `AB`"),
        ("SERVICE_PASCAL_CASE", "service users {}", "service `users` should be `Users`"),
        ("RPC_PASCAL_CASE", "message M {} service S { rpc get(M) returns (M); }", "RPC `get` should be `Get`"),
        (
            "ENUM_VALUE_PREFIX",
            "enum ID { OK = 0; }",
            "value `OK` of enum `ID` should start with `ID_`",
        ),
        ("SERVICE_SUFFIX", "service Users {}", "service `Users` should end in `Service`"),
    ],
)
def test_a_name_comes_with_the_right_one(id: str, declaration: str, message: str, tmp_path: Path) -> None:
    assert messages(PROTO3 + declaration, tmp_path, id) == [message]


@pytest.mark.parametrize(
    ("field", "help"),
    [
        ("string userId = 1;", "binary and JSON (`userId`) stay the same; generated code changes"),
        ('string UserId = 1 [json_name = "uid"];', "binary and JSON (`uid`) stay the same; generated code changes"),
        ("string UserId = 1;", 'once published, keep its name in JSON: `[json_name = "UserId"]`'),
        ("string _id = 1;", 'once published, keep its name in JSON: `[json_name = "Id"]`'),
    ],
)
def test_the_help_knows_what_a_new_name_of_a_field_means_for_json(field: str, help: str, tmp_path: Path) -> None:
    (finding,) = judged(f"{PROTO3} message M {{ {field} }}", tmp_path, "FIELD_LOWER_SNAKE_CASE")
    assert finding.help == help


def test_extensions_are_fields_too(tmp_path: Path) -> None:
    text = (
        PROTO2
        + "message M { extensions 1 to 9; extend M { optional int32 A = 1; } } extend M { optional int32 B = 2; }"
    )
    found = judged(text, tmp_path, "FIELD_LOWER_SNAKE_CASE")
    assert sorted(str(finding.element) for finding in found) == ["acme.example.v1.B", "acme.example.v1.M.A"]
    assert {finding.help for finding in found} == {"JSON carries the name: rename it only while nothing is published"}


def test_what_nobody_wrote_is_not_judged(tmp_path: Path) -> None:
    text = PROTO3 + "message M { map<string, int32> by_name = 1; optional string fooBar_ = 2; }"
    assert messages(text, tmp_path, "ONEOF_LOWER_SNAKE_CASE") == []
    assert messages(text, tmp_path, "MESSAGE_PASCAL_CASE") == []
    assert len(messages(text, tmp_path, "FIELD_LOWER_SNAKE_CASE")) == 1


def test_every_zero_value_needs_the_suffix(tmp_path: Path) -> None:
    text = PROTO3 + "enum E { option allow_alias = true; A_UNSPECIFIED = 0; A_NONE = 0; A_ONE = 1; }"
    id = "ENUM_ZERO_VALUE_SUFFIX"
    (finding,) = judged(text, tmp_path, id)
    assert (finding.message, finding.element) == (
        "zero value `A_NONE` of enum `E` should end in `_UNSPECIFIED`",
        "acme.example.v1.E.A_NONE",
    )
    (message,) = messages(text, tmp_path, id, enum_zero_value_suffix="_NONE")
    assert message == "zero value `A_UNSPECIFIED` of enum `E` should end in `_NONE`"


def test_the_suffix_of_services_can_be_another(tmp_path: Path) -> None:
    text = PROTO3 + "service UserService {} service UserAPI {}"
    (message,) = messages(text, tmp_path, "SERVICE_SUFFIX", service_suffix="API")
    assert message == "service `UserService` should end in `API`"


def test_findings_about_numbers_and_options_stand_where_these_are(tmp_path: Path) -> None:
    text = PROTO2 + "enum E { A = 2;\n B = 2;\n option allow_alias = true; }"
    (first,) = judged(text, tmp_path, "ENUM_FIRST_VALUE_ZERO")
    assert (at(first), first.message) == ((2, 14), "first value `A` of enum `E` should be 0, not 2")
    (alias,) = judged(text, tmp_path, "ENUM_NO_ALLOW_ALIAS")
    assert at(alias) == (4, 2)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (PROTO2 + "message M { required int32 a = 1; optional int32 b = 2; required group C = 3 {} }", ["a", "c"]),
        (PROTO3 + "message M { optional int32 a = 1; int32 b = 2; }", []),
        (
            'edition = "2023"; message M { int32 a = 1 [features.field_presence = LEGACY_REQUIRED];'
            " int32 b = 2 [features.field_presence = IMPLICIT]; int32 c = 3; }",
            ["a"],
        ),
    ],
)
def test_a_field_is_required_by_its_label_or_by_a_feature(text: str, fields: list[str], tmp_path: Path) -> None:
    found = messages(text, tmp_path, "FIELD_NOT_REQUIRED")
    assert found == [f"field `{field}` should not be required" for field in fields]


def test_any_way_to_write_descriptor_is_one(tmp_path: Path) -> None:
    names = ["descriptor", "__descriptor", "Descriptor_", "DESCRIPTOR", "descriptors", "my_descriptor"]
    fields = " ".join(f"message M{number} {{ int32 {name} = 1; }}" for number, name in enumerate(names))
    found = messages(PROTO3 + fields, tmp_path, "FIELD_NO_DESCRIPTOR")
    assert found == [f"field `{name}` should be called something other than `descriptor`" for name in names[:4]]


def rpc(signature: str) -> str:
    """The RPC begins line 4."""
    types = "message GetUserRequest { message Other {} message UserServiceGetUserRequest {} }"
    return f"{PROTO3}{EMPTY}{types} message GetUserResponse {{}} service UserService {{\nrpc {signature};\n}}"


@pytest.mark.parametrize(
    "signature",
    [
        "GetUser(GetUserRequest) returns (GetUserResponse)",
        "get_user(GetUserRequest) returns (GetUserResponse)",
        "GetUser(GetUserRequest.UserServiceGetUserRequest) returns (GetUserResponse)",
    ],
)
def test_a_request_is_named_after_its_rpc_or_also_its_service(signature: str, tmp_path: Path) -> None:
    assert judged(rpc(signature), tmp_path, "RPC_REQUEST_STANDARD_NAME") == []


@pytest.mark.parametrize(
    ("request_type", "short"),
    [
        ("GetUserRequest.Other", "Other"),
        ("GetUserResponse", "GetUserResponse"),
        (".google.protobuf.Empty", "Empty"),
    ],
)
def test_any_other_type_is_wrong_where_it_stands(request_type: str, short: str, tmp_path: Path) -> None:
    (finding,) = judged(
        rpc(f"GetUser({request_type}) returns (GetUserResponse)"), tmp_path, "RPC_REQUEST_STANDARD_NAME"
    )
    right = "`GetUserRequest` or `UserServiceGetUserRequest`"
    assert (finding.message, at(finding)) == (f"request `{short}` of `GetUser` should be called {right}", (4, 13))


@pytest.mark.parametrize("side", ["request", "response"])
def test_an_empty_side_of_an_rpc_can_be_allowed(side: str, tmp_path: Path) -> None:
    text = rpc("GetUser(google.protobuf.Empty) returns (google.protobuf.Empty)")
    id, option = f"RPC_{side.upper()}_STANDARD_NAME", f"rpc_allow_google_protobuf_empty_{side}s"
    (finding,) = judged(text, tmp_path, id)
    assert str(finding.help).endswith(f"or allow it: `{option}: true`")
    assert judged(text, tmp_path, id, **{option: True}) == []


def test_streams_are_found_on_each_side_and_shown_as_the_whole_rpc(tmp_path: Path) -> None:
    text = rpc("GetUser(stream GetUserRequest) returns (stream GetUserResponse)")
    for side in ("CLIENT", "SERVER"):
        (finding,) = judged(text, tmp_path, f"RPC_NO_{side}_STREAMING")
        assert at(finding) == (4, 1)


KINDS: Mapping[str, type] = {
    "field": pb.FieldDescriptorProto,
    "enum": pb.EnumDescriptorProto,
    "enum_value": pb.EnumValueDescriptorProto,
    "message": pb.DescriptorProto,
    "oneof": pb.OneofDescriptorProto,
    "service": pb.ServiceDescriptorProto,
    "method": pb.MethodDescriptorProto,
}
QUICK = [rule for rule in RULES.values() if rule.suspect and rule.target in KINDS]
names = st.from_regex(r"[A-Za-z_]\w{0,8}", fullmatch=True)


def descriptor(kind: str, name: str, other: str, number: int) -> Any:
    proto = KINDS[kind](name=name)
    if kind == "method":
        proto.input_type, proto.output_type = f".acme.{name}Request", f".acme.{other}Response"
        proto.client_streaming, proto.server_streaming = number == 1, number == 2
    elif kind == "enum":
        proto.value.add(name=other, number=number)
        proto.options.allow_alias = number == 2
    return proto


@given(rule=st.sampled_from(QUICK), name=names, other=names, number=st.integers(0, 3))
def test_what_is_above_suspicion_is_right(rule: Any, name: str, other: str, number: int) -> None:
    file = parse(b"", "a.proto", None)
    service = Element("service", pb.ServiceDescriptorProto(name=other), other, file, (6, 0), None)
    proto = descriptor(rule.target, name, other, number)
    element = Element(rule.target, proto, name, file, (4, 0), service)
    if not rule.suspect(proto):
        assert list(rule.check(element, Context(rule.params))) == []
