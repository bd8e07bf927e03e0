from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from schemactl import catalogue, events, module
from schemactl.build import build
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.rule import Rule
from schemactl.source import Sources
from schemactl.wellknown import provide

RULES = catalogue.catalogue()
MARKER = re.compile(r"[ \t]*// error$", re.MULTILINE)
FILE = re.compile(r"^// file: (\S+)\n", re.MULTILINE)
OPTIONS = 'import "schemactl/v1/options.proto";'


def split(example: str) -> dict[str, str]:
    """The files of an example by their path."""
    first, *rest = FILE.split(example)
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    return {"acme/example/v1/example.proto": first, **files} if first.strip() else files


def marked(files: Mapping[str, str]) -> set[tuple[str, int]]:
    lines = ((path, n, line) for path, text in files.items() for n, line in enumerate(text.split("\n"), 1))
    return {(path, n) for path, n, line in lines if MARKER.search(line)}


def compiled(files: Mapping[str, str], workspace: Path) -> Image:
    texts = {path: MARKER.sub("", text).encode() for path, text in files.items()}
    imports: dict[str, bytes] = {}
    pending = [name for text in files.values() for name in re.findall(r'^import "(.*)";$', text, re.MULTILINE)]
    while pending:
        name = pending.pop()
        if name not in texts and name not in imports:
            imports[name] = text = provide(name) or b""
            pending += re.findall(r'^import "(.*)";$', text.decode(), re.MULTILINE)
    built = build(Sources(texts, imports, {name: name for name in (*texts, *imports)}), Path(mkdtemp(dir=workspace)))
    assert not built.problems, built.problems
    return built.image


def found(example: str, workspace: Path, *rules: Rule) -> list[Finding]:
    return module.judge(compiled(split(example), workspace), rules or RULES.values())


def one(example: str, workspace: Path, rule: str, **params: Any) -> Finding:
    chosen = catalogue.with_params(RULES[rule], params, "params")
    (finding,) = found(example, workspace, chosen)
    return finding


