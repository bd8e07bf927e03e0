"""Where fixes end: what others have, what somebody has let pass, and what nobody asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fixing import Files, fixed, texts, tree
from trees import schemactl

PATH = "acme/v1/user.proto"
HEAD = 'syntax = "proto3";\npackage acme.v1;\n'
PROTO2 = HEAD.replace("proto3", "proto2")
USER = HEAD + "message User { string userId = 1; }\n"
LINT = "lint: {use: [BASIC, DEFAULT, events, STYLE], except: [PACKAGE_VERSION_SUFFIX]}\n"


def run(root: Path, files: Mapping[str, str], base: Files, *options: str) -> tuple[str, str]:
    """What becomes of the file, and what is told of it, by the command."""
    tree(root, {"schemactl.yaml": LINT, **files}, base)
    done = schemactl("lint", "--fix", "-C", root, *options)
    assert done.code in (0, 1), done
    return (root / PATH).read_text(), done.out


@pytest.mark.parametrize(
    ("published", "new"),
    [
        ("optional int32 foo_1 = 1;", "optional int32 Foo1 = 2;"),
        ('optional int32 x = 1 [json_name = "bazBar"];', "optional int32 Baz_bar = 2;"),
    ],
)
def test_no_two_fields_get_one_name_in_json(published: str, new: str, tmp_path: Path) -> None:
    """Of proto2 protoc only warns."""
    text = PROTO2 + f"message User {{ {published} {new} optional int32 okField = 3; }}\n"
    result = fixed(tree(tmp_path, {PATH: text}, {PATH: PROTO2}), "FIELD_LOWER_SNAKE_CASE")
    assert texts(result) == {PATH: text.replace("okField", "ok_field")}
    assert "in JSON" in result.notes[0]


def test_an_envelope_gets_no_field_that_has_the_json_name_of_another(tmp_path: Path) -> None:
    envelope = "message UserEnvelope {\n  optional string eventUuid = 16;\n  optional User payload = 4;\n}\n"
    text = f"{PROTO2}message User {{}}\n{envelope}"
    result = fixed(tree(tmp_path, {PATH: text}), "ENVELOPE_FIELDS")
    assert [words in texts(result)[PATH] for words in (" event_uuid", " occurred_at")] == [False, True]


CONFIGS = ["roots: [proto]\n", "excludes: [old]\n"]


@pytest.mark.parametrize("config", CONFIGS)
def test_what_the_base_had_outside_of_its_module_is_no_new_name(config: str, tmp_path: Path) -> None:
    before = {"old/acme/v1/user.proto": USER, "proto/a.proto": HEAD, "schemactl.yaml": LINT + config}
    new = HEAD + "message Other { string homeTown = 1; }\n"
    root = tree(tmp_path, {"schemactl.yaml": f"{LINT}roots: [proto, old]\n", "old/other.proto": new}, before)
    assert texts(fixed(root, "FIELD_LOWER_SNAKE_CASE")) == {"old/other.proto": new.replace("homeTown", "home_town")}


def test_a_file_that_comes_from_outside_of_the_module_is_not_new(tmp_path: Path) -> None:
    config = {"schemactl.yaml": f"{LINT}roots: [proto]\n"}
    root = tree(tmp_path, config, {"old/user.proto": USER, "proto/a.proto": HEAD, **config})
    (root / "old/user.proto").rename(root / "proto/user.proto")
    assert fixed(root, "FIELD_LOWER_SNAKE_CASE").summary.endswith("1 more with `--unsafe-fixes`")


@pytest.mark.parametrize("config", CONFIGS)
def test_a_name_that_stands_in_a_file_of_nobody_is_not_safe_to_change(config: str, tmp_path: Path) -> None:
    config, base = LINT + config, {"proto/a.proto": HEAD, "old/a.proto": HEAD}
    tool = f'{HEAD}import "user.proto";\nmessage Tool {{ new_one one = 1; }}\n'
    now = {"proto/user.proto": HEAD + "message new_one {}\nmessage new_two {}\n", "old/tool.proto": tool}
    root = tree(tmp_path, {**now, "schemactl.yaml": config}, {**base, "schemactl.yaml": config})
    assert texts(fixed(root, "MESSAGE_PASCAL_CASE")) == {
        "proto/user.proto": now["proto/user.proto"].replace("new_two", "NewTwo")
    }


def test_a_field_with_the_number_of_another_is_not_new(tmp_path: Path) -> None:
    base = HEAD + "message User { int32 a = 1; }\nenum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }\n"
    now = HEAD + "message User { int32 bB = 1; int32 cC = 2; }\nenum Kind { KIND_UNSPECIFIED = 0; KIND_b = 1; }\n"
    found = texts(fixed(tree(tmp_path, {PATH: now}, {PATH: base}), "BASIC"))
    assert found == {PATH: now.replace("cC", "c_c")}


DELETED = HEAD + "message User {\n}\n"
BEFORE = {PATH: HEAD + "message User {\n  int32 id = 1;\n}\n", "schemactl.yaml": LINT}
RULES = ("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", "FIELD_NO_DELETE_UNLESS_NAME_RESERVED")


@pytest.mark.parametrize("rule", [*RULES, "RESERVED_NAME_AND_NUMBER"])
def test_a_deletion_that_a_comment_approves_is_not_reserved(rule: str, tmp_path: Path) -> None:
    text = DELETED.replace("message", f"// schemactl:ignore {rule} -- never used\nmessage")
    assert run(tmp_path, {PATH: text}, BEFORE)[0] == text


def test_a_deletion_that_the_approvals_name_is_not_reserved(tmp_path: Path) -> None:
    entry = f"approvals:\n  - {{rule: {RULES[0]}, element: acme.v1.User.id, reason: agreed}}\n"
    assert run(tmp_path, {PATH: DELETED, "schemactl-approvals.yaml": entry}, BEFORE)[0] == DELETED


@pytest.mark.parametrize(
    ("config", "reserved"),
    [
        (LINT, True),
        (f"{LINT}breaking: {{profile: json, except: [{', '.join(RULES)}]}}\n", True),
        (f"{LINT}breaking: {{profile: json, ignore: [acme/v1]}}\n", False),
        (LINT.replace("STYLE]", "STYLE], ignore: [acme/v1]"), True),
        (
            LINT.replace("STYLE]", "STYLE], ignore: [acme/v1]")
            + f"breaking: {{profile: json, except: [{', '.join(RULES)}]}}\n",
            False,
        ),
    ],
)
def test_only_what_the_files_policy_asks_for_is_reserved(config: str, reserved: bool, tmp_path: Path) -> None:
    files = {PATH: DELETED, "schemactl.yaml": config}
    assert ("reserved" in run(tmp_path, files, {**BEFORE, "schemactl.yaml": config})[0]) is reserved


def test_nothing_is_reserved_in_an_unstable_package_that_is_ignored(tmp_path: Path) -> None:
    config = f"{LINT}breaking: {{profile: json, ignore_unstable_packages: true}}\n"
    now, before = (text.replace("v1;", "v1beta1;") for text in (DELETED, str(BEFORE[PATH])))
    files = {PATH: now, "schemactl.yaml": config}
    assert run(tmp_path, files, {PATH: before, "schemactl.yaml": config})[0] == now


def test_a_prefix_leaves_the_case_to_the_rule_about_case(tmp_path: Path) -> None:
    line = "  // schemactl:ignore ENUM_VALUE_UPPER_SNAKE_CASE -- as it was\n"
    text = f"{HEAD}enum Status {{\n  STATUS_UNSPECIFIED = 0;\n{line}  Status_foo = 1;\n{line}  fooBar = 2;\n}}\n"
    found, told = run(tmp_path, {PATH: text}, {PATH: HEAD})
    assert found == text.replace("Status_foo", "STATUS_foo").replace("fooBar", "STATUS_fooBar"), told


def test_no_fix_makes_a_suppressed_finding_disappear(tmp_path: Path) -> None:
    """What else would sort the block that is to stay."""
    ours = "".join(f'import "acme/v1/{name}.proto";\n' for name in "ba")
    text = HEAD + ours.replace('a.proto";', 'a.proto"; // schemactl:ignore IMPORTS_SORTED -- b first')
    text += 'import "acme/v1/0.proto";\nmessage User { A a = 1; B b = 2; O o = 3; }\n'
    others = {f"acme/v1/{name}.proto": f"{HEAD}message {name.upper()} {{}}\n" for name in "ab"}
    others["acme/v1/0.proto"] = HEAD + "message O {}\n"
    found, told = run(tmp_path, {**others, PATH: text}, {PATH: HEAD})
    assert found == text
    assert "IMPORTS_SORTED, which is suppressed there, would no longer find anything" in told


@pytest.mark.parametrize("options", [(), ("--unsafe-fixes",)])
def test_what_the_baseline_holds_is_not_renamed_into_something_new(options: tuple[str, ...], tmp_path: Path) -> None:
    config = LINT.replace("STYLE]", "STYLE, COMMENT_FIELD]")
    root = tree(tmp_path, {PATH: USER, "schemactl.yaml": config}, {"acme/v1/a.proto": HEAD, "schemactl.yaml": config})
    assert schemactl("lint", "-C", root, "--select", "COMMENT_FIELD", "--write-baseline").code == 0
    done = schemactl("lint", "--fix", "-C", root, *options)
    assert "COMMENT_FIELD, which the baseline holds, would not be the same" in done.out
    assert (root / PATH).read_text() == USER
    (root / "schemactl-baseline.json").unlink()
    schemactl("lint", "--fix", "-C", root, *options)
    assert (root / PATH).read_text() == USER.replace("userId", "user_id")


def test_what_nobody_had_time_to_try_is_tried_in_the_next_round(tmp_path: Path) -> None:
    bad = "message foo { int32 okField = 1; }\nmessage Outer { message Foo {} foo x = 1; }\n"
    files = {f"f{number}.proto": HEAD.replace("v1", f"v{number}") + bad for number in range(1, 36)}
    result = fixed(tree(tmp_path, files, {PATH: HEAD}), "MESSAGE_PASCAL_CASE", "FIELD_LOWER_SNAKE_CASE")
    assert result.summary == "fixed 35 findings in 35 files; 35 have no fix"
    assert {note.rpartition(": ")[2].partition(".x`")[2] for note in result.notes} == {" would mean something else"}


@pytest.mark.parametrize("options", [(), ("--diff",)])
def test_what_does_not_compile_is_told_and_is_no_success(options: tuple[str, ...], tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: HEAD + "message User { Nobody x = 1; }\n"})
    done = schemactl("lint", "--fix", "-C", root, "--format", "json", *options)
    assert done.code == 1
    assert [each["source"] for each in json.loads(done.out)["findings"]] == ["compile"]


def test_a_diff_that_is_not_shown_at_a_terminal_holds_every_byte(tmp_path: Path) -> None:
    text = f"\ufeff{HEAD}// a\x0cb\u2028c\u202ed\rz\nmessage new_one {{}}\n"
    root = tree(tmp_path, {PATH: text}, {"acme/v1/a.proto": HEAD})
    shown = schemactl("lint", "--fix", "--diff", "-C", root)
    assert "\x0cb\u2028c\u202ed" in shown.out
    assert shown.out.startswith(f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,4 +1,4 @@\n \ufeffsyntax")
