from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemactl import catalogue, declared, lint
from schemactl.build import build
from schemactl.documented import ENGINE, explain_text
from schemactl.errors import ConfigError, ToolError, UsageError
from schemactl.file import File
from schemactl.finding import Finding
from schemactl.rule import Rule
from schemactl.schema import OPTIONS_FILE
from schemactl.texts import Sources
from schemactl.wellknown import provide

PROTO = """syntax = "proto3";
package acme.users.v1;
import "schemactl/v1/options.proto";
// A user.
message User {
  string id = 1;
  int64 age_years = 2 [(schemactl.v1.field).unit = UNIT_UNIX_MILLIS];
  repeated string tags = 3;
}
message UserEnvelope {
  option deprecated = true;
  option (schemactl.v1.topic) = {name: "acme.users.status" key: "payload.id"};
  User payload = 4;
  oneof note { string text = 16; }
}
enum Plan { PLAN_UNSPECIFIED = 0; }
"""


@pytest.fixture
def file(tmp_path: Path) -> File:
    names = (OPTIONS_FILE, "google/protobuf/descriptor.proto", "google/protobuf/duration.proto")
    imports = {name: provide(name) or b"" for name in names}
    sources = Sources({"user.proto": PROTO.encode()}, imports, {"user.proto": "protos/user.proto"})
    return build(sources, tmp_path).image.file("user.proto")


def pack(
    target: str = "message", require: str = "false", *more: str, message: str = "'no'", id: str = "MY_RULE"
) -> bytes:
    lines = (f"target: {target}", f"require: {require}", f'message: "{message}"', *more)
    rest = "".join(f"    {line}\n" for line in lines)
    return f"name: mine\nrules:\n  - id: {id}\n    title: T\n    why: W.\n    bad: B\n    good: G\n{rest}".encode()


def rule(text: bytes) -> Rule:
    (only,) = declared.load(text, "mine.yaml")
    return only


def findings(file: File, text: bytes) -> list[Finding]:
    return lint.judge_file(file, [rule(text)])


def messages(file: File, text: bytes) -> list[str]:
    return [finding.message for finding in findings(file, text)]


def mistake(text: bytes) -> str:
    with pytest.raises(ConfigError) as error:
        declared.load(text, "mine.yaml")
    assert error.value.hint
    return error.value.message


def test_a_rule_carries_what_its_declaration_says() -> None:
    found = rule(pack("field", "true", "severity: warning", "scope: events", "params: {most: 3}"))
    assert (found.id, found.target, found.severity, found.scope) == ("MY_RULE", "field", "warning", "events")
    assert (dict(found.params), found.categories, found.origin) == ({"most": 3}, ("mine",), "mine.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (pack().replace(b"title: T", b"tilte: T"), "mine.yaml:4:5: unknown key `tilte`; did you mean `title`?"),
        (pack("mesage"), "mine.yaml:8:13: `rules.target` should be"),
        (pack(id="my_rule"), "mine.yaml:3:5: `my_rule` should be written in capitals, like `MY_RULE`"),
        (
            pack("field", "field.nme != ''"),
            "mine.yaml:9:20: MY_RULE: `require`: `FieldDescriptorProto` has no field `nme`; did you mean `name`?\n"
            "    require: field.nme != ''\n                   ^",
        ),
        (
            pack("field", "fild.name != ''"),
            "mine.yaml:9:14: MY_RULE: `require`: `fild` is unknown; did you mean `field`?\n"
            "    require: fild.name != ''\n             ^",
        ),
        (
            pack("message", "field.name != ''"),
            "mine.yaml:9:14: MY_RULE: `require`: `field` is there where the target is `field`, not `message`\n"
            "    require: field.name != ''\n             ^",
        ),
        (
            pack("field", "field.name"),
            "mine.yaml:9:14: MY_RULE: `require`: should be true or false, and is of type string",
        ),
        (pack(message="1"), "mine.yaml:10:15: MY_RULE: `message`: should be a string, and is of type int"),
        (
            pack("field", "true", "each: field.name"),
            "mine.yaml:11:11: MY_RULE: `each`: should be a list, and is of type string",
        ),
        (pack("field", "(("), "mine.yaml:9:16: MY_RULE: `require`: Syntax error: mismatched input '<EOF>'\n"),
        (pack("field", "true", "at: nowhere"), "mine.yaml:11:9: `rules.at` should be"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: bytes, said: str) -> None:
    assert said in mistake(text)


def test_all_mistakes_of_a_pack_are_told_at_once() -> None:
    second = pack("field", "field.nme", "help: '1'", id="OTHER_RULE").partition(b"rules:\n")[2]
    told = mistake(pack("message", "1", "when: '2'", "wen: x") + second)
    assert [line.split(": ")[0] for line in told.split("\n") if line.startswith("mine.yaml")] == [
        "mine.yaml:9:14",
        "mine.yaml:11:12",
        "mine.yaml:12:5",
        "mine.yaml:19:20",
        "mine.yaml:21:12",
    ]


def test_an_id_stands_once_in_a_pack() -> None:
    assert mistake(pack() + pack().partition(b"rules:\n")[2]).count("`MY_RULE` is declared 2 times here") == 2


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("file", ["user.proto"]),
        ("message", ["User", "UserEnvelope"]),
        ("field", ["id", "age_years", "tags", "payload", "text"]),
        ("oneof", ["note"]),
        ("enum", ["Plan"]),
        ("enum_value", ["PLAN_UNSPECIFIED"]),
    ],
)
def test_a_rule_sees_every_element_of_its_target(target: str, names: list[str], file: File) -> None:
    assert messages(file, pack(target, message=f"{target}.name")) == names


