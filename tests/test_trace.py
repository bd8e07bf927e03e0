"""Every annotation of Buf becomes a finding that says which thing, where it stood, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import said
from schemactl.finding import Finding
from sides import EVERYTHING, Sides, compared, written

PROTO3 = """syntax = "proto3";
package acme.v1;
option go_package = "old/pkg";
message User {
  reserved 20, 30 to 35;
  reserved "gone";
  string name = 1;
  string nick = 2;
  oneof contact { string mail = 4; string phone = 5; }
  string moved = 8;
  map<string, int32> labels = 9;
  map<string, int32> marks = 10;
  message Inner { string x = 1; }
}
message Lost { enum In { IN_Z = 0; } }
enum Kind { KIND_A = 0; KIND_B = 1; KIND_C = 2; KIND_D = 3; reserved 9; reserved "OLD"; }
service Users {
  rpc Get(User) returns (User);
  rpc Drop(User) returns (User);
  rpc List(User) returns (stream User);
}
"""
PROTO3_NEW = """syntax = "proto3";
package acme.v1;

option go_package = "new/pkg";
message User {
  reserved 30 to 33;
  string full_name = 1;
  string mail = 4;
  oneof other { string phone = 5; }
  oneof more { int64 moved = 8; }
  map<string, string> labels = 9;
  message Inner { int32 x = 1; }
}
enum Kind { KIND_A = 0; KIND_BB = 1; reserved 3; }
service Users {
  rpc Get(User.Inner) returns (User);
  rpc List(User) returns (User) { option idempotency_level = IDEMPOTENT; }
}
"""
PROTO2 = """syntax = "proto2";
package acme.old;
message Base {
  optional string s = 1 [default = "x"];
  required int32 r = 2;
  extensions 100 to 200;
}
extend Base { optional string kept = 100; optional string lost = 101; }
message Holder { extend Base { optional string held = 102; } optional string one = 102; }
"""
PROTO2_NEW = """syntax = "proto2";
package acme.old;
message Base {
  optional string s = 1 [default = "y"];
  optional int32 r = 2;
  required int32 more = 3;
  extensions 100 to 150;
}
extend Base { optional bytes kept = 100; }
message Holder { extend Base { optional int64 held = 102; } optional string one = 102; }
"""
EDITION = """edition = "2023";
package acme.ed;
enum Kind { option features.enum_type = CLOSED; KIND_A = 0; KIND_NEG = -1; reserved 5 to 7; reserved OLD; }
message User { string name = 1; string gone = 2; string dup = 5; string half = 6;	/* été */ int32 after = 7; }
"""
EDITION_NEW = """edition = "2023";
package acme.ed;
enum Kind { option features.enum_type = OPEN; KIND_A = 0; reserved 5 to 6; }
message User { reserved 6; string name = 1; string dup = 15;	/* été */ string after = 7; }
"""
OLD = {
    "acme/v1/user.proto": PROTO3,
    "acme/old.proto": PROTO2,
    "acme/ed.proto": EDITION,
    "acme/z/lone.proto": 'syntax = "proto3";\n\npackage acme.z;\nmessage Z {}\n',
}
NEW = {"acme/v1/user.proto": PROTO3_NEW, "acme/old.proto": PROTO2_NEW, "acme/ed.proto": EDITION_NEW}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    top = tmp_path_factory.mktemp("trace")
    sides = Sides(top / "builds")
    new, old = (sides.of(written(top / name, files)) for name, files in (("new", NEW), ("old", OLD)))
    return compared(new, old, EVERYTHING, top, narrow=True)


def of(findings: list[Finding], rule: str, element: str | None) -> Finding:
    found = [each for each in findings if (each.rule, each.element) == (rule, element)]
    assert len(found) >= 1, sorted({(each.rule, each.element or "") for each in findings})
    return found[0]


# Rule, element, and the text that stands at the place in the old revision.
STOOD = [
    ("FIELD_NO_DELETE", "acme.v1.User.nick", "string nick"),
    ("FIELD_SAME_NAME", "acme.v1.User.full_name", "string name"),
    ("FIELD_SAME_ONEOF", "acme.v1.User.mail", "string mail"),
    ("FIELD_SAME_ONEOF", "acme.v1.User.phone", "string phone"),
    ("FIELD_SAME_TYPE", "acme.v1.User.moved", "string moved"),
    ("FIELD_SAME_TYPE", "acme.v1.User.labels", "map<string, int32> labels"),
    ("FIELD_SAME_TYPE", "acme.v1.User.Inner.x", "string x = 1; }"),
    ("FIELD_NO_DELETE", "acme.v1.User.marks", "map<string, int32> marks"),
    ("ONEOF_NO_DELETE", "acme.v1.User.contact", "oneof contact"),
    ("MESSAGE_NO_DELETE", "acme.v1.Lost", "Lost {"),
    ("ENUM_NO_DELETE", "acme.v1.Lost.In", "In {"),
    ("PACKAGE_MESSAGE_NO_DELETE", "acme.v1.Lost", "Lost {"),
    ("ENUM_VALUE_NO_DELETE", "acme.v1.Kind.KIND_C", "KIND_C"),
    ("ENUM_VALUE_SAME_NAME", "acme.v1.Kind.KIND_BB", "KIND_B ="),
    ("ENUM_VALUE_NO_DELETE", "acme.ed.Kind.KIND_NEG", "KIND_NEG"),
    ("ENUM_SAME_TYPE", "acme.ed.Kind", "Kind {"),
    ("RPC_NO_DELETE", "acme.v1.Users.Drop", "rpc Drop"),
    ("RPC_SAME_REQUEST_TYPE", "acme.v1.Users.Get", "rpc Get"),
    ("RPC_SAME_SERVER_STREAMING", "acme.v1.Users.List", "rpc List"),
    ("RPC_SAME_IDEMPOTENCY_LEVEL", "acme.v1.Users.List", "rpc List"),
    ("FILE_SAME_GO_PACKAGE", None, 'option go_package = "old/pkg"'),
    ("EXTENSION_NO_DELETE", "acme.old.lost", "optional string lost"),
    ("PACKAGE_EXTENSION_NO_DELETE", "acme.old.lost", "optional string lost"),
    ("FIELD_SAME_TYPE", "acme.old.kept", "optional string kept"),
    ("FIELD_SAME_TYPE", "acme.old.Holder.held", "optional string held"),
    ("FIELD_SAME_DEFAULT", "acme.old.Base.s", "optional string s"),
    ("FIELD_SAME_CARDINALITY", "acme.old.Base.r", "required int32 r"),
    ("MESSAGE_SAME_REQUIRED_FIELDS", "acme.old.Base.r", "required int32 r"),
    ("MESSAGE_SAME_REQUIRED_FIELDS", "acme.old.Base.more", "Base {"),
    ("EXTENSION_MESSAGE_NO_DELETE", "acme.old.Base", "100 to 200"),
    ("PACKAGE_NO_DELETE", "acme.z", "package acme.z"),
    ("FIELD_SAME_TYPE", "acme.ed.User.after", "int32 after"),
]


@pytest.mark.parametrize(("rule", "element", "text"), STOOD)
def test_a_finding_says_where_the_thing_stood(
    findings: list[Finding], rule: str, element: str | None, text: str
) -> None:
    against = of(findings, rule, element).against
    assert against is not None
    assert against.revision == "old"
    assert against.line
    assert against.column
    assert OLD[against.path].split("\n")[against.line - 1][against.column - 1 :].startswith(text)


def test_a_reservation_that_went_is_found_where_it_stood(findings: list[Finding]) -> None:
    lost = {
        OLD[each.against.path].split("\n")[each.against.line - 1][each.against.column - 1 :].split(";")[0]
        for each in findings
        if each.rule.startswith("RESERVED_") and each.against and each.against.line and each.against.column
    }
    assert lost == {"20, 30 to 35", "30 to 35", '"gone"', "9", '"OLD"', "5 to 7", "OLD"}


def test_a_deleted_file_is_named_by_its_old_path(findings: list[Finding]) -> None:
    found = of(findings, "FILE_NO_DELETE", None)
    assert found.location is None
    assert found.against
    assert found.against.path == "acme/z/lone.proto"


def test_every_finding_has_a_place_in_the_old_revision_a_remedy_and_a_change(findings: list[Finding]) -> None:
    assert len({each.rule for each in findings}) > 35
    assert [each.rule for each in findings if each.against is None or not each.help or not each.change] == []
    unnamed = {each.rule for each in findings if each.element is None}
    assert unnamed == {"FILE_NO_DELETE", "FILE_SAME_GO_PACKAGE"}


def test_columns_count_code_points_also_behind_tabs_and_accents(findings: list[Finding]) -> None:
    place = of(findings, "FIELD_SAME_TYPE", "acme.ed.User.after").location
    assert place
    line = EDITION_NEW.split("\n")[place.line - 1]
    assert line[place.column - 1 : place.end_column - 1] == "string"


def test_one_change_has_one_mark_and_different_changes_have_different_ones(findings: list[Finding]) -> None:
    rename = [each.change for each in findings if each.element == "acme.v1.User.full_name"]
    assert len(rename) == 2
    assert len(set(rename)) == 1
    deleted = [
        each for each in findings if each.element in ("acme.v1.User.nick", "acme.v1.Lost", "acme.v1.Kind.KIND_C")
    ]
    assert len({each.change for each in deleted}) == 3
    reservations = [each for each in findings if each.rule == "RESERVED_MESSAGE_NO_DELETE"]
    assert len({each.change for each in reservations}) == len(reservations) == 3


def test_changes_are_numbered_in_report_order(findings: list[Finding]) -> None:
    assert list(dict.fromkeys(each.change for each in findings)) == [
        f"c{number + 1}" for number in range(len({each.change for each in findings}))
    ]


def test_fingerprints_are_unique(findings: list[Finding]) -> None:
    assert len({each.fingerprint for each in findings}) == len(findings)


def test_the_message_behind_a_deleted_map_is_no_finding(findings: list[Finding]) -> None:
    assert [each.message for each in findings if "MarksEntry" in each.message] == []
    assert of(findings, "FIELD_NO_DELETE", "acme.v1.User.marks")


@pytest.mark.parametrize(
    ("element", "lines"),
    [
        ("acme.v1.User.nick", ["reserved 2;", 'reserved "nick";']),
        ("acme.v1.Kind.KIND_C", ["reserved 2;", 'reserved "KIND_C";']),
        ("acme.v1.Kind.KIND_D", ['reserved "KIND_D";']),
        ("acme.ed.User.gone", ["reserved 2;", "reserved gone;"]),
        ("acme.ed.Kind.KIND_NEG", ["reserved -1;", "reserved KIND_NEG;"]),
        ("acme.ed.User.half", ["reserved half;"]),
    ],
)
def test_the_reserved_lines_that_are_missing_are_written_out(
    findings: list[Finding], element: str, lines: list[str]
) -> None:
    rule = "ENUM_VALUE" if "Kind" in element else "FIELD"
    found = of(findings, f"{rule}_NO_DELETE_UNLESS_NAME_RESERVED", element)
    assert (found.help or "").split("\n")[1:] == lines


def test_a_field_with_another_number_is_not_told_to_reserve_its_name(findings: list[Finding]) -> None:
    found = of(findings, "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", "acme.ed.User.dup")
    assert found.help == "give `dup` its number back: 5 instead of 15"


def test_what_is_pasted_satisfies_buf(tmp_path: Path) -> None:
    """Every `reserved` line that a finding offers, put into the message, and the findings are gone."""
    old = 'syntax = "proto3";\npackage acme;\nmessage A { string a = 1; string b = 2; }\nenum K { K_A = 0; K_B = 1; }\n'
    new = 'syntax = "proto3";\npackage acme;\nmessage A { string a = 1; }\nenum K { K_A = 0; }\n'
    sides = Sides(tmp_path / "builds")
    before = sides.of(written(tmp_path / "old", {"acme/a.proto": old}))
    rules = frozenset({f"{kind}_NO_DELETE_UNLESS_{what}_RESERVED" for kind in ("FIELD", "ENUM_VALUE")
                       for what in ("NAME", "NUMBER")})  # fmt: skip
    broken = compared(sides.of(written(tmp_path / "new", {"acme/a.proto": new})), before, rules, tmp_path, narrow=True)
    assert len(broken) == 4
    for found in broken:
        head = "message A {" if "FIELD" in found.rule else "enum K {"
        new = (
            new.replace(head, f"{head} {' '.join((found.help or '').split(chr(10))[1:])}")
            if head + " r" not in new
            else new
        )
    mended = sides.of(written(tmp_path / "mended", {"acme/a.proto": new}))
    assert compared(mended, before, rules, tmp_path, narrow=True) == []


def identity(tmp_path: Path, name: str, old: str, new: str, file: str = "acme/a.proto") -> list[str]:
    sides = Sides(tmp_path / f"builds-{name}")
    text = 'syntax = "proto3";\npackage acme;\n{}message A {{ {} a = 1; }}\n'
    before = sides.of(written(tmp_path / f"old-{name}", {file: text.format("", old)}))
    after = sides.of(written(tmp_path / f"new-{name}", {file: text.format("\n" * len(name), new)}))
    return [each.fingerprint for each in compared(after, before, EVERYTHING, tmp_path, narrow=True)]


def test_a_fingerprint_holds_the_values_but_neither_the_line_nor_the_path(tmp_path: Path) -> None:
    first = identity(tmp_path, "a", "string", "int32")
    assert len(first) == 3
    assert identity(tmp_path, "moved", "string", "int32") == first
    assert identity(tmp_path, "renamed", "string", "int32", "acme/other/b.proto") == first
    assert not set(identity(tmp_path, "another", "string", "int64")) & set(first)
    assert not set(identity(tmp_path, "from", "bytes", "int32")) & set(first)


def test_messages_end_without_the_addresses_of_buf(findings: list[Finding]) -> None:
    assert [each.message for each in findings if "http" in each.message] == []
    links = "See https://a.example/x for wire rules and https://a.example/y for JSON rules."
    assert said.without_links(f"It changed. {links}") == "It changed."
