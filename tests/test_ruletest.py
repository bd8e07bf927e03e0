"""`rules test`: a rule's own examples decide, and what differs is told by the line of the pack."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from schemactl import catalogue, examples
from schemactl.errors import ConfigError
from trees import refused, schemactl, write

RIGHT = """\
name: acme
rules:
  - id: ID_IS_STRING
    target: field
    title: Ids are strings
    why: JSON readers in browsers lose digits of 64-bit numbers.
    params: {suffix: _id}
    when: field.name.endsWith(params.suffix)
    require: type_of(field) == 'string'
    message: "'field `%s` should be a string'.format([field.name])"
    bad: |
      syntax = "proto3";
      import "acme/other.proto";
      message User {
        int64 order_id = 1;  // error
        acme.Other other = 2;
      }
      // file: acme/other.proto
      syntax = "proto3";
      package acme;
      message Other {
        int64 user_id = 1;  // error
      }
    good: |
      syntax = "proto3";
      message User {
        string order_id = 1;
      }
"""


def outcome(root: Path, pack: str, *argv: str | Path) -> tuple[int, list[str]]:
    write(root, {"rules/acme.yaml": pack})
    done = schemactl("rules", "test", "-C", root, *(argv or ("rules",)))
    assert done.err == ""
    return done.code, done.out.splitlines()


def test_a_rule_that_does_what_its_examples_say_passes(tmp_path: Path) -> None:
    assert outcome(tmp_path, RIGHT) == (0, ["ok       ID_IS_STRING", "1 rule: 1 as marked"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "acme.Other other = 2;",
            "acme.Other other = 2;  // error",
            ["rules/acme.yaml:16: bad: nothing is found here", "acme.Other other = 2;  // error"],
        ),
        (
            "int64 user_id = 1;  // error",
            "int64 user_id = 1;",
            [
                "rules/acme.yaml:22: bad: found and not marked: field `user_id` should be a string",
                "int64 user_id = 1;",
            ],
        ),
        (
            "string order_id = 1;",
            "int32 order_id = 1;",
            [
                "rules/acme.yaml:27: good: found and not marked: field `order_id` should be a string",
                "int32 order_id = 1;",
            ],
        ),
        (
            "string order_id = 1;",
            "strin order_id = 1;",
            ['rules/acme.yaml:27: good: does not compile: "strin" is not defined.', "strin order_id = 1;"],
        ),
        (
            'import "acme/other.proto";',
            'import "acme/none.proto";',
            [
                "rules/acme.yaml:13: bad: does not compile: import `acme/none.proto` of acme/example/v1/example.proto "
                "is not found",
                'import "acme/none.proto";',
            ],
        ),
        (
            "// file: acme/other.proto",
            "// file: ../other.proto",
            ["rules/acme.yaml:11: bad: an example calls a file `../other.proto`"],
        ),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_differs_is_told_with_its_line(old: str, new: str, said: list[str], tmp_path: Path) -> None:
    assert old in RIGHT
    code, lines = outcome(tmp_path, RIGHT.replace(old, new))
    assert code == 1
    assert [line.strip() for line in lines] == ["differs  ID_IS_STRING", *said, "1 rule: 0 as marked, 1 not"]


def test_a_rule_that_fails_while_it_runs_differs(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path, RIGHT.replace("params.suffix", "[params.suffix][field.number]"))
    assert (code, len(lines)) == (1, 4)
    place = "rules/acme.yaml:8:5: `when`: "
    assert lines[1].startswith(f"  rules/acme.yaml:11: bad: rule ID_IS_STRING failed on User.order_id: {place}")
    assert lines[2].startswith(f"  rules/acme.yaml:24: good: rule ID_IS_STRING failed on User.order_id: {place}")


@pytest.mark.parametrize("more", ["", "\n    help: \"'%s %s'.format([field.name].map(n, n))\""])
def test_a_text_that_fails_differs(more: str, tmp_path: Path) -> None:
    text = "'field `%s` should be a string'.format([field.name])\""
    pack = RIGHT.replace(text, f"{text}{more}" if more else "{'a': 'b'}[field.name]\"")
    code, lines = outcome(tmp_path, pack)
    assert (code, lines[0]) == (1, "differs  ID_IS_STRING")
    assert "bad: rule ID_IS_STRING failed on User.order_id: " in lines[1]


def test_all_that_is_found_in_a_line_is_told(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path, RIGHT.replace("string order_id = 1;", "int32 order_id = 1; int32 user_id = 2;"))
    said = [line.partition("not marked: ")[2] for line in lines if "not marked" in line]
    assert (code, said) == (1, ["field `order_id` should be a string", "field `user_id` should be a string"])


def test_an_example_that_marks_nothing_tests_nothing(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path, RIGHT.replace("int64", "string").replace("  // error", ""))
    assert (code, lines[1].strip()) == (
        1,
        "rules/acme.yaml:11: bad: no line ends in `// error`: mark those that the rule should find",
    )


def test_an_example_that_is_not_written_out_is_told_by_its_key(tmp_path: Path) -> None:
    good = RIGHT.partition("    good: |")[0] + "    good: 'syntax = \"proto3\"; message User { int64 order_id = 1; }'\n"
    assert outcome(tmp_path, good)[1][1].startswith("  rules/acme.yaml:24: good: found and not marked: ")


def test_a_malformed_pack_is_no_verdict_and_all_mistakes_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": RIGHT.replace("field.name.ends", "field.nme.ends"), "b.yaml": "name: b\nrule: []\n"})
    told = refused("rules", "test", "-C", tmp_path, ".")
    assert "a.yaml:8:" in told
    assert "b.yaml:2:1: unknown key `rule`" in told


def test_names_that_are_taken_are_told_with_their_places(tmp_path: Path) -> None:
    write(tmp_path, {"b.yaml": RIGHT, "a.yaml": RIGHT.replace("name: acme", "name: STANDARD")})
    told = refused("rules", "test", "-C", tmp_path, ".")
    assert "b.yaml:3:5: rule `ID_IS_STRING` is already in a.yaml:3:5" in told
    assert "a.yaml:1:1: the pack is called `STANDARD`, and so is a category of rules" in told
    shipped = Path(catalogue.__file__).parents[1] / "rules"
    assert schemactl("rules", "test", "-C", shipped.parent, "rules").code == 0


def test_a_rule_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "name: a\nrules:\n- id: MY_RULE\n  why: so\n"})
    assert "a.yaml:3:3: MY_RULE: `rules.title` is missing" in refused("rules", "test", "-C", tmp_path, ".")


def test_without_a_directory_the_configured_packs_are_tested(tmp_path: Path) -> None:
    write(tmp_path, {"schemactl.yaml": "packs: [rules/acme.yaml]\n", "rules/other.yaml": "no pack"})
    write(tmp_path, {"sub/x.proto": 'syntax = "proto3";\n'})
    assert outcome(tmp_path, RIGHT, "-C", tmp_path / "sub")[0] == 0
    write(tmp_path, {"schemactl.yaml": "lint: {use: [STANDARD]}\n"})
    assert "no pack is configured here" in refused("rules", "test", "-C", tmp_path)


def test_one_file_can_be_named_and_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"rules/schemactl.yaml": "roots: [.]\n", "empty/x.txt": ""})
    assert outcome(tmp_path, RIGHT, "rules/acme.yaml")[0] == 0
    assert outcome(tmp_path, RIGHT, "rules")[0] == 0
    assert "`empty` holds no pack" in refused("rules", "test", "-C", tmp_path, "empty")
    assert "no such file or directory: `gone/`" in refused("rules", "test", "-C", tmp_path, "gone/")
    told = refused("rules", "test", "-C", tmp_path, "gone")
    assert "there is no directory `gone`, and no installed package of rules is called so" in told
    assert "pip" not in told
    (tmp_path / "rules/link.yaml").symlink_to("/etc/hosts")
    assert "link.yaml: the file is a symbolic link" in refused("rules", "test", "-C", tmp_path, "rules")


def test_an_installed_package_is_tested_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = """
from schemactl.rule import Hit, Rule
def check(element, context):
    yield Hit("a message")
