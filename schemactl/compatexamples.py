"""A change that each rule of the compatibility verdict reports, as a diff of one file; see `bufexamples.sides`."""

from __future__ import annotations

from collections.abc import Mapping

_STRICT, _BINARY = "readers: READERS_STRICT", "encoding: ENCODING_BINARY"
_KEY, _OTHER_KEY = 'key: "id"', 'key: "mail"'
_PROTO2 = (' syntax = "proto2";', " package acme.users.v1;")
_EDITIONS = (' edition = "2023";', " package acme.users.v1;")
_ID, _OLD_ID = "   string id = 1;", "   optional string id = 1;"
_UNSPECIFIED = "   STATUS_UNSPECIFIED = 0;"


def _option(*said: str, name: str = "acme.users.user") -> str:
    written = ", ".join([f'name: "{name}"', *filter(None, said)])
    return f"  option (schemactl.v1.topic) = {{{written}}};"


def _file(head: tuple[str, ...], lines: tuple[str, ...], more: tuple[str, ...] = ()) -> str:
    body = (*head, ' import "schemactl/v1/options.proto";', " message User {", *lines, " }", *more)
    return "\n" + "\n".join(body) + "\n"


def _user(*fields: str, says: str = "") -> str:
    """An event with these fields beside its id; `says` is a part of its topic's option."""
    return _file((), (f" {_option(says)}", _ID, *fields))


def _old(*fields: str) -> str:
    return _file(_PROTO2, (f" {_option()}", _OLD_ID, *fields))


def _status(
    *values: str, says: str = "", head: tuple[str, ...] = (), id: str = _ID, field: str = "Status status = 2;"
) -> str:
    """An event that holds an enum of these values."""
    return _file(head, (f" {_option(says)}", id, f"   {field}"), (" enum Status {", *values, " }"))


def _topic(was: str, now: str) -> str:
    """An event of which the topic's option changes."""
    return _file((), (f"-{_option(_KEY, was)}", f"+{_option(_KEY, now)}", _ID))


_ACCOUNT = ("+message Account {", f"+{_option()}", "+  string id = 1;", "+}")

