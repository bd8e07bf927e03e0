"""A file that has only grown is nothing for Buf; whatever Buf may find fault with is no growth."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import protoc
from schemactl.descriptors import by_content
from schemactl.git.content import _RECENT_TOTAL, _Recent
from schemactl.growth import only_grown
from schemactl.image import split

OLD = """package acme.v1;
message User {
  extensions 100 to 199;
  reserved 5;
  reserved "gone";
  optional string name = 1;
  oneof way { string mail = 2; int64 phone = 3; }
  enum Kind { option allow_alias = true; NONE = 0; SOME = 1; ALSO = 1; }
  message Inner { optional Kind kind = 1 [default = SOME]; }
  repeated Inner inner = 4;
}
extend User { optional int32 age = 100; }
service Users { rpc Get(User) returns (User); }
"""
PROTO3 = """package acme.v1;
message User {
  optional string name = 1;
  oneof way { string mail = 2; }
}
"""


def compiled(directory: Path, name: str, text: str, syntax: str = "proto2") -> bytes:
    root = directory / name
    root.mkdir()
    (root / "a.proto").write_text(f'syntax = "{syntax}";\n{text}')
    output = directory / f"{name}.binpb"
    assert protoc.compile(root, ["a.proto"], output).complaints == []
    data = output.read_bytes()
    [(start, end)] = split(data)
    return data[start:end]


def grew(directory: Path, old: str, new: str, syntax: str = "proto2") -> bool:
    return only_grown(compiled(directory, "new", new, syntax), compiled(directory, "old", old, syntax))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reserved 5;", "reserved 5, 9; optional bool more = 6;"),
        ('"gone";', '"gone", "away";'),
        ("int64 phone = 3; }", "int64 phone = 3; bytes fax = 7; } oneof more { bool yes = 8; }"),
        ("NONE = 0;", "NONE = 0; MORE = 2;"),
        ("message Inner {", "message Outer { required int32 x = 1; } message Inner { optional Outer outer = 2; "),
        ("service Users {", "service More { } service Users { rpc Put(User) returns (User);"),
        ("extend User {", "extend User { optional int32 size = 101;"),
        ("message User {", "// said\nmessage Else { }\n\n  message User {"),
        ("enum Kind {", "enum Else { ELSE = 0; } enum Kind {"),
    ],
)
def test_what_is_added_is_growth(tmp_path: Path, old: str, new: str) -> None:
    assert grew(tmp_path, OLD, OLD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("reserved 5;", ""),
        ("reserved 5;", "reserved 5 to 6;"),
        ('  reserved "gone";', ""),
        ("100 to 199", "100 to 198"),
        ("string name = 1", "bytes name = 1"),
        ("string name = 1", "string name = 11"),
        ("string name = 1", 'string name = 1 [json_name = "n"]'),
        ("optional string name", "required string name"),
        ("reserved 5;", "reserved 5; required bool more = 6;"),
        ("int64 phone = 3; }", "} optional int64 phone = 3;"),
        ("optional string name = 1;", "oneof also { string name = 1; }"),
        ("ALSO = 1;", "ALSO = 1; THIRD = 1;"),
        ("ALSO = 1;", "MORE = 1;"),
        ("NONE = 0;", "ZERO = 0;"),
        ("default = SOME", "default = NONE"),
        ("repeated Inner inner = 4;", "optional Inner inner = 4;"),
        ("{ optional int32 age", "{ optional int64 age"),
        ("extend User { optional int32 age = 100; }", ""),
        ("(User) returns", "(stream User) returns"),
        ("rpc Get(User) returns (User);", ""),
        ("package acme.v1;", 'package acme.v1; option java_package = "acme";'),
        ("package acme.v1;", "package acme.v2;"),
    ],
)
def test_what_is_gone_or_another_is_no_growth(tmp_path: Path, old: str, new: str) -> None:
    assert not grew(tmp_path, OLD, OLD.replace(old, new, 1))


def test_a_field_keeps_its_oneof_when_one_comes_before_it(tmp_path: Path) -> None:
    more = PROTO3.replace("  oneof way", "  oneof first { bool yes = 7; }\n  oneof way")
    assert grew(tmp_path, PROTO3, more, "proto3")


def test_a_field_that_is_no_longer_optional_is_another(tmp_path: Path) -> None:
    assert not grew(tmp_path, PROTO3, PROTO3.replace("optional ", ""), "proto3")


def test_a_new_file_breaks_nothing_and_one_that_is_gone_may() -> None:
    assert only_grown(b"", None)
    assert not only_grown(None, b"")


def test_alike_descriptors_are_looked_at_once() -> None:
    asked: list[bytes | None] = []
    work = by_content(lambda new, old: asked.append(new))
    for new in (b"a", b"b", b"a"):
        work(new, None)
    assert asked == [b"a", b"b"]


def test_contents_that_are_kept_have_a_limit() -> None:
    recent, size = _Recent(), 1024 * 1024
    for number in range(40):
        recent.add({str(number): bytes(size)})
    recent.add({"large": bytes(size + 1)})
    kept = [oid for oid, content in recent.get([*map(str, range(40)), "large"]).items() if content]
    assert kept == [str(number) for number in range(40 - _RECENT_TOTAL // size, 40)]
