"""The rules of the compatibility verdict by id, and how severe each is. Cheap to import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

# `by effect`: an error where readers that count are harmed by every value, a warning where by some. Of the others it
# is that of the worst finding.
Grade = Literal["by effect", "error", "warning", "info"]

CATEGORY = "COMPAT"
BY_EFFECT: Grade = "by effect"

RULES: Mapping[str, Grade] = {
    "FIELD_ADDED": BY_EFFECT,
    "FIELD_REMOVED": BY_EFFECT,
    "FIELD_RENAMED": BY_EFFECT,
    "FIELD_RENUMBERED": BY_EFFECT,
    "FIELD_TYPE_CHANGED": BY_EFFECT,
    "FIELD_CARDINALITY_CHANGED": BY_EFFECT,
    "OPTIONAL_TO_IMPLICIT": BY_EFFECT,
    "FIELD_PRESENCE_CHANGED": BY_EFFECT,
    "REQUIRED_FIELD_ADDED": BY_EFFECT,
    "FIELD_REQUIRED_CHANGED": BY_EFFECT,
    "FIELD_DEFAULT_CHANGED": BY_EFFECT,
    "FIELD_ONEOF_CHANGED": BY_EFFECT,
    "JSON_NAME_CHANGED": BY_EFFECT,
    "JSON_NAME_REUSED": BY_EFFECT,
    "NUMBER_REUSED": BY_EFFECT,
    "ENUM_VALUE_ADDED": BY_EFFECT,
    "ENUM_VALUE_REMOVED": BY_EFFECT,
    "ENUM_VALUE_RENAMED": BY_EFFECT,
    "ENUM_VALUE_RENUMBERED": BY_EFFECT,
    "ENUM_ALIAS_ORDER": BY_EFFECT,
    "ENUM_OPENNESS_CHANGED": BY_EFFECT,
    "ENUM_DEFAULT_CHANGED": BY_EFFECT,
    "ANY_TYPE_REMOVED": BY_EFFECT,
    "TOPIC_REMOVED": "error",
    "TOPIC_RENAMED": "error",
    "TOPIC_MESSAGE_CHANGED": "warning",
    "TOPIC_SHARED": "error",
    "TOPIC_KEY_CHANGED": "error",
    "TOPIC_ENCODING_CHANGED": "error",
    "TOPIC_WRITERS_CHANGED": "error",
    "TOPIC_PARTITIONER_CHANGED": "error",
    "TOPIC_PARTITIONS_CHANGED": "error",
    "TOPIC_CLEANUP_CHANGED": "error",
    "TOPIC_RETENTION_CHANGED": "warning",
    "TOPIC_READERS_CHANGED": "warning",
    "TOPIC_COMPATIBILITY_CHANGED": "warning",
    "FIELD_UNIT_CHANGED": "error",
    "FIELD_FORMAT_CHANGED": "warning",
    "FIELD_CLASSIFICATION_CHANGED": "warning",
}
IDS = frozenset(RULES)
NAMES = IDS | {CATEGORY}


def ids(names: Iterable[str]) -> frozenset[str]:
    """The ids that these ids and categories stand for; a name that does not exist adds nothing."""
    asked = frozenset(names)
    return IDS if CATEGORY in asked else asked & IDS
