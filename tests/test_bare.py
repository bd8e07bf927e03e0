"""Descriptors as plain protoc embeds them, and the comments that go with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo
from hypothesis import given
from hypothesis import strategies as st

from python_code import code, compiled, image, plain, product, write
from schemactl.generate import wire
from schemactl.generate.bare import Bare, bare
from schemactl.generate.comments import spaced
from schemactl.schema import OPTIONS_FILE

OTHERS = """syntax = "proto2";
package others;
import "google/protobuf/descriptor.proto";
message Note {
  optional string text = 1;
  optional string hidden = 2 [retention = RETENTION_SOURCE];
  repeated Note more = 3;
}
extend google.protobuf.FieldOptions {
  optional string first = 51373;
  repeated int32 last = 51375;
  optional Note note = 51380;
  optional string unseen = 51381 [retention = RETENTION_SOURCE];
}
extend google.protobuf.MessageOptions { optional fixed64 eight = 51370; }
"""
# Written once with our options and once without: what is generated must not tell the difference.
USERS = """syntax = "proto3";
package acme.users.v1;
import "others/options.proto";
{imports}
message User {{
  {topic}
  option (others.eight) = 5;
  string user_id = 1{alone};
  string name = 2 [(others.first) = "a", {sensitive} (others.last) = 1, (others.last) = 2, deprecated = true];
  string camel = 3 [json_name = "camel"];
  string other_name = 4 [json_name = "otherName"];
  string given_name = 5 [json_name = "given"];
  message Inner {{ {topic} map<string, Inner> all = 1{alone}; }}
  google.protobuf.Timestamp at = 6;
}}
"""
WITH = {
    "imports": 'import public "google/protobuf/timestamp.proto";\nimport "schemactl/v1/options.proto";\n'
    'import public "google/protobuf/duration.proto";',
    "topic": 'option (schemactl.v1.topic) = {name: "acme.users.v1", partitions: 3};',
    "alone": " [(schemactl.v1.field) = {unit: UNIT_UNIX_SECONDS}]",
    "sensitive": "(schemactl.v1.field) = {unit: UNIT_UNIX_SECONDS},",
}
WITHOUT = {
    "imports": 'import public "google/protobuf/timestamp.proto";\nimport public "google/protobuf/duration.proto";',
    "topic": "",
    "alone": "",
    "sensitive": "",
}


def proto(found: Bare, name: str) -> FileDescriptorProto:
    return FileDescriptorProto.FromString(found.descriptors[name])


def test_code_is_what_plain_protoc_writes_without_our_options(tmp_path: Path) -> None:
    names = ("acme/users/v1/user.proto", "others/options.proto")
    schema = compiled(tmp_path / "with", dict(zip(names, (USERS.format(**WITH), OTHERS), strict=True)))
    write(tmp_path / "without", dict(zip(names, (USERS.format(**WITHOUT), OTHERS), strict=True)))
    expected = plain(tmp_path / "without", *names)
    made = code(tmp_path, schema, product(*names))
    assert {path: expected[path] for path in made if not path.endswith("py.typed")} == {
        path: content for path, content in made.items() if content
    }
    assert b"schemactl" not in b"".join(made.values())


def test_imports_come_first_and_our_options_not_at_all(tmp_path: Path) -> None:
    schema = compiled(tmp_path, {"a.proto": USERS.format(**WITH), "others/options.proto": OTHERS})
    order = list(bare(schema, ["a.proto"]).descriptors)
    assert OPTIONS_FILE in schema.descriptors
    assert order[-1] == "a.proto"
    assert sorted(order) == [
        "a.proto", "google/protobuf/descriptor.proto", "google/protobuf/duration.proto",
        "google/protobuf/timestamp.proto", "others/options.proto",
    ]  # fmt: skip


def test_what_only_our_options_import_is_left_out(tmp_path: Path) -> None:
    text = 'syntax = "proto3"; import "schemactl/v1/options.proto"; message M { string a = 1; }'
    schema = compiled(tmp_path, {"a.proto": text})
    assert list(bare(schema, ["a.proto"]).descriptors) == ["a.proto"]


def test_an_import_for_options_alone_goes_too(tmp_path: Path) -> None:
    text = """edition = "2024";