def places(findings: list[Finding]) -> set[tuple[str, int]]:
    return {(finding.location.path, finding.location.line) for finding in findings if finding.location}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_bad_example_of_a_rule_is_wrong_in_exactly_the_marked_lines(rule: Rule, tmp_path: Path) -> None:
    files = split(rule.bad)
    findings = module.judge(compiled(files, tmp_path), [rule])
    assert places(findings) == marked(files) != set()
    assert {finding.severity for finding in findings} == {rule.severity}
    assert len({finding.fingerprint for finding in findings}) == len(findings)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_good_example_of_a_rule_is_wrong_for_no_rule(rule: Rule, tmp_path: Path) -> None:
    findings = found(rule.good, tmp_path)
    assert [finding for finding in findings if finding.severity == "error" or finding.rule == rule.id] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_for(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.categories == ("events",)
    assert (rule.check is None) == (rule.target == "module") != (rule.module_check is None)


SHARED = """
// file: shared/event_type.proto
syntax = "proto3";
package shared;
enum EventType { EVENT_TYPE_UNSPECIFIED = 0; }
"""


def envelope(*fields: str, package: str = "users", head: str = "", before: str = "", name: str = "UserEnvelope") -> str:
    return (
        "\n".join(
            [
                'syntax = "proto3";',
                f"package {package};" if package else "",
                'import "google/protobuf/timestamp.proto";',
                'import "shared/event_type.proto";',
                OPTIONS,
                before,
                "message User { string id = 1; Address address = 2; repeated string tags = 3; bool active = 4;",
                "  map<string, string> labels = 5; shared.EventType last = 6; double score = 7; }",
                "message Address { string zip_code = 1; }",
                f"message {name} {{",
                head,
                *fields,
                "}",
            ]
        )
        + SHARED
    )


FIELDS = {
    "event_uuid": "string event_uuid = 1;",
    "occurred_at": "google.protobuf.Timestamp occurred_at = 2;",
    "event_type": "shared.EventType event_type = 3;",
    "payload": "User payload = 4;",
    "prev_payload": "User prev_payload = 5;",
}


def standard(**changes: str) -> list[str]:
    return list({**FIELDS, **changes}.values())


def topic(name: str, key: str = "", package: str = "acme.users.v1") -> str:
    option = f'option (schemactl.v1.topic) = {{name: "{name}" key: "{key}"}};'
    return envelope(*standard(), head=option, package=package)


def test_the_envelope_of_the_company_gives_no_error(tmp_path: Path) -> None:
    findings = found(envelope(*standard(occurred_at="int64 occurred_at = 2;")), tmp_path)
    assert [(finding.rule, finding.severity) for finding in findings] == [("ENVELOPE_TIME_UNIT", "warning")]
    assert findings[0].help == "int64 occurred_at = 2 [(schemactl.v1.field).unit = UNIT_UNIX_MILLIS];"


@pytest.mark.parametrize(
    "declared",
    [
        "message Envelope { bytes payload = 1; }",
        "message UserEnvelope { bytes payload = 1; }",
        "message UserEnvelope { map<string, string> payload = 1; }",
        "message Envelope { Other payload = 1; } message Other {}",
        "message UserEnvelope { Other body = 4; } message Other {}",
    ],
)
def test_a_message_that_is_no_event_is_left_alone(declared: str, tmp_path: Path) -> None:
    reserved = "message R { reserved 1; }"
    assert found(f'syntax = "proto3"; package Strange; {declared} {reserved}', tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "line", "message", "help", "at"),
    [
        (
            "event_uuid",
            "string uuid = 1;",
            "field `uuid` of `UserEnvelope` should be called `event_uuid`",
            "string event_uuid = 1;",
            "uuid",
        ),
        (
            "event_uuid",
            "string event_uuid = 7;",
            "field `event_uuid` of `UserEnvelope` should have number 1, not 7",
            "string event_uuid = 1;",
            "7",
        ),
        (
            "event_uuid",
            "bytes event_uuid = 1;",
            "field `event_uuid` of `UserEnvelope` should be `string`, not `bytes`",
            "string event_uuid = 1;",
            "bytes",
        ),
        (
            "event_uuid",
            "repeated int32 event_uuid = 9;",
            "field `event_uuid` of `UserEnvelope` should have number 1, not 9, be singular"
            " and be `string`, not `int32`",
            "string event_uuid = 1;",
            "event_uuid",
        ),
        (
            "occurred_at",
            "string occurred_at = 2;",
            "field `occurred_at` of `UserEnvelope` should be `google.protobuf.Timestamp` or `int64`, not `string`",
            "google.protobuf.Timestamp occurred_at = 2;",
            "string",
        ),
        (
            "occurred_at",
            "int64 time = 2;",
            "field `time` of `UserEnvelope` should be called `occurred_at`",
            "int64 occurred_at = 2;",
            "time",
        ),
        (
            "event_type",
            "string event_type = 3;",
            "field `event_type` of `UserEnvelope` should be an enum, not `string`",
            "shared.EventType event_type = 3;",
            "string",
        ),
        (
            "payload",
            "repeated User payload = 4;",
            "field `payload` of `UserEnvelope` should be singular",
            "User payload = 4;",
            "repeated",
        ),
        (
            "prev_payload",
            "optional User old = 5;",
            "field `old` of `UserEnvelope` should be called `prev_payload`",
            "optional User prev_payload = 5;",
            "old",
        ),
        (
            "prev_payload",
            "string prev_payload = 5;",
            "field `prev_payload` of `UserEnvelope` should be a message, not `string`",
            "User prev_payload = 5;",
            "string",
        ),
        (
            "prev_payload",
            "",
            "`UserEnvelope` should have the field `User prev_payload = 5;`",
            "User prev_payload = 5;",
            "UserEnvelope",
        ),
    ],
)
def test_a_wrong_field_of_an_envelope_is_one_finding_with_the_line_to_write(
    changed: str, line: str, message: str, help: str, at: str, tmp_path: Path
) -> None:
    text = envelope(*standard(**{changed: line}))
    (finding,) = [it for it in found(text, tmp_path) if it.severity == "error"]
    assert (finding.rule, finding.message, finding.help) == ("ENVELOPE_FIELDS", message, help)
    place = finding.location
    assert place
    assert text.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1] == at


