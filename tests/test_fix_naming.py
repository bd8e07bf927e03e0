"""A name is fixed wherever the module writes it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixing import fixed, refixed, texts, tree
from trees import commit

HEAD = 'syntax = "proto3";\npackage acme.users.v1;\n'
PATH = "acme/users/v1/user.proto"
OPTIONS = "acme/opts/v1/opts.proto"
ANNOTATED = f'{HEAD}import "{OPTIONS}";\n'


def one(body: str, root: Path, *select: str, head: str = HEAD, **more: str) -> str:
    """What becomes of the body of a file; nothing else may change."""
    files = {PATH: head + body, **{name.replace("__", "/") + ".proto": text for name, text in more.items()}}
    found = refixed(files, root, *select)
    assert found.keys() <= {PATH}
    return found.get(PATH, head + body).removeprefix(head)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("FIELD_LOWER_SNAKE_CASE", "message User { string userId = 1; }", "message User { string user_id = 1; }"),
        ("MESSAGE_PASCAL_CASE", "message user_name {}", "message UserName {}"),
        ("ENUM_PASCAL_CASE", "enum user_kind { X = 0; }", "enum UserKind { X = 0; }"),
        ("ENUM_VALUE_UPPER_SNAKE_CASE", "enum Kind { kindA = 0; }", "enum Kind { KIND_A = 0; }"),
        ("ENUM_VALUE_PREFIX", "enum Kind { A = 0; B = 1; }", "enum Kind { KIND_A = 0; KIND_B = 1; }"),
        ("ENUM_VALUE_PREFIX", "enum UserKind { KIND_A = 0; }", "enum UserKind { USER_KIND_A = 0; }"),
        ("ENUM_VALUE_PREFIX", "enum UserKind { KIND = 0; }", "enum UserKind { USER_KIND_KIND = 0; }"),
        ("ENUM_ZERO_VALUE_SUFFIX", "enum Kind { KIND_NONE = 0; }", "enum Kind { KIND_UNSPECIFIED = 0; }"),
        ("ENUM_ZERO_VALUE_SUFFIX", "enum Kind { KIND_ADMIN = 0; }", "enum Kind { KIND_ADMIN = 0; }"),
        ("ONEOF_LOWER_SNAKE_CASE", "message U { oneof theId { int32 a = 1; } }",
         "message U { oneof the_id { int32 a = 1; } }"),
        ("SERVICE_PASCAL_CASE", "service userService {}", "service UserService {}"),
        ("SERVICE_SUFFIX", "service Users {}", "service UsersService {}"),
        ("RPC_PASCAL_CASE", "message M {} service S { rpc get_it(M) returns (M); }",
         "message M {} service S { rpc GetIt(M) returns (M); }"),
    ],
)  # fmt: skip
def test_the_name_becomes_what_the_rule_asks_for(rule: str, before: str, after: str, tmp_path: Path) -> None:
    assert one(before, tmp_path, rule) == after


def test_a_parameter_says_what_a_name_should_end_in(tmp_path: Path) -> None:
    body = "service Users {}\nenum Kind { KIND_NONE = 0; }\n"
    rules = "{SERVICE_SUFFIX: {params: {service_suffix: API}}, "
    rules += "ENUM_ZERO_VALUE_SUFFIX: {params: {enum_zero_value_suffix: _UNKNOWN}}}"
    root = tree(tmp_path, {PATH: HEAD + body})
    (root / "schemactl.yaml").write_text(f"lint: {{use: [SERVICE_SUFFIX, ENUM_ZERO_VALUE_SUFFIX]}}\nrules: {rules}\n")
    found = texts(fixed(root, unsafe=True))[PATH]
    assert found == f"{HEAD}service UsersAPI {{}}\nenum Kind {{ KIND_UNKNOWN = 0; }}\n"


def test_references_follow_across_files_and_packages_however_they_are_written(tmp_path: Path) -> None:
    user = HEAD + "message user_data { message inner_data {} }\nextend Base { user_data ext = 100; }\n"
    user = user.replace("proto3", "proto2").replace("{ user_data", "{ optional user_data")
    user += "message Base { extensions 100 to 200; }\n"
    other = (
        'syntax = "proto3";\npackage acme.orders.v1;\n'
        f'import "{PATH}";\n'
        "message Order {\n"
        "  acme.users.v1.user_data one = 1;\n"
        "  .acme.users.v1.user_data.inner_data two = 2;\n"
        "  map<string, users.v1 . user_data> three = 3;\n"
        "  repeated acme.users.v1./* user_data */user_data four = 4;\n"
        "  oneof any { acme.users.v1.user_data five = 5; }\n"
        "}\n"
        "service Orders { rpc Get(acme.users.v1.user_data) returns (stream acme.users.v1.user_data.inner_data); }\n"
    )
    found = refixed({PATH: user, "acme/orders/v1/order.proto": other}, tmp_path, "MESSAGE_PASCAL_CASE")
    kept = other.replace("/* user_data */", "/**/").replace("user_data", "UserData").replace("inner_data", "InnerData")
    assert found == {
        PATH: user.replace("user_data", "UserData").replace("inner_data", "InnerData"),
        "acme/orders/v1/order.proto": kept.replace("/**/", "/* user_data */"),
    }


def test_an_inner_name_that_hides_an_outer_one_stays_apart(tmp_path: Path) -> None:
    body = (
        "message data { string a = 1; }\n"
        "message User {\n  message data { string b = 1; }\n  data inner = 1;\n  .acme.users.v1.data outer = 2;\n}\n"
        "message Order { data outer = 1; User.data inner = 2; string data = 3; }\n"
    )
    assert one(body, tmp_path, "MESSAGE_PASCAL_CASE") == (
        "message Data { string a = 1; }\n"
        "message User {\n  message Data { string b = 1; }\n  Data inner = 1;\n  .acme.users.v1.Data outer = 2;\n}\n"
        "message Order { Data outer = 1; User.Data inner = 2; string data = 3; }\n"
    )


def test_comments_and_strings_that_hold_the_name_stay(tmp_path: Path) -> None:
    body = (
        "// userId of a user, userId\nmessage User {\n"
        '  /* userId */ string userId /* userId */ = 1 [json_name = "userId"]; // userId\n  reserved "userID";\n}\n'
    )
    right = body.replace("string userId", "string user_id")
    assert one(body, tmp_path, "FIELD_LOWER_SNAKE_CASE") == right


def test_a_default_follows_its_value(tmp_path: Path) -> None:
    head = HEAD.replace("proto3", "proto2")
    body = "enum Kind { A = 0; B = 1; }\nmessage User {\n  optional Kind kind = 1 [default = B];\n"
    body += '  optional string letter = 2 [default = "B"];\n}\n'
    right = body.replace("A = 0", "KIND_A = 0").replace("B = 1;", "KIND_B = 1;").replace("= B]", "= KIND_B]")
    assert one(body, tmp_path, "ENUM_VALUE_PREFIX", head=head) == right


OPTIONAL = """syntax = "proto2";
package acme.opts.v1;
import "google/protobuf/descriptor.proto";
message Opt {
  optional string ownerName = 1;
  optional level Level = 2;
  optional Opt subOpt = 3;
  repeated level levels = 5;
  map<string, Opt> byName = 6;
  extensions 100 to 200;
}
enum level { levelLow = 0; levelHigh = 1; }
message Scope { extend Opt { optional string extName = 100; } }
extend google.protobuf.FieldOptions { optional Opt fieldOpt = 50001; repeated level fieldLevels = 50002; }
extend google.protobuf.MessageOptions { optional Opt messageOpt = 50001; }
"""
NAMES = {
    "ownerName": "owner_name", "Level = 2": "level = 2", "subOpt": "sub_opt", "byName": "by_name",
    "levelLow": "LEVEL_LOW", "levelHigh": "LEVEL_HIGH", "extName": "ext_name", "fieldOpt": "field_opt",
    "fieldLevels": "field_levels", "messageOpt": "message_opt",
}  # fmt: skip


def test_options_follow_the_extensions_fields_and_values_that_they_name(tmp_path: Path) -> None:
    body = """message User {
  option (acme.opts.v1.messageOpt) = {
    ownerName: "x", levels: [levelLow, levelHigh]
    subOpt { [acme.opts.v1.Scope.extName]: 'y'; subOpt: < ownerName: "z" "q" > }
    byName { key: "k" value { ownerName: "v" } }
  };
  string a = 1 [(acme.opts.v1.fieldOpt).subOpt.ownerName = "a", (acme.opts.v1.fieldLevels) = levelHigh];
  string b = 2 [deprecated = true, (.acme.opts.v1.fieldOpt).(acme.opts.v1.Scope.extName) = "b"];
}
"""
    files = {PATH: ANNOTATED + body, OPTIONS: OPTIONAL}
    right = dict(files)
    for old, new in NAMES.items():
        right = {name: text.replace(old, new) for name, text in right.items()}
    rules = ("FIELD_LOWER_SNAKE_CASE", "ENUM_VALUE_UPPER_SNAKE_CASE")
    assert refixed(files, tmp_path, *rules) == right


def test_a_topics_key_follows_the_fields_it_leads_through(tmp_path: Path) -> None:
    head = f'{HEAD}import "schemactl/v1/options.proto";\n'
    body = (
        'message UserEnvelope {\n  option (schemactl.v1.topic) = {name: "acme.userId" key: "payload.theUser.userId"};\n'
        "  User payload = 4;\n}\n"
        "message User { Inner theUser = 1; string userId = 2; }\nmessage Inner { string userId = 1; }\n"
    )
    right = body.replace("theUser", "the_user").replace("userId", "user_id").replace("acme.user_id", "acme.userId")
    assert one(body, tmp_path, "FIELD_LOWER_SNAKE_CASE", head=head) == right


@pytest.mark.parametrize(
    "body",
    [
        "message User { string userId = 1; message user_id {} }",
        "message User { string userId = 1; oneof user_id { int32 a = 2; } }",
        "message User { string userId = 1 [(acme.opts.v1.fieldOpt).ownerName = 'this.userId > 1']; }",
        "message User { string ownerName = 1 [(acme.opts.v1.fieldOpt) = {ownerName: 'by ownerName'}]; }",
    ],
)
def test_a_name_that_is_taken_or_may_stand_in_a_string_stays(body: str, tmp_path: Path) -> None:
    files = {PATH: ANNOTATED + body, OPTIONS: OPTIONAL}
    result = fixed(tree(tmp_path, files), "FIELD_LOWER_SNAKE_CASE", only=PATH, unsafe=True)
    assert (result.changes, result.notes) == ({}, ())


def test_a_name_that_is_reserved_is_not_used_and_told(tmp_path: Path) -> None:
    body = 'message User { reserved 2; reserved "user_id"; string userId = 1; }'
    result = fixed(tree(tmp_path, {PATH: HEAD + body}), "FIELD_LOWER_SNAKE_CASE", unsafe=True)
    assert result.changes == {}
    assert result.notes[0].startswith(f"{PATH}:3: left out: rename `userId` to `user_id` (FIELD_LOWER_SNAKE_CASE): ")
    assert '"user_id" is reserved' in result.notes[0]


def test_two_that_want_the_same_name_get_it_once(tmp_path: Path) -> None:
    body = "message user_data {}\nmessage userData {}\n"
    result = fixed(tree(tmp_path, {PATH: HEAD + body}), "MESSAGE_PASCAL_CASE", unsafe=True)
    assert texts(result) == {PATH: f"{HEAD}message UserData {{}}\nmessage userData {{}}\n"}
    assert result.summary == "fixed 1 finding in 1 file; 1 has no fix"


def test_a_fix_that_would_lead_to_another_finding_is_left_out_and_told(tmp_path: Path) -> None:
    body = "message UserGetRequest {}\nmessage UserGetResponse {}\n"
    body += "service User { rpc Get(UserGetRequest) returns (UserGetResponse); }\n"
    rules = ("SERVICE_SUFFIX", "RPC_REQUEST_STANDARD_NAME")
    result = fixed(tree(tmp_path, {PATH: HEAD + body}), *rules, unsafe=True)
    assert result.changes == {}
    (note,) = result.notes
    assert note == (
        f"{PATH}:5: left out: rename `User` to `UserService` (SERVICE_SUFFIX): RPC_REQUEST_STANDARD_NAME would find: "
        "request `UserGetRequest` of `Get` should be called `GetRequest` or `UserServiceGetRequest`"
    )


def test_groups_stay(tmp_path: Path) -> None:
    """A group's name is that of a field, too."""
    body = "message User { optional group Inner_data = 1 { optional string a = 1; } }"
    result = fixed(tree(tmp_path, {PATH: HEAD.replace("proto3", "proto2") + body}), "MESSAGE_PASCAL_CASE", unsafe=True)
    assert (result.changes, result.notes) == ({}, ())


