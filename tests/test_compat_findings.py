"""The verdict as a pull request sees it: severities by contract, merged with Buf's, over files and topics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repositories import Repo, clean, init

_HEAD = 'syntax = "proto3";\npackage acme.users.v1;\n'
_OPTIONS = 'import "schemactl/v1/options.proto";\n'
_TYPES = "acme/users/v1/types.proto"
_EVENT = "acme/users/v1/event.proto"
_KIND = "enum Kind {\n  KIND_UNSPECIFIED = 0;\n  KIND_NEW = 1;\n}\n"
_MORE = _KIND.replace("}", "  KIND_OLD = 2;\n}")
_USER = "message User {\n  string name = 1;\n  Kind kind = 2;\n  int32 age = 3;\n}\n"


def _event(payload: str = "User payload = 1;", topic: str = "", name: str = "acme.users.status") -> str:
    option = f'  option (schemactl.v1.topic) = {{name: "{name}" {topic}}};\n' if name else ""
    importing = _HEAD + (_OPTIONS if name else "") + f'import "{_TYPES}";\n'
    return f"{importing}message UserEnvelope {{\n{option}  {payload}\n}}\n"


def _types(*parts: str) -> str:
    return _HEAD + "".join(parts)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    clean(monkeypatch)
    return init(tmp_path / "repo")


def _found(repo: Repo, old: dict[str, str | None], new: dict[str, str | None], *more: str) -> dict[str, Any]:
    repo.commit(old)
    repo.write(new)
    done = repo.run("breaking", "--against", "HEAD", *more)
    assert done.err == ""
    return {finding["rule"]: finding for finding in done.report["findings"]}


def _severities(found: dict[str, Any]) -> dict[str, str]:
    return {rule: finding["severity"] for rule, finding in found.items()}


def _edit(repo: Repo, before: str, after: str, event: str, *more: str) -> dict[str, Any]:
    return _found(repo, {_TYPES: _types(before), _EVENT: event}, {_TYPES: _types(after)}, *more)


@pytest.mark.parametrize(
    ("kind", "event", "severity"),
    [
        (_KIND, _event(), "warning"),
        (_KIND, _event(topic="readers: READERS_STRICT"), "error"),
        (_KIND, _event("repeated Kind kinds = 1;"), "error"),
        (_KIND, _event("map<string, Kind> kinds = 1;"), "error"),
        (_KIND.replace("KIND_UNSPECIFIED", "KIND_FIRST"), _event(), "error"),
        (_KIND, _event(name=""), "warning"),
    ],
    ids=["tolerant", "strict", "repeated", "map", "zero is a value", "envelope without a topic"],
)
def test_an_enum_value_that_is_added_is_told_of_by_what_its_readers_can_do(
    repo: Repo, kind: str, event: str, severity: str
) -> None:
    found = _edit(repo, kind + _USER, kind.replace("}", "  KIND_OLD = 2;\n}") + _USER, event)
    assert _severities(found) == {"ENUM_VALUE_ADDED": severity}
    [cell] = [e for e in found["ENUM_VALUE_ADDED"]["effects"] if e["readers"] == "strict"]
    covered = "STRICT" in event
    assert cell == {
        "direction": "forward", "encoding": "json", "readers": "strict", "effect": "error", "values": "all",
        "covered": covered,
    }  # fmt: skip


@pytest.mark.parametrize(
    "topic",
    ["encoding: ENCODING_BINARY", "json {enum_values: ENUM_VALUES_NUMBER}", "compatibility: COMPATIBILITY_BACKWARD"],
)
def test_an_enum_value_is_free_where_no_reader_stumbles_over_it(repo: Repo, topic: str) -> None:
    assert not _edit(repo, _KIND + _USER, _MORE + _USER, _event(topic=topic))


def test_an_enum_that_no_topic_reaches_is_no_more_than_told(repo: Repo) -> None:
    old, new = (f"{kind}message Other {{\n  Kind kind = 1;\n}}\n" for kind in (_KIND, _MORE))
    found = _found(repo, {_TYPES: _types(old)}, {_TYPES: _types(new)})
    assert _severities(found) == {"ENUM_VALUE_ADDED": "info"}


def test_with_a_profile_every_message_counts(repo: Repo) -> None:
    old, new = (f"{kind}message Other {{\n  Kind kind = 1;\n}}\n" for kind in (_KIND, _MORE))
    found = _found(repo, {_TYPES: _types(old)}, {_TYPES: _types(new)}, "--profile", "json")
    assert _severities(found) == {"ENUM_VALUE_ADDED": "warning"}


def test_the_configuration_names_packages_that_travel(repo: Repo) -> None:
    repo.write({"schemactl.yaml": "compat:\n  packages:\n    - packages: [acme.users]\n      readers: strict\n"})
    old, new = (f"{kind}message Other {{\n  Kind kind = 1;\n}}\n" for kind in (_KIND, _MORE))
    assert _severities(_found(repo, {_TYPES: _types(old)}, {_TYPES: _types(new)})) == {"ENUM_VALUE_ADDED": "error"}


def test_a_new_name_behind_the_old_one_is_the_safe_rename(repo: Repo) -> None:
    alias = "  option allow_alias = true;\n"
    behind = _KIND.replace("KIND_NEW = 1;\n", f"KIND_NEW = 1;\n{alias}  KIND_FRESH = 1;\n")
    assert not _edit(repo, _KIND + _USER, behind + _USER, _event())


def test_a_new_name_before_the_old_one_is_what_writers_print(repo: Repo) -> None:
    alias = "  option allow_alias = true;\n"
    before = _KIND.replace("  KIND_NEW = 1;\n", f"{alias}  KIND_FRESH = 1;\n  KIND_NEW = 1;\n")
    assert _severities(_edit(repo, _KIND + _USER, before + _USER, _event())) == {"ENUM_ALIAS_ORDER": "error"}


def test_an_enum_value_that_is_removed_and_reserved_breaks_readers_of_old_data(repo: Repo) -> None:
    gone = _KIND.replace("  KIND_NEW = 1;\n", '  reserved 1;\n  reserved "KIND_NEW";\n')
    found = _edit(repo, _KIND + _USER, gone + _USER, _event())
    assert _severities(found) == {"ENUM_VALUE_REMOVED": "error"}
    assert {e["direction"] for e in found["ENUM_VALUE_REMOVED"]["effects"]} == {"backward"}


def test_each_topic_judges_the_same_edit(repo: Repo) -> None:
    first = _event(topic="encoding: ENCODING_BINARY")
    second = _event("repeated Kind kinds = 1;", name="acme.users.kinds").replace("UserEnvelope", "KindsEnvelope")
    repo.commit({"acme/users/v1/kinds.proto": second})
    found = _edit(repo, _KIND + _USER, _MORE + _USER, first)
    assert found["ENUM_VALUE_ADDED"]["severity"] == "error"
    assert found["ENUM_VALUE_ADDED"]["message"].endswith("on topic `acme.users.kinds`")


def test_effects_stand_on_the_first_of_bufs_findings(repo: Repo) -> None:
    renamed = _USER.replace("string name", "string full_name")
    repo.commit({_TYPES: _types(_KIND, _USER), _EVENT: _event()})
    repo.write({_TYPES: _types(_KIND, renamed)})
    first, second = repo.run("breaking", "--against", "HEAD").report["findings"]
    assert [first["rule"], second["rule"]] == ["FIELD_SAME_JSON_NAME", "FIELD_SAME_NAME"]
    assert first["change"] == second["change"]
    assert {e["effect"] for e in first["effects"]} == {"default", "error"}
    assert second["effects"] == []


def test_what_only_generated_code_notices_is_a_warning(repo: Repo) -> None:
    old = "message Address {\n  string city = 1;\n}\nmessage User {\n  Address home = 1;\n}\n"
    new = old.replace("Address", "Place") + "message Address {\n  string city = 1;\n}\n"
    found = _edit(repo, old, new, _event())
    assert _severities(found) == {"FIELD_WIRE_JSON_COMPATIBLE_TYPE": "warning"}
    assert "source-level only" in found["FIELD_WIRE_JSON_COMPATIBLE_TYPE"]["help"]


def test_what_only_generated_code_notices_is_an_error_by_the_source_profile(repo: Repo) -> None:
    old = "message Address {\n  string city = 1;\n}\nmessage User {\n  Address home = 1;\n}\n"
    new = old.replace("Address", "Place") + "message Address {\n  string city = 1;\n}\n"
    assert _severities(_edit(repo, old, new, _event(), "--profile", "source")) == {"FIELD_SAME_TYPE": "error"}


def test_where_nobody_is_known_to_read_buf_judges_alone(repo: Repo) -> None:
    old = "message Address {\n  string city = 1;\n}\nmessage User {\n  Address home = 1;\n}\n"
    new = old.replace("Address", "Place") + "message Address {\n  string city = 1;\n}\n"
    found = _found(repo, {_TYPES: _types(old)}, {_TYPES: _types(new)})
    assert _severities(found) == {"FIELD_WIRE_JSON_COMPATIBLE_TYPE": "error"}


def test_a_deletion_stays_an_error_although_tolerant_readers_skip_it(repo: Repo) -> None:
    found = _edit(repo, _KIND + _USER, _KIND + _USER.replace("  int32 age = 3;\n", "  reserved 3;\n"), _event())
    assert _severities(found) == {"FIELD_NO_DELETE_UNLESS_NAME_RESERVED": "error"}


def test_a_contract_that_is_weakened_with_the_break_does_not_excuse_it(repo: Repo) -> None:
    repo.commit({_TYPES: _types(_KIND, _USER), _EVENT: _event("repeated Kind kinds = 1;")})
    repo.write(
        {
            _TYPES: _types(_MORE, _USER),
            _EVENT: _event("repeated Kind kinds = 1;", "compatibility: COMPATIBILITY_NONE"),
        }
    )
    found = {each["rule"]: each["severity"] for each in repo.run("breaking", "--against", "HEAD").report["findings"]}
    assert found == {"ENUM_VALUE_ADDED": "error", "TOPIC_COMPATIBILITY_CHANGED": "warning"}


def test_a_topics_own_encoding_wins_over_the_profile(repo: Repo) -> None:
    event = _event("repeated Kind kinds = 1;", "encoding: ENCODING_JSON")
    found = _edit(repo, _KIND + _USER, _MORE + _USER, event, "--profile", "binary")
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


def test_a_key_that_was_reserved_is_reused_through_json_name(repo: Repo) -> None:
    old = 'message User {\n  reserved "event_type";\n  string name = 1;\n}\n'
    new = old.replace("1;\n}", '1;\n  int32 x = 9 [json_name = "eventType"];\n}')
    assert _severities(_edit(repo, old, new, _event())) == {"JSON_NAME_REUSED": "error"}


def test_presence_that_is_given_up_is_told_of(repo: Repo) -> None:
    old = _USER.replace("int32 age", "optional int32 age")
    assert _severities(_edit(repo, _KIND + old, _KIND + _USER, _event())) == {"OPTIONAL_TO_IMPLICIT": "warning"}


def test_a_rule_of_ours_is_turned_off_by_its_name(repo: Repo) -> None:
    repo.write({"schemactl.yaml": "rules:\n  ENUM_VALUE_ADDED: 'off'\n"})
    assert not _edit(repo, _KIND + _USER, _MORE + _USER, _event())


def test_a_comment_approves_what_only_we_see(repo: Repo) -> None:
    ignored = "  // schemactl:ignore ENUM_VALUE_ADDED -- every reader knows it\n  KIND_OLD = 2;\n}"
    found = _edit(repo, _KIND + _USER, _KIND.replace("}", ignored) + _USER, _event("repeated Kind kinds = 1;"))
    assert _severities(found) == {"BREAK_APPROVED": "info"}


def test_a_message_that_an_any_may_hold_keeps_its_name(repo: Repo) -> None:
    event = _event("google.protobuf.Any payload = 1;").replace(
        "message", 'import "google/protobuf/any.proto";\nmessage', 1
    )
    found = _edit(repo, "message User {\n}\n", "message Person {\n}\n", event)
    assert found["PACKAGE_MESSAGE_NO_DELETE"]["effects"][0]["effect"] == "error"


def test_a_topic_that_moves_to_another_message_takes_its_readers_along(repo: Repo) -> None:
    repo.commit({_TYPES: _types(_KIND, _USER), _EVENT: _event()})
    repo.write({_EVENT: _event("int32 payload = 1;").replace("UserEnvelope", "PersonEnvelope")})
    found = [each for each in repo.run("breaking", "--against", "HEAD").report["findings"] if each["effects"]]
    assert [(each["rule"], each["element"]) for each in found] == [
        ("FIELD_TYPE_CHANGED", "acme.users.v1.PersonEnvelope.payload")
    ]


def test_nothing_is_told_where_nothing_changed_but_comments(repo: Repo) -> None:
    assert not _edit(repo, _KIND + _USER, "// Words.\n" + _KIND + _USER, _event())


def test_what_an_any_may_hold_is_judged_as_what_carries_it(repo: Repo) -> None:
    event = _event("google.protobuf.Any payload = 1;").replace(
        "message", 'import "google/protobuf/any.proto";\nmessage', 1
    )
    old, new = (_USER.replace("name", each) for each in ("name", "label"))
    found = _edit(repo, _KIND + old, _MORE + new, event, "--ignore", "WIRE_JSON")
    assert _severities(found) == {"FIELD_RENAMED": "error", "ENUM_VALUE_ADDED": "warning"}


def test_the_first_of_several_names_is_renamed(repo: Repo) -> None:
    old = "enum Kind {\n  option allow_alias = true;\n  KIND_UNSPECIFIED = 0;\n  KIND_A = 1;\n  KIND_B = 1;\n}\n"
    found = _edit(repo, old + _USER, old.replace("KIND_A", "KIND_C") + _USER, _event(), "--ignore", "WIRE_JSON")
    assert _severities(found) == {"ENUM_ALIAS_ORDER": "error", "ENUM_VALUE_REMOVED": "error"}
    assert "reserved 1;" not in found["ENUM_VALUE_REMOVED"]["help"]  # its number lives on


_BINARY = "encoding: ENCODING_BINARY"


def test_a_reservation_does_not_excuse_a_new_number(repo: Repo) -> None:
    new = _USER.replace("int32 age = 3;", "int32 age = 6;\n  reserved 3;")
    found = _edit(repo, _KIND + _USER, _KIND + new, _event(topic=_BINARY), "--profile", "binary")
    assert _severities(found) == {"FIELD_RENUMBERED": "error"}


def test_a_key_goes_to_another_field_by_json_name(repo: Repo) -> None:
    new = _USER.replace("string name = 1;", 'reserved 1;\n  reserved "name";\n  string label = 9 [json_name = "name"];')
    found = _edit(repo, _KIND + _USER, _KIND + new, _event())
    assert _severities(found) == {"JSON_NAME_REUSED": "error"}
    assert found["JSON_NAME_REUSED"]["evidence"]["wire"] == '{"payload":{"name":"x"}}'


def test_the_last_step_of_a_safe_rename_is_source_level(repo: Repo) -> None:
    both = _KIND.replace("KIND_NEW = 1;", "KIND_FRESH = 1;\n  KIND_NEW = 1;\n  option allow_alias = true;")
    found = _edit(repo, both + _USER, _KIND.replace("KIND_NEW", "KIND_FRESH") + _USER, _event())
    assert _severities(found) == {"ENUM_VALUE_SAME_NAME": "warning"}


def test_evidence_comes_from_a_topic_that_is_harmed(repo: Repo) -> None:
    event = _event("Kind kind = 1;", "readers: READERS_STRICT compatibility: COMPATIBILITY_BACKWARD", "acme.a.first")
    repo.commit({"acme/users/v1/first.proto": event.replace("UserEnvelope", "AEnvelope")})
    found = _edit(repo, _KIND + _USER, _MORE + _USER, _event("repeated Kind kinds = 1;"))
    assert found["ENUM_VALUE_ADDED"]["evidence"]["message"] == "acme.users.v1.UserEnvelope"


def test_an_effect_says_whether_a_contract_covers_it(repo: Repo) -> None:
    found = _edit(repo, _KIND + _USER, _KIND + _USER.replace("name", "label"), _event(topic=_BINARY))
    first = found["FIELD_SAME_JSON_NAME"]
    assert {each["covered"] for each in first["effects"]} == {False}
    assert (first["evidence"], first["evidence_missing"]) == (None, "what it harms is outside of the contract")


_PROTO2 = 'syntax = "proto2";\npackage acme.users.v1;\n'
_EXTENSIBLE = (
    _PROTO2 + _OPTIONS + "message Event {\n"
    '  option (schemactl.v1.topic) = {name: "acme.users.status"};\n  extensions 100 to 200;\n}\n'
)
_CLOSED = "enum Kind {\n  KIND_UNSPECIFIED = 0;\n  KIND_A = 1;\n}\n"


def test_an_extension_is_judged_with_what_it_extends(repo: Repo) -> None:
    extending = _PROTO2 + f'import "{_EVENT}";\n' + _CLOSED + "extend Event {\n  repeated Kind kinds = 100;\n}\n"
    old: dict[str, str | None] = {_EVENT: _EXTENSIBLE, "acme/users/v1/ext.proto": extending}
    found = _found(
        repo, old, {"acme/users/v1/ext.proto": extending.replace("KIND_A = 1;", "KIND_A = 1;\n  KIND_B = 2;")}
    )
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


def test_the_enum_of_an_extension_may_stand_in_a_third_file(repo: Repo) -> None:
    kinds = _PROTO2 + _CLOSED
    extending = _PROTO2 + f'import "{_EVENT}";\nimport "{_TYPES}";\nextend Event {{\n  repeated Kind kinds = 100;\n}}\n'
    old: dict[str, str | None] = {_EVENT: _EXTENSIBLE, "acme/users/v1/ext.proto": extending, _TYPES: kinds}
    found = _found(repo, old, {_TYPES: kinds.replace("KIND_A = 1;", "KIND_A = 1;\n  KIND_B = 2;")})
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


@pytest.mark.parametrize(("profile", "severity"), [((), "info"), (("--profile", "json"), "error")])
def test_an_enum_is_judged_by_holders_in_files_that_did_not_change(
    repo: Repo, profile: tuple[str, ...], severity: str
) -> None:
    holder = _HEAD + f'import "{_TYPES}";\nmessage Other {{\n  repeated Kind kinds = 1;\n}}\n'
    found = _found(repo, {_TYPES: _types(_KIND), _EVENT: holder}, {_TYPES: _types(_MORE)}, *profile)
    assert _severities(found) == {"ENUM_VALUE_ADDED": severity}


_CARRIES_ANY = (
    _HEAD + _OPTIONS + 'import "google/protobuf/any.proto";\nmessage Event {\n'
    '  option (schemactl.v1.topic) = {name: "acme.users.status"};\n  google.protobuf.Any data = 1;\n}\n'
)


def test_what_an_any_holds_need_not_be_imported(repo: Repo) -> None:
    holder = _HEAD + f'import "{_TYPES}";\nmessage Other {{\n  repeated Kind kinds = 1;\n}}\n'
    old: dict[str, str | None] = {_EVENT: _CARRIES_ANY, _TYPES: _types(_KIND), "acme/users/v1/other.proto": holder}
    assert _severities(_found(repo, old, {_TYPES: _types(_MORE)})) == {"ENUM_VALUE_ADDED": "error"}


def test_an_any_may_be_deep_in_what_did_not_change(repo: Repo) -> None:
    holder = "message P {\n  repeated Kind kinds = 1;\n}\n"
    hold = _HEAD + 'import "google/protobuf/any.proto";\nmessage Hold {\n  google.protobuf.Any data = 1;\n}\n'
    event = _CARRIES_ANY.replace("google.protobuf.Any data", "Hold hold").replace(
        "google/protobuf/any.proto", "acme/users/v1/hold.proto"
    )
    old: dict[str, str | None] = {
        "acme/users/v1/hold.proto": hold,
        _EVENT: event,
        _TYPES: _types(_KIND, holder),
    }
    new = _types(_MORE, holder)
    assert _severities(_found(repo, old, {_TYPES: new})) == {"ENUM_VALUE_ADDED": "error"}


def test_a_default_that_looks_like_nothing_is_one(repo: Repo) -> None:
    old = _PROTO2 + _OPTIONS + (
        'message Event {\n  option (schemactl.v1.topic) = {name: "acme.users.status"};\n  optional string s = 1;\n}\n'
    )  # fmt: skip
    found = _found(repo, {_EVENT: old}, {_EVENT: old.replace("s = 1;", 's = 1 [default = "0"];')})
    assert _severities(found) == {"FIELD_SAME_DEFAULT": "error"}


def test_the_enum_of_a_topic_that_goes_to_another_message_is_judged_value_by_value(repo: Repo) -> None:
    first = "message A {{\n{}  repeated Kind k = 1;\n  enum Kind {{\n    Z = 0;\n    Y = 1;\n  }}\n}}\n"
    option = '  option (schemactl.v1.topic) = {name: "acme.users.status"};\n'
    second = first.replace("A {{", "B {{").replace("Y = 1;", "Y = 1;\n    X = 2;")
    old, new = first.format(option), first.format("") + second.format(option)
    found = _found(repo, {_EVENT: _HEAD + _OPTIONS + old}, {_EVENT: _HEAD + _OPTIONS + new})
    assert found["ENUM_VALUE_ADDED"]["severity"] == "error"


def test_an_envelope_does_not_leave_judgement_by_the_change_that_breaks_it(repo: Repo) -> None:
    old = _event("repeated Kind kinds = 1;\n  User payload = 4;", name="")
    new = _event('repeated Kind kinds = 1;\n  reserved 4;\n  reserved "payload";\n  User user = 5;', name="")
    found = _found(repo, {_TYPES: _types(_KIND, _USER), _EVENT: old}, {_TYPES: _types(_MORE, _USER), _EVENT: new})
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


def test_readers_cannot_tell_a_new_value_from_a_default_that_means_something(repo: Repo) -> None:
    old = 'edition = "2023";\npackage acme.users.v1;\n' + _OPTIONS + _KIND + (
        'message Event {\n  option (schemactl.v1.topic) = {name: "acme.users.status"};\n'
        "  Kind kind = 1 [default = KIND_NEW];\n}\n"
    )  # fmt: skip
    found = _found(repo, {_EVENT: old}, {_EVENT: old.replace("KIND_NEW = 1;", "KIND_NEW = 1;\n  KIND_B = 2;")})
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


def test_what_a_file_extends_is_judged_although_it_stands_elsewhere(repo: Repo) -> None:
    base = _PROTO2 + "message P {\n  optional string id = 1;\n  extensions 100 to 200;\n}\n"
    extending = _PROTO2 + f'import "{_TYPES}";\n' + _CLOSED + "extend P {\n  repeated Kind kinds = 100;\n}\n"
    old: dict[str, str | None] = {_TYPES: base, _EVENT: extending}
    new = extending.replace("KIND_A = 1;", "KIND_A = 1;\n  KIND_B = 2;")
    assert _severities(_found(repo, old, {_EVENT: new}, "--profile", "json")) == {"ENUM_VALUE_ADDED": "error"}


def test_an_any_may_hold_what_another_file_extends(repo: Repo) -> None:
    base = _PROTO2 + "message P {\n  optional string id = 1;\n  extensions 100 to 200;\n}\n"
    extending = _PROTO2 + f'import "{_TYPES}";\n' + _CLOSED + "extend P {\n  repeated Kind kinds = 100;\n}\n"
    old: dict[str, str | None] = {_TYPES: base, _EVENT: _CARRIES_ANY, "acme/users/v1/ext.proto": extending}
    new = extending.replace("KIND_A = 1;", "KIND_A = 1;\n  KIND_B = 2;")
    assert _severities(_found(repo, old, {"acme/users/v1/ext.proto": new})) == {"ENUM_VALUE_ADDED": "error"}


def test_an_any_may_come_by_an_extension(repo: Repo) -> None:
    carrying = (
        _PROTO2 + f'import "{_EVENT}";\nimport "google/protobuf/any.proto";\n'
        "extend Event {\n  optional google.protobuf.Any data = 100;\n}\n"
    )
    holder = "message P {\n  repeated Kind kinds = 1;\n}\n"
    old: dict[str, str | None] = {
        _EVENT: _EXTENSIBLE,
        "acme/users/v1/ext.proto": carrying,
        _TYPES: _types(_KIND, holder),
    }
    assert _severities(_found(repo, old, {_TYPES: _types(_MORE, holder)})) == {"ENUM_VALUE_ADDED": "error"}


def test_one_change_does_not_hide_another_of_the_same_name(repo: Repo) -> None:
    repo.write({"schemactl.yaml": "breaking: {profile: binary}\nrules: {NUMBER_REUSED: 'off'}\n"})
    old = "message User {\n  string a = 1;\n  repeated string b = 2;\n}\n"
    new = "message User {\n  reserved 2;\n  string b = 1;\n}\n"
    found = _edit(repo, old, new, _event())
    assert _severities(found) == {"FIELD_REMOVED": "error", "FIELD_RENAMED": "error"}


def test_readers_that_require_a_value_cannot_do_without_it(repo: Repo) -> None:
    old = 'edition = "2023";\npackage acme.users.v1;\n' + _OPTIONS + _KIND + (
        'message Event {\n  option (schemactl.v1.topic) = {name: "acme.users.status"};\n'
        "  Kind kind = 1 [features.field_presence = LEGACY_REQUIRED];\n}\n"
    )  # fmt: skip
    found = _found(repo, {_EVENT: old}, {_EVENT: old.replace("KIND_NEW = 1;", "KIND_NEW = 1;\n  KIND_B = 2;")})
    assert _severities(found) == {"ENUM_VALUE_ADDED": "error"}


def test_a_topics_contract_wins_over_that_of_its_package(repo: Repo) -> None:
    repo.write({"schemactl.yaml": "compat: {packages: [{packages: [acme], readers: tolerant}]}\n"})
    event = _event("repeated Kind kinds = 1;", "compatibility: COMPATIBILITY_NONE")
    old, new = event + _KIND, event + _MORE
    assert not _found(repo, {_TYPES: _HEAD, _EVENT: old}, {_EVENT: new})
