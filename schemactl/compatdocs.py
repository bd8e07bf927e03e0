"""Why each change that the compatibility verdict knows harms somebody, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemactl.compatrules import RULES, Grade


@dataclass(frozen=True)
class CompatDocument:
    """A rule of the compatibility verdict; `severity` is that of its findings, or `by effect`."""

    id: str
    title: str
    why: str
    help: str
    severity: Grade


_TWO_STEPS = "Add a new {0} beside the old one, move readers and writers over, then delete the old one and reserve it."
_READERS_FIRST = "Release the readers first: once all of them know it, writers may send it."
_BESIDE = "Create a topic beside this one, write both until all readers have moved, then end the old one."

# By id: what is right, why, what to do.
_BY_ID: Mapping[str, tuple[str, str, str]] = {
    "FIELD_ADDED": (
        "New fields reach no reader that refuses them",
        "A strict JSON reader stops at a field that it does not know. Readers that ignore such fields do not notice.",
        f"{_READERS_FIRST} Better, let readers ignore what they do not know, and declare it: "
        "`readers: READERS_IGNORE_UNKNOWN`.",
    ),
    "FIELD_REMOVED": (
        "Fields that old data has do not vanish for readers that refuse it",
        "Old records still have the field, and a strict JSON reader stops at it. A proto2 reader that requires the "
        "field refuses every record without it.",
        "Keep it, mark it `deprecated = true`, and delete it when no record holds it any more. Reserving its name and "
        "its number keeps both from coming back, and helps no reader of what is there.",
    ),
    "FIELD_RENAMED": (
        "Fields keep their names where names are on the wire",
        "JSON carries the name. Under another one strict readers fail, and tolerant ones silently see an empty field.",
        "Keep the name, or what JSON carries of it, by `json_name`; that is enough only where writers print JSON "
        "names. " + _TWO_STEPS.format("field"),
    ),
    "FIELD_RENUMBERED": (
        "Fields keep their numbers where numbers are on the wire",
        "Binary carries the number. A reader looks for the field under another one, and sees it empty.",
        "Give it its number back. " + _TWO_STEPS.format("field"),
    ),
    "FIELD_TYPE_CHANGED": (
        "Fields keep a type that both sides read alike",
        "Each type has its own form in JSON and in binary. Read as another one, a value is wrong, cut off, lost or an "
        "error: for all values, or only for large, negative or otherwise special ones.",
        _TWO_STEPS.format("field"),
    ),
    "FIELD_CARDINALITY_CHANGED": (
        "A single value stays single, and a list stays a list",
        "In JSON a list is `[…]` and a single value is not: readers of either side fail on the other's records. In "
        "binary a reader keeps the last of many values, or none of packed numbers.",
        _TWO_STEPS.format("field"),
    ),
    "OPTIONAL_TO_IMPLICIT": (
        "A field whose zero is told from its absence stays like that",
        "With `optional` a zero is written. Without it, it is not: readers that ask whether the field is set are told "
        "no.",
        "Keep `optional`.",
    ),
    "FIELD_PRESENCE_CHANGED": (
        "Whether a field can be absent stays as it is",
        "Readers that ask whether the field is set get another answer for a zero, and where it is not set they see the "
        "default that it can have from then on.",
        "Keep the presence of the field as it was.",
    ),
    "REQUIRED_FIELD_ADDED": (
        "No required fields are added",
        "A reader that requires a field refuses every record without it: all that were written before.",
        "Add it as optional, and let readers say what they make of its absence.",
    ),
    "FIELD_REQUIRED_CHANGED": (
        "Fields do not become required, nor stop to be",
        "A reader that requires the field refuses every record without it: old ones when it becomes required, new "
        "ones when it no longer is.",
        "Leave it as it was.",
    ),
    "FIELD_DEFAULT_CHANGED": (
        "Declared defaults stay",
        "A field that is not on the wire has its default. With another one, old and new sides see different values in "
        "one record.",
        "Put the default back, or add a new field.",
    ),
    "FIELD_ONEOF_CHANGED": (
        "Fields stay in, or out of, their oneof",
        "Of a oneof only one member survives: of fields that were written together, a binary reader keeps the last, "
        "and a JSON reader fails on the second.",
        "Leave the field where it is. " + _TWO_STEPS.format("field"),
    ),
    "JSON_NAME_CHANGED": (
        "What JSON calls a field stays",
        "JSON carries this name. Strict readers fail on the other one, tolerant ones silently see an empty field.",
        "Keep the `json_name`. " + _TWO_STEPS.format("field"),
    ),
    "JSON_NAME_REUSED": (
        "A name in JSON never means a second field",
        "Records from before still carry the name, and are read as the new field: as a wrong value where the types "
        "agree, as an error where they do not.",
        "Take a name that no release has used, and reserve the old one.",
    ),
    "NUMBER_REUSED": (
        "A number never means a second field",
        "Records from before still carry the number, and are read as the new field: as a wrong value, or not at all.",
        "Take a number that no release has used, and reserve the old one.",
    ),
    "ENUM_VALUE_ADDED": (
        "New enum values reach no reader that cannot tell what they are",
        "JSON carries the name, and a reader of the old schema does not know it: a strict one fails, a tolerant one "
        "sees the zero value, and drops the element of a list or a map. It is a warning where the use is singular, "
        "readers are tolerant and the zero value ends in `_UNSPECIFIED`: there a reader can tell that it does not "
        "know.",
        f"{_READERS_FIRST} Or let writers print numbers, `json: {{enum_values: ENUM_VALUES_NUMBER}}`: these survive.",
    ),
    "ENUM_VALUE_REMOVED": (
        "Enum values that old data has stay",
        "JSON carries the name. A reader that lacks it fails on old records, or sees the zero value, reserved or not.",
        "Keep it, mark it `deprecated = true`, and delete it when nobody writes it and no record holds it any more.",
    ),
    "ENUM_VALUE_RENAMED": (
        "Enum values keep their names where names are on the wire",
        "JSON carries the name: readers of either side do not know the other's, and drop the value or fail.",
        "Set `option allow_alias = true;` and add the new name after the old one. Once every reader knows both, swap "
        "them.",
    ),
    "ENUM_VALUE_RENUMBERED": (
        "Enum values keep their numbers where numbers are on the wire",
        "Binary carries the number: it means another value to the other side, or none.",
        "Give it its number back, and add a new value for a new number.",
    ),
    "ENUM_ALIAS_ORDER": (
        "A second name stands after the first until every reader knows it",
        "Writers of JSON print the first name of a number. Readers of the old schema do not know the new one.",
        "Put the new name after the old one, release all readers, then swap them.",
    ),
    "ENUM_OPENNESS_CHANGED": (
        "Open enums stay open, and closed ones closed",
        "An open enum keeps numbers that it does not know, a closed one drops them or moves them to unknown fields.",
        "Put the feature `enum_type`, or the syntax, back to what it was.",
    ),
    "ENUM_DEFAULT_CHANGED": (
        "The first value of an enum stays the first",
        "The first value of a proto2 enum is what a field has that is not on the wire: with another one, it has "
        "another meaning.",
        "Put the first value back, and add new ones after it.",
    ),
    "ANY_TYPE_REMOVED": (
        "What a `google.protobuf.Any` may hold stays under its name",
        "An `Any` names the type that it holds. Readers without a type of that name cannot open it, in JSON not even "
        "read the record.",
        "Keep the message under its name as long as records may hold it. Put what has another name beside it.",
    ),
    "TOPIC_REMOVED": (
        "Topics that were declared stay declared",
        "Readers of the topic wait for records that never come, and no schema says what the old ones are.",
        "Stop the writers, let all readers catch up, then approve the removal.",
    ),
    "TOPIC_RENAMED": (
        "Topics keep their names",
        "To Kafka it is another topic: readers of the old one wait, and readers of the new one lack all that came "
        "before.",
        "Declare the new topic with a message of its own beside the old one, and write both until all readers have "
        "moved.",
    ),
    "TOPIC_MESSAGE_CHANGED": (
        "A topic's records keep the name of their type",
        "Who looks for the type by its name no longer finds it: generated code, the subjects of a registry, an `Any`. "
        "Whether its fields can be read is judged by itself.",
        "Keep the name. For another message, declare another topic beside this one.",
    ),
    "TOPIC_SHARED": (
        "A topic that has its message gets no second one",
        "Readers of the topic take every record for the message that they know: of another one they read nonsense, or "
        "nothing.",
        "Give the second message a topic of its own, or make it a part of the first one, in a `oneof`.",
    ),
    "TOPIC_KEY_CHANGED": (
        "The key of a topic's records stays",
        "The key decides on the partition, and so on the order of records, and which of them compaction drops.",
        _BESIDE,
    ),
    "TOPIC_ENCODING_CHANGED": (
        "The encoding of a topic stays",
        "A topic holds old records beside new ones. No reader of JSON reads binary, nor the other way round.",
        _BESIDE,
    ),
    "TOPIC_WRITERS_CHANGED": (
        "Writers print JSON as they did",
        "Protobuf's own readers take both forms of names, and all others look for what was printed before: queries, "
        "connectors, programs that do without the schema.",
        _BESIDE,
    ),
    "TOPIC_PARTITIONER_CHANGED": (
        "The partitioner of a topic stays",
        "With another one a key goes to another partition: records of one key are no longer in order.",
        _BESIDE,
    ),
    "TOPIC_PARTITIONS_CHANGED": (
        "The number of partitions stays",
        "With more of them a key goes to another partition: records of one key are no longer in order. Fewer are not "
        "possible in Kafka.",
        _BESIDE,
    ),
    "TOPIC_CLEANUP_CHANGED": (
        "What is cleaned up of a topic stays",
        "Compaction drops all but the last record of a key, deletion drops what is old: readers that start at the "
        "beginning, or keep state, get something else than before.",
        "Let all readers catch up first, and rebuild elsewhere what is kept from the topic.",
    ),
    "TOPIC_RETENTION_CHANGED": (
        "Records are kept as long as before",
        "Readers that lag behind lose what is dropped sooner. What is kept longer may be personal data.",
        "Agree on it with those who read the topic.",
    ),
    "TOPIC_READERS_CHANGED": (
        "What readers do with what they do not know stays",
        "Readers that refuse unknown fields and values fail at the first change that tolerant ones do not notice.",
        "Let all readers ignore what they do not know, and say so from the start.",
    ),
    "TOPIC_COMPATIBILITY_CHANGED": (
        "What a topic promises to its readers stays",
        "With fewer directions promised, nobody looks any more at what breaks in the others.",
        "Change the promise by itself, before what it is to allow, and ask those who read the topic.",
    ),
    "FIELD_UNIT_CHANGED": (
        "The unit of a field stays",
        "Seconds that are read as milliseconds are wrong by a factor, and nothing fails.",
        "Add a field for the new unit, with the unit in its name: `created_at_ms`.",
    ),
    "FIELD_FORMAT_CHANGED": (
        "The format of a field stays",
        "Readers that rely on the format fail on values without it, or misread them.",
        "Add a field for values of the new format.",
    ),
    "FIELD_CLASSIFICATION_CHANGED": (
        "How confidential a field is stays",
        "Readers, logs and copies treat it as they were told: what is more confidential now lies in too many places, "
        "what is less may be published with all that was written before.",
        "Ask those who answer for the data. What was written before stays what it was.",
    ),
}

COMPAT: Mapping[str, CompatDocument] = {id: CompatDocument(id, *_BY_ID[id], severity) for id, severity in RULES.items()}
