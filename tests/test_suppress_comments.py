"""Which comments suppress something, and what each of them is about."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from rule_runs import schema
from schemactl import cache, comments
from schemactl.finding import Location
from schemactl.judged import Last
from schemactl.suppression import Suppression, identity

PATH = "acme/v1/a.proto"


def read(text: str, workspace: Path) -> list[Suppression]:
    return list(schema({PATH: text}, workspace).records[PATH].suppressions)


def slice_of(text: str, place: Location) -> str:
    """What stands at a place: columns count code points, and a byte order mark is none."""
    lines = text.removeprefix("\ufeff").split("\n")[place.line - 1 : place.end_line]
    if place.end_line > place.line:
        lines[-1:] = [lines[-1][: place.end_column - 1]]
    else:
        lines = [lines[0][: place.end_column - 1]]
    return "\n".join([lines[0][place.column - 1 :], *lines[1:]])


def about(text: str, workspace: Path) -> dict[str, str]:
    """By reason: what each suppression covers first, or its problem; every one stands where it is said to."""
    found = read(text, workspace)
    for each in found:
        assert slice_of(text, each.at).startswith("schemactl:ignore "), each
        assert slice_of(text, each.at).endswith(each.reason), each
    return {each.reason: slice_of(text, each.covers[0]) if each.covers else each.problem for each in found}


def test_a_comment_covers_the_element_below_it_with_all_in_it(tmp_path: Path) -> None:
    text = """syntax = "proto3";
package acme.v1;
// schemactl:ignore A_RULE -- message
message User {
  // before
  // schemactl:ignore A_RULE -- field
  /* and behind */
  string id = 1;
  // schemactl:ignore A_RULE -- oneof
  oneof kind {
    // schemactl:ignore A_RULE -- member
    string email = 2;
  }
  /* schemactl:ignore A_RULE -- enum */ enum Color {
    // schemactl:ignore A_RULE -- value
    COLOR_UNSPECIFIED = 0;
  }
  // schemactl:ignore A_RULE -- reserved
  reserved 7, 8;
  reserved 9;
  // schemactl:ignore A_RULE -- another
  reserved "gone";
}
// schemactl:ignore A_RULE -- service
service Users {
  // schemactl:ignore A_RULE -- method
  rpc Get(User) returns (User);
}
"""
    found = about(text, tmp_path)
    assert found["message"] == text[text.index("message User") : text.index("\n// schemactl:ignore A_RULE -- service")]
    assert found["service"] == text[text.index("service Users") :].rstrip()
    assert found["enum"].startswith("enum Color {\n")
    assert found["enum"].endswith("= 0;\n  }")
    assert found["oneof"].startswith("oneof kind {\n")
    assert {reason: found[reason] for reason in ("field", "member", "value", "reserved", "another", "method")} == {
        "field": "string id = 1;",
        "member": "string email = 2;",
        "value": "COLOR_UNSPECIFIED = 0;",
        "reserved": "reserved 7, 8;",
        "another": 'reserved "gone";',
        "method": "rpc Get(User) returns (User);",
    }
    names = {each.reason: each.element for each in read(text, tmp_path)}
    assert names["member"] == "acme.v1.User.email"
    assert names["value"] == "acme.v1.User.Color.COLOR_UNSPECIFIED"
    assert names["method"] == "acme.v1.Users.Get"
    assert names["reserved"] == "acme.v1.User"


def test_statements_without_a_name_are_covered_too(tmp_path: Path) -> None:
    text = """syntax = "proto2";
// schemactl:ignore A_RULE -- package
package acme.v1;
// schemactl:ignore A_RULE -- import
import "google/protobuf/empty.proto";
// schemactl:ignore A_RULE -- option
option go_package = "acme";
message User {
  // schemactl:ignore A_RULE -- inner option
  option deprecated = true;
  // schemactl:ignore A_RULE -- extensions
  extensions 100 to 200;
  // schemactl:ignore A_RULE -- group
  optional group Old = 1 { optional string a = 1; }
}
// schemactl:ignore A_RULE -- extend
extend User {
  optional string a = 100;
  // schemactl:ignore A_RULE -- second
  optional string b = 101;
}
extend User { optional string c = 102; }
"""
    found = about(text, tmp_path)
    assert found.pop("extend").startswith("extend User {\n  optional string a")
    assert found == {
        "package": "package acme.v1;",
        "import": 'import "google/protobuf/empty.proto";',
        "option": 'option go_package = "acme";',
        "inner option": "option deprecated = true;",
        "extensions": "extensions 100 to 200;",
        "group": "optional group Old = 1 { optional string a = 1; }",
        "second": "optional string b = 101;",
    }
    statements = {each.reason: each.statement for each in read(text, tmp_path)}
    assert statements["import"] == "3.google/protobuf/empty.proto"
    assert statements["option"] == "8.11"
    assert statements["second"] == ""


def test_a_comment_behind_something_covers_its_line(tmp_path: Path) -> None:
    text = """syntax = "proto3";
