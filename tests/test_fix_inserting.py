"""What a fix adds stands where it belongs, reads as what is around it, and takes no comment from anybody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fixing import fixed, texts, tree
from rule_runs import FIELDS, envelope, schema, split, standard
from schemactl import reading
from schemactl.element import Element, children, walk
from schemactl.file import File
from schemactl.fix import engine, importing, inserting
from schemactl.fix.edit import Edit, applied
from schemactl.fix.view import View
from schemactl.image import Image
from schemactl.job import Request, job
from trees import repository, write

PATH = "acme/users/v1/user.proto"
HEAD = 'syntax = "proto2";\npackage acme.users.v1;\n'
HALF = "RESERVED_NAME_AND_NUMBER"
EVENT = "message UserEnvelope { optional User payload = 4; }\n"


def one(root: Path, body: str, *select: str, base: str | None = None, unsafe: bool = False, head: str = HEAD) -> str:
    """What becomes of the body of a file; nothing else may change."""
    found = texts(fixed(tree(root, {PATH: head + body}, None if base is None else {PATH: head + base}), *select,
                        unsafe=unsafe))  # fmt: skip
    assert found.keys() <= {PATH}
    return found.get(PATH, head + body).removeprefix(head)


# Wherever something is inserted.

COMMENT = st.sampled_from(["", "// c\n", "/* c */", "\n// c\n\n", "// c\n\n", "\n\n", "/* c\n c */\n", "// c\n// d\n"])
SPACE = st.sampled_from(["", " ", "\n", "\n\n", "\n  ", "\n\t", "  // t\n", " /* t */ ", " /* t */\n"])
STATEMENTS = {
    "message": ["optional int32 a = 1;", "reserved 7;", "message N { reserved 9; }", 'reserved "x";'],
    "enum": ["A = 1;", "reserved 7;", 'B = 2 [(o) = "}"];', 'reserved "x";'],
}


@st.composite
def blocks(draw: st.DrawFn) -> tuple[str, str]:
    kind = draw(st.sampled_from(["message", "enum"]))
    chosen = draw(st.lists(st.sampled_from(STATEMENTS[kind][1:]), unique=True))
    statements = draw(st.permutations([*STATEMENTS[kind][:1], *chosen]))
    inside = "".join(draw(SPACE) + draw(COMMENT) + each for each in statements) + draw(SPACE) + draw(COMMENT)
    # Of two comments behind each other protoc gives the second to whatever comes next, or to nobody.
    assume(not re.search(r"\*/[ \t]*/[/*]", inside))
    text = f"{draw(COMMENT)}{kind} X {{{inside}}}{draw(SPACE)}\nmessage After {{}}\n"
    return kind, text.replace("\n", "\r\n") if draw(st.booleans()) else text


def view(text: str, workspace: Path) -> View:
    return seen_as(f'{HEAD}import "google/protobuf/descriptor.proto";\n{OPTION}{text}', workspace)


def seen_as(text: str, workspace: Path) -> View:
    built = schema({"a.proto": text}, Path(mkdtemp(dir=workspace))).schema
    assert built.sources
    return View(built.sources, built.image(()), lambda finding: {}, lambda: None)


OPTION = "extend google.protobuf.EnumValueOptions { optional string o = 50000; }\n"


def comments(image: Image) -> dict[tuple[str, str], tuple[bytes, bytes]]:
    """Those of everything with a name."""
    found = {(file.name, each.full_name): file._location(each.path) for file in image.files() for each in walk(file)}
    return {key: (it.leading_comments, it.trailing_comments) for key, it in found.items() if it}


def edits(view: View, owner: Element) -> list[Edit | None]:
    step = {"message": 2, "enum": 2}[owner.kind]
    statements = ["reserved 100;", 'reserved "new";']
    count = len(owner.proto.value if owner.kind == "enum" else owner.proto.field)
    spans = [view.span(owner.file, (*owner.path, step, number)) for number in range(count)]
    return [
        inserting.last(view, owner, statements),
        *(inserting.behind(view, owner, span[1] - 1, statements) for span in spans if span),
        *(inserting.before(view, owner, (*owner.path, step, number), statements) for number in range(count)),
    ]


@settings(max_examples=25, deadline=None)
@given(blocks(), st.data())
def test_whatever_is_inserted_compiles_and_every_comment_stays_where_it_was(
    tmp_path_factory: pytest.TempPathFactory, block: tuple[str, str], data: st.DataObject
) -> None:
    workspace = tmp_path_factory.mktemp("w")
    before = view(block[1], workspace)
    owner = next(each for each in walk(before.file("a.proto"), (block[0],)) if each.name == "X")
    old, edit = before.text("a.proto"), data.draw(st.sampled_from(edits(before, owner)))
    assert edit is not None
    assert edit.start == edit.end
    after = view(applied(old, [edit]).decode().partition(OPTION)[2], workspace)
    found = next(each for each in walk(after.file("a.proto"), (block[0],)) if each.name == "X")
    assert "new" in found.proto.reserved_name
    assert comments(after.image) == comments(before.image)
    assert b"\r\n" not in old or not re.search(rb"(?<!\r)\n", edit.text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("message X {}", 'message X { reserved 1; reserved "a"; }'),
        ("message X { }", 'message X { reserved 1; reserved "a"; }'),
        ("message X {\n}", 'message X {\n  reserved 1;\n  reserved "a";\n}'),
        ("message X {\n\toptional int32 b = 2;\n}",
         'message X {\n\toptional int32 b = 2;\n\treserved 1;\n\treserved "a";\n}'),
        ("message X {\n    optional int32 b = 2;  // b\n    // x\n}",
         'message X {\n    optional int32 b = 2;  // b\n    // x\n\n    reserved 1;\n    reserved "a";\n}'),
        ("message X {\r\n  reserved 7;  // x\r\n  optional int32 b = 2;\r\n}",
         'message X {\r\n  reserved 7;  // x\r\n  reserved 1;\r\n  reserved "a";\r\n  optional int32 b = 2;\r\n}'),
        ("message X { reserved 7; optional int32 b = 2; }",
         'message X { reserved 7; reserved 1; reserved "a"; optional int32 b = 2; }'),
    ],
)  # fmt: skip
def test_a_line_is_added_as_the_lines_around_it_are_written(before: str, after: str, tmp_path: Path) -> None:
    base = "message X { optional int32 a = 1; optional int32 b = 2; }"
    base = base if " b = 2" in before else "message X { optional int32 a = 1; }"
    assert one(tmp_path, f"{before}\n", HALF, base=base) == f"{after}\n"


# The pair for what was deleted.


def test_what_was_deleted_since_the_base_is_reserved(tmp_path: Path) -> None:
    base = (
        "message User {\n  optional string id = 1;\n  optional string nick = 2;\n  optional int32 age = 5;\n"
        "  enum Kind {\n    option allow_alias = true;\n    A = 1;\n    B = -2;\n    C = -2;\n  }\n"
        "  map<string, string> labels = 4;\n  message Gone {}\n}\n"
    )
    body = (
        "message User {\n  optional string id = 1;\n"
        "  enum Kind {\n    option allow_alias = true;\n    A = 1;\n    D = 1;\n  }\n}\n"
    )
    assert one(tmp_path, body, HALF, base=base) == (
        "message User {\n  optional string id = 1;\n"
        "  enum Kind {\n    option allow_alias = true;\n    A = 1;\n    D = 1;\n"
        '    reserved -2;\n    reserved "B", "C";\n  }\n'
        '  reserved 2, 4, 5;\n  reserved "nick", "age", "labels";\n}\n'
    )


@pytest.mark.parametrize(
    ("base", "body"),
    [
        ("optional string a = 1;", "optional string b = 1;"),
        ("optional string a = 1;", "optional string a = 2;"),
        ("optional string a = 1;", "oneof o { string a = 1; }"),
        ("optional string a = 1;", 'reserved 1 to 5; reserved "a";'),
        ("optional string a = 1;", "extensions 1 to 5;"),
        ("", "optional string a = 1;"),
    ],
)
def test_what_is_not_deleted_or_cannot_be_reserved_is_left_alone(base: str, body: str, tmp_path: Path) -> None:
    written = f"message X {{ {body} }}\n"
    assert one(tmp_path, written, HALF, base=f"message X {{ {base} }}\n") == written


def test_what_is_reserved_by_half_gets_the_other_half(tmp_path: Path) -> None:
    base = "message X { optional int32 a = 1; optional int32 b = 2; optional int32 c = 3; }\n"
    body = 'message X { reserved 1, 3; reserved "b", "a"; }\n'
    found = 'message X { reserved 1, 3; reserved "b", "a"; reserved 2; reserved "c"; }\n'
    assert one(tmp_path, body, HALF, base=base) == found


def test_an_edition_reserves_names_without_quotes(tmp_path: Path) -> None:
    head = 'edition = "2023";\npackage acme.users.v1;\n'
    assert one(tmp_path, "message X {}\n", HALF, base="message X { int32 a = 1; }\n", head=head) == (
        "message X { reserved 1; reserved a; }\n"
    )


def test_nothing_is_reserved_for_whoever_asks_for_other_fixes(tmp_path: Path) -> None:
    base, body = "message X { optional int32 a = 1; }\n", "message X {}\n"
    assert one(tmp_path / "1", body, "FIELD_LOWER_SNAKE_CASE", base=base) == body
    assert one(tmp_path / "2", body, base=base) == 'message X { reserved 1; reserved "a"; }\n'


def test_without_a_base_nothing_is_known_to_be_deleted(tmp_path: Path) -> None:
    assert one(tmp_path, "message X {}\n", HALF) == "message X {}\n"


# What lint calls reserved by half.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("reserved 1;", 'reserved 1; reserved "a";'),
        ('reserved "b";', 'reserved "b"; reserved 2;'),
        ("reserved 1 to 2;", 'reserved 1 to 2; reserved "a", "b";'),
        ('reserved 1, 2; reserved "b";', 'reserved 1, 2; reserved "b"; reserved "a";'),
        ("reserved 9;  // [nick]\n", 'reserved 9;  // [nick]\n reserved "nick";\n'),
        ("reserved 9;", "reserved 9;"),
        ("reserved 2, 9;", 'reserved 2, 9; reserved "b";'),
    ],
)
def test_the_base_or_a_comment_tells_the_other_half(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "UNASKED", ())
    base = "message User { optional int32 a = 1; optional int32 b = 2; }\n"
    body = f"message User {{ {before} optional int32 c = 3; }}\n{EVENT}"
    found = fixed(tree(tmp_path, {PATH: HEAD + body}, {PATH: HEAD + base + EVENT}), HALF)
    expected = f"message User {{ {after} optional int32 c = 3; }}\n{EVENT}".replace("\n  optional", "\n optional")
    assert texts(found).get(PATH, HEAD + body) == HEAD + expected


# A value 0.

ZERO = "ENUM_FIRST_VALUE_ZERO"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("enum UserKind { A = 1; }", "enum UserKind { USER_KIND_UNSPECIFIED = 0; A = 1; }"),
        ("enum Kind {\n  // About A.\n  A = 1;\n}", "enum Kind {\n  KIND_UNSPECIFIED = 0;\n  // About A.\n  A = 1;\n}"),
        ("enum Kind {  // k\n\n  /* About\n     A. */\n  A = 1;\n}",
         "enum Kind {  // k\n\n  KIND_UNSPECIFIED = 0;\n  /* About\n     A. */\n  A = 1;\n}"),
        ("enum Kind {\n  option allow_alias = true;\n  A = 1; B = 1;\n}",
         "enum Kind {\n  option allow_alias = true;\n  KIND_UNSPECIFIED = 0;\n  A = 1; B = 1;\n}"),
        ("enum Kind { reserved 0; A = 1; }", "enum Kind { reserved 0; A = 1; }"),
        ("enum Kind { A = 1; B = 0; }", "enum Kind { A = 1; B = 0; }"),
        ("enum Kind { A = 1; }\nmessage KIND_UNSPECIFIED {}", "enum Kind { A = 1; }\nmessage KIND_UNSPECIFIED {}"),
    ],
)  # fmt: skip
def test_an_enum_without_a_value_0_gets_one_in_front(before: str, after: str, tmp_path: Path) -> None:
    assert one(tmp_path, f"{before}\n", ZERO, unsafe=True) == f"{after}\n"


def test_a_new_default_is_safe_only_where_the_enum_is_new(tmp_path: Path) -> None:
    old, new = "enum Old { A = 1; }\n", "enum New { B = 1; }\n"
    assert one(tmp_path / "1", old + new, ZERO, base=old) == f"{old}enum New {{ NEW_UNSPECIFIED = 0; B = 1; }}\n"
    assert one(tmp_path / "2", old + new, ZERO) == old + new


def test_the_configured_suffix_is_taken(tmp_path: Path) -> None:
    root = tree(tmp_path, {PATH: HEAD + "enum Kind { A = 1; }\n"})
    rules = "rules: {ENUM_ZERO_VALUE_SUFFIX: {params: {enum_zero_value_suffix: _NONE}}}\n"
    (root / "schemactl.yaml").write_text(f"lint: {{use: [{ZERO}, ENUM_ZERO_VALUE_SUFFIX]}}\n{rules}")
    assert texts(fixed(root, unsafe=True))[PATH] == HEAD + "enum Kind { KIND_NONE = 0; A = 1; }\n"


# Envelopes.


def enveloped(tmp_path: Path, text: str, base: str | None = None) -> dict[str, str]:
    files = split(text)
    return texts(fixed(tree(tmp_path, files, None if base is None else split(base)), "ENVELOPE_FIELDS"))


@pytest.mark.parametrize("missing", FIELDS)
def test_a_missing_field_of_an_envelope_is_added_in_its_place(missing: str, tmp_path: Path) -> None:
    option = 'option (schemactl.v1.topic).name = "users";'
    whole = split(envelope(*standard(), head=option))["acme/example/v1/example.proto"]
    (found,) = enveloped(tmp_path, envelope(*standard(**{missing: ""}), head=option)).values()
    assert [line for line in found.split("\n") if line] == [line for line in whole.split("\n") if line]


def test_all_fields_are_added_with_the_imports_they_need(tmp_path: Path) -> None:
    text = (
        '// file: users/user.proto\nsyntax = "proto3";\n\npackage users;\n\nmessage User {}\n'
        "message UserEnvelope {\n    User payload = 4;\n}\n"
        '// file: shared/a.proto\nsyntax = "proto3";\npackage shared;\nenum EventType { EVENT_TYPE_UNSPECIFIED = 0; }\n'
    )
    assert enveloped(tmp_path, text) == {
        "users/user.proto": (
            'syntax = "proto3";\n\npackage users;\n\nimport "google/protobuf/timestamp.proto";\n'
            'import "shared/a.proto";\n\nmessage User {}\n'
            "message UserEnvelope {\n    string event_uuid = 1;\n    google.protobuf.Timestamp occurred_at = 2;\n"
            "    shared.EventType event_type = 3;\n    User payload = 4;\n    User prev_payload = 5;\n}\n"
        )
    }


def test_a_field_is_added_behind_all_comments_of_the_one_before(tmp_path: Path) -> None:
    text = envelope(*standard(payload="User payload = 4; /* of */ /* User */", prev_payload=""))
    (found,) = enveloped(tmp_path, text).values()
    assert re.search(r"4; /\* of \*/ /\* User \*/\n *User prev_payload = 5;\n", found)


@pytest.mark.parametrize(
    "other", ["reserved 5;", 'reserved "prev_payload";', "string note = 5;", "oneof prev_payload { string x = 9; }"]
)
def test_a_number_or_name_that_is_not_free_is_not_given_away(other: str, tmp_path: Path) -> None:
    assert enveloped(tmp_path, envelope(*standard(prev_payload=other))) == {}


def test_a_number_that_was_another_field_s_is_not_given_away(tmp_path: Path) -> None:
    base = envelope(*standard(prev_payload="string note = 5;"))
    assert enveloped(tmp_path, envelope(*standard(prev_payload="")), base) == {}


@pytest.mark.parametrize(
    ("was", "select"),
    [
        ("int64 occurred_at = 2;", ["ENVELOPE_FIELDS", HALF]),
        ("google.protobuf.Timestamp occurred_at = 2;", ["ENVELOPE_FIELDS", HALF, "IMPORT_USED"]),
    ],
)
def test_a_field_that_the_base_has_comes_back_as_it_was(was: str, select: list[str], tmp_path: Path) -> None:
    base, head = (split(envelope(*standard(occurred_at=field))) for field in (was, ""))
    (found,) = texts(fixed(tree(tmp_path, head, base), *select)).values()
    assert f"event_uuid = 1;\n{was}\n" in found
    assert ("timestamp.proto" in found) == ("Timestamp" in was or "IMPORT_USED" not in select)
    assert "reserved" not in found


def test_a_field_whose_type_the_base_says_is_another_does_not_come_back(tmp_path: Path) -> None:
    base = split(envelope(*standard(prev_payload="Address prev_payload = 5;")))
    assert texts(fixed(tree(tmp_path, split(envelope(*standard(prev_payload=""))), base), "ENVELOPE_FIELDS")) == {}


def test_a_type_that_could_only_be_guessed_is_not_added(tmp_path: Path) -> None:
    text = (
        '// file: a.proto\nsyntax = "proto3";\nimport "schemactl/v1/options.proto";\n'
        'message UserEnvelope { option (schemactl.v1.topic).name = "t"; string event_uuid = 1;'
        "int64 occurred_at = 2; }\n"
        '// file: other/user.proto\nsyntax = "proto3";\npackage other;\nmessage User {}\n'
    )
    assert enveloped(tmp_path, text) == {}


# Imports.

WELL_KNOWN = {letter: f'import "google/protobuf/{letter}";' for letter in ("any.proto", "empty.proto", "type.proto")}
ANY, EMPTY, TYPE = WELL_KNOWN.values()
NEW = 'import "google/protobuf/duration.proto";'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"\n{NEW}\n\n"),
        ("\n", f"\n{NEW}\n\n"),
        ("// m\n", f"\n{NEW}\n\n// m\n"),
        (f"{ANY}  // any\n{EMPTY}\n", f"{ANY}  // any\n{NEW}\n{EMPTY}\n"),
        (f"// all\n{EMPTY}\n", f"// all\n{NEW}\n{EMPTY}\n"),
        (f"{TYPE}\n{EMPTY}\n", f"{TYPE}\n{EMPTY}\n{NEW}\n"),
        (f"{ANY} {EMPTY}\n", f"{ANY} {NEW} {EMPTY}\n"),
        (f"{ANY}\r\n{EMPTY}\r\n", f"{ANY}\r\n{NEW}\r\n{EMPTY}\r\n"),
    ],
)
def test_an_import_is_added_where_it_belongs(before: str, after: str, tmp_path: Path) -> None:
    head, body = 'syntax = "proto3";\npackage acme.v1;\n', "message M {}\n"
    seen = seen_as(head + before + body, tmp_path)
    edit = importing.add(seen, seen.file("a.proto"), "google/protobuf/duration.proto")
    assert edit
    assert applied(seen.text("a.proto"), [edit]).decode() == head + after + body


def test_an_import_at_the_end_of_a_file_without_a_line_feed_is_one_of_its_own(tmp_path: Path) -> None:
    seen = seen_as('syntax = "proto3";\n' + ANY, tmp_path)
    edit = importing.add(seen, seen.file("a.proto"), "google/protobuf/duration.proto")
    assert edit
    assert applied(seen.text("a.proto"), [edit]).decode() == f'syntax = "proto3";\n{ANY}\n{NEW}'


# Of real files, with one field less in each message and one value less in each enum.

ADDED = re.compile(rb"\s*(?:reserved [^;]*;)?")


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["opentelemetry-proto/opentelemetry", "temporal-api/temporal"])
def test_what_is_deleted_from_real_schemas_is_reserved_and_nothing_else_changes(
    corpus: str, corpora: Path, tmp_path: Path
) -> None:
    name, _, below = corpus.partition("/")
    files = {
        each.relative_to(corpora / name).as_posix(): each.read_bytes() for each in (corpora / name).rglob("*.proto")
    }
    repository(tmp_path, {**files, "schemactl.yaml": f"lint: {{use: [{HALF}]}}\n"})
    gone = [each for file in compiled(tmp_path).files() if file.path.startswith(below) for each in members(file)]
    shorter = dict(files)
    for member in sorted(gone, key=lambda each: member_lines(each), reverse=True):
        first, last = member_lines(member)
        lines = shorter[member.file.path].split(b"\n")
        shorter[member.file.path] = b"\n".join(lines[: first - 1] + lines[last:])
    said = comments(compiled(write(tmp_path, shorter)))
    changes = fixed(tmp_path).changes
    assert len(gone) > 30
    assert {path for path, text in files.items() if shorter[path] != text} == changes.keys()
    for path, change in changes.items():
        assert all(map(ADDED.fullmatch, added(shorter[path], change.new)))
    write(tmp_path, {path: change.new for path, change in changes.items()})
    after = compiled(tmp_path)
    assert comments(after) == said
    now = {each.full_name: each for file in after.files() for each in walk(file, ("message", "enum"))}
    for member in gone:
        owner = now[member.full_name.rpartition(".")[0]]
        inclusive = owner.kind == "enum"
        assert member.name in owner.proto.reserved_name
        assert any(it.start <= member.proto.number < it.end + inclusive for it in owner.proto.reserved_range)


def compiled(root: Path) -> Image:
    with job(Request(directory=root, breaking=False, jobs=1)) as running:
        sources = reading.sources(running.head.tree, running.config, running.place, os.environ)
        built = running.compile(sources)
        assert not built.problems
        return replace(built.image, descriptors=dict(built.image.descriptors))


def members(file: File) -> Iterator[Element]:
    """The second of each block, if it stands on lines of its own and not in a oneof."""
    for owner in walk(file, ("message", "enum")):
        found = [each for each in children(owner) if each.kind in ("field", "enum_value")]
        free = [each for each in found if each.kind == "enum_value" or not each.proto.HasField("oneof_index")]
        if len(found) > 2 and free[1:] and found[1] is free[1]:
            yield free[1]


def member_lines(member: Element) -> tuple[int, int]:
    place = member.file.location(member.path)
    return place.line, place.end_line


def added(old: bytes, new: bytes) -> list[bytes]:
    """The lines of the new text that the old one does not have; all others are there in their order."""
    before, more = old.split(b"\n"), []
    for line in new.split(b"\n"):
        if before and line == before[0]:
            before.pop(0)
        else:
            more.append(line)
    assert before == []
    return more
