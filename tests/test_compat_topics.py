"""Changes of a topic's contract, and of what the values of a field mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import text_format

from rule_runs import OPTIONS, compiled
from schemactl import events
from schemactl.compat import meanings, topics
from schemactl.compat.shape import shapes
from schemactl.compat.topics import Event, Pair, paired
from schemactl.compatsection import CompatPackages, CompatSection, JsonSection
from schemactl.element import Element, Module
from schemactl.finding import Finding
from schemactl.schema import schema

NAMED = 'name: "acme.users"'
KEYED = f'{NAMED} key: "payload.id"'
DEFAULTS = CompatSection()


class Compiled:
    def __init__(self, text: str, package: str, workspace: Path) -> None:
        head = f'syntax = "proto3";\npackage {package};\n{OPTIONS}\n'
        image = compiled({"acme/v1/users.proto": head + text}, workspace)
        (self.file,) = image.files()
        self.module = Module((self.file,))
        self.events = [Event(each, events.topic(each)) for each in self.module.messages if events.is_event(each)]

    def type(self, name: str) -> Element | None:
        return self.module.types.get(name)


_COMPILED: dict[tuple[str, str], Compiled] = {}


def side(text: str, workspace: Path, package: str = "acme.v1") -> Compiled:
    """Most tests are about the same few files."""
    if (text, package) not in _COMPILED:
        _COMPILED[text, package] = Compiled(text, package, workspace)
    return _COMPILED[text, package]


def told(old: Compiled, new: Compiled, defaults: CompatSection = DEFAULTS) -> list[Finding]:
    return list(topics.told(paired(old.events, new.events), "main", defaults, (old.type, new.type)))


def event(option: str, payload: str = "string id = 1; string mail = 2;", name: str = "UserEnvelope") -> str:
    said = f"option (schemactl.v1.topic) = {{{option}}};" if option else ""
    return f"message User {{ {payload} }}\nmessage {name} {{\n  {said}\n  User payload = 4; string event_uuid = 1; }}\n"


def changed(was: str, now: str, workspace: Path, defaults: CompatSection = DEFAULTS) -> list[Finding]:
    """Of one event: its option, as it would be written in the file, is all that is not the same."""
    compiled = side(event(KEYED), workspace)
    ((element, _),) = compiled.events
    old, new = (Event(element, text_format.Parse(each, schema().Topic()) if each else None) for each in (was, now))
    return list(topics.told(paired([old], [new]), "main", defaults, (compiled.type, compiled.type)))


def brief(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in findings]


# --- which message is which


def named(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(was.element.name if was else "", now.element.name if now else "") for was, now in pairs]


def carriers(*names: str) -> str:
    """`A:x` is a message A of topic x, `A` an envelope without."""
    texts = ["message P {}"]
    for name, _, topic in (each.partition(":") for each in names):
        option = f'option (schemactl.v1.topic).name = "{topic}";' if topic else ""
        texts.append(f"message {name}Envelope {{ {option} P payload = 1; }}")
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("old", "new", "pairs", "rules"),
    [
        ("A:x B:y", "B:y A:x", "A-A B-B", ""),
        ("A:x", "B:x", "A-B", "TOPIC_MESSAGE_CHANGED"),
        ("A:x", "A:y", "A-A", "TOPIC_RENAMED"),
        ("A:x B:y", "A:y B:x", "A-A B-B", "TOPIC_RENAMED TOPIC_RENAMED"),
        ("A:x", "A:y B:x", "A-A -B", "TOPIC_RENAMED"),
        ("A:x", "A B:x", "A-B -A", "TOPIC_MESSAGE_CHANGED"),
        ("A:x", "A", "A-A", "TOPIC_REMOVED"),
        ("A:x", "B:y", "A- -B", "TOPIC_REMOVED"),
        ("A", "", "A-", ""),
        ("A", "A:x", "A-A", ""),
        ("A:x", "A:x B:y", "A-A -B", ""),
        ("A:x", "A:x B:x", "A-A -B", "TOPIC_SHARED"),
        ("A:x B:y", "A:x B:x", "A-A B-B", "TOPIC_RENAMED TOPIC_SHARED"),
        ("A:x", "B:x C:x", "A-B -C", "TOPIC_MESSAGE_CHANGED TOPIC_SHARED"),
        ("A:x B:x", "A:x B:x", "A-A B-B", ""),
        ("", "A:x B:x", "-A -B", ""),
        ("A:x B:x", "A:x", "A-A B-", "TOPIC_REMOVED"),
    ],
)
def test_a_message_is_its_own_counterpart_unless_its_topic_went_elsewhere(
    old: str, new: str, pairs: str, rules: str, tmp_path: Path
) -> None:
    was, now = (side(carriers(*each.split()), tmp_path) for each in (old, new))
    found = named(paired(was.events, now.events))
    assert [f"{a}-{b}".replace("Envelope", "") for a, b in found] == pairs.split()
    assert [finding.rule for finding in told(was, now)] == rules.split()


def test_a_topic_is_found_again_in_another_package(tmp_path: Path) -> None:
    was, now = side(event(KEYED), tmp_path), side(event(KEYED), tmp_path, "acme.v2")
    assert named(paired(was.events, now.events)) == [("UserEnvelope", "UserEnvelope")]
    assert brief(told(was, now)) == [("TOPIC_MESSAGE_CHANGED", "warning")]


def test_a_topic_that_another_message_takes_over_is_told_with_both(tmp_path: Path) -> None:
    (finding,) = told(side(carriers("A:x"), tmp_path), side(carriers("B:x"), tmp_path))
    assert "its records are `acme.v1.BEnvelope` and were `acme.v1.AEnvelope`" in finding.message
    assert (finding.element, finding.severity) == ("acme.v1.BEnvelope", "warning")


def test_a_second_message_on_a_topic_is_an_error_with_both_names(tmp_path: Path) -> None:
    (finding,) = told(side(carriers("A:x"), tmp_path), side(carriers("A:x", "B:x"), tmp_path))
    assert (finding.element, finding.severity) == ("acme.v1.BEnvelope", "error")
    assert "topic `x` carries `acme.v1.AEnvelope`, and now `acme.v1.BEnvelope` too" in finding.message


@pytest.mark.parametrize(
    ("text", "what"),
    [(event("", name="Status"), "no longer belongs to a topic"), ("message User {}", "is gone")],
)
def test_a_topic_without_a_name_that_is_gone_is_told_by_its_message(text: str, what: str, tmp_path: Path) -> None:
    old = side(event("encoding: ENCODING_JSON", name="Status"), tmp_path)
    (finding,) = told(old, side(text, tmp_path))
    assert (finding.rule, finding.element) == ("TOPIC_REMOVED", "acme.v1.Status")
    assert finding.message.startswith(f"`acme.v1.Status` was a topic's, and {what}: ")


def test_an_envelope_is_still_judged_without_the_option_that_gave_it_no_name(tmp_path: Path) -> None:
    assert changed("encoding: ENCODING_JSON", "", tmp_path) == []


# --- findings


@pytest.mark.parametrize(
    "written",
    [
        "encoding: ENCODING_JSON readers: READERS_IGNORE_UNKNOWN compatibility: COMPATIBILITY_FULL",
        "json {field_names: FIELD_NAMES_JSON enum_values: ENUM_VALUES_NAME}",
        "partitioner: PARTITIONER_MURMUR2 cleanup: CLEANUP_DELETE",
        'partitions: 12 owner: "users" consumers {group: "mailer"}',
    ],
)
def test_to_write_out_what_holds_anyway_is_no_change(written: str, tmp_path: Path) -> None:
    assert changed(KEYED, f"{KEYED} {written}", tmp_path) == []


@pytest.mark.parametrize(
    ("was", "now", "rule", "severity", "says"),
    [
        ("encoding: ENCODING_BINARY", "", "ENCODING", "error", "are JSON and were binary"),
        ("encoding: ENCODING_BINARY", "encoding: ENCODING_CONFLUENT", "ENCODING", "error", "Confluent's framing"),
        ("", "json {field_names: FIELD_NAMES_PROTO}", "WRITERS", "error", "proto file and printed JSON names"),
        ("json {enum_values: ENUM_VALUES_NUMBER}", "", "WRITERS", "error", "names and printed enum values as numbers"),
        ("", "json {print_defaults: true}", "WRITERS", "warning", "print fields that are not set"),
        ("", "partitioner: PARTITIONER_CRC32", "PARTITIONER", "error", "is crc32 and was murmur2"),
        ("partitions: 12", "partitions: 6", "PARTITIONS", "error", "are 6 partitions and were 12: Kafka can take none"),
        ("partitions: 6", "partitions: 12", "PARTITIONS", "error", "keys go to other partitions"),
        ("partitions: 6", "", "PARTITIONS", "warning", "no longer declared; it was 6"),
        ("", "cleanup: CLEANUP_COMPACT", "CLEANUP", "warning", "`compact` and was `delete`: of each key only the last"),
        ("cleanup: CLEANUP_COMPACT", "", "CLEANUP", "warning", "`delete` and was `compact`: keys that nobody writes"),
        ("retention {seconds: 604800}", "retention {seconds: 3600}", "RETENTION", "warning", "for 1 hour, and were"),
        ("retention {seconds: 3600}", "retention {seconds: -1}", "RETENTION", "info", "for ever, and were for 1 hour"),
        ("retention {seconds: 3600}", "", "RETENTION", "warning", "no longer declared: 1 hour"),
        ("", "retention {seconds: 90}", "RETENTION", "info", "is declared: 90 seconds"),
        ("", "readers: READERS_STRICT", "READERS", "warning", "refuse what they do not know, and ignored it"),
        ("readers: READERS_STRICT", "", "READERS", "info", "ignore what they do not know"),
        ("", "compatibility: COMPATIBILITY_BACKWARD", "COMPATIBILITY", "warning", "whether old readers understand new"),
        ("compatibility: COMPATIBILITY_BACKWARD", "compatibility: COMPATIBILITY_FORWARD", "COMPATIBILITY", "warning",
         "nobody judges whether new readers understand old records"),
        ("compatibility: COMPATIBILITY_NONE", "", "COMPATIBILITY", "info", "is `full` and was `none`"),
    ],
)  # fmt: skip
def test_every_promise_of_a_topic_is_watched(
    was: str, now: str, rule: str, severity: str, says: str, tmp_path: Path
) -> None:
    (finding,) = changed(f"{KEYED} {was}", f"{KEYED} {now}", tmp_path)
    assert (finding.rule, finding.severity) == (f"TOPIC_{rule}_CHANGED", severity)
    assert finding.message.startswith("topic `acme.users`: ")
    assert says in finding.message
    assert finding.help
    assert finding.help.count("until") <= 1


def test_two_lengths_of_time_never_look_alike(tmp_path: Path) -> None:
    was, now = (f"{KEYED} retention {{seconds: {each}}}" for each in (31536001, 31536002))
    assert "for 31536002 seconds, and were for 31536001 seconds" in changed(was, now, tmp_path)[0].message


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("partitions: 6", "partitions: 12", ("TOPIC_PARTITIONS_CHANGED", "warning")),
        ("partitions: 6", "partitions: 3", ("TOPIC_PARTITIONS_CHANGED", "error")),
        ("", "partitioner: PARTITIONER_CRC32", ("TOPIC_PARTITIONER_CHANGED", "warning")),
        ("", "cleanup: CLEANUP_COMPACT", ("TOPIC_CLEANUP_CHANGED", "error")),
    ],
)
def test_without_a_key_there_is_no_order_to_lose_and_nothing_to_compact_by(
    was: str, now: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    assert brief(changed(f"{NAMED} {was}", f"{NAMED} {now}", tmp_path)) == [expected]


@pytest.mark.parametrize(("now", "severity"), [("604800000", ""), ("3600000", "warning"), ("often", "warning")])
def test_kafka_s_own_names_for_retention_and_cleanup_count(now: str, severity: str, tmp_path: Path) -> None:
    kafka = 'config {key: "cleanup.policy" value: "compact, delete"} config {key: "retention.ms" value: "%s"}'
    found = changed(
        f"{KEYED} retention {{seconds: 604800}} cleanup: CLEANUP_COMPACT_DELETE", f"{KEYED} {kafka % now}", tmp_path
    )
    assert brief(found) == ([("TOPIC_RETENTION_CHANGED", severity)] if severity else [])


def test_what_is_judged_both_ways_and_then_one_way_is_a_narrower_promise(tmp_path: Path) -> None:
    both = CompatSection(encoding="both")
    (finding,) = changed(KEYED, f"{KEYED} encoding: ENCODING_JSON", tmp_path, both)
    assert (finding.rule, finding.severity) == ("TOPIC_ENCODING_CHANGED", "warning")
    assert "judged as JSON, and was as JSON and binary" in finding.message


def test_defaults_are_those_of_the_package(tmp_path: Path) -> None:
    entry = CompatPackages(("acme.v1",), "binary", "strict", "none", JsonSection("proto"))
    written = "encoding: ENCODING_BINARY compatibility: COMPATIBILITY_NONE"
    assert changed(KEYED, f"{KEYED} {written}", tmp_path, CompatSection(packages=(entry,))) == []
    found = brief(changed(KEYED, f"{KEYED} {written}", tmp_path))
    assert found == [("TOPIC_ENCODING_CHANGED", "error"), ("TOPIC_COMPATIBILITY_CHANGED", "warning")]


def test_an_envelope_that_becomes_a_binary_topic_was_judged_as_json(tmp_path: Path) -> None:
    assert changed("", KEYED, tmp_path) == []
    assert brief(changed("", f"{KEYED} encoding: ENCODING_BINARY", tmp_path)) == [("TOPIC_ENCODING_CHANGED", "warning")]
    assert brief(changed("encoding: ENCODING_BINARY", "", tmp_path)) == [("TOPIC_ENCODING_CHANGED", "error")]


# --- keys


@pytest.mark.parametrize(
    ("was", "now", "payload", "severity", "says"),
    [
        ("payload.id", "payload.mail", "string id = 1; string mail = 2;", "error", "and was `payload.id`"),
        ("payload.id", "payload.id", "int64 id = 1;", "error", "`payload.id`, is `int64` and was `string`"),
        ("payload.id", "payload.id", "repeated string id = 1;", "error", "is `repeated string` and was `string`"),
        ("payload.id", "payload.id", "string mail = 2;", "error", "is `payload.id`, and there is no such field"),
        ("payload.id", "", "string id = 1;", "error", "have no key any more"),
        ("", "payload.id", "string id = 1;", "warning", "they had none"),
        ("payload.id", "payload.uid", "string uid = 1;", "info", "the field is the same, under a new name"),
        ("payload.id", "payload.mail", "string mail = 1; string id = 2;", "error", "is `payload.mail`"),
        ("payload.no", "payload.id", "string id = 1;", "warning", "`payload.no` led to no field"),
        ("payload.id", "payload.id", "string id = 7;", "", ""),
        ("payload.no", "payload.no", "string id = 1;", "", ""),
        ("payload.id.no", "payload.id.no", "string id = 1;", "", ""),
    ],
)  # fmt: skip
def test_a_key_is_the_same_as_long_as_its_bytes_are(
    was: str, now: str, payload: str, severity: str, says: str, tmp_path: Path
) -> None:
    old = side(event(f'{NAMED} key: "{was}"'), tmp_path)
    found = told(old, side(event(f'{NAMED} key: "{now}"', payload), tmp_path))
    assert brief(found) == ([("TOPIC_KEY_CHANGED", severity)] if severity else [])
    assert says in "".join(finding.message for finding in found)


@pytest.mark.parametrize(("kind", "changes"), [("int32", True), ("sfixed64", False)])
def test_how_a_number_is_packed_is_no_matter_to_a_key(kind: str, changes: bool, tmp_path: Path) -> None:
    old, new = (side(event(KEYED, f"{each} id = 1;"), tmp_path) for each in ("int64", kind))
    assert [finding.rule for finding in told(old, new)] == ["TOPIC_KEY_CHANGED"] * changes


def test_a_key_changes_with_a_message_on_the_way_to_it(tmp_path: Path) -> None:
    other = "message Account { int64 id = 1; }\n"
    old = side(event(KEYED) + other, tmp_path)
    new = side((event(KEYED) + other).replace("User payload", "Account payload"), tmp_path)
    assert brief(told(old, new)) == [("TOPIC_KEY_CHANGED", "error")]
    alike = side((event(KEYED) + other).replace("User payload", "Account payload").replace("int64", "string"), tmp_path)
    assert told(old, alike) == []


def test_of_a_key_in_a_type_that_is_not_there_nothing_is_said(tmp_path: Path) -> None:
    old, new = side(event(KEYED), tmp_path), side(event(KEYED, "int64 id = 1;"), tmp_path)
    nothing = lambda name: None  # noqa: E731
    assert list(topics.told(paired(old.events, new.events), "main", CompatSection(), (nothing, nothing))) == []


# --- how they are told


def test_a_finding_stands_at_the_option_and_says_where_it_stood(tmp_path: Path) -> None:
    option = 'option (schemactl.v1.topic).name = "x";\n  option (schemactl.v1.topic).key = "%s";'
    text = (
        f"message User {{ string id = 1; string mail = 2; }}\nmessage Status {{\n  {option}\n  User payload = 4; }}\n"
    )
    old, new = side(text % "payload.id", tmp_path), side("\n" + text % "payload.mail", tmp_path)
    (finding,) = told(old, new)
    assert finding.location == new.file.location((4, 1, 7, 51374, 2))
    assert finding.location is not None
    assert (finding.location.line, finding.location.column) == (8, 3)
    assert finding.against is not None
    assert (finding.against.revision, finding.against.line, finding.against.column) == ("main", 7, 3)
    assert (finding.source, finding.element) == ("compat", "acme.v1.Status")


WRITTEN = """
message User {{ string id = 1; }}
message Status {{
\t/* ü */ option (schemactl.v1.topic) = {{ // retention: no
    name: "retention: {{}}" key: "payload.id" {}
  }};
  User payload = 4;
}}
"""


@pytest.mark.parametrize(
    ("was", "now", "at", "stood"),
    [
        ("retention: {seconds: 90}", "partitions: 2, retention {seconds: 60}", (8, 60), (8, 45)),
        ("retention: {seconds: 90}", "", (7, 10), (8, 45)),
        (
            'config {key: "retention.ms" value: "90"} retention <seconds: 90>',
            "# retention: {seconds: 60}",
            (7, 10),
            (8, 86),
        ),
    ],
)
def test_a_finding_stands_at_the_part_that_changed_if_that_is_sure(
    was: str, now: str, at: tuple[int, int], stood: tuple[int, int], tmp_path: Path
) -> None:
    old, new = (side(WRITTEN.format(each), tmp_path) for each in (was, now))
    (finding,) = (each for each in told(old, new) if each.rule == "TOPIC_RETENTION_CHANGED")
    assert finding.location
    assert finding.against
    assert (finding.location.line, finding.location.column) == at
    assert (finding.against.line, finding.against.column) == stood


def test_a_removed_topic_is_told_where_its_message_still_stands(tmp_path: Path) -> None:
    old = side(event(NAMED, name="Status"), tmp_path)
    (left,) = told(old, side(event("", name="Status"), tmp_path))
    assert left.location is not None
    assert (left.location.line, left.location.column) == (5, 9)
    assert "topic `acme.users` has lost `acme.v1.Status`, which no longer names a topic" in left.message
    (gone,) = told(old, side("message User {}", tmp_path))
    assert (gone.location, gone.against and gone.against.line) == (None, 6)
    assert "`acme.v1.Status`, which is gone" in gone.message


def test_a_topic_that_another_message_takes_over_is_named(tmp_path: Path) -> None:
    (finding,) = told(side(carriers("A:x"), tmp_path), side(carriers("A:y", "B:x"), tmp_path))
    assert "`x` carries `acme.v1.BEnvelope` now, which its readers take for this one" in finding.message


def test_the_next_change_of_a_promise_is_another_finding(tmp_path: Path) -> None:
    first, second, again = (
        changed(f"{KEYED} partitions: {was}", f"{KEYED} partitions: {now}", tmp_path)[0].fingerprint
        for was, now in ((3, 6), (6, 12), (3, 6))
    )
    assert first == again != second


# --- what values mean


def meant(was: str, now: str, workspace: Path) -> list[Finding]:
    before, after = (side(f"message User {{\n  {text}\n}}", workspace).file for text in (was, now))
    old, new = (shapes(file).messages["acme.v1.User"] for file in (before, after))
    return list(meanings.meanings(old, new, before, after, "main"))


def field(said: str, name: str = "at", number: int = 1) -> str:
    option = f" [(schemactl.v1.field) = {{{said}}}]" if said else ""
    return f"int64 {name} = {number}{option};"


MEANT = [
    ("unit: UNIT_UNIX_SECONDS", "unit: UNIT_UNIX_MILLIS", "UNIT", "error", "UNIX_MILLIS and was in UNIX_SECONDS"),
    ("", "unit: UNIT_UNIX_MILLIS", "UNIT", "warning", "now says that it is in UNIX_MILLIS"),
    ("unit: UNIT_UNIX_MILLIS", "", "UNIT", "warning", "no longer says that it is in UNIX_MILLIS"),
    ("", "format: FORMAT_UUID", "FORMAT", "warning", "is UUID and said nothing of its format"),
    ("format: FORMAT_UUID", "", "FORMAT", "warning", "is no longer UUID"),
    ("classification: CLASSIFICATION_PII", "", "CLASSIFICATION", "warning", "is not classified and was PII"),
    ("classification: CLASSIFICATION_SECRET", "classification: CLASSIFICATION_PII", "CLASSIFICATION", "warning",
     "is PII and was SECRET: what is kept"),
    ("classification: CLASSIFICATION_PUBLIC", "classification: CLASSIFICATION_PII", "CLASSIFICATION", "info",
     "is PII and was PUBLIC"),
    ("classification: CLASSIFICATION_INTERNAL", "", "CLASSIFICATION", "info", "is not classified and was INTERNAL"),
]  # fmt: skip


def test_a_field_that_means_something_else_is_told(tmp_path: Path) -> None:
    was, now = (
        "\n".join(field(case[side], f"at{number}", number) for number, case in enumerate(MEANT, 1)) for side in (0, 1)
    )
    found = {finding.element: finding for finding in meant(was, now, tmp_path)}
    assert len(found) == len(MEANT)
    for number, (_, _, rule, severity, says) in enumerate(MEANT, 1):
        finding = found[f"acme.v1.User.at{number}"]
        assert (finding.rule, finding.severity) == (f"FIELD_{rule}_CHANGED", severity)
        assert says in finding.message
        assert finding.change == finding.element
        assert finding.location is not None
        assert finding.location.line == 4 + number


def test_fields_are_the_same_by_number_whatever_they_are_called(tmp_path: Path) -> None:
    millis, seconds = "unit: UNIT_UNIX_MILLIS", "unit: UNIT_UNIX_SECONDS"
    assert brief(meant(field(millis), field(seconds, "when"), tmp_path)) == [("FIELD_UNIT_CHANGED", "error")]
    assert meant(field(millis), field(seconds, number=2), tmp_path) == []
    assert meant(field(millis), field(millis, "when"), tmp_path) == []