@pytest.mark.parametrize(
    ("target", "expression", "value"),
    [
        ("field", "file.package + ' ' + path", "acme.users.v1 protos/user.proto"),
        ("field", "parent.name + ' ' + full_name", "User acme.users.v1.User.id"),
        ("message", "comment", "A user."),
        ("field", "type_of(field)", "string"),
        ("message", "snake(message.name + 'ID2') + pascal('a_b') + short('a.b.C')", "user_id2ABC"),
        ("field", "'%s %d'.format([field.name.upperAscii(), field.number])", "ID 1"),
        ("message", "regex('acme.<domain>.v<N>')", r"^acme\.[a-z][a-z0-9_-]*\.v[1-9][0-9]*$"),
    ],
)
def test_an_expression_sees_the_schema_around_its_element(target: str, expression: str, value: str, file: File) -> None:
    assert messages(file, pack(target, message=expression))[0] == value


def test_an_expression_sees_events_topics_and_field_facts(file: File) -> None:
    assert messages(file, pack("message", "has_topic == false", message="topic.name + ':' + topic.key")) == [
        "acme.users.status:payload.id"
    ]
    assert messages(file, pack("field", "event == false", message="field.name")) == ["payload", "text"]
    unit = "proto.getExt(field.options, schemactl.v1.field).unit == schemactl.v1.Unit.UNIT_UNSPECIFIED"
    assert messages(file, pack("field", unit, message="field.name")) == ["age_years"]


def test_when_says_what_a_rule_is_about(file: File) -> None:
    text = pack("field", "field.name == 'tags'", "when: parent.name == 'User'", message="field.name")
    assert messages(file, text) == ["id", "age_years"]


def test_each_gives_one_finding_per_item_and_equal_ones_once(file: File) -> None:
    text = pack("message", "item.number > 2", "each: message.field + message.field", message="item.name")
    found = findings(file, text)
    assert [finding.message for finding in found] == ["id", "age_years"]
    assert len({finding.fingerprint for finding in found}) == 2
    assert {finding.element for finding in found} == {"acme.users.v1.User"}


def test_params_come_from_the_declaration_and_can_be_set(file: File) -> None:
    found = rule(pack("field", "field.number <= params.most", "params: {most: 3}", message="field.name"))
    assert [it.message for it in lint.judge_file(file, [found])] == ["payload", "text"]
    changed = catalogue.with_params(found, {"most": 4}, "")
    assert [it.message for it in lint.judge_file(file, [changed])] == ["text"]


@pytest.mark.parametrize(
    ("target", "at", "shown"),
    [
        ("field", "", "int64 age_years = 2 [(schemactl.v1.field).unit = UNIT_UNIX_MILLIS];"),
        ("field", "name", "age_years"),
        ("field", "number", "2"),
        ("message", "", "UserEnvelope"),
        ("message", "topic", 'option (schemactl.v1.topic) = {name: "acme.users.status" key: "payload.id"};'),
        ("file", "package", "package acme.users.v1;"),
        ("file", "", ""),
    ],
)
def test_at_says_what_a_finding_points_to(target: str, at: str, shown: str, file: File) -> None:
    text = pack(target, "false", f"at: '{at}'", "help: \"'do this'\"")
    found = findings(file, text)[1 if target != "file" else 0]
    assert found.help == "do this"
    assert found.location
    line = PROTO.split("\n")[found.location.line - 1]
    assert line[found.location.column - 1 : found.location.end_column - 1] == shown