def test_each_wrong_field_is_its_own_finding(tmp_path: Path) -> None:
    swapped = standard(event_type="shared.EventType event_type = 4;", payload="User payload = 3;", event_uuid="")
    findings = found(envelope(*swapped), tmp_path)
    assert {finding.rule for finding in findings} == {"ENVELOPE_FIELDS"}
    assert sorted(finding.element or "" for finding in findings) == [
        "users.UserEnvelope",
        "users.UserEnvelope.event_type",
        "users.UserEnvelope.payload",
    ]


def test_a_payload_from_elsewhere_is_written_with_its_package(tmp_path: Path) -> None:
    other = '// file: other.proto\nsyntax = "proto3"; package acme.orders; message Order {}'
    event = envelope(*standard(payload="acme.orders.Order payload = 6;", prev_payload=""), name="OrderEnvelope")
    text = event.replace(OPTIONS, 'import "other.proto";') + other
    assert sorted(it.help or "" for it in found(text, tmp_path, RULES["ENVELOPE_FIELDS"])) == [
        "acme.orders.Order payload = 4;",
        "acme.orders.Order prev_payload = 5;",
    ]


def test_proto2_fields_are_written_with_a_label(tmp_path: Path) -> None:
    fields = "optional User payload = 4; required User prev_payload = 5;"
    text = f'syntax = "proto2"; message User {{}} message UserEnvelope {{ {fields} }}'
    assert [it.help for it in found(text, tmp_path, RULES["ENVELOPE_FIELDS"])] == [
        "optional string event_uuid = 1;",
        "optional google.protobuf.Timestamp occurred_at = 2;",
        "optional shared.EventType event_type = 3;",
    ]


def test_the_envelope_can_be_another_by_configuration(tmp_path: Path) -> None:
    fields = [{"name": "id", "number": 1, "types": ["string"]}, {"name": "payload", "number": 2, "types": ["message"]}]
    text = envelope("string id = 1;", "User payload = 3;")
    assert one(text, tmp_path, "ENVELOPE_FIELDS", fields=fields).help == "User payload = 2;"


def test_a_field_on_the_number_of_another_that_is_there_is_an_extra_one(tmp_path: Path) -> None:
    findings = found(envelope(*standard(payload="User payload = 9;"), "string note = 4;"), tmp_path)
    assert {(it.rule, (it.element or "").rpartition(".")[2]) for it in findings} == {
        ("ENVELOPE_FIELDS", "payload"),
        ("ENVELOPE_EXTRA_FIELDS", "note"),
    }


def test_where_extra_fields_start_is_configurable(tmp_path: Path) -> None:
    text = envelope(*standard(), "string trace_id = 99;", "string span_id = 100;")
    message = "extra field `trace_id` of `UserEnvelope` should have a number from 100 up, not 99"
    assert one(text, tmp_path, "ENVELOPE_EXTRA_FIELDS", **{"from": 100}).message == message


def test_a_oneof_payload_is_one_finding(tmp_path: Path) -> None:
    oneof = standard(payload="oneof payload { User made = 4; User gone = 6; }")
    findings = found(envelope(*oneof, head='option (schemactl.v1.topic).name = "acme.users.status";'), tmp_path)
    assert [it.rule for it in findings] == ["ENVELOPE_NO_ONEOF_PAYLOAD"]


