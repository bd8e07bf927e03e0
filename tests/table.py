"""Changes and what was measured of them with the Python, Go, Java and TypeScript libraries, a row each."""

from __future__ import annotations

from typing import Any, NamedTuple

HEAD = {
    "proto2": 'syntax = "proto2";\npackage acme.v1;\n',
    "proto3": 'syntax = "proto3";\npackage acme.v1;\n',
    "editions": 'edition = "2023";\npackage acme.v1;\n',
}
CELLS = ("binary B", "binary F", "JSON B", "JSON F")


class Row(NamedTuple):
    """Both sides declare `Event`. Cells are as in `LEGEND`, in the order of CELLS; JSON is strict/tolerant readers.

    `measured` is what the libraries did. `ours` is what the tool says where that is something else, and `why`.
    """

    name: str
    old: str
    new: str
    measured: tuple[str, str, str, str]
    ours: tuple[str, str, str, str] | None = None
    why: str = ""
    syntax: str = "proto3"

    @property
    def expected(self) -> tuple[str, str, str, str]:
        return self.ours or self.measured


def event(*fields: str) -> str:
    return f"message Event {{ {' '.join(f'{each};' for each in fields)} }}\n"


def enum(*values: str, name: str = "Kind") -> str:
    return f"enum {name} {{ {' '.join(f'{each};' for each in values)} }}\n"


_ID = "string id = 1"
_KIND = ("KIND_UNSPECIFIED = 0", "KIND_A = 1")
_USES = event("Kind kind = 1")
_USER = "message User { string id = 1; }\n"
_MEMBER = "message Member { string id = 1; }\n"
_TIMESTAMP = 'import "google/protobuf/timestamp.proto";\n'
_WRAPPERS = 'import "google/protobuf/wrappers.proto";\n'
_ANY = 'import "google/protobuf/any.proto";\n'


def scalar(old: str, new: str, *measured: str, **more: Any) -> Row:
    cells = measured[0], measured[1], measured[2], measured[3]
    return Row(f"`{old}` → `{new}`", event(f"{old} v = 1"), event(f"{new} v = 1"), cells, **more)


FIELDS = [
    Row("add a field", event(_ID), event(_ID, "string name = 2"), ("ok", "skip", "ok/ok", "E/skip")),
    Row(
        "add a field to a nested message",
        event("User user = 1") + _USER,
        event("User user = 1") + "message User { string id = 1; string name = 2; }\n",
        ("ok", "skip", "ok/ok", "E/skip"),
    ),
    Row(
        "add a field of a new message type",
        event(_ID),
        event(_ID, "User user = 2") + _USER,
        ("ok", "skip", "ok/ok", "E/skip"),
    ),
    Row(
        "remove a field, number and name reserved",
        event(_ID, "string name = 2"),
        event(_ID, "reserved 2", 'reserved "name"'),
        ("skip", "ok", "E/skip", "ok/ok"),
    ),
    Row(
        "remove a field, number only reserved",
        event(_ID, "string name = 2"),
        event(_ID, "reserved 2"),
        ("skip", "ok", "E/skip", "ok/ok"),
    ),
    Row(
        "remove a field, nothing reserved",
        event(_ID, "string name = 2"),
        event(_ID),
        ("skip", "ok", "E/skip", "ok/ok"),
    ),
    Row(
        "reuse the name of a removed field: new number, other type",
        event(_ID, "string name = 2"),
        event(_ID, "bool name = 3", "reserved 2"),
        ("skip", "skip", "E/E", "E/E"),
        ("D", "D", "E/E", "E/E"),
        "by its name it may be the same field with another number, which is kept from coming back",
    ),
    Row(
        "reuse the name of a removed field: new number, same type",
        event(_ID, "string name = 2"),
        event(_ID, "string name = 3", "reserved 2"),
        ("skip", "skip", "W/W", "W/W"),
        ("D", "D", "W/W", "W/W"),
        "by its name it may be the same field with another number, which is kept from coming back",
    ),
    Row(
        "reuse a number, same type (a rename, as far as anyone can tell)",
        event(_ID, "string name = 2"),
        event(_ID, "string email = 2", 'reserved "name"'),
        ("W", "W", "E/D", "E/D"),
    ),
    Row(
        "reuse a number, other type",
        event(_ID, "string name = 2"),
        event(_ID, "int32 size = 2", 'reserved "name"'),
        ("D", "D", "E/skip", "E/skip"),
    ),
    Row("rename a field", event("string name = 1"), event("string title = 1"), ("ok", "ok", "E/D", "E/D")),
    Row(
        "rename a field, keep `json_name`",
        event("string user_name = 1"),
        event('string title = 1 [json_name = "userName"]'),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "change `json_name`",
        event("string user_name = 1"),
        event('string user_name = 1 [json_name = "login"]'),
        ("ok", "ok", "E/D", "E/D"),
    ),
    Row("renumber a field", event("string name = 1"), event("string name = 2"), ("D", "D", "ok/ok", "ok/ok")),
]

