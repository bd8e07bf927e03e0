from __future__ import annotations

from pathlib import Path

import pytest

from rule_runs import envelope, found, one, standard


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


def test_a_oneof_called_payload_makes_an_event_without_a_topic(tmp_path: Path) -> None:
    oneof = standard(payload="oneof payload { User made = 4; User gone = 6; }")
    assert [it.rule for it in found(envelope(*oneof), tmp_path)] == ["ENVELOPE_NO_ONEOF_PAYLOAD"]
    scalars = standard(payload="oneof payload { string made = 4; bytes gone = 6; }")
    assert found(envelope(*scalars), tmp_path) == []


def test_types_of_one_short_name_are_told_apart_by_their_package(tmp_path: Path) -> None:
    old = '// file: other.proto\nsyntax = "proto3"; package old; message User {}'
    text = envelope(*standard(prev_payload="old.User prev_payload = 5;"), before='import "other.proto";') + old
    finding = one(text, tmp_path, "ENVELOPE_PREV_SAME_TYPE")
    assert finding.message == "`prev_payload` should be of type `users.User` like `payload`, not `old.User`"
    assert finding.help == "User prev_payload = 5;"


def test_where_the_previous_payload_is_the_right_one_the_payload_is_to_change(tmp_path: Path) -> None:
    text = envelope(*standard(payload="Address payload = 4;"))
    finding = one(text, tmp_path, "ENVELOPE_PREV_SAME_TYPE")
    assert finding.help == "the name `UserEnvelope` speaks for `User`: change `payload`"


def test_the_shared_enum_is_found_in_files_that_nobody_imports(tmp_path: Path) -> None:
    text = """syntax = "proto3";
package acme.users.v1;
enum Kind { KIND_UNSPECIFIED = 0; }
message User {}
message UserEnvelope { Kind event_type = 3; User payload = 4; }
// file: acme/shared/v1/event_type.proto
syntax = "proto3";
package acme.shared.v1;
enum EventType { EVENT_TYPE_UNSPECIFIED = 0; }
"""
    finding = one(text, tmp_path, "ENVELOPE_EVENT_TYPE_SHARED")
    assert finding.message == (
        "`event_type` of `UserEnvelope` should be the shared enum `acme.shared.v1.EventType`, not `acme.users.v1.Kind`"
    )
    assert finding.help == ('acme.shared.v1.EventType event_type = 3;\nimport "acme/shared/v1/event_type.proto";')
    other = one(text, tmp_path, "ENVELOPE_EVENT_TYPE_SHARED", name="Type")
    assert (other.help or "").startswith("declare the enum `Type` in a package that has `shared` in its name")