RULES = [Rule("ACME_NONE", "message", "No message", "So.", "message A {} // error", "message B {}", check=check)]
"""
    point = "[schemactl.rules]\nacme = acme_rules_of_test\n"
    files = {"acme_rules_of_test-1.0.dist-info/entry_points.txt": point, "acme_rules_of_test/__init__.py": python}
    write(tmp_path / "site", {**files, "acme_rules_of_test/rules/own.yaml": RIGHT})
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr("sys.path", list(sys.path))
    root = write(tmp_path / "root", {"schemactl.yaml": "packs: [acme]\n"})
    for argv in (("acme",), ()):
        done = schemactl("rules", "test", "-C", root, *argv)
        assert (done.code, done.out.splitlines()) == (
            1,
            [
                "differs  ACME_NONE",
                "  good: found and not marked: a message",
                "      message B {}",
                "ok       ID_IS_STRING",
                "2 rules: 1 as marked, 1 not",
            ],
        )


def test_an_example_may_import_what_is_in_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"proto/acme/none.proto": 'syntax = "proto3";\npackage acme;\nmessage Other {}\n'})
    write(tmp_path, {"schemactl.yaml": "roots: [proto]\n"})
    pack = RIGHT.replace('import "acme/other.proto";', 'import "acme/none.proto";').partition("      // file:")[0]
    assert outcome(tmp_path, pack + "    good: 'syntax = \"proto3\";'\n")[0] == 0


def test_the_examples_own_files_and_those_of_the_tool_come_first(tmp_path: Path) -> None:
    def more(name: str) -> bytes | None:
        raise AssertionError(name)

    files = {"a.proto": 'syntax = "proto3";\nimport "b.proto";\nimport "google/protobuf/empty.proto";\n', "b.proto": ""}
    assert not examples.compiled(files, tmp_path, more).problems


def test_a_mark_is_a_comment_at_the_end_of_a_line() -> None:
    files = examples.split("int32 a = 1; // error\nint32 b = 2;  //error  \n// error in words\n")
    assert examples.marked(files) == {(examples.NAME, 1), (examples.NAME, 2)}
    with pytest.raises(ConfigError, match=r"`@x\.proto`"):
        examples.split("// file: @x.proto\n")