def test_the_enum_that_most_envelopes_use_is_the_right_one(tmp_path: Path) -> None:
    def event(name: str, enum: str) -> str:
        return f"message {name} {{}} message {name}Envelope {{ {enum} event_type = 3; {name} payload = 4; }}"

    text = f"""syntax = "proto3"; package p.shared;
enum EventType {{ A = 0; }}
message Z {{ enum EventType {{ B = 0; }} }}
{event("K", "EventType")}
{event("L", "Z.EventType")}
{event("M", "Z.EventType")}"""
    finding = one(text, tmp_path, "ENVELOPE_EVENT_TYPE_SAME")
    assert (
        finding.message
        == "`event_type` should be `p.shared.Z.EventType` as in the other envelopes, not `p.shared.EventType`"
    )
    assert finding.help == "Z.EventType event_type = 3;"
    assert finding.element == "p.shared.KEnvelope.event_type"


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("uers.status", {"TOPIC_NAME_PATTERN", "TOPIC_SIMILAR"}),
        ("users.statutes", {"TOPIC_NAME_PATTERN"}),
        ("acme.uers.status", {"TOPIC_SIMILAR"}),
        ("topic", {"TOPIC_NAME_PATTERN", "TOPIC_RESERVED_WORD"}),
        ("partition", {"TOPIC_NAME_PATTERN", "TOPIC_RESERVED_WORD"}),
        ("replication", {"TOPIC_NAME_PATTERN", "TOPIC_RESERVED_WORD"}),
        ("_", {"TOPIC_NAME_PATTERN", "TOPIC_RESERVED_WORD"}),
        ("acme.users.topic", {"TOPIC_RESERVED_WORD"}),
        ("acme.partition.status", {"TOPIC_RESERVED_WORD"}),
        ("acme.replication.status", {"TOPIC_RESERVED_WORD"}),
        ("acme._.status", {"TOPIC_NAME_PATTERN", "TOPIC_RESERVED_WORD"}),
        ("acme.Users.status", {"TOPIC_NAME_PATTERN"}),
        ("acme.users.status.", {"TOPIC_NAME_PATTERN"}),
        ("acme.users.a b", {"TOPIC_NAME_PATTERN", "TOPIC_NAME_LEGAL"}),
        ("__acme.users.status", {"TOPIC_NAME_PATTERN", "TOPIC_NAME_LEGAL", "TOPIC_SIMILAR"}),
        ("..", {"TOPIC_NAME_PATTERN", "TOPIC_NAME_LEGAL"}),
        (f"acme.users.{'x' * 238}", set()),
        (f"acme.users.{'x' * 239}", {"TOPIC_NAME_LEGAL"}),
        ("", {"TOPIC_NAME_LEGAL"}),
        ("acme.users.status", set()),
        ("acme.users.partition-moved", set()),
    ],
)
def test_a_topic_name_is_refused_for_what_is_wrong_with_it(name: str, rules: set[str], tmp_path: Path) -> None:
    findings = found(topic(name), tmp_path)
    assert {finding.rule for finding in findings} == rules
    assert {finding.location.line for finding in findings if finding.location} <= {11}


def test_the_pattern_of_topics_can_be_written_in_words(tmp_path: Path) -> None:
    finding = one(topic("other.users.status"), tmp_path, "TOPIC_NAME_PATTERN", pattern="acme.<domain>.<event>")
    assert finding.message == "topic `other.users.status` should match `acme.<domain>.<event>`"
    chosen = catalogue.with_params(RULES["TOPIC_NAME_PATTERN"], {"pattern": "acme.<domain>.<event>"}, "")
    assert found(topic("acme.users.status"), tmp_path, chosen) == []


def test_a_pattern_is_for_the_whole_name(tmp_path: Path) -> None:
    assert one(topic("acme.users.status"), tmp_path, "TOPIC_NAME_PATTERN", pattern="[a-z]+")


def topics(*names: str, package: str = "acme.things.v1") -> str:
    options = "\n".join(
        f'message M{n} {{}} message M{n}Envelope {{ option (schemactl.v1.topic).name = "{name}"; M{n} payload = 4; }}'
        for n, name in enumerate(names)
    )
    return f'syntax = "proto3"; package {package};\n{OPTIONS}\n{options}'


@pytest.mark.parametrize(
    ("names", "help"),
    [
        (["acme.users.status", "acme.users.statutes"], "did you mean `acme.users.status`?"),
        (["acme.users.statutes", "acme.users.status", "acme.users.status-old"], "did you mean `acme.users.statutes`?"),
        (["acme.uers.created", "acme.users.created", "acme.users.paid"], "did you mean `acme.users.created`?"),
        (["acme.thigns.created"], "did you mean `acme.things.created`?"),
        (["acne.users.created"], "did you mean `acme.users.created`?"),
        (
            ["acme.users.user-status", "acme.users.usr-status", "acme.users.user-statsu"],
            "did you mean `acme.users.user-status`?",
        ),
    ],
)
def test_a_slip_in_a_topic_name_comes_with_what_was_meant(names: list[str], help: str, tmp_path: Path) -> None:
    finding = one(topics(*names), tmp_path, "TOPIC_SIMILAR")
    assert (finding.severity, finding.help) == ("warning", help)


