"""`schemactl diff`: what changed between two states, told to people, programs and changelogs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from markdown_it import MarkdownIt

from repositories import HEAD, PATH, USER, WRONG, Done, Repo, clean, init, run
from schemactl.diff import run as diffing
from schemactl.job import Request
from schemactl.place import Place
from schemactl.report import Style
from schemactl.tree import Directory
from sides import Sides

OTHER = "acme/v1/other.proto"
README_COMMITS = {"v1.4.0": "3f1c2aa", "HEAD": "8d2f9e1"}
ROOT = Path(__file__).parents[1]
TOPIC = """syntax = "proto3";
package acme.v1;
import "schemactl/v1/options.proto";
message UserEnvelope {
  option (schemactl.v1.topic) = {name: "acme.users" key: "payload.id"%s};
  User payload = 4;
}
message User {
  string id = 1;
  int32 age = 3;
  string mail = 2;
  Role role = 5;
}
enum Role { ROLE_UNSPECIFIED = 0; ROLE_USER = 1; }
"""
CHANGED = (
    TOPIC.replace("  string mail = 2;\n", '  reserved 2;\n  reserved "mail";\n  string nick_name = 7;\n')
    .replace("int32 age", "int64 age")
    .replace("ROLE_USER = 1;", "ROLE_USER = 1; ROLE_ADMIN = 2;")
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


def between(tmp_path: Path, before: dict[str, str | None], after: dict[str, str | None]) -> list[dict[str, Any]]:
    repo = init(tmp_path / "r", before)
    repo.write(after)
    return changed(repo.run("diff", "HEAD"))


def changed(done: Done) -> list[dict[str, Any]]:
    assert done.code == 0, done.err
    return [change for package in done.report["packages"] for change in package["changes"]]


def told(changes: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(each["kind"], each["element_kind"], each["element"].removeprefix("acme.v1.")) for each in changes}


def body(text: str) -> str:
    return HEAD + text


def printed(repo: Repo, format: str = "text", spec: str | None = "HEAD", **style: Any) -> str:
    outcome = diffing.run(Request(repo.root, lint=False), spec, [format], Style(**style))
    return outcome.outputs[0].text


def test_every_kind_of_thing_that_comes_goes_or_changes_is_told_once(tmp_path: Path) -> None:
    before = """
message Kept { string a = 1; int32 b = 2; string c = 3; string d = 4; oneof o { string e = 5; } }
message Gone { string a = 1; }
enum Role { ROLE_UNSPECIFIED = 0; ROLE_A = 1; ROLE_B = 2; }
service Users { rpc Get(Kept) returns (Kept); rpc Drop(Kept) returns (Kept); }
"""
    after = """
message Kept { string a = 1 [deprecated = true]; int64 b = 2; string sea = 3; oneof p { string f = 6; }
  message Inner {} reserved 9 to 11; }
message Fresh { int32 x = 1; }
enum Role { ROLE_UNSPECIFIED = 0; ROLE_A = 1; ROLE_C = 3; }
service Users { rpc Get(Kept) returns (stream Kept); rpc List(Kept) returns (Kept); }
"""
    assert told(between(tmp_path, {PATH: body(before)}, {PATH: body(after)})) == {
        ("changed", "field", "Kept.a"),
        ("changed", "field", "Kept.b"),
        ("renamed", "field", "Kept.sea"),
        ("removed", "field", "Kept.d"),
        ("removed", "field", "Kept.e"),
        ("added", "field", "Kept.f"),
        ("removed", "oneof", "Kept.o"),
        ("added", "oneof", "Kept.p"),
        ("added", "message", "Kept.Inner"),
        ("added", "reserved", "Kept"),
        ("added", "message", "Fresh"),
        ("removed", "message", "Gone"),
        ("removed", "enum_value", "Role.ROLE_B"),
        ("added", "enum_value", "Role.ROLE_C"),
        ("changed", "method", "Users.Get"),
        ("removed", "method", "Users.Drop"),
        ("added", "method", "Users.List"),
    }


def test_comments_order_and_places_are_no_change(tmp_path: Path) -> None:
    before = "message A { string a = 1; string b = 2; }\nmessage B { string a = 1; }\n"
    after = "// new\nmessage B { string a = 1; }\n\nmessage A {\n  // b\n  string b = 2;\n  string a = 1;\n}\n"
    assert between(tmp_path, {PATH: body(before)}, {PATH: body(after)}) == []
    assert printed(Repo(tmp_path / "r")).startswith("nothing changed · HEAD (")


def test_the_order_of_enum_values_counts_where_it_says_something(tmp_path: Path) -> None:
    before = """syntax = "proto2";