package acme;
import option "schemactl/v1/options.proto";
message M { option (schemactl.v1.topic).name = "acme.m"; string a = 1; }
"""
    found = bare(compiled(tmp_path, {"a.proto": text}), ["a.proto"])
    assert not proto(found, "a.proto").option_dependency
    assert not proto(found, "a.proto").message_type[0].HasField("options")


def test_options_handed_on_by_another_file_are_ours(tmp_path: Path) -> None:
    hub = 'syntax = "proto3"; import public "schemactl/v1/options.proto";'
    user = """syntax = "proto3"; import "hub.proto"; message M { option (schemactl.v1.topic).name = "acme.m"; }"""
    found = bare(compiled(tmp_path, {"hub.proto": hub, "user.proto": user}), ["user.proto"])
    assert not proto(found, "hub.proto").public_dependency
    assert not proto(found, "user.proto").message_type[0].HasField("options")


def test_without_our_file_the_number_is_somebody_elses(tmp_path: Path) -> None:
    files = {"a.proto": USERS.format(**WITHOUT), "others/options.proto": OTHERS.replace("51373", "51374")}
    found = bare(compiled(tmp_path, files), ["a.proto"])
    options = proto(found, "a.proto").message_type[0].field[1].options.SerializeToString()
    assert b"\xf2\x8a\x19\x01a" in options


def test_a_file_that_cannot_see_our_options_keeps_the_number(tmp_path: Path) -> None:
    """Such an image comes from elsewhere: no compiler makes it."""
    ours = compiled(tmp_path / "a", {"a.proto": USERS.format(**WITH), "others/options.proto": OTHERS})
    theirs = compiled(
        tmp_path / "b",
        {
            "b.proto": USERS.format(**WITHOUT).replace("acme.users.v1", "acme.b"),
            "others/options.proto": OTHERS.replace("51373", "51374"),
        },
    )
    schema = type(ours)({**theirs.descriptors, **ours.descriptors}, ("b.proto",))
    assert b"\xf2\x8a\x19\x01a" in bare(schema, ["a.proto", "b.proto"]).descriptors["b.proto"]


def test_options_that_only_sources_have_are_gone_as_from_plain_protoc(tmp_path: Path) -> None:
    user = """edition = "2024";
package acme;
import option "others/options.proto";
option features.enforce_naming_style = STYLE_LEGACY;
message M {
  string a = 1 [(others.unseen) = "secret", (others.note) = {text: "t", hidden: "secret", more: {hidden: "secret"}}];
  string b = 2 [(others.unseen) = "secret", json_name = "b"];
}
"""
    names = ("a.proto", "others/options.proto")
    schema = compiled(tmp_path, {"a.proto": user, "others/options.proto": OTHERS})
    made = code(tmp_path, schema, product(*names))
    assert made["a_pb2.py"] == plain(tmp_path, *names)["a_pb2.py"]
    assert b"secret" not in bare(schema, names).descriptors["a.proto"]


@pytest.mark.slow
@pytest.mark.parametrize("repository", ["opentelemetry-proto", "temporal-api"])
def test_real_files_give_the_code_of_plain_protoc(tmp_path: Path, corpora: Path, repository: str) -> None:
    found = sorted((corpora / repository).rglob("*.proto"))
    texts = {path.relative_to(corpora / repository).as_posix(): path.read_text(encoding="utf-8") for path in found}
    own = {name: text for name, text in texts.items() if not name.startswith("google/")}
    write(tmp_path, own)
    made = code(tmp_path, image(tmp_path, tuple(own)), product(*own))
    expected = plain(tmp_path, *own)
    modules = [path for path in made if path.endswith(("_pb2.py", "_pb2.pyi"))]
    assert len(modules) == 2 * len(own)
    assert {path: made[path] for path in modules} == {path: expected[path] for path in modules}


def test_a_field_goes_and_all_else_stays_as_it_stood() -> None:
    group = b"\xf3\x8a\x19" + b"\x08\x05" + b"\x13\x14" + b"\xf4\x8a\x19"  # 51374 as a group with a group in it
    others = [b"\x08\x96\x01", b"\x15abcd", b"\x1a\x03xyz", b"\x21abcdefgh", b"\x33\x1a\x01\x34\x34", b"\x08\x01"]
    ours = [b"\xf2\x8a\x19\x02hi", b"\xf0\x8a\x19\x05", group]
    mixed = b"".join(each for pair in zip(others, [*ours, b"", ours[0], b""], strict=True) for each in pair)
    assert wire.without(mixed, 51374) == b"".join(others)
    assert wire.without(b"".join(ours), 51374) == b""


HOSTILE = """//go:build ignore

// +build ignore

//+build ignore
syntax = "proto3";  //go:generate rm
// detached

//go:build ignore
package acme;

/* block
go:line x.go:1 */
//go:embed *
import "google/protobuf/empty.proto";

// detached of M

//line other.go:1
//export M
message M {
  //nolint
  string a = 1;  //go:noinline
}
"""


def comments(info: SourceCodeInfo) -> list[str]:
    return [
        text
        for each in info.location
        for text in (*each.leading_detached_comments, each.leading_comments, each.trailing_comments)
        if text
    ]


def test_no_comment_is_a_directive_of_go(tmp_path: Path) -> None:
    found = bare(compiled(tmp_path, {"a.proto": HOSTILE}), ["a.proto"])
    info = SourceCodeInfo.FromString(found.sources["a.proto"])
    lines = [line for text in comments(info) for line in text.split("\n") if line]
    assert " nolint" in lines
    assert " detached of M" in lines
    assert " go:build ignore" in lines  # of the package, harmless behind a space
    assert all(line.startswith(" ") for line in lines)
    assert not any("+build" in line for line in lines)
    assert not any(each.path[:1] == [3] for each in info.location)
    assert len(info.location) > 5


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\0\v\f\u2028\u202e\ufeff\x85\x1b")))
def test_a_comment_is_lines_that_begin_with_a_space(text: str) -> None:
    made = spaced(text)
    assert all(line[0] == " " for line in made.split("\n") if line)
    assert len(made.splitlines()) <= made.count("\n") + 1
    assert not set(made) & set("\r\0\v\f\u2028\u202e\ufeff\x85\x1b")
    assert spaced(made) == made