package acme.v1;
import "google/protobuf/empty.proto"; // schemactl:ignore A_RULE -- import
message User { // schemactl:ignore A_RULE -- opening
  string id = 1; // schemactl:ignore A_RULE -- field
  string a = 2; /* schemactl:ignore A_RULE -- between */ string b = 3;
} /* said
   schemactl:ignore A_RULE -- late
*/
"""
    found = {each.reason: each for each in read(text, tmp_path)}
    assert {(each.covers[0].line, each.covers[0].column, each.covers[0].end_line) for each in found.values()} == {
        (line, 1, line + 1) for line in (3, 4, 5, 6, 7)
    }
    assert {reason: each.element for reason, each in found.items()} == {
        "import": "acme.v1",
        "opening": "acme.v1.User",
        "field": "acme.v1.User.id",
        "between": "acme.v1.User.a",
        "late": "acme.v1.User",
    }
    assert all(each.line for each in found.values())
    assert found["import"].statement
    assert not found["field"].statement


def test_of_two_elements_in_one_line_a_comment_above_covers_the_first(tmp_path: Path) -> None:
    text = """syntax = "proto3";
message User {
  // schemactl:ignore A_RULE -- above
  string a = 1; string b = 2;
}
"""
    assert about(text, tmp_path) == {"above": "string a = 1;"}


@pytest.mark.parametrize(
    "body",
    [
        "// schemactl:ignore A_RULE -- x\n\nmessage User {}",
        "// schemactl:ignore A_RULE -- x\n// other\n\n// other\nmessage User {}",
        "// schemactl:ignore A_RULE -- x\r\n \t\r\nmessage User {}",
        "message User {\n  string a = 1;\n  // schemactl:ignore A_RULE -- x\n}",
        "message User {\n  string a\n  // schemactl:ignore A_RULE -- x\n  = 1;\n}",
        "message User {}\n// schemactl:ignore A_RULE -- x",
        "message User {}\n/* schemactl:ignore A_RULE -- x */\n",
    ],
)
def test_a_comment_that_stands_above_nothing_says_so(body: str, tmp_path: Path) -> None:
    (found,) = read(f'syntax = "proto3";\n{body}', tmp_path)
    assert found.problem.startswith("there is nothing below it")
    assert not found.covers


def test_above_the_first_statement_it_is_about_the_file(tmp_path: Path) -> None:
    text = """// Copyright acme

// schemactl:ignore A_RULE -- file
syntax = "proto3";
// schemactl:ignore A_RULE -- package
package acme.v1;
"""
    file, package = read(text, tmp_path)
    assert {slice_of(text, each) for each in file.covers} == {'syntax = "proto3";', "package acme.v1;", "/"}
    assert Location(PATH, 1, 1, 1, 2) in file.covers
    assert [slice_of(text, each) for each in package.covers] == ["package acme.v1;"]
    assert file.statement != package.statement


def test_a_file_that_starts_with_a_message_can_be_spoken_of_there(tmp_path: Path) -> None:
    (found,) = read("// schemactl:ignore SYNTAX_SPECIFIED -- old\nmessage User {}\n", tmp_path)
    assert Location(PATH, 1, 1, 1, 2) in found.covers
    assert found.statement


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places_count_code_points_whatever_stands_around(end: str, mark: str, tmp_path: Path) -> None:
    lines = [
        '/* schemactl:ignore A_RULE -- fïle */ \tsyntax = "proto3";',
        "// ünïcode 🙂",
        "message User {",
        "\t// 🙂",
        "\t/* 🙂 */\t/* schemactl:ignore A_RULE -- täbs */\tstring\ta = 1;\tstring b = 2;"
        " // schemactl:ignore A_RULE -- 🙂",
        "/* ü",
        " * schemactl:ignore A_RULE -- stars",
        " */\t\tstring c = 3;",
        "}",
    ]
    text = mark + end.join(lines) + end
    found = about(text, tmp_path)
    assert found.pop("🙂").rstrip() == lines[4]
    assert found == {"fïle": 'syntax = "proto3";', "täbs": "string\ta = 1;", "stars": "string c = 3;"}


def test_what_only_holds_the_marker_is_no_suppression(tmp_path: Path) -> None:
    text = """syntax = "proto2";
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { optional string note = 50001; }
// as `schemactl:ignore A_RULE -- x` does
message User {
  optional string a = 1 [default = "// schemactl:ignore A_RULE -- x"];
  optional string b = 2 [(note) = '/* schemactl:ignore A_RULE -- x */'];
}
"""
    assert read(text, tmp_path) == []


def test_one_comment_may_name_several_rules_and_several_may_stand_together(tmp_path: Path) -> None:
    text = """syntax = "proto3";
/// schemactl:ignore A_RULE, B_RULE C_RULE,,A_RULE until=2027-01-31   --   we -- know
/** schemactl:ignore D_RULE
  * schemactl:ignore E_RULE -- why **/