def test_a_field_that_a_topics_key_names_without_leading_there_stays(tmp_path: Path) -> None:
    head = f'{HEAD}import "schemactl/v1/options.proto";\n'
    body = (
        'message UserEnvelope {\n  option (schemactl.v1.topic).key = "payload.wrong.userId";\n  User payload = 4;\n}\n'
    )
    body += "message User { string userId = 2; }\n"
    assert one(body, tmp_path, "FIELD_LOWER_SNAKE_CASE", head=head) == body


def test_what_protoc_derives_from_a_fields_name_is_no_change_of_anything_else(tmp_path: Path) -> None:
    body = "message User { optional string userId = 1; map<string, int32> byID = 2; }"
    right = "message User { optional string user_id = 1; map<string, int32> by_id = 2; }"
    assert one(body, tmp_path, "FIELD_LOWER_SNAKE_CASE") == right


def test_a_file_with_carriage_returns_tabs_a_byte_order_mark_and_no_last_line_feed_keeps_them(tmp_path: Path) -> None:
    before = f"\ufeff{HEAD}message User {{\n\t/* \u00e9 */\tstring userId =\t1; // \u00e9\n}}\n// end".replace(
        "\n", "\r\n"
    )
    assert refixed({PATH: before}, tmp_path, "FIELD_LOWER_SNAKE_CASE") == {PATH: before.replace("userId", "user_id")}


