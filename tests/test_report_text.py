"""The `text` format: what people read, in a terminal and in a pipe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from report_runs import DOCS, HARMFUL, MERGE_BASE, PROOF, SEEN, SNAKE, SOURCE, USER, at, run, runs
from schemactl.effect import DIRECTIONS, ENCODINGS, READERS, Effect, Kind, Readers, Values
from schemactl.finding import Against, Finding, Location
from schemactl.report import FORMATS, Comparison, Run, Style


def _text(report: Run, width: int | None = None, color: bool = False) -> str:
    return FORMATS["text"](report, Style(color, width))


def _shown(finding: Finding, source: bytes, width: int | None = None) -> str:
    return _text(run(finding, sources=lambda path: source), width)


def _underlined(output: str) -> str:
    """What stands above the carets, cell by cell."""
    lines = output.splitlines()
    carets = next(index for index, line in enumerate(lines) if re.fullmatch(r" +\| +\^+", line))
    start, end = lines[carets].index("^"), len(lines[carets])
    cells = [cell for character in lines[carets - 1] for cell in [character, ""][: cell_len(character)]]
    return "".join(cells[start:end])


def _summary(**changes: Any) -> str:
    return _text(run(**changes)).splitlines()[-1]


def test_a_finding_shows_its_line_what_is_wrong_and_how_to_fix_it() -> None:
    assert _text(run(SNAKE, sources={USER: SOURCE}.get)) == (
        "acme/users/v1/user.proto:5:10: error FIELD_LOWER_SNAKE_CASE field `userId` should be `user_id`\n"
        "   |\n"
        " 5 |   string userId = 1;\n"
        "   |          ^^^^^^\n"
        "   = help: string user_id = 1;\n"
        "\n"
        "1 error in 64 files · compared with origin/main (merge-base 1a2b3c4)\n"
    )


def test_in_eighty_columns_a_long_title_continues_below_the_rule() -> None:
    assert _text(run(SNAKE), 80).splitlines()[:2] == [
        "acme/users/v1/user.proto:5:10: error FIELD_LOWER_SNAKE_CASE",
        "    field `userId` should be `user_id`",
    ]


def test_a_title_that_fits_stays_on_one_line() -> None:
    assert _text(run(SNAKE), 120).splitlines()[0].endswith("CASE field `userId` should be `user_id`")


@pytest.mark.parametrize(
    ("source", "column", "end", "underlined"),
    [
        (b"  string userId = 1;", 10, 16, "userId"),
        (b"\tstring userId = 1;", 9, 15, "userId"),
        (b"  \tstring\tuserId = 1;", 11, 17, "userId"),
        (b"  string userId = 1;\r", 10, 16, "userId"),
        (b"\xef\xbb\xbfsyntax = 'proto9';", 10, 18, "'proto9'"),
        ("/* 漢é😀 */ userId".encode(), 11, 17, "userId"),
        ("漢字漢 = 1".encode(), 1, 4, "漢字漢"),
        ("/* \u202e */ userId".encode(), 9, 15, "userId"),
        (b"/* ##[error] */ userId", 17, 23, "userId"),
        (b"/* \xff\xfe */ userId", 10, 16, "userId"),
        (b"/* e\xcc\x81 */ userId", 10, 16, "userId"),
    ],
)
def test_the_carets_stand_under_exactly_the_columns(source: bytes, column: int, end: int, underlined: str) -> None:
    assert _underlined(_shown(Finding("R", "error", "lint", "m", at(1, column, end)), source)) == underlined


@pytest.mark.parametrize("width", [None, 40, 80])
@pytest.mark.parametrize("before", [0, 10, 35, 300])
@pytest.mark.parametrize("after", [0, 10, 300])
@pytest.mark.parametrize("pad", ["x", "漢"])
def test_a_long_line_is_cut_around_the_carets(width: int | None, before: int, after: int, pad: str) -> None:
    source = f"{pad * before} userId {pad * after}".encode()
    output = _shown(Finding("R", "error", "lint", "m", at(1, before + 2, before + 8)), source, width)
    line = next(line for line in output.splitlines() if line.startswith(" 1 | "))
    assert _underlined(output) == "userId"
    assert cell_len(line) <= (width or 200)
    assert ("…" in line) == (cell_len(f" 1 | {source.decode()}".rstrip()) > (width or 200))


def test_a_range_wider_than_the_terminal_is_underlined_as_far_as_it_is_seen() -> None:
    output = _shown(Finding("R", "error", "lint", "m", at(1, 3, 200)), b"  " + b"y" * 200, 60)
    assert set(_underlined(output)) == {"y"}
    assert max(map(cell_len, output.splitlines()[:4])) <= 60


def test_a_tab_is_shown_as_blanks_and_the_end_of_a_windows_line_not_at_all() -> None:
    output = _shown(Finding("R", "error", "lint", "m", at(1, 1, 2)), b"message\tUser {}\r\n")
    assert " 1 | message User {}\n" in output


def test_a_range_of_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    finding = Finding("R", "error", "lint", "m", Location(USER, 1, 1, 3, 2))
    assert _underlined(_shown(finding, b"message User {  \n}\n")) == "message User {"


def test_a_place_behind_the_end_of_the_line_still_has_a_caret() -> None:
    output = _shown(Finding("R", "error", "compile", "m", at(1, 99, 99)), b"message User")
    assert " 1 | message User\n   |             ^\n" in output


@pytest.mark.parametrize("source", [None, b"", b"one line", b"\n" * 9, b"\n" * 4 + b"x" * 1_000_000])
def test_without_a_line_to_show_the_finding_is_still_told(source: bytes | None) -> None:
    output = _text(run(SNAKE, sources=lambda path: source))
    assert "field `userId` should be `user_id`\n   = help: string user_id = 1;\n" in output
    assert "|" not in output


def test_lines_to_paste_are_never_wrapped() -> None:
    long = "string " + "very_" * 20 + "long = 1;"
    output = _text(run(Finding("R", "error", "lint", "m", help="write these lines:\n" + long)), 40)
    assert f"   = help: write these lines:\n           {long}\n" in output


def test_the_findings_of_one_change_are_one_block_with_all_ids() -> None:
    old = Against("origin/main", USER, 4, 10)
    one = Finding("FIELD_SAME_NAME", "error", "buf", "changed its name", at(5, 10, 16), against=old, change="c1")
    two = Finding(
        "FIELD_SAME_JSON_NAME", "error", "buf", "changed its JSON name", at(5, 10, 16), against=old, change="c1"
    )
    output = _text(run(one, two))
    assert output.splitlines()[:3] == [
        f"{USER}:5:10: error FIELD_SAME_JSON_NAME, FIELD_SAME_NAME changed its JSON name",
        "   = also: FIELD_SAME_NAME changed its name",
        f"   = was: {USER}:4:10 at origin/main",
    ]
    assert output.splitlines()[-1].startswith("2 errors in 64 files")


def test_a_change_says_once_whom_it_harms_and_what_proves_it() -> None:
    twin = replace(HARMFUL, rule="ENUM_VALUE_NO_DELETE", message="its name is gone", effects=(), evidence=None)
    assert _text(run(HARMFUL, twin)).splitlines()[1:7] == [
        "   = also: ENUM_VALUE_NO_DELETE its name is gone",
        f"   = was: {USER}:4:10 at origin/main",
        *(f"   = {line}" for line in SEEN),
        "   = help: let readers learn it first",
    ]


def test_in_eighty_columns_what_proves_it_wraps_under_itself() -> None:
    lines = _text(run(HARMFUL), 80).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("   = evidence: "))
    hang = " " * len("   = evidence: ")
    assert lines[start] == '   = evidence: head writes {"eventType":"EVENT_TYPE_MERGED"} as'
    assert lines[start + 1 : start + 4] == [
        f"{hang}acme.users.v1.UserEnvelope; a reader of base: ParseError: Invalid",
        f"{hang}enum value EVENT_TYPE_MERGED (Python protobuf 7.36.2, strict)",
        "   = help: let readers learn it first",
    ]


def _effects(*cells: tuple[Readers, Kind, Values]) -> list[str]:
    effects = tuple(Effect("forward", "json", *cell, True) for cell in cells)
    output = _text(run(replace(HARMFUL, effects=effects, evidence=None)))
    told = re.findall(r"= effect: old readers of new data \(forward, JSON\): (.*)", output)
    assert len(told) == output.count("= effect:")
    return told


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([("tolerant", "error", "all"), ("strict", "error", "all")], ["error"]),
        (
            [("tolerant", "default", "some"), ("strict", "error", "some")],
            ["error for some values, or the default for some values where unknown names are ignored"],
        ),
        ([("tolerant", "skip", "all"), ("strict", "error", "all")], ["error where unknown names are refused"]),
        ([("strict", "error", "all")], ["error where unknown names are refused"]),
        ([("tolerant", "wrong", "all")], ["a wrong value where unknown names are ignored"]),
        ([("tolerant", "skip", "all"), ("strict", "ok", "all")], []),
    ],
)
def test_what_one_kind_of_readers_sees_is_told_from_what_all_see(
    cells: list[tuple[Readers, Kind, Values]], told: list[str]
) -> None:
    assert _effects(*cells) == told


def test_what_no_contract_covers_comes_last_and_says_so() -> None:
    tolerant = Effect("forward", "json", "tolerant", "default", "all", True)
    strict = Effect("forward", "json", "strict", "error", "all")
    binary = Effect("backward", "binary", "strict", "wrong", "all")
    output = _text(run(replace(HARMFUL, effects=(binary, strict, tolerant), evidence=None)))
    assert re.findall(r"= effect: (.*)", output) == [
        "old readers of new data (forward, JSON): the default where unknown names are ignored",
        "new readers of old data (backward, binary): a wrong value where unknown names are refused "
        "(outside of the contract)",
        "old readers of new data (forward, JSON): error where unknown names are refused (outside of the contract)",
    ]
    both = tuple(replace(strict, direction=each) for each in DIRECTIONS)
    assert (
        "readers on either side (backward and forward, JSON): error where unknown names are refused (outside of the"
    ) in _text(run(replace(HARMFUL, effects=both)))
    same = replace(HARMFUL, effects=(replace(strict, effect="default"), tolerant), evidence=None)
    assert "(forward, JSON): the default\n" in _text(run(same))


def test_encodings_in_which_the_same_happens_share_a_line() -> None:
    cells = [(encoding, readers) for encoding in ENCODINGS for readers in READERS]
    effects = tuple(Effect("backward", encoding, readers, "error", "all", True) for encoding, readers in cells)
    output = _text(run(replace(HARMFUL, effects=effects)))
    assert "   = effect: new readers of old data (backward, JSON and binary): error\n" in output
    assert output.count("= effect:") == 1


def test_evidence_in_hex_or_of_a_value_says_so_and_a_long_one_is_cut() -> None:
    proof = replace(PROOF, direction="backward", encoding="binary", effect="wrong", wrote="base", wire="0a" * 500)
    output = _text(run(replace(HARMFUL, evidence=replace(proof, read='{"age":-1}'))))
    shown = f"base writes {'0a' * 150}… (hex) as acme.users.v1.UserEnvelope; a reader of head reads "
    assert shown + '{"age":-1} (' in output
    empty = _text(run(replace(HARMFUL, evidence=replace(proof, wire="", read="{}"))))
    assert "base writes nothing as acme.users.v1.UserEnvelope; a reader of head reads {} (" in empty
    missing = _text(run(replace(HARMFUL, evidence="the search was cut off")))
    assert "   = evidence: none: the search was cut off\n" in missing


def test_a_block_is_led_by_its_worst_finding() -> None:
    mild = Finding("A", "info", "buf", "mild", at(1, 1, 2), change="c1")
    worst = Finding("B", "error", "buf", "worst", at(5, 1, 2), change="c1")
    title, also, *_ = _text(run(mild, worst)).splitlines()
    assert title == f"{USER}:5:1: error A, B worst"
    assert also == f"   = also: A mild ({USER}:1:1)"


def test_a_finding_without_a_place_begins_with_its_severity() -> None:
    gone = Finding("FILE_NO_DELETE", "error", "buf", "file was deleted", against=Against("v1.2.0", "acme/old.proto"))
    assert _text(run(gone)).startswith("error FILE_NO_DELETE file was deleted\n   = was: acme/old.proto at v1.2.0\n\n")


def test_the_summary_of_a_clean_run_says_what_it_rests_on() -> None:
    assert _text(run()) == "64 files, no findings · compared with origin/main (merge-base 1a2b3c4)\n"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"files": 1, "against": ()}, "1 file, no findings"),
        ({"suppressed": 3, "against": ()}, "64 files, no findings · 3 suppressed"),
        (
            {"against": (), "ran_breaking": "no earlier commit"},
            "64 files, no findings · breaking not checked: no earlier commit",
        ),
        ({"against": (), "ran_breaking": False}, "64 files, no findings · breaking not checked"),
        (
            {"against": (), "ran_lint": "it does not compile", "ran_breaking": "it does not compile"},
            "64 files, nothing checked · lint and breaking not checked: it does not compile",
        ),
        ({"against": (), "files": 0}, "0 files, nothing checked"),
        (
            {"against": (Comparison("v1.0.0", "abcdef0123"),)},
            "64 files, no findings · compared with v1.0.0 (abcdef0)",
        ),
        ({"against": (Comparison("image:old.bin"),)}, "64 files, no findings · compared with image:old.bin"),
        (
            {"against": tuple(Comparison(f"v{n}") for n in range(5))},
            "64 files, no findings · compared with 5 releases, v4 to v0",
        ),
    ],
)
def test_the_summary_is_true(changes: dict[str, Any], line: str) -> None:
    assert _summary(**changes) == line


def test_nothing_checked_is_never_shown_as_good() -> None:
    green = "\x1b[1;32m"
    assert green in _text(run(), color=True)
    assert green not in _text(run(files=0), color=True)
    assert green not in _text(run(ran_lint="no", ran_breaking="no"), color=True)
    assert green not in _text(run(SNAKE), color=True)


def test_notes_come_before_the_summary_and_wrap_under_themselves() -> None:
    note = "the rules are those of buf.yaml as written, because there is no schemactl.yaml"
    assert _text(run(notes=(note,), against=()), 60).splitlines() == [
        "note: the rules are those of buf.yaml as written, because",
        "      there is no schemactl.yaml",
        "64 files, no findings",
    ]


def test_what_is_suppressed_is_not_told_like_what_counts() -> None:
    report = run(replace(SNAKE, suppressed="schemactl:ignore: agreed"), suppressed=1, statistics=True)
    title, *rest = FORMATS["text"](report, Style()).splitlines()
    assert title.startswith(f"{USER}:5:10: suppressed error FIELD_LOWER_SNAKE_CASE field")
    assert "   = suppressed: schemactl:ignore: agreed" in rest
    assert not any(line.startswith("  1  error") for line in rest)


def test_statistics_count_each_rule_when_asked() -> None:
    report = run(SNAKE, SNAKE, Finding("B", "warning", "lint", "m"), rules=DOCS, statistics=True)
    assert (
        " 2  error    FIELD_LOWER_SNAKE_CASE  fields are lower_snake_case\n 1  warning  B\n\n2 errors, 1 warning in"
    ) in _text(report)
    assert "lower_snake_case" not in _text(run(SNAKE, rules=DOCS))


def test_color_is_only_added() -> None:
    report = run(
        SNAKE, Finding("B", "info", "buf", "m " * 60, help="h " * 60), notes=("n",), sources={USER: SOURCE}.get
    )
    colored = _text(report, 80, color=True)
    assert "\x1b[1;31merror" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == _text(report, 80)


@settings(max_examples=50)
@given(runs, st.integers(20, 120))
def test_wrapping_changes_nothing_but_white_space(report: Run, width: int) -> None:
    unwrapped = Run(**(vars(report) | {"sources": lambda path: None, "statistics": False}))
    assert _text(unwrapped, width).split() == _text(unwrapped).split()


@settings(max_examples=50)
@given(st.lists(st.text("ab漢 ", min_size=1, max_size=60), min_size=1, max_size=3), st.integers(30, 90))
def test_no_line_is_wider_than_the_terminal_unless_one_word_is(texts: list[str], width: int) -> None:
    found = [Finding("R", "error", "lint", text, at(1, 1, 2, "p"), help=text) for text in texts]
    words = [word for text in texts for word in text.split(" ")]
    widest = max(width, *(cell_len(word) + 11 for word in words))
    output = _text(run(*found, notes=tuple(texts), against=(MERGE_BASE,)), width)
    assert max(map(cell_len, output.splitlines())) <= widest


APPROVE = "note: to approve a break that is meant, see `schemactl explain BREAK_APPROVED`"


def test_how_to_approve_is_told_where_a_break_counts() -> None:
    assert _text(run(HARMFUL, SNAKE, notes=("one",))).splitlines()[-3:-1] == ["note: one", APPROVE]
    for each in (SNAKE, replace(HARMFUL, severity="warning"), replace(HARMFUL, suppressed="schemactl:ignore: agreed")):
        assert APPROVE not in _text(run(each))


def _informing(count: int, **changes: Any) -> list[Finding]:
    return [
        replace(HARMFUL, **{"severity": "info", "element": f"e{n}", "change": f"c{n}", **changes}) for n in range(count)
    ]


def test_more_than_three_findings_that_only_inform_are_one_note_and_still_counted() -> None:
    grave = replace(HARMFUL, message="grave", change="grave")
    output = _text(run(*_informing(4), grave))
    assert output.count("ENUM_VALUE_ADDED") == 2
    assert (
        "note: 4 findings of `ENUM_VALUE_ADDED` (info): `--format json` lists them, and `--profile json` judges what "
        f"no topic reaches\n{APPROVE}\n1 error, 4 infos in 64 files"
    ) in output
    assert FORMATS["json"](run(*_informing(4)), Style()).count('"rule":"ENUM_VALUE_ADDED"') == 4


@pytest.mark.parametrize(
    ("count", "changes", "report"),
    [
        (3, {}, {}),
        (4, {"source": "lint"}, {}),
        (4, {"severity": "warning"}, {}),
        (4, {"effects": ()}, {}),
        (4, {"suppressed": "baseline"}, {}),
        (4, {}, {"fail_on": "info"}),
    ],
)
def test_other_findings_are_told_one_by_one(count: int, changes: dict[str, Any], report: dict[str, Any]) -> None:
    assert _text(run(*_informing(count, **changes), **report)).count("ENUM_VALUE_ADDED") == count