@pytest.mark.parametrize(
    "names",
    [
        ["acme.users.created", "acme.users.updated", "acme.users.deleted", "acme.users.selected"],
        ["acme.users.v1", "acme.users.v2", "acme.users.status-v1", "acme.users.status-v2"],
        ["acme.orders.charged", "acme.orders.changed", "acme.orders.shipped", "acme.orders.skipped"],
        ["acme.users.locked", "acme.users.unlocked", "acme.users.opened", "acme.users.reopened"],
        ["acme.users.imported", "acme.users.exported", "acme.users.encoded", "acme.users.decoded"],
        ["acme.sales.eu-west", "acme.sales.eu-east", "acme.sales.us-west"],
        ["acme.thing.created"],
        ["acme.users.status", "acme.orders.statutes"],
        ["acme.users.status", "acme.users.status"],
    ],
)
def test_names_that_differ_on_purpose_are_no_slips(names: list[str], tmp_path: Path) -> None:
    assert found(topics(*names), tmp_path, RULES["TOPIC_SIMILAR"]) == []


def test_a_shared_topic_names_every_envelope_on_it(tmp_path: Path) -> None:
    findings = found(topics("acme.users.status", "acme.users.status"), tmp_path, RULES["TOPIC_UNIQUE"])
    assert findings[0].message == (
        "topic `acme.users.status` is also the topic of `acme.things.v1.M1Envelope` (acme/example/v1/example.proto)"
    )
    assert len(findings) == 2


def test_the_place_of_a_topic_is_its_option_among_others(tmp_path: Path) -> None:
    head = (
        'option deprecated = true;\n  option (schemactl.v1.topic).key = "";\n  option (schemactl.v1.topic).name = "x";'
    )
    finding = one(envelope(*standard(), head=head), tmp_path, "TOPIC_NAME_PATTERN")
    assert finding.location
    assert (finding.location.line, finding.location.column) == (13, 3)


@pytest.mark.parametrize(
    ("key", "message", "help"),
    [
        ("payload.id", "", ""),
        ("event_uuid", "", ""),
        ("payload.address.zip_code", "", ""),
        ("payload.ID", "`User` has no field `ID`", "did you mean `id`? `User` has `id`, `address`, `tags`"),
        (
            "paylod.id",
            "`UserEnvelope` has no field `paylod`",
            "did you mean `payload`? `UserEnvelope` has `event_uuid`",
        ),
        (
            "payload.address.zipCode",
            "`Address` has no field `zipCode`",
            "did you mean `zip_code`? `Address` has `zip_code`",
        ),
        ("payload", "`payload` is the message `User`", "go on into it: `User` has `id`"),
        ("payload.", "`User` has no field ``", "`User` has `id`"),
        ("payload.id.x", "`id` is a `string`, and has no fields", "choose"),
        ("payload.tags", "`tags` is repeated", "choose"),
        ("payload.labels", "`labels` is repeated", "choose"),
        ("payload.active", "`active` is a `bool`, which has only two values", "choose"),
        ("payload.score", "`score` is a `double`, which has no exact value", "choose"),
        ("payload.last", "`last` is the enum `EventType`, which has few values", "choose"),
        (
            "occurred_at",
            "`occurred_at` is the message `Timestamp`",
            "go on into it: `Timestamp` has `seconds`, `nanos`",
        ),
        ("occurred_at.seconds", "", ""),
    ],
)
def test_the_key_path_says_where_it_goes_wrong(key: str, message: str, help: str, tmp_path: Path) -> None:
    findings = found(topic("acme.users.status", key), tmp_path, RULES["TOPIC_KEY_PATH"])
    whole = f"key path `{key}` of `UserEnvelope` should lead to a scalar field: {message}"
    assert [finding.message for finding in findings] == ([whole] if message else [])
    assert all((finding.help or "").startswith(help) for finding in findings)


def test_an_event_without_a_topic_gets_the_lines_to_paste(tmp_path: Path) -> None:
    other = """
// file: other.proto
syntax = "proto3";
package acme.order_items.v2;
message OrderItem {}
message OrderItemEnvelope { OrderItem payload = 4; }
"""
    finding = one(topics("acme.things.made") + other, tmp_path, "TOPIC_MISSING")
    assert finding.message == "event `OrderItemEnvelope` should name its topic"
    assert finding.help == (
        'option (schemactl.v1.topic).name = "acme.order-items.order-item";\nimport "schemactl/v1/options.proto";'
    )