# By id.
EXAMPLES: Mapping[str, str] = {
    "FIELD_ADDED": _user("+  string mail = 2;", says=_STRICT),
    "FIELD_REMOVED": _user("-  string mail = 2;", "+  reserved 2;", '+  reserved "mail";', says=_STRICT),
    "FIELD_RENAMED": _user("-  string mail = 2;", "+  string email = 2;"),
    "FIELD_RENUMBERED": _user("-  string mail = 2;", "+  string mail = 3;", says=_BINARY),
    "FIELD_TYPE_CHANGED": _user("-  int64 limit = 2;", "+  string limit = 2;"),
    "FIELD_CARDINALITY_CHANGED": _user("-  string mail = 2;", "+  repeated string mail = 2;"),
    "OPTIONAL_TO_IMPLICIT": _user("-  optional int32 limit = 2;", "+  int32 limit = 2;"),
    "FIELD_PRESENCE_CHANGED": _file(
        _EDITIONS,
        (
            f" {_option()}",
            "-  int32 limit = 1 [features.field_presence = IMPLICIT];",
            "+  int32 limit = 1 [default = 10];",
        ),
    ),
    "REQUIRED_FIELD_ADDED": _old("+  required string mail = 2;"),
    "FIELD_REQUIRED_CHANGED": _old("-  optional string mail = 2;", "+  required string mail = 2;"),
    "FIELD_DEFAULT_CHANGED": _old(
        "-  optional int32 limit = 2 [default = 10];", "+  optional int32 limit = 2 [default = 100];"
    ),
    "FIELD_ONEOF_CHANGED": _user(
        "-  string mail = 2;",
        "-  string phone = 3;",
        "+  oneof contact {",
        "+    string mail = 2;",
        "+    string phone = 3;",
        "+  }",
    ),
    "JSON_NAME_CHANGED": _user("-  string mail = 2;", '+  string mail = 2 [json_name = "email"];'),
    "JSON_NAME_REUSED": _user("-  string mail = 2;", "+  bool mail = 3;", "+  reserved 2;"),
    "NUMBER_REUSED": _user("-  string mail = 2;", "+  string phone = 2;", '+  reserved "mail";', says=_BINARY),
    "ENUM_VALUE_ADDED": _status(_UNSPECIFIED, "+  STATUS_BLOCKED = 1;"),
    "ENUM_VALUE_REMOVED": _status(
        _UNSPECIFIED, "-  STATUS_BLOCKED = 1;", "+  reserved 1;", '+  reserved "STATUS_BLOCKED";'
    ),
    "ENUM_VALUE_RENAMED": _status(_UNSPECIFIED, "-  STATUS_BLOCKED = 1;", "+  STATUS_LOCKED = 1;"),
    "ENUM_VALUE_RENUMBERED": _status(_UNSPECIFIED, "-  STATUS_BLOCKED = 1;", "+  STATUS_BLOCKED = 2;", says=_BINARY),
    "ENUM_ALIAS_ORDER": _status(
        "   option allow_alias = true;",
        _UNSPECIFIED,
        "+  STATUS_LOCKED = 1;",
        "   STATUS_BLOCKED = 1;",
        "   STATUS_STOPPED = 1;",
    ),
    "ENUM_OPENNESS_CHANGED": _status(
        "-  option features.enum_type = CLOSED;", _UNSPECIFIED, "   STATUS_BLOCKED = 1;", head=_EDITIONS
    ),
    "ENUM_DEFAULT_CHANGED": _status(
        "-  STATUS_NEW = 1;",
        "   STATUS_BLOCKED = 2;",
        "+  STATUS_NEW = 1;",
        head=_PROTO2,
        id=_OLD_ID,
        field="optional Status status = 2;",
    ),
    "ANY_TYPE_REMOVED": _file(
        (' import "google/protobuf/any.proto";',),
        (f" {_option()}", _ID, "   google.protobuf.Any detail = 2;"),
        ("-message Address {", "-  string city = 1;", "-}"),
    ),
    "TOPIC_REMOVED": _file((), (f"-{_option()}", _ID)),
    "TOPIC_RENAMED": _file((), (f"-{_option()}", f"+{_option(name='acme.users.account')}", _ID)),
    "TOPIC_MESSAGE_CHANGED": _file((), (f"-{_option()}", _ID), _ACCOUNT),
    "TOPIC_SHARED": _file((), (f" {_option()}", _ID), _ACCOUNT),
    "TOPIC_KEY_CHANGED": _file((), (f"-{_option(_KEY)}", f"+{_option(_OTHER_KEY)}", _ID, "   string mail = 2;")),
    "TOPIC_ENCODING_CHANGED": _topic("encoding: ENCODING_JSON", _BINARY),
    "TOPIC_WRITERS_CHANGED": _topic("", "json: {field_names: FIELD_NAMES_PROTO}"),
    "TOPIC_PARTITIONER_CHANGED": _topic("partitioner: PARTITIONER_MURMUR2", "partitioner: PARTITIONER_CRC32"),
    "TOPIC_PARTITIONS_CHANGED": _topic("partitions: 6", "partitions: 12"),
    "TOPIC_CLEANUP_CHANGED": _topic("cleanup: CLEANUP_DELETE", "cleanup: CLEANUP_COMPACT"),
    "TOPIC_RETENTION_CHANGED": _topic("retention: {seconds: 604800}", "retention: {seconds: 86400}"),
    "TOPIC_READERS_CHANGED": _topic("", _STRICT),
    "TOPIC_COMPATIBILITY_CHANGED": _topic("", "compatibility: COMPATIBILITY_NONE"),
    "FIELD_UNIT_CHANGED": _user(
        "-  int64 created_at = 2 [(schemactl.v1.field).unit = UNIT_UNIX_SECONDS];",
        "+  int64 created_at = 2 [(schemactl.v1.field).unit = UNIT_UNIX_MILLIS];",
    ),
    "FIELD_FORMAT_CHANGED": _user(
        "-  string owner = 2 [(schemactl.v1.field).format = FORMAT_UUID];", "+  string owner = 2;"
    ),
    "FIELD_CLASSIFICATION_CHANGED": _user(
        "-  string mail = 2 [(schemactl.v1.field).classification = CLASSIFICATION_PII];",
        "+  string mail = 2 [(schemactl.v1.field).classification = CLASSIFICATION_PUBLIC];",
    ),
}
