"""A change that each rule of the compatibility verdict reports, as a diff of one file (as `bufexamples.sides` takes it)."""

from __future__ import annotations

from collections.abc import Mapping

_TOPIC = """
 import "schemactl/v1/options.proto";
 message User {{
   option (schemactl.v1.topic) = {{name: "acme.users.user"{}}};
   string id = 1;
"""
_OLD = """
 syntax = "proto2";
 package acme.users.v1;
"""


def _user(fields: str, says: str = "") -> str:
    """A message with a topic, of these fields beside its id; strict readers where it `says` so."""
    return f"{_TOPIC.format(says)}{fields.strip(chr(10))}\n }}\n"


def _status(values: str, says: str = "", field: str = "Status status = 2;") -> str:
    return f"{_user(f'   {field}', says)} enum Status {{\n{values.strip(chr(10))}\n }}\n"


def _old(fields: str) -> str:
    return _OLD + _user(fields).lstrip("\n").replace("   string id", "   optional string id")


def _declared(was: str, now: str) -> str:
    """A topic of which the option changes."""
    topic = '  option (schemactl.v1.topic) = {{name: "acme.users.user", key: "id"{}}};'
    before, after = (topic.format(f", {each}" if each else "") for each in (was, now))
    return _user("").replace(' ' + topic.format("").replace(', key: "id"', ""), f"-{before}\n+{after}")


_STRICT = ", readers: READERS_STRICT"
_BINARY = ", encoding: ENCODING_BINARY"