package acme.v1;
enum First { A = 1; B = 2; }
enum Alias { option allow_alias = true; C = 1; D = 1; }
enum Same { E = 1; F = 2; G = 3; }
"""
    after = before.replace("A = 1; B = 2", "B = 2; A = 1").replace("C = 1; D = 1", "D = 1; C = 1")
    changes = between(tmp_path, {PATH: before}, {PATH: after.replace("F = 2; G = 3", "G = 3; F = 2")})
    assert {each["element"]: each["details"] for each in changes} == {
        "acme.v1.First": [{"what": "first value", "before": "1", "after": "2"}],
        "acme.v1.Alias": [{"what": "names of 1", "before": "C, D", "after": "D, C"}],
    }


def test_what_a_field_says_beside_its_type_is_told_as_it_was_and_is(tmp_path: Path) -> None:
    before = 'syntax = "proto2";\npackage acme.v1;\nmessage A {\n  optional string a = 1 [default = "x"];\n}\n'
    after = before.replace("optional", "required").replace('default = "x"', 'json_name = "b"')
    (change,) = between(tmp_path, {PATH: before}, {PATH: after})
    assert change["before"] == "string a = 1"
    assert change["after"] == "required string a = 1"
    assert change["details"] == [
        {"what": "presence", "before": "explicit", "after": "required"},
        {"what": "default", "before": '"x"', "after": None},
        {"what": "json_name", "before": None, "after": '"b"'},
    ]


def test_custom_options_go_by_their_name_and_topics_by_their_values(tmp_path: Path) -> None:
    option = """syntax = "proto3";