def test_without_any_topic_none_is_missing(tmp_path: Path) -> None:
    assert found(envelope(*standard()), tmp_path, RULES["TOPIC_MISSING"]) == []


def reserved(
    *lines: str, syntax: str = 'syntax = "proto3";', kind: str = "message", body: str = "string live = 50;"
) -> str:
    inside = "\n".join(lines)
    return f"""{syntax}
package acme.users.v1;
{kind} Held {{
{body}
{inside}
}}
message User {{}}
message HeldEnvelope {{ Held payload = 4; {"Held kind = 16;" if kind == "enum" else ""} }}
""".replace("Held payload", "User payload" if kind == "enum" else "Held payload")


@pytest.mark.parametrize(
    ("lines", "helps"),
    [
        (["reserved 1; // deprecated field [name]"], ['reserved "name";']),
        (['reserved 1; // "name"'], ['reserved "name";']),
        (["reserved 1; // `name`"], ['reserved "name";']),
        (["reserved 1; // name"], ['reserved "name";']),
        (["reserved 1; // was name"], ['reserved "name";']),
        (["reserved 1; // deprecated field name"], ['reserved "name";']),
        (["reserved 1; /* [name] */"], ['reserved "name";']),
        (["// deprecated field [name]", "reserved 1;"], ['reserved "name";']),
        (["reserved 1; // removed in 2021"], [None]),
        (["reserved 1; // [deprecated]"], [None]),
        (["reserved 1; // replaced by [live]"], [None]),
        (["reserved 1, 2; // [a], [b]"], ['reserved "a";', 'reserved "b";']),
        (["reserved 1, 2; // [a], [b]", 'reserved "b";'], ['reserved "a";']),
        (["reserved 1; // [a]", "reserved 2; // [b]", 'reserved "b";'], ['reserved "a";']),
        (["reserved 1; // [name]", 'reserved "nme";'], ['reserved "name";', None]),
        (["reserved 1; // removed in 2021", 'reserved "name";'], []),
        (["reserved 1; // was it", 'reserved "name";'], []),
        (["// [old] fields", "reserved 1;", 'reserved "name";'], []),
        (['reserved "name"; // 3'], ["reserved 3;"]),
        (['reserved "name"; // was 3'], ["reserved 3;"]),
        (['reserved "name"; // 2021-05-01'], [None]),
        (['reserved "name";'], [None]),
        (["reserved 5 to 7;", 'reserved "a", "b";'], [None]),
        (["reserved 5 to 7; // [a] [b] [c]", 'reserved "c", "a";'], ['reserved "b";']),
        (["reserved 1 to 16;"], [None] * 16),
        (["reserved 1 to 17;"], []),
        (["reserved 1 to 17;", 'reserved "a", "b";'], []),
        (["reserved 1000 to max;"], []),
        (["reserved 536870911;"], []),
        (["reserved 1000 to max;", 'reserved "a";'], [None]),
        (["reserved 3; reserved 1; // [name]", 'reserved "name";'], [None]),
    ],
)
def test_reserved_numbers_and_names_come_in_pairs(lines: list[str], helps: list[str | None], tmp_path: Path) -> None:
    findings = found(reserved(*lines), tmp_path, RULES["RESERVED_NAME_AND_NUMBER"])
    told = [None if (it.help or "").startswith("look up") else it.help for it in findings]
    assert told == helps
    assert len({it.fingerprint for it in findings}) == len(findings)


def test_a_lonely_number_and_a_lonely_name_are_told_where_they_stand(tmp_path: Path) -> None:
    rule = RULES["RESERVED_NAME_AND_NUMBER"]
    (number,) = found(reserved("reserved 2, 7 to 8;", 'reserved "b", "c";'), tmp_path, rule)
    assert number.message == "number 8 of `Held` is reserved without its name"
    assert number.location
    assert (number.location.line, number.location.column, number.location.end_column) == (5, 13, 19)
    (name,) = found(reserved("reserved 2;", 'reserved "b",', '  "c";'), tmp_path, rule)
    assert name.message == "name `c` of `Held` is reserved without its number"
    assert name.location
    assert (name.location.line, name.location.column) == (7, 3)