# By id.
EXAMPLES: Mapping[str, str] = {
    "FIELD_ADDED": _user("+  string mail = 2;", _STRICT),
    "FIELD_REMOVED": _user('-  string mail = 2;\n+  reserved 2;\n+  reserved "mail";', _STRICT),
    "FIELD_RENAMED": _user("-  string mail = 2;\n+  string email = 2;"),
    "FIELD_RENUMBERED": _user("-  string mail = 2;\n+  string mail = 3;", _BINARY),
    "FIELD_TYPE_CHANGED": _user("-  int64 limit = 2;\n+  string limit = 2;"),
    "FIELD_CARDINALITY_CHANGED": _user("-  string mail = 2;\n+  repeated string mail = 2;"),
    "OPTIONAL_TO_IMPLICIT": _user("-  optional int32 limit = 2;\n+  int32 limit = 2;"),
    "FIELD_PRESENCE_CHANGED": _user("-  int32 limit = 2;\n+  optional int32 limit = 2;"),
    "REQUIRED_FIELD_ADDED": _old("+  required string mail = 2;"),
    "FIELD_REQUIRED_CHANGED": _old("-  optional string mail = 2;\n+  required string mail = 2;"),
    "FIELD_DEFAULT_CHANGED": _old("-  optional int32 limit = 2 [default = 10];\n+  optional int32 limit = 2 [default = 100];"),
    "FIELD_ONEOF_CHANGED": _user(
        "-  string mail = 2;\n-  string phone = 3;\n+  oneof contact {\n+    string mail = 2;\n+    string phone = 3;\n+  }"
    ),
    "JSON_NAME_CHANGED": _user('-  string mail = 2;\n+  string mail = 2 [json_name = "email"];'),
    "JSON_NAME_REUSED": _user("-  string mail = 2;\n+  bool mail = 3;\n+  reserved 2;"),
    "NUMBER_REUSED": _user('-  string mail = 2;\n+  string phone = 2;\n+  reserved "mail";', _BINARY),
    "ENUM_VALUE_ADDED": _status("   STATUS_UNSPECIFIED = 0;\n+  STATUS_BLOCKED = 1;"),
    "ENUM_VALUE_REMOVED": _status(
        '   STATUS_UNSPECIFIED = 0;\n-  STATUS_BLOCKED = 1;\n+  reserved 1;\n+  reserved "STATUS_BLOCKED";'
    ),
    "ENUM_VALUE_RENAMED": _status("   STATUS_UNSPECIFIED = 0;\n-  STATUS_BLOCKED = 1;\n+  STATUS_LOCKED = 1;"),
    "ENUM_VALUE_RENUMBERED": _status(
        "   STATUS_UNSPECIFIED = 0;\n-  STATUS_BLOCKED = 1;\n+  STATUS_BLOCKED = 2;", _BINARY
    ),
    "ENUM_ALIAS_ORDER": _status(
        "   option allow_alias = true;\n   STATUS_UNSPECIFIED = 0;\n+  STATUS_LOCKED = 1;\n   STATUS_BLOCKED = 1;\n"
        "   STATUS_STOPPED = 1;"
    ),
    "ENUM_OPENNESS_CHANGED": """
 edition = "2023";
 package acme.users.v1;"""
    + _status(
        "+  option features.enum_type = CLOSED;\n   STATUS_UNSPECIFIED = 0;\n   STATUS_BLOCKED = 1;",
    ),
    "ENUM_DEFAULT_CHANGED": _OLD
    + _status(
        "-  STATUS_NEW = 1;\n   STATUS_BLOCKED = 2;\n+  STATUS_NEW = 1;", field="optional Status status = 2;"
    )
    .lstrip("\n")
    .replace("   string id", "   optional string id"),
    "ANY_TYPE_REMOVED": _user("   google.protobuf.Any detail = 2;").replace(
        " message User", ' import "google/protobuf/any.proto";\n message User'
    )
    + "-message Address {\n-  string city = 1;\n-}\n",
    "TOPIC_REMOVED": _user("").replace("   option", "-  option"),
    "TOPIC_RENAMED": _user("").replace(
        '   option (schemactl.v1.topic) = {name: "acme.users.user"};',
        '-  option (schemactl.v1.topic) = {name: "acme.users.user"};\n'
        '+  option (schemactl.v1.topic) = {name: "acme.users.account"};',
    ),
    "TOPIC_KEY_CHANGED": _user("   string mail = 2;").replace(
        '   option (schemactl.v1.topic) = {name: "acme.users.user"};',
        '-  option (schemactl.v1.topic) = {name: "acme.users.user", key: "id"};\n'
        '+  option (schemactl.v1.topic) = {name: "acme.users.user", key: "mail"};',
    ),
    "TOPIC_ENCODING_CHANGED": _declared("encoding: ENCODING_JSON", "encoding: ENCODING_BINARY"),
    "TOPIC_WRITERS_CHANGED": _declared("", "json: {field_names: FIELD_NAMES_PROTO}"),
    "TOPIC_PARTITIONER_CHANGED": _declared("partitioner: PARTITIONER_MURMUR2", "partitioner: PARTITIONER_CRC32"),
    "TOPIC_PARTITIONS_CHANGED": _declared("partitions: 6", "partitions: 12"),
    "TOPIC_CLEANUP_CHANGED": _declared("cleanup: CLEANUP_DELETE", "cleanup: CLEANUP_COMPACT"),
    "TOPIC_RETENTION_CHANGED": _declared("retention: {seconds: 604800}", "retention: {seconds: 86400}"),
    "TOPIC_READERS_CHANGED": _declared("", "readers: READERS_STRICT"),
    "TOPIC_COMPATIBILITY_CHANGED": _declared("", "compatibility: COMPATIBILITY_NONE"),
    "FIELD_UNIT_CHANGED": _user(
        "-  int64 created_at = 2 [(schemactl.v1.field).unit = UNIT_UNIX_SECONDS];\n"
        "+  int64 created_at = 2 [(schemactl.v1.field).unit = UNIT_UNIX_MILLIS];"
    ),
    "FIELD_FORMAT_CHANGED": _user(
        "-  string owner = 2 [(schemactl.v1.field).format = FORMAT_UUID];\n+  string owner = 2;"
    ),
    "FIELD_CLASSIFICATION_CHANGED": _user(
        "-  string mail = 2 [(schemactl.v1.field).classification = CLASSIFICATION_PII];\n"
        "+  string mail = 2 [(schemactl.v1.field).classification = CLASSIFICATION_PUBLIC];"
    ),
}
