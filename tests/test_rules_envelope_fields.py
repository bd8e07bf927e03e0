from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from rule_runs import OPTIONS, RULES, envelope, found, one, standard
from schemactl.finding import ordered

ANEW = "// make a new envelope, in a new package version, on a new topic"
PUBLISHED = f"// only while nothing is published; once it is, readers would break:\n{ANEW}"


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
            "`UserEnvelope` lacks field 5: `User prev_payload = 5;`",
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
    assert (finding.rule, finding.message) == ("ENVELOPE_FIELDS", message)
    assert finding.help in (help, f"{help}\n{PUBLISHED}")
    assert (finding.help == help) == ("lacks" in message)
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
        f"acme.orders.Order payload = 4;\n{PUBLISHED}",
        "acme.orders.Order prev_payload = 5;",
    ]


def test_proto2_fields_are_written_with_a_label(tmp_path: Path) -> None:
    fields = "optional User payload = 4; required User prev_payload = 5;"
    text = f'syntax = "proto2"; message User {{}} message UserEnvelope {{ {fields} }}'
    assert [it.help for it in found(text, tmp_path, RULES["ENVELOPE_FIELDS"])] == [
        "optional string event_uuid = 1;",
        'optional google.protobuf.Timestamp occurred_at = 2;\nimport "google/protobuf/timestamp.proto";',
        "optional <shared.EventType> event_type = 3;",
    ]


def test_the_envelope_can_be_another_by_configuration(tmp_path: Path) -> None:
    fields = [{"name": "id", "number": 1, "types": ["string"]}, {"name": "payload", "number": 2, "types": ["message"]}]
    text = envelope("string id = 1;", "User payload = 3;")
    assert one(text, tmp_path, "ENVELOPE_FIELDS", fields=fields).help == f"User payload = 2;\n{PUBLISHED}"


def pasted(text: str, helps: Iterable[str]) -> str:
    """The text with the lines of the helps where they belong: imports at the top, fields into its last message."""
    lines = [line for help in helps for line in help.split("\n")]
    imports = dict.fromkeys(line for line in lines if line.startswith("import "))
    first, _, rest = text.partition("\n")
    body, brace, after = rest.partition("}  // end")
    assert brace
    return "\n".join([first, *imports, body, *(line for line in lines if line not in imports), brace + after])


@pytest.mark.parametrize("syntax", ['syntax = "proto3";', 'syntax = "proto2";', 'edition = "2023";'])
@pytest.mark.parametrize(
    ("package", "enum"),
    [("acme.users.v1", "acme.shared.v1"), ("users", "shared"), ("acme.shared.v1", "shared"), ("", "shared")],
)
def test_lines_for_missing_fields_compile_when_they_are_pasted(
    package: str, enum: str, syntax: str, tmp_path: Path
) -> None:
    label = "optional " if "proto2" in syntax else ""
    declared = f"package {package};" if package else ""
    text = f"""{syntax}
{declared} message User {{}} message UserEnvelope {{ {label}User payload = 4;
}}  // end
// file: far/event_type.proto
{syntax}
package {enum};
enum EventType {{ EVENT_TYPE_UNSPECIFIED = 0; }}
"""
    rules = [rule for rule in RULES.values() if rule.id.startswith("ENVELOPE_")]
    findings = ordered(found(text, tmp_path, *rules))
    assert [(it.rule, it.message.partition(":")[0]) for it in findings] == [
        ("ENVELOPE_FIELDS", f"`UserEnvelope` lacks field {number}") for number in (1, 2, 3, 5)
    ]
    assert (findings[2].help or "").endswith('\nimport "far/event_type.proto";')
    assert found(pasted(text, (it.help or "" for it in findings)), tmp_path, *rules) == []


def test_without_a_message_to_carry_the_line_says_that_one_is_to_be_chosen(tmp_path: Path) -> None:
    option = 'option (schemactl.v1.topic).name = "acme.users.status";'
    text = f'syntax = "proto3"; package p;\n{OPTIONS}\nmessage Changed {{ {option} }} message AEnvelope {{ {option} }}'
    helps = {it.help for it in found(text, tmp_path, RULES["ENVELOPE_FIELDS"])}
    assert {"<Payload> payload = 4;", "<A> payload = 4;"} <= helps


def test_an_envelope_that_is_named_after_nothing_keeps_the_type_it_carries(tmp_path: Path) -> None:
    text = 'syntax = "proto3"; message User {} message ZEnvelope { User payload = 4; }'
    helps = [it.help for it in found(text, tmp_path, RULES["ENVELOPE_FIELDS"])]
    assert helps[-1] == "User prev_payload = 5;"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("reserved 5;", "// number 5 is reserved: if no field ever had it, free it; else"),
        ('reserved "prev_payload";', "// `prev_payload` is reserved: if no field ever had it, free it; else"),
    ],
)
def test_a_missing_field_whose_place_is_reserved_says_so(kept: str, said: str, tmp_path: Path) -> None:
    finding = one(envelope(*standard(prev_payload=kept)), tmp_path, "ENVELOPE_FIELDS")
    assert finding.help == f"User prev_payload = 5;\n{said}\n{ANEW}"


def test_a_number_that_another_field_holds_is_named_with_it(tmp_path: Path) -> None:
    text = envelope(*standard(payload="User payload = 9;"), "string note = 4;")
    finding = one(text, tmp_path, "ENVELOPE_FIELDS")
    assert finding.help == f"User payload = 4;\n// number 4 is `note`'s, which has to go first\n{PUBLISHED}"


def test_a_map_of_messages_is_one_message_too_many(tmp_path: Path) -> None:
    findings = found(envelope(*standard(payload="map<string, User> payload = 4;")), tmp_path)
    assert [(it.rule, it.message) for it in findings] == [
        ("ENVELOPE_FIELDS", "field `payload` of `UserEnvelope` should be one message, not a map")
    ]
    assert findings[0].help == f"User payload = 4;\n{PUBLISHED}"


def test_a_standard_field_has_its_own_name_in_json(tmp_path: Path) -> None:
    text = envelope(*standard(event_uuid='string event_uuid = 1 [json_name = "uuid"];'))
    finding = one(text, tmp_path, "ENVELOPE_FIELDS")
    assert finding.message == "field `event_uuid` of `UserEnvelope` should be `eventUuid` in JSON, not `uuid`"
    assert finding.help == f"string event_uuid = 1;\n{PUBLISHED}"
    same = standard(event_uuid='string event_uuid = 1 [json_name = "eventUuid"];')
    assert found(envelope(*same), tmp_path, RULES["ENVELOPE_FIELDS"]) == []
