"""What of other people's files a package uses: that has to be what they provide, the rest need not."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from python_code import compiled
from schemactl.generate.bare import bare
from schemactl.used import used

THEIRS = """
syntax = "proto3";
package theirs;
import "google/protobuf/descriptor.proto";
message Used { Inner inner = 1; Kind kind = 2; }
message Inner { message Deep { int32 a = 1; } Deep deep = 1; message Unused {} }
message Unused { int32 a = 1; }
message Rule { string path = 1; }
enum Kind { KIND_UNSPECIFIED = 0; }
enum UnusedKind { UNUSED_KIND_UNSPECIFIED = 0; }
extend google.protobuf.FieldOptions { Rule rule = 50001; string unused = 50002; }
"""


def left(tmp_path: Path, own: str) -> FileDescriptorProto | None:
    text = f'syntax = "proto3"; package acme; import "theirs.proto"; {own}'
    schema = bare(compiled(tmp_path, {"theirs.proto": THEIRS, "own.proto": text}), ["own.proto"])
    provided = {name: each for name, each in schema.descriptors.items() if name != "own.proto"}
    found = used({"own.proto": schema.descriptors["own.proto"]}, provided)
    return FileDescriptorProto.FromString(found["theirs.proto"]) if "theirs.proto" in found else None


def test_types_are_kept_with_those_that_they_lead_to(tmp_path: Path) -> None:
    found = left(tmp_path, "message M { theirs.Used used = 1; }")
    assert found
    assert [each.name for each in found.message_type] == ["Used", "Inner"]
    assert [each.name for each in found.message_type[1].nested_type] == ["Deep"]
    assert [each.name for each in found.enum_type] == ["Kind"]
    assert not found.extension


def test_a_type_inside_of_another_keeps_that_without_its_fields(tmp_path: Path) -> None:
    found = left(tmp_path, "message M { theirs.Inner.Deep deep = 1; }")
    assert found
    (inner,) = found.message_type
    assert (inner.name, list(inner.field), inner.nested_type[0].field[0].name) == ("Inner", [], "a")


def test_an_option_that_is_set_is_used_with_its_message(tmp_path: Path) -> None:
    found = left(tmp_path, 'message M { string a = 1 [(theirs.rule) = {path: "x"}]; }')
    assert found
    assert [each.name for each in found.extension] == ["rule"]
    assert [each.name for each in found.message_type] == ["Rule"]


def test_of_what_is_only_imported_nothing_is_used(tmp_path: Path) -> None:
    assert left(tmp_path, "message M {}") is None