package acme.opt;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { string owner = 50001; }
"""
    before = TOPIC.replace("string id = 1;", 'string id = 1 [(acme.opt.owner) = "us"];').replace(
        "import", 'import "acme/opt.proto";\nimport', 1
    )
    after = before.replace('"us"', '"them"').replace("%s", " partitions: 3")
    files: dict[str, str | None] = {"acme/opt.proto": option, PATH: before % ""}
    found = {each["element"]: each["details"] for each in between(tmp_path, files, {PATH: after})}
    assert [each["what"] for each in found["acme.v1.User.id"]] == ["(acme.opt.owner)"]
    assert found["acme.v1.UserEnvelope"] == [{"what": "topic.partitions", "before": None, "after": "3"}]


def test_a_message_in_another_file_of_its_package_has_moved(tmp_path: Path) -> None:
    keep = "message Stays { string a = 1; }\n"
    moving = "message Moves { string a = 1; message Inner { int32 b = 1; } }\n"
    (change,) = between(tmp_path, {PATH: body(keep + moving), OTHER: HEAD}, {PATH: body(keep), OTHER: body(moving)})
    assert (change["kind"], change["element"]) == ("moved", "acme.v1.Moves")
    assert change["details"] == [{"what": "file", "before": PATH, "after": OTHER}]
    assert (change["against"]["path"], change["path"]) == (PATH, OTHER)
    assert change["rules"] == ["MESSAGE_NO_DELETE"]


def test_a_file_that_moved_with_all_it_declares_is_one_change(tmp_path: Path) -> None:
    (change,) = between(tmp_path, {PATH: USER}, {PATH: None, "acme/v1/person.proto": USER})
    assert (change["kind"], change["element_kind"], change["element"]) == ("moved", "file", PATH)
    assert change["details"] == [{"what": "file", "before": PATH, "after": "acme/v1/person.proto"}]
    assert change["rules"] == ["FILE_NO_DELETE"]


def test_a_message_that_is_the_same_under_another_name_is_renamed(tmp_path: Path) -> None:
    before = "message Old { string a = 1; Old next = 2; }\nmessage Empty {}\n"
    after = "message New { string a = 1; New next = 2; }\nmessage Void {}\n"
    assert told(between(tmp_path, {PATH: body(before)}, {PATH: body(after)})) == {
        ("renamed", "message", "New"),
        ("changed", "field", "New.next"),
        ("removed", "message", "Empty"),
        ("added", "message", "Void"),
    }


def test_the_reservation_of_a_removed_field_is_told_with_it_and_any_other_by_itself(tmp_path: Path) -> None:
    before = 'message A { string a = 1; string b = 2; string c = 3; reserved 20 to 29; reserved "x"; }\n'
    after = 'message A { reserved 1, 2, 20 to 24, 40 to max; reserved "a"; string c = 3; }\n'
    changes = between(tmp_path, {PATH: body(before)}, {PATH: body(after)})
    kept = {each["element"]: each["details"] for each in changes if each["element_kind"] == "field"}
    assert kept["acme.v1.A.a"][0]["after"] == "number and name"
    assert kept["acme.v1.A.b"][0]["after"] == "number"
    ranges = [(each["kind"], each["before"] or each["after"]) for each in changes if each["element_kind"] == "reserved"]
    assert sorted(ranges) == [("added", "40 to max"), ("removed", '25 to 29, "x"')]


def test_what_a_change_does_to_readers_of_its_topic_stands_beside_it(tmp_path: Path) -> None:
    found = {each["element"]: each for each in between(tmp_path, {PATH: TOPIC % ""}, {PATH: CHANGED % ""})}
    admin = found["acme.v1.Role.ROLE_ADMIN"]
    assert {
        "direction": "forward",
        "encoding": "json",
        "readers": "tolerant",
        "effect": "default",
        "values": "all",
        "covered": True,
    } in (admin["effects"])
    assert (admin["breaking"], admin["rules"]) == (False, ["ENUM_VALUE_ADDED"])
    age = found["acme.v1.User.age"]
    assert age["breaking"]
    assert {(each["encoding"], each["effect"]) for each in age["effects"]} == {("json", "error"), ("binary", "wrong")}


BINARY = """
message BinaryEnvelope {
  option (schemactl.v1.topic) = {name: "acme.binary" encoding: ENCODING_BINARY};
  Binary payload = 1;
}
message Binary { string a = 1; reserved 9; Place at = 2; }
message Place { string city = 1; }
message Alone { string a = 1; string b = 2; string c = 3; }
service Users { rpc Get(Alone) returns (Alone); }
"""
OTHERWISE = (
    BINARY.replace("string a = 1; reserved 9; Place at", "string n = 1; City at")
    .replace("message Place", "message City")
    .replace("string a = 1; string b = 2; string c = 3;", 'string n = 1 [json_name = "a"]; bytes b = 2;')
    .replace("rpc Get(Alone) returns (Alone);", "")
)


def test_nothing_is_said_to_break_readers_that_only_code_or_a_configured_rule_notices(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: TOPIC % "" + BINARY})
    renamed = (TOPIC % "").replace("string mail = 2;", 'string post = 2 [json_name = "mail"];')
    repo.write({PATH: renamed + OTHERWISE})
    text = printed(repo)
    for said in (
        '`post` = 2  was `mail`, json_name set to "mail"  breaks generated code (FIELD_SAME_NAME)',
        "`n` = 1  was `a`  forbidden by configured rules (FIELD_SAME_JSON_NAME, FIELD_SAME_NAME), though no reader",
        "`at` = 2  Place → City  breaks generated code (FIELD_WIRE_JSON_COMPATIBLE_TYPE, FIELD_SAME_TYPE)",
        "- reserved 9  drops a protection (RESERVED_MESSAGE_NO_DELETE)",
        "`City`  was `Place`  breaks generated code (",
        '`n` = 1  was `a`, json_name set to "a"  breaks generated code (FIELD_SAME_NAME)',
        "`c` = 3  string  its name or number may be taken again (FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        "rpc `Get`  (Alone) returns (Alone)  breaks callers (RPC_NO_DELETE)",
    ):
        assert said in text
    assert "breaks readers" not in text


def test_of_what_nothing_reaches_bufs_rules_for_data_are_believed(tmp_path: Path) -> None:
    before = HEAD + "enum Role { ROLE_UNSPECIFIED = 0; ROLE_A = 1; }\n"
    repo = init(tmp_path / "r", {PATH: before})
    repo.write({PATH: before.replace("ROLE_A", "ROLE_B")})
    assert "`ROLE_B` = 1  was `ROLE_A`  breaks readers (ENUM_VALUE_SAME_NAME)" in printed(repo)


def test_a_oneof_is_renamed_if_all_its_members_went_along(tmp_path: Path) -> None:
    before = (
        "message A { oneof o { string a = 1; string b = 2; } oneof q { string c = 3; string d = 4; } string e = 5; }"
    )
    after = before.replace("oneof o", "oneof p").replace("oneof q { string c = 3; string d = 4; }", "string d = 4;")
    after = after.replace("string b = 2; }", "string b = 2; string c = 3; }")
    found = between(tmp_path, {PATH: body(before)}, {PATH: body(after)})
    assert told(found) == {
        ("renamed", "oneof", "A.p"),
        ("removed", "oneof", "A.q"),
        ("changed", "field", "A.c"),
        ("changed", "field", "A.d"),
    }
    (renamed,) = (each for each in found if each["element_kind"] == "oneof" and each["kind"] == "renamed")
    assert renamed["details"] == [{"what": "name", "before": "o", "after": "p"}]
    assert renamed["rules"] == ["FIELD_SAME_ONEOF", "ONEOF_NO_DELETE"]
    assert "oneof `p`  was `o`  breaks generated code (FIELD_SAME_ONEOF, ONEOF_NO_DELETE)" in printed(
        Repo(tmp_path / "r")
    )


def demonstrated(document: str, spec: str) -> str:
    text = (ROOT / document).read_text("utf-8")
    return text.partition(f"$ schemactl diff {spec}\n")[2].partition("```")[0]


def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    before = USER.replace("acme.v1", "acme.users.v1")
    repo = init(tmp_path / "r", {PATH: before})
    repo.git("tag", "v1.4.0")
    retired = '  reserved 2;\n  reserved "mail";\n  string nick_name = 7;\n'
    repo.commit({PATH: before.replace("  string mail = 2;\n", retired)})
    commits = {repo.git("rev-parse", "--short=7", name): shown for name, shown in README_COMMITS.items()}
    text = printed(repo, spec="v1.4.0..HEAD")
    for commit, shown in commits.items():
        text = text.replace(commit, shown)
    assert text == demonstrated("README.md", "v1.4.0..HEAD")


def test_people_get_a_tree_as_wide_as_their_terminal(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: TOPIC % ""})
    repo.git("tag", "v1.4.0")
    repo.write({PATH: CHANGED % ""})
    commit = repo.git("rev-parse", "HEAD")[:7]
    shown = printed(repo, spec="v1.4.0", width=80).replace(commit, "3f1c2aa")
    assert shown == demonstrated("docs/diff.md", "v1.4.0")
    assert "\x1b[32m+\x1b[0m field" in printed(repo, width=80, color=True)
    piped = printed(repo).splitlines()
    assert "│  ├─ ~ field `age` = 3  int32 → int64  readers with the old schema fail on some values (JSON)" in piped
    assert piped[0].startswith("acme.v1  major: ")


def test_what_is_to_be_said_of_all_new_values_of_an_enum_is_said_once(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: TOPIC % ""})
    repo.write({PATH: (TOPIC % "").replace("ROLE_USER = 1;", "ROLE_USER = 1; ROLE_A = 2; ROLE_B = 3;")})
    text = printed(repo)
    assert "└─ enum Role  each: readers with the old schema do not see the value (JSON)\n" in text
    assert text.count("old schema") == 1


def test_an_option_that_changes_in_all_files_of_a_package_is_one_line(tmp_path: Path) -> None:
    files: dict[str, str | None] = {f"acme/v1/{name}.proto": body(f"message M{name} {{}}\n") for name in "abc"}
    repo = init(tmp_path / "r", files)
    repo.write({name: f"{text}option go_package = 'acme/v1';\n" for name, text in files.items()})
    text = printed(repo)
    assert '└─ ~ 3 files  go_package set to "acme/v1"' in text
    assert len(changed(repo.run("diff", "HEAD"))) == 3


def test_a_changelog_has_a_section_for_each_sort_of_change(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: TOPIC % ""})
    repo.write({PATH: (CHANGED % "").replace("string id = 1;", "string id = 1 [deprecated = true];")})
    lines = printed(repo, "markdown").splitlines()
    assert [line for line in lines if line.startswith("#")][1:] == [
        "### `acme.v1`", "#### Breaking", "#### Added", "#### Deprecated", "#### Removed"
    ]  # fmt: skip
    assert "- field `User.age` = 3: `int32` → `int64`; readers with the old schema fail on some values (JSON)" in lines
    assert "- field `User.nick_name` = 7: `string`" in lines
    assert "- field `User.id` = 1: deprecated" in lines
    assert "- field `User.mail` = 2: `string`, reserved; breaks generated code (FIELD_NO_DELETE)" in lines


def test_a_changelog_speaks_of_a_topic_as_people_do(tmp_path: Path) -> None:
    said = " retention: {seconds: %d}"
    repo = init(tmp_path / "r", {PATH: TOPIC % said % 2592000})
    repo.write({PATH: TOPIC % said % 86400})
    repo.git("tag", "v1.0.0")
    text = printed(repo, "markdown")
    assert "Version: 1.1.0 (minor: was 1.0.0)\n" in text
    item = "message `UserEnvelope`: retention `30 days` → `1 day`; readers should know (TOPIC_RETENTION_CHANGED)"
    assert f"#### Changed\n\n- {item}\n" in text


def test_a_changelog_says_what_is_gone_among_what_breaks(tmp_path: Path) -> None:
    before = HEAD + "message A { string a = 1; string b = 2; reserved 9; }\n"
    repo = init(tmp_path / "r", {PATH: before})
    repo.write({PATH: before.replace("string b = 2; reserved 9;", "")})
    text = printed(repo, "markdown")
    assert "#### Breaking\n\n- removed field `A.b` = 2: `string`; its name or" in text
    assert "- `A`: no longer reserved `9`; drops a protection" in text


def test_text_of_a_repository_is_nothing_but_text(tmp_path: Path) -> None:
    nasty = r"\033[31m</li>[x](javascript:y) `a` ##[error]"
    before = 'syntax = "proto2";\npackage acme.v1;\nmessage A {\n  optional string a = 1;\n}\n'
    repo = init(tmp_path / "r", {PATH: before})
    repo.write({PATH: before.replace("a = 1", f'a = 1 [default = "{nasty}\\n::error::x"]')})
    text = printed(repo)
    assert r'default set to "\x1b[31m</li>[x](javascript:y)' in text
    assert "\x1b" not in text
    assert "##[" not in text
    assert not any(line.startswith("::") for line in text.splitlines())
    html = MarkdownIt("commonmark").render(printed(repo, "markdown"))
    assert "<a " not in html
    assert "</li>[" not in html
    report = repo.run("diff", "HEAD")
    assert report.out.isascii()
    assert "##[" not in report.out


def user(*names: str) -> dict[str, str | None]:
    fields = "".join(f"  string {name} = {len(name) * 100 + ord(name[0])};\n" for name in names)
    return {PATH: body(f"message User {{\n{fields}}}\n")}


@pytest.fixture(scope="module")
def branched(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Each state has one field more: a commit of its own on each of two branches, the index, the working tree."""
    repo = init(tmp_path_factory.mktemp("branched") / "r", user("one"))
    repo.git("tag", "one")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit(user("one", "side"))
    repo.git("checkout", "--quiet", "-b", "trunk", "one")
    repo.commit(user("one", "two"))
    repo.git("tag", "two")
    repo.commit(user("one", "two", "three"))
    repo.write(user("one", "two", "three", "staged"))
    repo.git("add", "--all")
    repo.write(user("one", "two", "three", "working"))
    return repo


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (["one..two"], {"two"}),
        (["one.."], {"two", "three"}),
        (["..one"], {"two", "three"}),
        (["side..two"], {"side", "two"}),
        (["side...two"], {"two"}),
        (["two"], {"three", "working"}),
        (["two", "--staged"], {"three", "staged"}),
        (["one", "--rev", "two"], {"two"}),
        (["--against", "two"], {"three", "working"}),
        ([], {"working"}),
    ],
)
def test_a_range_means_what_it_means_to_git(branched: Repo, spec: list[str], fields: set[str]) -> None:
    assert {each["element"].rpartition(".")[2] for each in changed(branched.run("diff", *spec))} == fields