message User {}
"""
    first, second, third = read(text, tmp_path)
    assert (first.rules, first.until, first.reason) == (("A_RULE", "B_RULE", "C_RULE"), "2027-01-31", "we -- know")
    assert (second.rules, second.until, second.reason) == (("D_RULE",), "", "")
    assert (third.rules, third.reason) == (("E_RULE",), "why")
    assert first.covers == second.covers == third.covers


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "should name the rules"),
        (" -- why", "should name the rules"),
        (" until=2027-01-31 -- why", "should name the rules"),
        (": A_RULE -- why", "should be a blank"),
        ("_next A_RULE", "should be a blank"),
        (" A_RULE: why", "`A_RULE:` is not the id of a rule; write the reason behind ` -- `"),
        (" A_RULE --why", "`--why` is not the id of a rule"),
        (" A_RULE — why", "`—` is not the id of a rule"),
        (" A_RULE until=2027-02-30 -- why", "`until=2027-02-30` should be a day"),
        (" A_RULE until=20270131 -- why", "`until=20270131` should be a day"),
        (" A_RULE until=2027-W01-1 -- why", "should be a day"),
        (" A_RULE until=\uff12027-01-31 -- why", "should be a day"),
        (" A_RULE until= 2027-01-31 -- why", "is not the id of a rule"),
        (" A_RULE until=2027-01-31 until=2028-01-31 -- why", "on one day"),
        (" A_RULE until=2027-01-31\x1b[2J -- why", "should be a day"),
        (" A_RULE -- why until=2027-01-31", "`until=2027-01-31` should stand before ` -- `"),
        (" A_RULE -- until=2027-01-31", "`until=2027-01-31` should stand before ` -- `"),
    ],
)
def test_what_is_not_written_as_it_should_be_says_what_is_wrong(said: str, problem: str, tmp_path: Path) -> None:
    (found,) = read(f'syntax = "proto3";\n// schemactl:ignore{said}\nmessage User {{}}\n', tmp_path)
    assert problem in found.problem
    assert "\x1b" not in found.problem
    assert not found.until


def test_an_end_may_be_spoken_of_where_there_is_one(tmp_path: Path) -> None:
    text = 'syntax = "proto3";\n// schemactl:ignore A_RULE until=2027-01-31 -- was until=2026-12-31\nmessage User {}\n'
    (found,) = read(text, tmp_path)
    assert (found.problem, found.until) == ("", "2027-01-31")


def test_statements_of_one_kind_are_told_apart(tmp_path: Path) -> None:
    text = """syntax = "proto2";
package acme.v1;
import "google/protobuf/empty.proto"; // schemactl:ignore A_RULE -- x
import "google/protobuf/descriptor.proto"; // schemactl:ignore A_RULE -- x
option go_package = "a"; // schemactl:ignore A_RULE -- x
message User {
  // schemactl:ignore A_RULE -- x
  reserved 7, 8;
  // schemactl:ignore A_RULE -- x
  reserved 9;
  extensions 100 to 200;
}
// schemactl:ignore A_RULE -- x
extend User { optional string a = 100; }
// schemactl:ignore A_RULE -- x
extend google.protobuf.FieldOptions { optional string b = 50001; }
"""
    found = read(text, tmp_path)
    assert len({identity(each, "A_RULE") for each in found}) == len(found) == 7
    moved = read(text.replace("message User", "message First {}\nmessage User"), tmp_path)
    assert [identity(each, "A_RULE") for each in moved] == [identity(each, "A_RULE") for each in found]


def test_a_huge_id_is_told_short(tmp_path: Path) -> None:
    (found,) = read(f'syntax = "proto3";\n// schemactl:ignore {"A" * 100_000}! -- x\nmessage User {{}}\n', tmp_path)
    assert len(found.problem) < 300


@pytest.mark.parametrize("end", ["\n", " "])
def test_thousands_of_comments_take_no_longer_than_their_number(end: str, tmp_path: Path) -> None:
    fields = (f"\t/* schemactl:ignore A_RULE -- ü{n} */{end}string f{n} = {n};" for n in range(1, 8000))
    text = f'syntax = "proto3";\nmessage User {{{end}{end.join(fields)}{end}}}\n'

    file = next(iter(schema({PATH: text}, tmp_path).schema.image(()).files()))
    start = time.process_time()
    assert len(comments.suppressions(file)) == 7999
    assert time.process_time() - start < 5


def test_what_is_kept_between_runs_holds_the_comments_as_they_were_written(tmp_path: Path) -> None:
    found = read('syntax = "proto3";\n// schemactl:ignore A_RULE until=2000-01-01 -- x\nmessage User {}\n', tmp_path)
    with closing(cache.opened()) as results:
        Last(results, "here", b"s" * 16).keep([], found)
        assert Last(results, "here", b"s" * 16).suppressions() == found
        assert Last(results, "here", b"s" * 16).findings() == []
        assert Last(results, "here", b"t" * 16).findings() is None
        assert Last(results, "here", b"t" * 16).suppressions() == []