@pytest.mark.parametrize("expression", ["1 == [1][field.number]", "field.name.matches('(' + field.name)"])
def test_a_rule_that_fails_while_it_runs_gives_no_verdict(expression: str, file: File) -> None:
    with pytest.raises(ToolError, match=r"rule MY_RULE failed on acme\.users\.v1\.User\.id: mine\.yaml:9:5: ") as error:
        findings(file, pack("field", expression))
    assert error.value.hint


@pytest.mark.parametrize(
    ("key", "expression", "each"),
    [
        ("message", "'%s %s'.format(params.l)", ""),
        ("help", "params.m[field.name]", ""),
        ("message", "[item].map(x, params.l[x])[0]", "[1]"),
        ("help", "'%s'.format([{'a': params.m[field.name]}])", "[1, 2]"),
    ],
)
def test_a_text_that_fails_is_no_verdict_and_no_text(key: str, expression: str, each: str, file: File) -> None:
    """The runtime returns an error as a value, and that as a string."""
    more = ["params: {l: [a], m: {}}", *([f"each: '{each}'"] if each else [])]
    more += [f'help: "{expression}"'] if key == "help" else []
    text = pack("field", "false", *more, message=expression if key == "message" else "'no'")
    with pytest.raises(
        ToolError, match=rf"failed on acme\.users\.v1\.User\.id: mine\.yaml:1[0-3]:5: `{key}`: [A-Z_]+: "
    ):
        findings(file, text)


@pytest.mark.parametrize(("value", "found"), [("false", 2), ("False", 2), ("no", 2), ("true", 0), ("'false'", 2)])
def test_a_condition_may_be_true_or_false_without_quotes(value: str, found: int, file: File) -> None:
    assert len(findings(file, pack("message", value))) == found
    assert len(findings(file, pack("message", "false", f"when: {value}"))) == 2 - found


def test_the_shipped_packs_hold_no_mistake() -> None:
    for path in Path("rules").glob("*.yaml"):
        assert declared.load(path.read_bytes(), path.name)


def test_the_catalogue_holds_built_in_shipped_and_own_rules() -> None:
    known = catalogue.catalogue({"mine.yaml": pack().decode()})
    assert {"ENVELOPE_FIELDS", "TOPIC_NAME_PATTERN", "MY_RULE"} <= known.keys()
    origins = {known[id].origin for id in ("ENVELOPE_FIELDS", "TOPIC_NAME_PATTERN", "MY_RULE")}
    assert origins == {"built in", "rules/events.yaml", "mine.yaml"}
    assert known["MY_RULE"].categories == ("mine",)


def test_an_id_that_is_taken_names_both_places() -> None:
    packs = {"a.yaml": pack(id="TOPIC_UNIQUE").decode(), "b.yaml": pack().decode(), "c.yaml": pack().decode()}
    with pytest.raises(ConfigError) as error:
        catalogue.catalogue(packs)
    assert error.value.message == (
        "a.yaml:3:5: rule `TOPIC_UNIQUE` is already built in\nc.yaml:3:5: rule `MY_RULE` is already in b.yaml:3:5"
    )


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("events", "category"),
        ("STANDARD", "category"),
        ("WIRE", "category"),
        ("TOPIC_UNIQUE", "rule"),
        ("COMPILE", "rule"),
        ("FIELD_SAME_NAME", "rule"),
        ("MY_RULE", "rule"),
    ],
)
def test_a_pack_is_not_called_like_a_rule_or_a_category(name: str, like: str) -> None:
    with pytest.raises(ConfigError) as error:
        catalogue.catalogue({"a.yaml": pack().decode().replace("name: mine", f"name: {name}")})
    assert error.value.message.startswith(f"a.yaml:1:1: the pack is called `{name}`, and so is a {like}")


def test_a_plan_carries_severity_params_and_packs_to_another_process(file: File) -> None:
    text = pack("field", "field.number <= params.most", "params: {most: 3}", message="field.name")
    own = catalogue.with_params(rule(text), {"most": 4}, "")
    judge = lint.judge(lint.Plan((lint.settings([own]),), {"mine.yaml": text.decode()}))
    assert [(finding.message, finding.severity) for finding in judge(file, 0)] == [("text", "error")]