def test_a_name_on_the_line_of_a_byte_order_mark_is_found(tmp_path: Path) -> None:
    before = '\ufeffsyntax = "proto3"; package acme.users.v1; message user_data {}'
    after = before.replace("user_data", "UserData")
    assert refixed({PATH: before}, tmp_path, "MESSAGE_PASCAL_CASE") == {PATH: after}


def test_what_the_base_has_is_renamed_only_when_unsafe_fixes_are_asked_for(tmp_path: Path) -> None:
    base = {PATH: HEAD + "message User { string userId = 1; }"}
    now = {PATH: HEAD + "message User { string userId = 1; string homeTown = 2; }\nmessage new_one {}"}
    safe = {PATH: HEAD + "message User { string userId = 1; string home_town = 2; }\nmessage NewOne {}"}
    root = tree(tmp_path, now, base)
    result = fixed(root, "BASIC")
    assert (texts(result), result.notes) == (safe, ())
    assert result.summary == "fixed 2 findings in 1 file; 1 more with `--unsafe-fixes`"
    assert texts(fixed(root, "BASIC", unsafe=True)) == {PATH: safe[PATH].replace("userId", "user_id")}


def test_a_name_that_the_base_knows_for_something_else_is_no_safe_choice(tmp_path: Path) -> None:
    base = {PATH: HEAD + "message User { string user_id = 1; }"}
    root = tree(tmp_path, {PATH: HEAD + "message User { reserved 1; string userId = 2; }"}, base)
    assert fixed(root, "FIELD_LOWER_SNAKE_CASE").changes == {}


