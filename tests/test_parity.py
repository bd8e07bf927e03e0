"""Small trees of what real repositories lack: `buf lint` and `schemactl lint` report the same at the same places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import columns, explained, linters, parity

TREES = sorted(path for path in Path(__file__).with_name("parity").iterdir() if path.is_dir())
# The trees that show what docs/parity.md explains; everything else has no difference at all.
EXPLAINED = {
    "comments": {"comment-on-the-line", "comment-behind"},
    "comments-behind": {"comment-behind"},
    "comments-on-the-line": {"comment-on-the-line"},
    "ignore-comments": {"comment-on-the-line"},
    "import-beside": {"import-beside"},
    "ignore-comments-longer": {"longer-rule-ignored"},
    "text-non-ascii": {"comment-on-the-line"},
}
REFUSED = {"refused-by-buf": "Buf failed: ", "refused-by-protoc": "schemactl failed: "}
WITH_LINE_ENDS = ("comments", "ignore-comments-nested", "proto2", "text-non-ascii", "text-odd-layout", "text-tabs")


def rules(tree: Path) -> Sequence[str]:
    """None where the tree says itself which, in a file that both tools read."""
    return () if any((tree / name).is_file() for name in ("buf.yaml", "buf.work.yaml")) else linters.ALL


def reasons(comparison: parity.Comparison) -> set[str]:
    return {each.reason for each in comparison.differences}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what Buf said of a tree is kept for the tests that follow."""
    return tmp_path_factory.mktemp("buf")


@pytest.mark.parametrize("tree", [tree for tree in TREES if tree.name not in REFUSED], ids=lambda tree: str(tree.name))
def test_both_tools_report_the_same_places(tree: Path, kept: Path) -> None:
    comparison = parity.compared(tree, rules(tree), ends=True, kept=kept / tree.name)
    assert comparison.failed == ""
    assert [parity.shown(each) for each in comparison.unexplained] == []
    assert reasons(comparison) == EXPLAINED.get(tree.name, set())
    assert comparison.bufs > 0, "a tree shows something"


def test_the_trees_make_every_rule_speak(kept: Path) -> None:
    heard: set[str] = set()
    for tree in TREES:
        with parity.standing_alone(tree, rules(tree)) as alone:
            heard |= {found.rule for found in linters.buf_report(alone, rules(tree), kept / tree.name).findings}
    assert heard == linters.RULES


@pytest.mark.parametrize("name", WITH_LINE_ENDS)
def test_line_ends_of_windows_change_nothing(name: str, tmp_path: Path) -> None:
    tree = Path(__file__).with_name("parity") / name
    for file in tree.rglob("*.proto"):
        copy = tmp_path / name / file.relative_to(tree)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    comparison = parity.compared(tmp_path / name, linters.ALL, ends=True)
    assert comparison.failed == ""
    assert [parity.shown(each) for each in comparison.unexplained] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_tool_that_gives_no_verdict_is_no_difference(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = parity.main(["--rules", "all", str(Path(__file__).with_name("parity") / name)])
    printed = capsys.readouterr().out
    assert code == 2
    assert f"{name}: {REFUSED[name]}" in printed
    assert "not compared" in printed
    assert "only " not in printed


def test_a_planted_difference_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree, kept = Path(__file__).with_name("parity") / "well-known", tmp_path / "buf.json"
    ask = ["--rules", "all", "--buf-output", str(kept), str(tree)]
    assert parity.main(ask) == 0
    first, _, *more = kept.read_text().splitlines()
    kept.write_text("\n".join([first.replace('"start_line":', '"start_line":1'), *more]))
    capsys.readouterr()
    assert parity.main(ask) == 1
    printed = capsys.readouterr().out.splitlines()
    assert sorted(line.split(":")[0] for line in printed if line.startswith("only")) == [
        "only Buf",
        "only schemactl",
        "only schemactl",
    ]


def test_every_explanation_is_shown_and_documented() -> None:
    ids = {each.id for each in explained.REASONS}
    text = Path(__file__).parents[1].joinpath("docs", "parity.md").read_text("utf-8")
    assert ids == set().union(*EXPLAINED.values())
    assert [id for id in ids if f"| `{id}` |" not in text] == []


def test_one_finding_more_at_the_same_place_is_a_difference() -> None:
    found = linters.Found("a.proto", 3, 1, "RPC_REQUEST_RESPONSE_UNIQUE", 3, 9, "")
    tree = Path(__file__).parent
    assert list(parity.differences(tree, [found, found], [found, found])) == []
    [more] = parity.differences(Path(__file__).with_name("parity"), [found], [found, found])
    assert more.side == "Buf"


@pytest.mark.parametrize(
    ("side", "rule", "line", "reason"),
    [
        ("Buf", "COMMENT_FIELD", "  /* x */ string a = 1;", "comment-on-the-line"),
        ("schemactl", "COMMENT_FIELD", "  /* x */ string a = 1;", ""),
        ("Buf", "FIELD_NOT_REQUIRED", "  /* x */ string a = 1;", ""),
        ("Buf", "COMMENT_FIELD", "  // x    string a = 1;", ""),
        ("schemactl", "COMMENT_ENUM", "  /* buf:lint:ignore COMMENT_ENUM_VALUE */", "longer-rule-ignored"),
        ("schemactl", "COMMENT_ENUM", "  /* buf:lint:ignore COMMENT_ENUM */", ""),
        ("Buf", "COMMENT_ENUM", "  // buf:lint:ignore COMMENT_ENUM_VALUE", ""),
    ],
)
def test_an_explanation_covers_only_what_it_says(side: explained.Side, rule: str, line: str, reason: str) -> None:
    found = linters.Found("a.proto", 1, 11, rule, 1, 20, "")
    assert explained.reason(side, found, lambda path: [line]) == reason


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("string a = 1;", 8, 8),
        ("\tstring a = 1;", 5, 2),
        ("a\tb\tc", 9, 5),
        ("/* 漢字 */ x", 12, 10),
        ("/* e\u0301 */ x", 9, 10),
        ("/* 👨‍👩‍👧 */ x", 10, 13),
        ("\f x", 2, 3),
    ],
)
def test_columns_of_buf_become_code_points(line: str, column: int, expected: int) -> None:
    assert columns.code_point_column(line, column) == expected


def test_a_byte_order_mark_has_no_column() -> None:
    assert columns.lines(b"\xef\xbb\xbfa\r\nb\x0bc\n") == ["a\r", "b\x0bc", ""]
