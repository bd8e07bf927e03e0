from __future__ import annotations

from pathlib import Path

import pytest

from rule_runs import RULES, envelope, found, one, standard, topic, topics
from schemactl import catalogue


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
    ],
)
def test_the_key_path_says_where_it_goes_wrong(key: str, message: str, help: str, tmp_path: Path) -> None:
    findings = found(topic("acme.users.status", key), tmp_path, RULES["TOPIC_KEY_PATH"])
    whole = f"key path `{key}` of `UserEnvelope` should lead to a scalar field: {message}"
    assert [finding.message for finding in findings] == ([whole] if message else [])
    assert all((finding.help or "").startswith(help) for finding in findings)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("event_uuid", "what the event is about: `event_uuid` differs in every record"),
        ("occurred_at", "what the event is about: `occurred_at` differs in every record"),
        ("occurred_at.seconds", "what the event is about: `occurred_at` differs in every record"),
        ("prev_payload.id", "what is always there: `prev_payload` is absent from a record of something new"),
    ],
)
def test_a_key_that_keeps_nothing_in_order_is_refused(key: str, message: str, tmp_path: Path) -> None:
    finding = one(topic("acme.users.status", key), tmp_path, "TOPIC_KEY_PATH")
    assert finding.severity == "error"
    assert finding.message.startswith(f"key path `{key}` of `UserEnvelope` should lead to {message}")
    assert (finding.help or "").startswith(
        "choose a field that identifies what the event is about: `User` has `id`, `address`"
    )
    allowed = catalogue.with_params(RULES["TOPIC_KEY_PATH"], {"unique": [], "absent": []}, "")
    assert (found(topic("acme.users.status", key), tmp_path, allowed) == []) == (key != "occurred_at")


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