def test_without_an_earlier_commit_all_is_new(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    report = repo.run("diff").report
    assert report["from"] is None
    (package,) = report["packages"]
    assert (package["kind"], package["advice"]["level"]) == ("added", "minor")
    assert [each["element"] for each in package["changes"]] == ["acme.v1.User"]


def test_files_that_cannot_differ_are_not_compiled(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER, "acme/v2/wrong.proto": WRONG.replace("acme.v1", "acme.v2")})
    repo.write({PATH: USER.replace("}", "  string nick = 3;\n}")})
    assert told(changed(repo.run("diff", "HEAD"))) == {("added", "field", "User.nick")}


@pytest.mark.parametrize("spec", ["right..wrong", "wrong..right"])
def test_a_side_that_does_not_compile_is_a_no_with_its_place(tmp_path: Path, spec: str) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    repo.git("tag", "right")
    repo.commit({PATH: WRONG})
    repo.git("tag", "wrong")
    done = repo.run("diff", spec)
    assert done.code == 1
    (problem,) = done.report["problems"]
    assert (problem["path"], problem["line"]) == (PATH, 4)
    assert "`wrong` does not compile" in done.report["notes"][0]
    text = repo.run("diff", spec, format="text")
    assert (text.code, f"{PATH}:4:3: error COMPILE" in text.out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch..HEAD"], "there is no revision `nosuch`"),
        (["a..b..c"], "not a range of revisions"),
        (["HEAD..HEAD", "--rev", "HEAD"], "`--rev` and `HEAD..HEAD` both say what is new"),
        (["HEAD..HEAD", "--staged"], "`--staged` and"),
        (["HEAD", "--against", "HEAD"], "`--against` and A..B both say what to compare with"),
        (["none"], "`none` is not a revision"),
        (["HEAD", "--current-version", "one"], "`one` is not a version"),
    ],
)
def test_what_cannot_be_answered_is_said_with_the_remedy(tmp_path: Path, arguments: list[str], said: str) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    done = repo.run("diff", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 2


def test_several_formats_go_to_files_and_one_that_is_no_format_of_it_is_told(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    repo.write({PATH: USER.replace("}", "  string nick = 3;\n}")})
    changelog = tmp_path / "CHANGES.md"
    done = run("diff", "HEAD", "-C", str(repo.root), "--format", "json", "--format", f"markdown:{changelog}")
    assert done.report["packages"][0]["name"] == "acme.v1"
    assert "#### Added" in changelog.read_text()
    refused = repo.run("diff", "HEAD", format="sarif")
    assert (refused.code, refused.out) == (2, "")
    assert "use one of text, json, markdown" in refused.err


def test_descriptor_sets_are_compared_too(tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {PATH: USER})
    image = tmp_path / "old.binpb"
    image.write_bytes(_descriptor_set(repo.root))
    repo.write({PATH: USER.replace("}", "  string nick = 3;\n}")})
    done = repo.run("diff", "--against", f"image:{image}")
    assert told(changed(done)) == {("added", "field", "User.nick")}
    assert done.report["from"]["commit"] is None


def _descriptor_set(root: Path) -> bytes:
    side = Sides(root.parent / "work").side(Directory(root, None), Place(root, ".", None), whole=True)
    image = side.compile(list(side.judged))
    files = [FileDescriptorProto.FromString(each) for each in image.descriptors.values()]
    return FileDescriptorSet(file=files).SerializeToString()