def test_what_the_last_commit_has_is_not_new_because_the_tree_is_clean(tmp_path: Path) -> None:
    files = {PATH: HEAD + "message User { string userId = 1; }"}
    root = tree(tmp_path, files, {"acme/users/v1/other.proto": HEAD})
    commit(root)
    assert fixed(root, "FIELD_LOWER_SNAKE_CASE").changes == {}


@pytest.mark.parametrize("against", [None, "none"])
def test_without_a_base_no_rename_is_safe(against: str | None, tmp_path: Path) -> None:
    files = {PATH: HEAD + "message User { string userId = 1; }"}
    root = tree(tmp_path, files, {} if against else None)
    result = fixed(root, "FIELD_LOWER_SNAKE_CASE", against=against)
    assert (result.changes, result.summary) == ({}, "nothing was fixed; 1 more with `--unsafe-fixes`")


def test_a_file_that_is_only_imported_is_never_changed(tmp_path: Path) -> None:
    files = {
        "protos/acme/users/v1/user.proto": HEAD + 'import "lib.proto";\nmessage User { lib_type userId = 1; }',
        "lib/lib.proto": 'syntax = "proto3";\npackage acme.users.v1;\nmessage lib_type {}',
    }
    root = tree(tmp_path, files)
    (root / "schemactl.yaml").write_text("roots: [protos]\nincludes: [lib]\nlint: {use: [BASIC]}\n")
    path = "protos/acme/users/v1/user.proto"
    assert texts(fixed(root, unsafe=True)) == {path: files[path].replace("userId", "user_id")}