TYPES = [
    scalar("int32", "int64", "ok", "Wv", "ok/ok", "Ev/Ev"),
    scalar("uint32", "uint64", "ok", "Wv", "ok/ok", "Ev/Ev"),
    scalar("map<string, int32>", "map<string, int64>", "ok", "Wv", "ok/ok", "Ev/Ev"),
    scalar("uint32", "int32", "Wv", "Wv", "Ev/Ev", "Ev/Ev"),
    scalar("int32", "sint32", "W", "W", "ok/ok", "ok/ok"),
    scalar("int32", "sfixed32", "D", "D", "ok/ok", "ok/ok"),
    scalar("int32", "fixed32", "D", "D", "Ev/Ev", "Ev/Ev"),
    scalar("int64", "sfixed64", "D", "D", "ok/ok", "ok/ok"),
    scalar("int64", "string", "D", "D", "ok/ok", "Ev/Ev"),
    scalar("int32", "string", "D", "D", "E/E", "Ev/Ev"),
    scalar("float", "double", "D", "D", "ok/ok", "Ev/Ev"),
    scalar("int32", "double", "D", "D", "ok/ok", "Ev/Ev"),
    scalar("int32", "bool", "Wv", "ok", "E/E", "E/E"),
    scalar(
        "string",
        "bytes",
        "ok",
        "Ev",
        "Wv/Wv",
        "W/W",
        ours=("ok", "Ev", "E/E", "W/W"),
        why="Python decodes any text as base64; Go, Java and TypeScript refuse most. The verdict is the worst of them.",
    ),
    scalar(
        "bytes",
        "string",
        "Ev",
        "ok",
        "W/W",
        "Wv/Wv",
        ours=("Ev", "ok", "W/W", "E/E"),
        why="As for `string` → `bytes`, seen from the other side.",
    ),
    Row(
        "`int32` → enum",
        event("int32 kind = 1"),
        _USES + enum(*_KIND),
        ("ok", "ok", "ok/ok", "E/E"),
    ),
    Row(
        "enum → `string`",
        _USES + enum(*_KIND),
        event("string kind = 1"),
        ("D", "D", "ok/ok", "Ev/Dv"),
    ),
    Row(
        "`string` → `repeated string`", event("string v = 1"), event("repeated string v = 1"), ("ok", "W", "E/E", "E/E")
    ),
    Row("`int32` → `repeated int32`", event("int32 v = 1"), event("repeated int32 v = 1"), ("ok", "D", "E/E", "E/E")),
    Row("implicit → `optional`", event("int32 v = 1"), event("optional int32 v = 1"), ("ok", "ok", "ok/ok", "ok/ok")),
    Row(
        "`optional` → implicit",
        event("optional int32 v = 1"),
        event("int32 v = 1"),
        ("ok", "ok", "ok/ok", "ok/ok"),
        ("ok", "Dv", "ok/ok", "Dv/Dv"),
        "New writers do not write a zero, and old readers, who can tell zero from nothing, see nothing.",
    ),
    Row(
        "rename the message type of a field",
        event("User user = 1") + _USER,
        event("Member user = 1") + _MEMBER,
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "a field's type → another of the same shape",
        event("User user = 1") + _USER + _MEMBER,
        event("Member user = 1") + _USER + _MEMBER,
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "map → repeated entry",
        event("map<string, int32> v = 1"),
        event("repeated Entry v = 1") + "message Entry { string key = 1; int32 value = 2; }\n",
        ("ok", "ok", "E/E", "E/E"),
        ("ok", "Wv", "E/E", "E/E"),
        "Nothing keeps new writers from writing a key twice: old readers keep the last of them.",
    ),
    Row(
        "`string` → `Timestamp`",
        event("string at = 1"),
        _TIMESTAMP + event("google.protobuf.Timestamp at = 1"),
        ("E", "E", "Ev/Ev", "ok/ok"),
    ),
    Row(
        "`int64` (epoch) → `Timestamp`",
        event("int64 at = 1"),
        _TIMESTAMP + event("google.protobuf.Timestamp at = 1"),
        ("D", "D", "E/E", "E/E"),
    ),
    Row(
        "`StringValue` → `string`",
        _WRAPPERS + event("google.protobuf.StringValue name = 1"),
        event("string name = 1"),
        ("W", "E", "ok/ok", "ok/ok"),
        ("E", "E", "ok/ok", "ok/ok"),
        "The bytes of a wrapper around 128 characters or more are not UTF-8; of fewer, they are a wrong text.",
    ),
    Row(
        "rename a message that is inside of `Any`",
        _ANY + event("google.protobuf.Any any = 1") + _USER,
        _ANY + event("google.protobuf.Any any = 1") + _MEMBER,
        ("E", "E", "E/E", "E/E"),
    ),
    Row(
        "rename the message itself",
        event("string id = 1"),
        event("string id = 1").replace("Event", "Happening"),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
]

ENUMS = [
    Row(
        "add an enum value",
        _USES + enum(*_KIND),
        _USES + enum(*_KIND, "KIND_B = 2"),
        ("ok", "ok", "ok/ok", "E/D"),
    ),
    Row(
        "remove an enum value, reserved",
        _USES + enum(*_KIND, "KIND_B = 2"),
        _USES + enum(*_KIND, "reserved 2", 'reserved "KIND_B"'),
        ("ok", "ok", "E/D", "ok/ok"),
    ),
    Row(
        "rename an enum value",
        _USES + enum(*_KIND),
        _USES + enum(_KIND[0], "KIND_FIRST = 1"),
        ("ok", "ok", "E/D", "E/D"),
    ),
    Row(
        "rename the zero value (implicit, singular)",
        _USES + enum(*_KIND),
        _USES + enum("KIND_UNKNOWN = 0", _KIND[1]),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "add an alias after the old name",
        _USES + enum(*_KIND),
        _USES + enum("option allow_alias = true", *_KIND, "KIND_FIRST = 1"),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "add an alias before the old name",
        _USES + enum(*_KIND),
        _USES + enum("option allow_alias = true", _KIND[0], "KIND_FIRST = 1", _KIND[1]),
        ("ok", "ok", "ok/ok", "E/D"),
    ),
    Row(
        "renumber an enum value",
        _USES + enum(*_KIND),
        _USES + enum(_KIND[0], "KIND_A = 2"),
        ("W", "W", "ok/ok", "ok/ok"),
    ),
]

ONEOFS = [
    Row(
        "one field into a new oneof",
        event("string a = 1"),
        event("oneof which { string a = 1; }").replace("};", "}"),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
    Row(
        "one field into a new oneof with a new member",
        event("string a = 1"),
        event("oneof which { string a = 1; string b = 2; }").replace("};", "}"),
        ("ok", "skip", "ok/ok", "E/skip"),
    ),
    Row(
        "two existing fields into one oneof",
        event("string a = 1", "string b = 2"),
        event("oneof which { string a = 1; string b = 2; }").replace("};", "}"),
        ("D", "ok", "E/E", "ok/ok"),
    ),
    Row(
        "a field into an existing oneof",
        event("string a = 1", "oneof which { string b = 2; }").replace("};", "}"),
        event("oneof which { string b = 2; string a = 1; }").replace("};", "}"),
        ("D", "ok", "E/E", "ok/ok"),
    ),
    Row(
        "a field out of a oneof",
        event("oneof which { string a = 1; string b = 2; }").replace("};", "}"),
        event("string a = 1", "oneof which { string b = 2; }").replace("};", "}"),
        ("ok", "D", "ok/ok", "E/E"),
    ),
    Row(
        "add a member to a oneof",
        event("oneof which { string a = 1; }").replace("};", "}"),
        event("oneof which { string a = 1; string b = 2; }").replace("};", "}"),
        ("ok", "skip", "ok/ok", "E/skip"),
    ),
    Row(
        "remove a member of a oneof, reserved",
        event("oneof which { string a = 1; string b = 2; }").replace("};", "}"),
        event("oneof which { string a = 1; }", "reserved 2", 'reserved "b"').replace("};", "}"),
        ("skip", "ok", "E/skip", "ok/ok"),
    ),
    Row(
        "rename a oneof",
        event("oneof which { string a = 1; }").replace("};", "}"),
        event("oneof what { string a = 1; }").replace("};", "}"),
        ("ok", "ok", "ok/ok", "ok/ok"),
    ),
]


def old_syntax(name: str, old: str, new: str, *measured: str, **more: Any) -> Row:
    return Row(name, old, new, (measured[0], measured[1], measured[2], measured[3]), syntax="proto2", **more)


_EXTENDED = event("optional int32 id = 1", "extensions 100 to 200")
_CLOSED = event("optional Kind kind = 1")

PROTO2 = [
    old_syntax(
        "add a required field",
        event("optional int32 id = 1"),
        event("optional int32 id = 1", "required int32 size = 2"),
        *("E", "skip", "E/E", "E/skip"),
    ),
    old_syntax(
        "remove a required field",
        event("optional int32 id = 1", "required int32 size = 2"),
        event("optional int32 id = 1"),
        *("skip", "E", "E/skip", "E/E"),
    ),
    old_syntax(
        "optional → required",
        event("optional int32 id = 1"),
        event("required int32 id = 1"),
        *("E", "ok", "E/E", "ok/ok"),
    ),
    old_syntax(
        "required → optional",
        event("required int32 id = 1"),
        event("optional int32 id = 1"),
        *("ok", "E", "ok/ok", "E/E"),
    ),
    old_syntax(
        "add a value to a closed enum",
        _CLOSED + enum(*_KIND),
        _CLOSED + enum(*_KIND, "KIND_B = 2"),
        *("ok", "D", "ok/ok", "E/D"),
    ),
    old_syntax(
        "group → message",
        event("optional group Part = 1 { optional int32 id = 1; }").replace("};", "}"),
        event("message Part { optional int32 id = 1; }", "optional Part part = 1").replace("};", "}"),
        *("D", "D", "ok/ok", "ok/ok"),
    ),
    old_syntax(
        "add an extension",
        _EXTENDED,
        _EXTENDED + "extend Event { optional int32 size = 100; }\n",
        *("ok", "skip", "ok/ok", "E/skip"),
    ),
    old_syntax(
        "rename an extension",
        _EXTENDED + "extend Event { optional int32 size = 100; }\n",
        _EXTENDED + "extend Event { optional int32 length = 100; }\n",
        *("ok", "ok", "E/D", "E/D"),
    ),
    old_syntax(
        "change a default",
        event("optional int32 id = 1 [default = 1]"),
        event("optional int32 id = 1 [default = 2]"),
        *("W", "W", "W/W", "W/W"),
    ),
]

ROWS = {"Fields": FIELDS, "Types": TYPES, "Enum values": ENUMS, "Oneofs": ONEOFS, "proto2": PROTO2}