def test_reserved_ranges_of_enums_hold_their_end_and_negative_numbers(tmp_path: Path) -> None:
    text = reserved("reserved -2 to -1, 5; // [A] [B] [C]", kind="enum", body="ZERO = 0;")
    findings = found(text, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"])
    assert [it.help for it in findings] == ['reserved "A";', 'reserved "B";', 'reserved "C";']
    assert findings[0].message == "number -2 of `Held` is reserved without its name"
    top = reserved("reserved 7 to max;", kind="enum", body="ZERO = 0;")
    assert found(top, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"]) == []


def test_one_number_of_an_enum_may_have_had_several_names(tmp_path: Path) -> None:
    body = "option allow_alias = true; ZERO = 0; NIL = 0;"
    text = reserved("reserved 2;", 'reserved "A", "B";', kind="enum", body=body)
    assert found(text, tmp_path, RULES["RESERVED_NAME_AND_NUMBER"]) == []


def test_editions_reserve_names_without_quotes(tmp_path: Path) -> None:
    text = reserved("reserved 1; // [name]", syntax='edition = "2023";')
    assert one(text, tmp_path, "RESERVED_NAME_AND_NUMBER").help == "reserved name;"


def test_reserved_and_naming_rules_look_at_what_an_event_reaches(tmp_path: Path) -> None:
    text = """syntax = "proto3";
import "far.proto";
package acme.users.v1;
message User { map<string, acme.far.Far> far = 1; }
message UserEnvelope { User payload = 4; }
// file: far.proto
syntax = "proto3";
package acme.far;
message Far { reserved 1; }
// file: Away.proto
syntax = "proto3";
package Acme;
message Away { reserved 1; }
"""
    rules = [RULES[id] for id in ("RESERVED_NAME_AND_NUMBER", "PACKAGE_PATTERN", "FILE_LOWER_SNAKE_CASE")]
    assert places(found(text, tmp_path, *rules)) == {("far.proto", 3)}


def test_a_package_pattern_in_words_wants_a_version(tmp_path: Path) -> None:
    pattern = "acme.<domain>.v<N>"
    text = envelope(*standard(), package="acme.users.v01")
    chosen = catalogue.with_params(RULES["PACKAGE_PATTERN"], {"pattern": pattern}, "")
    findings = found(text, tmp_path, chosen)
    assert [finding.message for finding in findings] == [
        "package `acme.users.v01` should match `acme.<domain>.v<N>`",
        "package `shared` should match `acme.<domain>.v<N>`",
    ]


def test_a_file_name_comes_with_the_right_one(tmp_path: Path) -> None:
    text = "// file: acme/UserEvents.v1.proto\n" + envelope(*standard())
    finding = one(text, tmp_path, "FILE_LOWER_SNAKE_CASE")
    assert finding.message == "file `UserEvents.v1.proto` should be called `user_events_v1.proto`"


def test_a_message_named_like_an_envelope_of_its_own_topic_is_an_event(tmp_path: Path) -> None:
    text = topics("acme.things.made").replace("M0Envelope", "Made")
    finding = one(text, tmp_path, "EVENT_NAME")
    assert (finding.message, finding.help) == (
        "event `Made` should be called `<Payload>Envelope`, in PascalCase",
        "call it `M0Envelope`",
    )


def test_every_hit_of_the_pack_has_a_message_and_a_place(tmp_path: Path) -> None:
    for rule in RULES.values():
        for finding in found(rule.bad, tmp_path, rule):
            assert finding.location
            assert "%" not in finding.message
            assert finding.source == "lint"


def test_the_base_of_a_rule_cannot_be_changed_by_a_run() -> None:
    changed = catalogue.with_params(RULES["ENVELOPE_EXTRA_FIELDS"], {"from": 20}, "")
    assert (changed.params["from"], RULES["ENVELOPE_EXTRA_FIELDS"].params["from"]) == (20, 16)
    assert replace(changed, params=RULES["ENVELOPE_EXTRA_FIELDS"].params) == RULES["ENVELOPE_EXTRA_FIELDS"]


def test_events_know_how_to_write_a_type(tmp_path: Path) -> None:
    image = compiled(split(envelope(*standard(), package="")), tmp_path)
    file = image.file("acme/example/v1/example.proto")
    assert events.written("shared.EventType", file) == "shared.EventType"
    assert events.written("shared.EventType", image.file("shared/event_type.proto")) == "EventType"