@pytest.mark.parametrize(
    ("id", "params", "said"),
    [
        ("ENVELOPE_EXTRA_FIELDS", {"frm": 3}, "p.frm: unknown; did you mean `from`?"),
        ("ENVELOPE_EXTRA_FIELDS", {"from": "3"}, "p.from: should be a number, not a string"),
        ("ENVELOPE_EXTRA_FIELDS", {"from": True}, "p.from: should be a number, not true or false"),
        ("ENVELOPE_EXTRA_FIELDS", {"fields": {"id": "1"}}, "p.fields.id: should be a number, not a string"),
        ("TOPIC_RESERVED_WORD", {"words": [1]}, "p.words[0]: should be a string, not a number"),
        ("TOPIC_RESERVED_WORD", {"words": None}, "p.words: should be a list, not empty"),
        ("ENVELOPE_FIELDS", {"fields": ["id"]}, "p.fields[0]: should be a mapping, not a string"),
        (
            "ENVELOPE_FIELDS",
            {"fields": [{"name": "id", "numbr": 1, "types": ["string"]}]},
            "p.fields[0].numbr: unknown; did you mean `number`?\np.fields[0]: `number` is missing",
        ),
        ("TOPIC_UNIQUE", {"x": 1}, "p.x: unknown"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_place(id: str, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        catalogue.with_params(catalogue.catalogue()[id], params, "p")
    assert error.value.message == said


def test_packs_of_the_repository_are_read_and_missing_ones_told() -> None:
    files = {"a.yaml": b"name: a", "b.yaml": b"\xff"}
    assert catalogue.texts(["a.yaml"], files.get) == {"a.yaml": "name: a"}
    with pytest.raises(ConfigError, match=r"there is no pack `c\.yaml` in what is checked"):
        catalogue.texts(["a.yaml", "c.yaml"], files.get)
    with pytest.raises(ConfigError, match=r"^schemactl\.yaml:3:5: there is no pack `c\.yaml` in"):
        catalogue.texts(["c.yaml"], files.get, {"packs.c.yaml": "schemactl.yaml:3:5"})
    with pytest.raises(ConfigError, match=r"b\.yaml is not UTF-8"):
        catalogue.texts(["b.yaml"], files.get)


@pytest.mark.parametrize("id", [*catalogue.catalogue(), *ENGINE, "FIELD_SAME_NAME", "FIELD_NO_DELETE"])
def test_every_rule_can_be_explained(id: str) -> None:
    text = explain_text(id)
    assert text.startswith(f"# {id}\n\n")
    assert "Comes from: " in text
    assert "## Why" in text or id == "FIELD_NO_DELETE"


def test_an_explanation_shows_parameters_as_they_are_set() -> None:
    assert (
        "  ENVELOPE_EXTRA_FIELDS:\n    severity: error  # error, warning, info or off\n    params:\n      from: 16\n"
        in (explain_text("ENVELOPE_EXTRA_FIELDS"))
    )


def test_an_unknown_rule_comes_with_what_was_meant() -> None:
    with pytest.raises(UsageError, match="did you mean `ENVELOPE_FIELDS`"):
        explain_text("ENVELOPE_FIELD")


def test_a_rule_of_the_repositorys_own_pack_can_be_explained() -> None:
    packs = {"mine.yaml": pack("field", "true", "params: {most: 3}").decode()}
    text = explain_text("MY_RULE", packs)
    assert text.startswith("# MY_RULE\n\nT.\n\n## Why\n\nW.")
    assert "      most: 3\n" in text
    assert "Comes from: mine.yaml." in text
    with pytest.raises(UsageError, match="did you mean `MY_RULE`"):
        explain_text("MY_RUL", packs)


def test_what_the_engine_says_of_a_policy_has_its_severity() -> None:
    assert [ENGINE[id].severity for id in ("POLICY_CHANGED", "POLICY_INTRODUCED", "IGNORE_MATCHES_NOTHING")] == [
        "warning",
        "info",
        "warning",
    ]
    assert "Severity: warning." in explain_text("POLICY_CHANGED")


PARAMS = "params: {l: [1], nothing: null, number: 3}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (pack("message", "params.l", PARAMS), "`require` should be true or false"),
        (pack("message", "false", "when: params.nothing", PARAMS), "`when` should be true or false"),
        (pack("message", "false", PARAMS, message="params.l"), "`message` should be a string"),
        (pack("message", "false", "each: params.number", PARAMS), "`each` should be a list"),
        (pack("message", "params.l[7] == 1", PARAMS), "`require`: "),
    ],
)
def test_a_value_of_the_wrong_kind_is_no_verdict(file: File, text: bytes, said: str) -> None:
    """Only known when the rule runs, since parameters have no type; it must neither pass nor crash."""
    with pytest.raises(ToolError) as error:
        findings(file, text)
    assert said in error.value.message


def test_an_expression_that_explodes_is_no_verdict(file: File) -> None:
    everything = "params.l.all(a, params.l.all(b, params.l.all(c, params.l.all(d, a + b + c + d >= 0))))"
    numbers = f"params: {{l: [{', '.join(map(str, range(200)))}]}}"
    with pytest.raises(ToolError):
        findings(file, pack("message", everything, numbers))