def test_what_a_file_that_is_not_ours_refers_to_stays(tmp_path: Path) -> None:
    """Excluded, and yet read where an import leads to it."""
    legacy = (
        f'syntax = "proto3";\npackage acme.old;\nimport "{PATH}";\nmessage Old {{ acme.users.v1.user_data a = 1; }}'
    )
    order = 'syntax = "proto3";\npackage acme.v1;\nimport "acme/old/old.proto";\nmessage Order { acme.old.Old a = 1; }'
    files = {
        PATH: HEAD + "message user_data { string userId = 1; }",
        "acme/old/old.proto": legacy,
        "acme/o.proto": order,
    }
    root = tree(tmp_path, files)
    (root / "schemactl.yaml").write_text("roots: [.]\nexcludes: [acme/old]\nlint: {use: [BASIC]}\n")
    found = texts(fixed(root, "MESSAGE_PASCAL_CASE", "FIELD_LOWER_SNAKE_CASE", unsafe=True))
    assert found == {PATH: files[PATH].replace("userId", "user_id")}


def test_what_the_compiler_knows_by_its_name_stays(tmp_path: Path) -> None:
    files = {"google/protobuf/any.proto": 'syntax = "proto3";\npackage google.protobuf;\nmessage any_one {}\n'}
    assert refixed(files, tmp_path, "MESSAGE_PASCAL_CASE") == {}


def test_a_word_in_a_file_that_cannot_see_the_element_is_no_doubt(tmp_path: Path) -> None:
    apart = (
        ANNOTATED.replace("users", "apart")
        + "message U { string a = 1 [(acme.opts.v1.fieldOpt).ownerName = 'userId']; }"
    )
    files = {PATH: HEAD + "message User { string userId = 1; }", OPTIONS: OPTIONAL, "acme/apart.proto": apart}
    found = texts(fixed(tree(tmp_path, files), "FIELD_LOWER_SNAKE_CASE", only=PATH, unsafe=True))
    assert found == {PATH: files[PATH].replace("userId", "user_id")}
