"""The compiler: what it accepts, and every one of its errors as a finding at the right place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemactl.build import build
from schemactl.errors import ToolError
from schemactl.protoc import compile
from schemactl.schema import OPTIONS_FILE
from schemactl.texts import Sources
from trees import judged, problems, proto, refused, schemactl, told, write

PROTO2 = """syntax = "proto2";
message Old {
  required int32 id = 1;
  optional group Part = 2 { optional string name = 1; }
  extensions 100 to 199;
  optional bytes raw = 3 [default = "\\377"];
}
extend Old { optional string note = 100; }
"""
PROTO3 = """syntax = "proto3";
message New {
  optional string name = 1;
  map<string, Old> by_name = 2;
  oneof choice { int32 a = 3; Kind b = 4; }
  enum Kind { KIND_UNSPECIFIED = 0; }
  reserved 9, 11 to max;
  reserved "gone";
}
message Old {}
service Things { rpc Watch(stream New) returns (stream Old); }
"""
EDITION = """edition = "2023";
package acme.v1;
option features.field_presence = IMPLICIT;
message Newer {
  string name = 1 [features.field_presence = EXPLICIT];
  repeated int32 numbers = 2 [features.repeated_field_encoding = EXPANDED];
  Newer child = 3 [features.message_encoding = DELIMITED];
  extensions 100 to 199;
}
extend Newer { string note = 100; }
enum Open { OPEN_UNSPECIFIED = 0; }
"""


@pytest.mark.parametrize("text", [PROTO2, PROTO3, EDITION, ""], ids=["proto2", "proto3", "edition 2023", "empty"])
def test_every_syntax_compiles(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.proto": text})
    assert judged(tmp_path) == 1


def test_public_and_weak_imports_compile(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.proto": "message A {}",
            "b.proto": 'import public "a.proto";',
            "c.proto": 'import weak "b.proto"; message C { optional A a = 1; }',
        },
    )
    assert judged(tmp_path) == 3


WRONG = {
    "acme/a.proto": proto("message A {\n\tMissing one = 1;\n  Missing two = 2;\n}"),
    "acme/b.proto": proto('message B { /* é */ Missing x = 1; string y = 1; }'),
    "acme/c.proto": 'syntax = "proto3";\nmesage C {}\n',
    "acme/d.proto": proto("message D { A a = 1; C c = 2; B b = 3; }", "acme/a.proto", "acme/b.proto", "acme/c.proto"),
}  # fmt: skip
PLACES = {
    ("acme/a.proto", 3, 2, '"Missing" is not defined.'),
    ("acme/a.proto", 4, 3, '"Missing" is not defined.'),
    ("acme/b.proto", 2, 21, '"Missing" is not defined.'),
    (
        "acme/b.proto",
        2,
        47,
        'Field number 1 has already been used in "B" by field "x". Next available field number is 2.',
    ),
    ("acme/c.proto", 2, 1, 'Expected top-level statement (e.g. "message").'),
}


def test_all_errors_of_all_files_are_told_once_and_not_what_follows_from_them(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    found = [(each["path"], each["line"], each["column"], each["message"]) for each in problems(tmp_path)]
    assert sorted(found) == sorted(PLACES)


def test_a_suggestion_of_the_compiler_is_the_help(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": proto("message A { string x = 1; string y = 0; string z = 1; }")})
    helps = {each["column"]: each["help"] for each in problems(tmp_path)}
    assert helps == {38: "Suggested field numbers for A: 2", 52: None}


def test_compile_errors_have_their_place_in_every_format(tmp_path: Path) -> None:
    write(tmp_path, WRONG)

    def printed(name: str) -> str:
        done = schemactl("lint", "-C", tmp_path, "--format", name)
        assert done.code == 1
        return done.out

    sarif: Any = json.loads(printed("sarif"))
    results = [result["locations"][0]["physicalLocation"] for result in sarif["runs"][0]["results"]]
    places = {(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in results}
    text, github = printed("text"), printed("github")
    for path, line, column, _ in PLACES:
        assert f"{path}:{line}:{column}: error" in text
        assert f"file={path},line={line}," in github
        assert f"col={column}," in github
        assert (path, line) in places
    assert len(results) == len(PLACES) == github.count("::error ")


def test_a_cycle_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, {f"{a}.proto": proto(f"message {a} {{ {b} x = 1; }}", f"{b}.proto") for a, b in ("CA", "AB", "BC")})
    write(tmp_path, {"Z.proto": proto("message Z { A a = 1; }", "A.proto"), "S.proto": proto("", "S.proto")})
    (cycle, own) = problems(tmp_path)
    assert cycle["rule"] == own["rule"] == "IMPORT_CYCLE"
    assert cycle["message"] == "the files import each other: A.proto -> B.proto -> C.proto -> A.proto"
    assert (cycle["path"], cycle["line"]) == ("A.proto", 2)
    assert own["message"] == "the file imports itself"
    assert "another file" in cycle["help"]


def test_a_type_defined_in_two_files_names_both_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, {f"proto/acme/v1/{n}.proto": proto("message A {}", package="acme.v1") for n in "ab"})
    (found,) = problems(tmp_path)
    assert (found["path"], found["rule"]) == ("proto/acme/v1/b.proto", "DUPLICATE_SYMBOL")
    assert found["message"] == '"acme.v1.A" is already defined in file "proto/acme/v1/a.proto".'


def nested(levels: int) -> str:
    """Options that hold each other: protoc reads them recursively."""
    return proto(
        f'import "{OPTIONS_FILE}";\nmessage A {{ option (schemactl.v1.topic) = {"{ a " * levels}{"}" * levels}; }}'
    )


@pytest.mark.parametrize("levels", [1_000, 100_000])
def test_options_nested_deep_are_no_verdict_that_names_the_file(tmp_path: Path, levels: int) -> None:
    files = {f"acme/{n}.proto": proto(f"message M{n} {{}}") for n in range(9)}
    write(tmp_path, {**files, "acme/deep.proto": nested(levels), "acme/user.proto": proto("", "acme/deep.proto")})
    done = schemactl("lint", "-C", tmp_path)
    assert done.code in (1, 2)
    assert "acme/deep.proto" in done.out + done.err
    assert "Traceback" not in done.out + done.err
    if done.code == 2:
        assert done.out == ""
        assert done.err.splitlines()[1:] == [
            "look for options nested very deeply, or very large literals, and take them out"
        ]


def deep() -> str:
    """Messages within messages, as deep as brings protoc down."""
    return 'syntax = "proto2";\n' + "message M { " * 200_000 + "}" * 200_000


def test_a_crash_names_the_file_and_not_its_importers(tmp_path: Path) -> None:
    option = "option (o) = " + "{ m " * 60_000 + "}" * 60_000 + ";"
    text = (
        'syntax = "proto2";\nimport "google/protobuf/descriptor.proto";\nmessage M { optional M m = 1; }\n'
        f"extend google.protobuf.FileOptions {{ optional M o = 50000; }}\n{option}\n"
    )
    good = {f"acme/{n}.proto": proto(f"message M{n} {{}}") for n in range(5)}
    write(tmp_path, {**good, "acme/bad.proto": text, "acme/a.proto": proto("", "acme/bad.proto")})
    words = refused("lint", "-C", tmp_path)
    assert words.startswith("schemactl: acme/bad.proto: protoc crashed or did not finish on this file\n")


def test_a_time_out_names_a_file(tmp_path: Path) -> None:
    texts = {f"{n}.proto": proto(f"message M{n} {{}}").encode() for n in range(3)}
    sources = Sources(texts, {}, {name: name for name in texts})
    with pytest.raises(ToolError, match=r"\d\.proto: protoc crashed or did not finish"):
        build(sources, tmp_path, timeout=0.0001)


def test_a_failure_that_is_no_complaint_about_a_file_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.proto": proto()})
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolError, match="protoc failed: ") as caught:
        compile(tmp_path / "src", ["a.proto"], tmp_path / "out")
    assert "TMPDIR" in caught.value.hint


def test_warnings_of_the_compiler_are_not_errors(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.proto": proto("", "google/protobuf/any.proto"), "b.proto": "message B { optional int32 x = 1; }"}
    )
    assert told(tmp_path) == []
