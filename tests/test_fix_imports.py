"""Unused imports go, the others stand in order, and nothing else in the file moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixing import fixed, refixed, texts, tree
from rule_runs import found
from schemactl.catalogue import built_in
from trees import schemactl

PATH = "acme/v1/user.proto"
HEAD = 'syntax = "proto3";\npackage acme.v1;\n'
TAIL = "message User { A a = 1; B b = 2; C c = 3; D d = 4; }\n"
OTHERS = {
    f"acme/v1/{name}.proto": f'syntax = "proto3";\npackage acme.v1;\nmessage {name.upper()} {{}}\n' for name in "abcdxy"
}
ALL = "".join(f'import "acme/v1/{name}.proto";\n' for name in "abcd")


def became(imports: str, root: Path, rule: str, tail: str = TAIL) -> str:
    """What becomes of the lines between the package and the messages."""
    head = 'syntax = "proto3";\npackage acme.v1;\n'
    files = {**OTHERS, PATH: head + imports + tail}
    new = refixed(files, root, rule).get(PATH, head + imports + tail)
    assert new.startswith(head)
    assert new.endswith(tail)
    return new.removeprefix(head).removesuffix(tail)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('import "acme/v1/x.proto";\n', ""),
        ('import "acme/v1/x.proto"; // for X\r\n', ""),
        ('import "acme/v1/x.proto"; /* for X */ \n', ""),
        ("import 'acme/v1/x'\n  '.proto' ; // for X\n", ""),
        ('import "acme/v1/x.proto"; /* for\nX */\n', " /* for\nX */\n"),
        ('import "acme/v1/x.proto"; option java_package = "x";\n', ' option java_package = "x";\n'),
        ('import "acme/v1/x.proto"; import "acme/v1/y.proto";\n', " \n"),
        ('/* for */ import "acme/v1/x.proto";\n', "/* for */ \n"),
        ('\n// for X\nimport "acme/v1/x.proto";\n\n', "\n"),
        ('\n// for X and A\nimport "acme/v1/x.proto";\nimport "google/protobuf/any.proto";\n', "\n// for X and A\n"),
        ('\n// Copyright acme\nimport "acme/v1/x.proto";\n\n', "\n// Copyright acme\n\n"),
        ('// The package.\nimport "acme/v1/x.proto";\n\n', "// The package.\n\n"),
        ('\nimport "acme/v1/x.proto";\n\n', "\n"),
    ],
)
def test_an_unused_import_goes_with_what_is_about_nothing_else(before: str, after: str, tmp_path: Path) -> None:
    last = "// used\n" + ALL
    assert became(before + last, tmp_path, "IMPORT_USED") == after + last


@pytest.mark.parametrize(
    ("order", "after"),
    [
        ("dcba", "abcd"),
        ("ba dc", "ab cd"),
        ("bdca", "abcd"),
    ],
)
def test_each_block_of_imports_is_sorted_by_itself(order: str, after: str, tmp_path: Path) -> None:
    def lines(names: str) -> str:
        return "".join("\n" if name == " " else f'import "acme/v1/{name}.proto";  // {name}\n' for name in names)

    assert became(lines(order), tmp_path, "IMPORTS_SORTED") == lines(after)


def test_comments_move_with_the_import_they_are_at(tmp_path: Path) -> None:
    a, b, c, d = (f'import "acme/v1/{name}.proto";' for name in "abcd")
    before = f"{a} // of A\r\n  // of D\n  // too\n  {d} /* D */\n{c}\n\t// of B\n\t{b}\n"
    after = f"{a} // of A\r\n\t// of B\n\t{b}\n{c}\n  // of D\n  // too\n  {d} /* D */\n"
    assert became(before, tmp_path, "IMPORTS_SORTED") == after


@pytest.mark.parametrize(
    "imports",
    [
        '// These are ours.\nimport "acme/v1/b.proto";\nimport "acme/v1/a.proto";\n',
        'import "acme/v1/b.proto"; import "acme/v1/a.proto";\n',
        'import "acme/v1/b.proto"; /* two\nlines */ import "acme/v1/a.proto";\n',
        'import "acme/v1/b.proto";\n/* of A */\nimport "acme/v1/a.proto";\n',
        '/* of B\n   or both */\nimport "acme/v1/b.proto";\nimport "acme/v1/a.proto";\n',
    ],
)
def test_imports_stay_where_it_is_not_clear_what_goes_with_them(imports: str, tmp_path: Path) -> None:
    tail = "message User { A a = 1; B b = 2; }\n"
    assert became(imports, tmp_path, "IMPORTS_SORTED", tail) == imports


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('// for X\nimport "acme/v1/x.proto";\n// A user.\n', "// for X\n\n// A user.\n"),
        ('/* for X */\nimport "acme/v1/x.proto";\n', "/* for X */\n\n"),
        ('import "acme/v1/x.proto"; /* for */ /* X */ // too\n', ""),
    ],
)
def test_no_comment_of_an_import_becomes_one_of_what_comes_next(before: str, after: str, tmp_path: Path) -> None:
    assert became(before, tmp_path, "IMPORT_USED", "message User {}\n") == after


@pytest.mark.parametrize(
    "before", ['/* for X */ import "acme/v1/x.proto";\n', 'import "acme/v1/x.proto"; /* for\nX */\n']
)
def test_an_import_stays_where_its_comment_would_become_another_one_s(before: str, tmp_path: Path) -> None:
    assert became(before, tmp_path / "1", "IMPORT_USED", "message User {}\n") == before
    assert '"acme' not in became(f"{before}\n", tmp_path / "2", "IMPORT_USED", "message User {}\n")


@pytest.mark.parametrize("following", ['import "acme/v1/a.proto";\n', "// A user.\n", "\n"])
def test_an_unused_import_stays_below_what_lets_findings_pass(following: str, tmp_path: Path) -> None:
    before = '// schemactl:ignore MESSAGE_PASCAL_CASE -- as it was\nimport "acme/v1/x.proto";\n' + following
    tail = "message User { A a = 1; }\n" if "import" in following else "message User {}\n"
    assert became(before, tmp_path, "IMPORT_USED", tail) == before


def test_unused_imports_go_before_the_others_are_sorted(tmp_path: Path) -> None:
    """Sorted first, one would have its comment stand above the next one when it goes."""
    c, b, a = (f'import "acme/v1/{name}.proto";\n' for name in "cba")
    before = HEAD + c + b + "// of A\n" + a + "\nmessage User { B b = 2; C c = 3; }\n"
    found = refixed({**OTHERS, PATH: before}, tmp_path, "IMPORT_USED", "IMPORTS_SORTED")
    assert found == {PATH: HEAD + b + c + "\nmessage User { B b = 2; C c = 3; }\n"}


def test_the_order_is_that_of_bytes(tmp_path: Path) -> None:
    """As `buf format` has it."""
    names = ["B", "a-b", "a", "a/b", "a_b", "b"]
    files = {f"{name}.proto": f'syntax = "proto3";\nmessage M{number} {{}}\n' for number, name in enumerate(names)}
    uses = "message User { " + " ".join(f"M{number} f{number} = {number + 1};" for number in range(6)) + " }\n"
    right = [f'import "{name}.proto";\n' for name in names]
    start = 'syntax = "proto3";\n'
    before = start + "".join(reversed(right)) + uses
    assert refixed({**files, "user.proto": before}, tmp_path, "IMPORTS_SORTED") == {
        "user.proto": start + "".join(right) + uses
    }


def test_no_category_of_bufs_turns_the_order_of_imports_on(tmp_path: Path) -> None:
    rule = built_in("IMPORTS_SORTED")
    assert rule
    example = rule.bad.replace("  // error", "")
    assert [each.rule for each in found(example, tmp_path, rule)] == ["IMPORTS_SORTED"]
    done = schemactl("lint", "-C", tree(tmp_path / "tree", {"schemactl.yaml": "", PATH: example}))
    assert "IMPORTS_SORTED" not in done.out


def test_unused_imports_are_safe_to_delete_without_a_base(tmp_path: Path) -> None:
    files = {**OTHERS, PATH: 'syntax = "proto3";\npackage acme.v1;\nimport "acme/v1/x.proto";\nmessage User {}\n'}
    result = fixed(tree(tmp_path, files), "IMPORT_USED")
    assert texts(result) == {PATH: 'syntax = "proto3";\npackage acme.v1;\nmessage User {}\n'}
    assert (result.summary, result.notes) == ("fixed 1 finding in 1 file", ())


def test_files_that_are_alike_to_a_baseline_are_fixed_one_by_one(tmp_path: Path) -> None:
    """Of one name and package, they share their findings' fingerprints."""
    text = 'syntax = "proto3";\npackage acme.v1;\nimport "acme/v1/x.proto";\n'
    root = tree(tmp_path, {**OTHERS, "acme/v1/user.proto": text, "acme/other/user.proto": text})
    for path in ("acme/other/user.proto", "acme/v1/user.proto"):
        assert fixed(root, "IMPORT_USED", only=path).changes.keys() == {path}
