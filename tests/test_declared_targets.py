"""What the expressions of declared rules see of each target, and what is found on packages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rule_runs import judge, schema
from schemactl import declared, lint, outline
from schemactl.errors import ToolError
from schemactl.finding import Finding
from schemactl.judged import Judged
from schemactl.rule import Rule
from schemactl.schema import KEPT_OPTIONS

PATH, OTHER, THIRD = "acme/users/v1/user.proto", "acme/users/v1/account.proto", "acme/orders/v1/order.proto"
USER = """syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";
import "google/protobuf/descriptor.proto";
option go_package = "acme.com/users";
option java_multiple_files = true;
// A user.
message User {
  // Its key.
  string id = 1;
  oneof kind { string name = 2; int32 number = 3; }
  enum Plan { PLAN_UNSPECIFIED = 0; }
  message Nested {}
  map<string, string> labels = 4;
  optional bool active = 5;
}
message UserEnvelope {
  option (schemactl.v1.topic) = {name: "acme.users.status" key: "payload.id"};
  User payload = 4;
}
enum Role { ROLE_UNSPECIFIED = 0; }
service Users { rpc Get(User) returns (User); }
extend google.protobuf.FieldOptions { string owner = 50001; }
"""
FILES = {
    PATH: USER,
    OTHER: 'syntax = "proto3";\npackage acme.users.v1;\noption go_package = "acme.com/accounts";\nmessage Account {}\n',
    THIRD: 'syntax = "proto3";\npackage acme.orders.v1;\nmessage Order {}\n',
    "bare.proto": 'syntax = "proto3";\nmessage Bare {}\n',
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return schema(FILES, tmp_path_factory.mktemp("targets"))


def rule(target: str, **keys: str) -> Rule:
    keys = {"require": "false", "message": "'no'"} | keys
    texts = "".join(f"    {key}: {json.dumps(text)}\n" for key, text in keys.items() if key != "params")
    head = "name: mine\nrules:\n  - id: MY_RULE\n    title: T\n    why: W.\n    bad: B\n    good: G\n"
    text = f"{head}    target: {target}\n{texts}    params: {keys.get('params', '{}')}\n"
    (only,) = declared.load(text.encode(), "mine.yaml")
    return only


def found(done: Judged, target: str, **keys: str) -> list[Finding]:
    return judge(done, [rule(target, **keys)])


def said(done: Judged, target: str, **keys: str) -> list[str]:
    return [finding.message for finding in found(done, target, **keys)]


@pytest.mark.parametrize(
    ("target", "when", "message", "value"),
    [
        ("file", "path == 'bare.proto'", "'%s|%s|%s'.format([package, full_name, file.name])", "||bare.proto"),
        ("message", "message.name == 'Nested'", "parent.name + ' ' + full_name", "User acme.users.v1.User.Nested"),
        ("message", "message.name == 'User'", "'<' + parent.name + '> ' + comment", "<> A user."),
        ("message", "has_topic", "topic.name + ' ' + topic.key + (event ? ' event' : '')",
         "acme.users.status payload.id event"),
        ("field", "field.name == 'id'", "'%s %s %s %s'.format([parent.name, comment, package, path])",
         f"User Its key. acme.users.v1 {PATH}"),
        ("field", "field.name == 'payload'", "'%s %s'.format([event, topic.name])", "true acme.users.status"),
        ("field", "field.name == 'owner'", "'<' + parent.name + '> ' + full_name", "<> acme.users.v1.owner"),
        ("enum", "enum.name == 'Plan'", "parent.name + '.' + enum.name", "User.Plan"),
        ("enum", "enum.name == 'Role'", "'<' + parent.name + '>' + file.package", "<>acme.users.v1"),
        ("enum_value", "parent.name == 'Role'", "enum_value.name + string(parent.value.size())", "ROLE_UNSPECIFIED1"),
        ("oneof", "true", "parent.name + '.' + oneof.name", "User.kind"),
        ("service", "true", "parent.package + ' ' + service.name", "acme.users.v1 Users"),
        ("method", "true", "parent.name + '.' + method.name", "Users.Get"),
        ("package", "package == 'acme.users.v1'", "files.map(f, f.path).join(' ') + ' ' + full_name",
         f"{OTHER} {PATH} acme.users.v1"),
        ("package", "files[0].path.startsWith('acme/orders')", "files[0].name + ' ' + files[0].declares[0]",
         f"{THIRD} acme.orders.v1.Order"),
        ("package", "files.size() == 2", "'%s %s %s'.format([files[1].imports, files[1].options.go_package, "
         "files.map(f, f.options.java_multiple_files)])",
         '[schemactl/v1/options.proto, google/protobuf/descriptor.proto] acme.com/users [false, true]'),
        ("package", "files.size() == 2", "files.filter(f, has(f.options.php_namespace)).size() == 0 ? '-' : '+'", "-"),
    ],
)  # fmt: skip
def test_an_expression_sees(target: str, when: str, message: str, value: str, done: Judged) -> None:
    assert said(done, target, when=when, message=message) == [value]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("snake('UserID2')", "user_id2"),
        ("camel('user_id') + camel('UserID')", "userIduserId"),
        ("pascal('user_id')", "UserId"),
        ("kebab('UserId')", "user-id"),
        ("upper_snake('userId')", "USER_ID"),
        ("words('userIDOfHTTPServer2').join(' ')", "user ID Of HTTP Server 2"),
        ("short('acme.v1.User')", "User"),
        ("string(is_identifier('a_1')) + string(is_identifier('1a')) + string(is_identifier(''))", "truefalsefalse"),
        ("regex('acme.<domain>.v<N>')", r"^acme\.[a-z][a-z0-9_-]*\.v[1-9][0-9]*$"),
        ("written('acme.users.v1.User', 'acme.users.v1') + written('a.B', 'b.c')", "Usera.B"),
        ("type_of(field)", "string"),
        ("field.type == FieldDescriptorProto.Type.TYPE_STRING ? 'yes' : 'no'", "yes"),
    ],
)
def test_an_expression_can_use(expression: str, value: str, done: Judged) -> None:
    assert said(done, "field", when="field.name == 'id'", message=expression) == [value]


@pytest.mark.parametrize(
    ("target", "when", "at", "line", "shown"),
    [
        ("enum_value", "parent.name == 'Plan'", "number", 12, "0"),
        ("enum_value", "parent.name == 'Plan'", "name", 12, "PLAN_UNSPECIFIED"),
        ("method", "true", "input", 22, "User"),
        ("field", "field.name == 'number'", "type", 11, "int32"),
        ("field", "field.name == 'payload'", "type", 19, "User"),
        ("service", "true", "name", 22, "Users"),
    ],
)
def test_at_names_a_part_of_the_element(target: str, when: str, at: str, line: int, shown: str, done: Judged) -> None:
    (finding,) = found(done, target, when=when, at=at)
    assert finding.location
    assert finding.location.line == line
    text = USER.split("\n")[line - 1]
    assert text[finding.location.column - 1 : finding.location.end_column - 1] == shown


@pytest.mark.parametrize(
    ("target", "each", "elements", "line", "shown"),
    [
        ("message", "message.field.filter(f, f.number == 1)", ["User.id"], 10, "string id = 1;"),
        ("message", "message.nested_type.filter(m, !m.options.map_entry)", ["User.Nested"], 13, "Nested"),
        ("message", "message.field.filter(f, f.number == 1).map(f, f.name)", ["User"], 8, "User"),
        ("message", "message.field.filter(f, f.name == 'active' || f.name == 'id')", ["User.id", "User.active"], 10,
         "string id = 1;"),
        ("enum", "enum.value + enum.value", ["User.Plan.PLAN_UNSPECIFIED", "Role.ROLE_UNSPECIFIED"], 12,
         "PLAN_UNSPECIFIED = 0;"),
        ("service", "service.method", ["Users.Get"], 22, "Get"),
        ("file", "file.enum_type", ["Role"], 21, "Role"),
    ],
)  # fmt: skip
def test_a_finding_may_point_to_the_item(
    target: str, each: str, elements: list[str], line: int, shown: str, done: Judged
) -> None:
    when = "file.name.endsWith('user.proto')" + (" && message.name == 'User'" if target == "message" else "")
    findings = found(done, target, when=when, each=each, at="item")
    assert [finding.element for finding in findings] == [f"acme.users.v1.{name}" for name in elements]
    assert (place := findings[0].location)
    assert place.line == line
    assert USER.split("\n")[line - 1][place.column - 1 : place.end_column - 1] == shown


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ('// Licence.\n\n// Why.\nsyntax = "proto3";\n\n// Apart.\n\n// Users.\npackage a;\n',
         "Licence.|Why.|Apart.|Users."),
        ('/* Licence.\n * All. */\n\nedition = "2023";\npackage a;  // behind\n', "Licence.\n All."),
        ("// Users.\npackage a;\n", "Users."),
        ("// Licence.\n\n// A message.\nmessage M {}\n", "Licence."),
        ('// schemactl:ignore COMMENT_FILE -- old\nsyntax = "proto3";\n// Of M.\nmessage M {}\n', ""),
        ('syntax = "proto3"; // behind\n', ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_comment_of_a_file_stands_at_its_head(text: str, comment: str, tmp_path: Path) -> None:
    done = schema({"a.proto": text}, tmp_path)
    assert said(done, "file", message="comment + '.'") == [f"{comment}.".replace("|", "\n\n")]


def test_a_package_is_judged_once_and_shown_in_its_first_file(done: Judged) -> None:
    findings = found(done, "package")
    places = [(each.element, each.location.path, each.location.line) for each in findings if each.location]
    assert places == [
        ("acme.orders.v1", THIRD, 2),
        ("acme.users.v1", OTHER, 2),
        (None, "bare.proto", 1),
    ]
    assert len({each.fingerprint for each in findings}) == 3


def test_files_that_a_package_rule_lists_are_shown_each(done: Judged) -> None:
    findings = found(
        done,
        "package",
        when="package != ''",
        each="files",
        require="item.options.go_package == files[0].options.go_package",
        message="'`%s` differs'.format([item.options.go_package])",
    )
    assert [(each.message, each.location.path) for each in findings if each.location] == [
        ("`acme.com/users` differs", PATH)
    ]
    texts = found(done, "package", when="files.size() == 2", each="files.map(f, f.path)", message="item")
    assert [(each.message, each.location and each.location.path) for each in texts] == [(OTHER, OTHER), (PATH, OTHER)]
    assert len({each.fingerprint for each in texts}) == 2


def test_what_an_outline_keeps_is_what_a_package_rule_can_ask_for() -> None:
    assert tuple(outline._OPTIONS) == KEPT_OPTIONS


def test_a_package_rule_that_fails_gives_no_verdict(done: Judged) -> None:
    with pytest.raises(ToolError, match=r"rule MY_RULE failed on the files: mine\.yaml:9:5: `require`: "):
        found(done, "package", require="files[9].name == ''")


@pytest.mark.parametrize("target", ["field", "message"])
@pytest.mark.parametrize(
    ("keys", "screened"),
    [
        ({"require": "{it}.name == 'id'"}, True),
        ({"when": "{it}.name == 'id'", "require": "parent.name == 'X'"}, True),
        ({"when": "{it}.name != 'id' && comment == ''", "require": "{it}.name.startsWith('n')"}, True),
        ({"when": "comment == '' && {it}.name.size() > 2", "require": "{it}.name.startsWith('n') || event"}, True),
        ({"when": "comment == '' || {it}.name.size() > 2", "require": "{it}.name.startsWith('n')"}, False),
        ({"require": "comment != ''"}, False),
        ({"when": "{it}.name.size() > params.most", "params": "{most: 4}"}, True),
        ({"when": "{it}.name == 'id' ? event : true", "require": "full_name != 'x'"}, False),
        ({"when": "{it}.name.size() > 2", "each": "[1, 2]", "require": "item == {it}.name.size()"}, True),
        ({"each": "words({it}.name)", "require": "item != 'User' && item != 'id'", "message": "item"}, True),
        ({"when": "{it}.name != 'a && comment' && comment == ''", "require": "event"}, True),
    ],
)
def test_a_look_at_the_raw_descriptor_changes_no_verdict(
    target: str, keys: dict[str, str], screened: bool, done: Judged
) -> None:
    one = rule(target, **{key: text.replace("{it}", target) for key, text in keys.items()})
    assert (one.screen is not None) == screened
    assert [judge(done, [one])] == [judge(done, [replace(one, screen=None)])]


def test_a_look_at_the_raw_descriptor_hides_no_failure(done: Judged) -> None:
    """`require` holds, and still nobody knows whether the rule applies."""
    with pytest.raises(ToolError, match=r"`when`: .*nothing"):
        found(done, "field", when="field.name == 'id' && {'a': 1}['nothing'] == 1", require="field.name != ''")


def test_rules_of_a_kind_look_only_where_they_have_to(done: Judged) -> None:
    """One that needs every element takes nothing away from the others."""
    looked: list[str] = []

    def counting(one: Rule) -> Rule:
        check = one.check
        assert check

        def counted(element: Any, context: Any) -> Any:
            looked.append(f"{one.title} {element.name}")
            return check(element, context)

        return replace(one, check=counted)

    quick = counting(replace(rule("field", when="field.name == 'id'"), title="quick"))
    slow = counting(replace(rule("field", require="comment != ''"), title="slow"))
    (file,) = (file for file in done.schema.image(()).files() if file.path == PATH)
    assert len(lint.judge_file(file, [quick, slow])) == 7
    assert [each for each in looked if each.startswith("quick")] == ["quick id"]
    assert len(looked) == 8


def test_a_text_that_is_no_name_is_no_verdict(done: Judged) -> None:
    """The runtime bounds its own steps, not what a function does with a long text."""
    long = "x" * 5000
    with pytest.raises(ToolError, match="a text of 5,000 characters is not a name"):
        found(done, "field", require=f"snake('{long}') == ''")


def test_names_that_cel_reserves_can_be_used_as_any_other(done: Judged) -> None:
    texts = "package + 'package' + r'\\package' + '''a package''' + file . package // package"
    assert said(done, "file", when="package == 'acme.orders.v1'", message=texts) == [
        "acme.orders.v1package\\packagea packageacme.orders.v1"
    ]
