from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rule_runs import EVENTS, RULES, envelope, found, judge, marked, one, places, schema, split, standard, topics
from schemactl import bufrules, catalogue, events
from schemactl.rule import Rule


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_bad_example_of_a_rule_is_wrong_in_exactly_the_marked_lines(rule: Rule, tmp_path: Path) -> None:
    files = split(rule.bad)
    findings = judge(schema(files, tmp_path), [rule])
    assert places(findings) == marked(files) != set()
    assert {finding.severity for finding in findings} == {rule.severity}
    assert len({finding.fingerprint for finding in findings}) == len(findings)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_good_example_of_a_rule_is_wrong_for_no_rule(rule: Rule, tmp_path: Path) -> None:
    shared = {*rule.categories} & {"STANDARD", "events"}
    kin = [each for each in RULES.values() if each.id == rule.id or shared & {*each.categories}]
    findings = found(rule.good, tmp_path, *kin)
    assert [finding for finding in findings if finding.severity == "error" or finding.rule == rule.id] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_for(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    known = bufrules.table().get(rule.id)
    of_buf = known.categories.get("v2", ()) if known else ()
    assert {*rule.categories} - {"events", "STYLE"} == {*of_buf} - {"DEFAULT"}
    assert (rule.check is None) == (rule.target in ("module", "files"))
    assert (rule.module_check is None) == (rule.target != "module")
    assert (rule.files_check is None) == (rule.target != "files")


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
    for rule in EVENTS:
        for finding in found(rule.bad, tmp_path, rule):
            assert finding.location
            assert "%" not in finding.message
            assert finding.source == "lint"


def test_the_base_of_a_rule_cannot_be_changed_by_a_run() -> None:
    changed = catalogue.with_params(RULES["ENVELOPE_EXTRA_FIELDS"], {"from": 20}, "")
    assert (changed.params["from"], RULES["ENVELOPE_EXTRA_FIELDS"].params["from"]) == (20, 16)
    assert replace(changed, params=RULES["ENVELOPE_EXTRA_FIELDS"].params) == RULES["ENVELOPE_EXTRA_FIELDS"]


def test_events_know_how_to_write_a_type() -> None:
    assert events.written("shared.EventType", "") == "shared.EventType"
    assert events.written("shared.EventType", "shared") == "EventType"
    assert events.written("shared.EventType", "acme.shared.v1") == ".shared.EventType"
    assert events.written("acme.v1.User", "acme.v1") == "User"
