from __future__ import annotations

from pathlib import Path

import pytest

from rule_runs import RULES, compiled, split
from schemactl import lint
from schemactl.image import parse

HEAD = 'syntax = "proto2"; package acme.example.v1;\n'


def undocumented(text: str, workspace: Path, id: str) -> list[str]:
    files = compiled(split(HEAD + text), workspace).files()
    return [finding.message for file in files for finding in lint.judge_file(file, [RULES[id]])]


@pytest.mark.parametrize(
    "comment",
    [
        "// What a user is.",
        "/* What a user is. */",
        "/*\n * What a user is.\n */",
        "// buf:lint:ignore MESSAGE_PASCAL_CASE\n// What a user is.",
        "// See buf:lint:ignore.",
        "// schemactl:ignore MESSAGE_PASCAL_CASE -- legacy\n// What a user is.",
        "// See schemactl:ignore.",
        "// 用户",
    ],
)
def test_a_comment_right_above_documents(comment: str, tmp_path: Path) -> None:
    assert undocumented(f"{comment}\nmessage User {{}}", tmp_path, "COMMENT_MESSAGE") == []


@pytest.mark.parametrize(
    "text",
    [
        "message User {}",
        "//\nmessage User {}",
        "//   \n//\nmessage User {}",
        "/* */\nmessage User {}",
        "// buf:lint:ignore MESSAGE_PASCAL_CASE\nmessage User {}",
        "//buf:lint:ignored, as some say\nmessage User {}",
        "// schemactl:ignore COMMENT_MESSAGE -- legacy\nmessage User {}",
        "/** schemactl:ignore COMMENT_MESSAGE -- a\n  * schemactl:ignore B -- b\n  */\nmessage User {}",
        "// Detached.\n\nmessage User {}",
        "message User {} // Behind.",
        "message User { // Inside.\n}",
    ],
)
def test_nothing_else_documents(text: str, tmp_path: Path) -> None:
    assert undocumented(text, tmp_path, "COMMENT_MESSAGE") == ["message `User` should have a comment"]


def test_what_has_no_place_for_a_comment_needs_none(tmp_path: Path) -> None:
    text = """// M.
message M {
  // A group is a message and a field.
  optional group Group = 1 {}
  // F.
  map<string, string> map = 2;
}
// file: acme/example/v1/three.proto
syntax = "proto3";
package acme.example.v1;
message N {
  optional int32 a = 1;
}
"""
    assert undocumented(text, tmp_path, "COMMENT_FIELD") == ["field `a` should have a comment"]
    assert undocumented(text, tmp_path, "COMMENT_MESSAGE") == ["message `N` should have a comment"]
    assert undocumented(text, tmp_path, "COMMENT_ONEOF") == []


def test_fields_of_nested_messages_and_extensions_need_one(tmp_path: Path) -> None:
    text = """message M {
  message Inner { optional int32 a = 1; }
  extensions 1 to 9;
  extend M { optional int32 b = 1; }
}
extend M { optional int32 c = 2; }
"""
    found = undocumented(text, tmp_path, "COMMENT_FIELD")
    assert sorted(found) == [f"field `{name}` should have a comment" for name in "abc"]


def test_an_image_without_comments_says_nothing_about_them(tmp_path: Path) -> None:
    (file,) = compiled(split(HEAD + "message M { optional int32 a = 1; }"), tmp_path).files()
    file.proto.ClearField("source_code_info")
    bare = parse(file.proto.SerializeToString(), file.path, None)
    assert lint.judge_file(bare, [RULES["COMMENT_FIELD"], RULES["COMMENT_MESSAGE"]]) == []
