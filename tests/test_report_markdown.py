"""The `markdown` format: rendered, it reads as it should, and untrusted text is nothing but text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from report_runs import DOCS, HARMFUL, MERGE_BASE, NASTY, PROOF, SEEN, SNAKE, USER, at, hostile, obeyed_by_culture, run
from schemactl.effect import Evidence
from schemactl.finding import Against, Finding
from schemactl.report import FORMATS, Comparison, RuleDoc, Run, Style
from schemactl.report.escape import visible
from schemactl.report.inline import code, inline

GITHUBS_COMMENT = 65_536
MARKDOWN = MarkdownIt("commonmark").enable("table")
POLICY = Finding("POLICY_CHANGED", "warning", "policy", "changed", at(1, 1, 1, "buf.yaml"), fingerprint="p")
WARNING = Finding("R", "warning", "lint", "m", at(1, 1, 2), fingerprint="2")
DELETED = Finding(
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
    "error",
    "buf",
    "field `name` was deleted",
    at(5, 1, 8),
    "acme.users.v1.User.name",
    'paste into message `User`:\nreserved 1;\nreserved "name";',
    Against("v1.2.0", USER, 6, 3),
    "c1",
    "3",
)
TWIN = replace(DELETED, rule="FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", message="its number is free", fingerprint="4")

# What starts or ends something in Markdown, or is a link or a reference for GitHub or GitLab.
ACTIVE = [
    *(
        "`",
        "``",
        "`a",
        "`a`",
        "`a``b`",
        "`a`_b_",
        "*",
        "**",
        "_",
        "__a__",
        "~~",
        "$x$",
        "|",
        "\\|",
        "\\`",
        "[",
        "](",
        "![",
    ),
    *("<b>", "</details>", "<!--", "&lt;", "&#64;", "@team", "acme@x.ch", "#12", "!12", "a/b#1", "http://acme"),
    *(
        "www.acme.ch",
        "WWW.a.ch",
        ":smile:",
        "- ",
        "# ",
        "1. ",
        "> ",
        "```",
        "~~~",
        "---",
        "===",
        "/close",
        "[^1]",
        "[ ]",
    ),
    *("{%", "%1", "^1", "\n\n", "\n/close"),
]
active = st.lists(st.one_of(st.sampled_from(ACTIVE + NASTY), st.text(max_size=4)), max_size=6).map("".join)
active_findings = st.builds(
    lambda text, severity, change, suppressed: Finding(
        f"R{text}",
        severity,
        "lint",
        text,
        at(1, 1, 2, text) if change else None,
        help=f"{text}\n{text}",
        against=Against(text, text),
        change=change,
        suppressed=text if suppressed else None,
        evidence=Evidence("forward", "json", "strict", "error", *[text] * 5) if change else text,
    ),
    active,
    st.sampled_from(["error", "warning", "info"]),
    st.sampled_from([None, "c1", "c2"]),
    st.booleans(),
)


READ = {
    *("heading", "paragraph", "bullet_list", "list_item", "fence", "html_block", "table", "thead", "tbody", "tr", "th"),
    *("td", "inline", "text", "strong", "code_inline", "html_inline"),
}


def _hostile(found: list[Finding], text: str) -> Run:
    rules = {finding.rule: RuleDoc(text, text, "error") for finding in found}
    return run(
        *found, notes=(text,), ran_breaking=text or True, against=(Comparison(text),), rules=rules, statistics=True
    )


def _markdown(report: Run) -> str:
    return FORMATS["markdown"](report, Style())


def _tokens(report: Run) -> Iterator[Token]:
    for token in MARKDOWN.parse(_markdown(report)):
        yield from (token, *(token.children or ()))


def _plain(token: Token) -> str:
    """What is read of a line; the end of a line as `/`."""
    return "".join("/" if each.type == "html_inline" else each.content for each in token.children or ())


def _read(report: Run) -> list[str]:
    """The report as it is read, block by block."""
    tokens = MARKDOWN.parse(_markdown(report))
    return [_plain(each) or each.content.strip() for each in tokens if each.type in {"inline", "fence", "html_block"}]


def _codes(text: str) -> list[str]:
    (line,) = MARKDOWN.parseInline(text)
    return [each.content for each in line.children or () if each.type == "code_inline"]


def test_a_finding_is_an_item_below_the_verdict() -> None:
    assert _markdown(run(SNAKE)) == (
        "## ❌ schemactl: 1 error in 64 files\n"
        "\n"
        "compared with origin/main (merge-base 1a2b3c4)\n"
        "\n"
        "### Errors\n"
        "\n"
        "- **field `userId` should be `user_id`**"
        "<br>`acme/users/v1/user.proto:5:10` · error `FIELD_LOWER_SNAKE_CASE`"
        "<br>help: string user_id = 1;\n"
    )


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "✅ schemactl: 64 files, no findings"),
        ({"files": 0}, "⚠️ schemactl: 0 files, nothing checked"),
        (
            {"ran_lint": "what is checked does not compile", "ran_breaking": ""},
            "⚠️ schemactl: 64 files, nothing checked",
        ),
    ],
)
def test_a_run_without_findings_says_whether_that_means_anything(changes: dict[str, Any], title: str) -> None:
    assert _read(run(**changes))[0] == title


@pytest.mark.parametrize(
    ("found", "fail_on", "mark"),
    [
        (SNAKE, "error", "❌"),
        (SNAKE, "never", "⚠️"),
        (WARNING, "error", "⚠️"),
        (WARNING, "warning", "❌"),
        (replace(WARNING, severity="info"), "error", "🔵"),
        (replace(SNAKE, suppressed="x"), "error", "✅"),
    ],
)
def test_the_mark_is_the_verdict(found: Finding, fail_on: str, mark: str) -> None:
    assert _read(run(found, fail_on=fail_on))[0].startswith(mark)


def test_what_it_rests_on_stands_below_the_verdict_and_the_notes_at_the_end() -> None:
    bases = (MERGE_BASE, Comparison("v1.2.0"), Comparison("HEAD^1"))
    read = _read(run(SNAKE, against=bases, suppressed=3, notes=("judged by buf.yaml",), ran_lint="no rules"))
    told = "compared with origin/main (merge-base 1a2b3c4), v1.2.0, HEAD^1 · lint not checked: no rules"
    assert read[1] == f"3 suppressed · {told}"
    assert read[-1] == "note: judged by buf.yaml"


def test_findings_of_one_change_are_one_item_with_the_lines_to_paste() -> None:
    assert _read(run(DELETED, TWIN))[3:] == [
        f"field name was deleted"
        f"/{USER}:5:1 · error FIELD_NO_DELETE_UNLESS_NAME_RESERVED, FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"
        "/also: FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED its number is free"
        f"/was: {USER}:6:3 at v1.2.0"
        "/help: paste into message User:",
        'reserved 1;\nreserved "name";',
        "note: to approve a break that is meant, see schemactl explain BREAK_APPROVED",
    ]


def test_a_change_says_whom_it_harms_and_a_message_is_code() -> None:
    item, _ = _read(run(HARMFUL))[3:]
    assert item.split("/")[-4:] == [*SEEN, "help: let readers learn it first"]
    hostile = replace(PROOF, wire="`*x* <b>", read="[x](http://acme)")
    assert "head` writes `` `*x* <b> `` as" in _markdown(run(replace(HARMFUL, evidence=hostile)))
    assert "evidence: none: `*x*`" in _markdown(run(replace(HARMFUL, evidence="*x*")))


def test_the_lines_to_paste_belong_to_their_item() -> None:
    assert '\n\n  ```proto\n  reserved 1;\n  reserved "name";\n  ```\n' in _markdown(run(DELETED))


def test_the_gravest_finding_stands_for_a_change() -> None:
    read = _read(run(replace(DELETED, severity="warning"), replace(TWIN, location=at(9, 1, 2)), statistics=False))
    assert read[2] == "Errors"
    assert read[3].startswith(f"its number is free/{USER}:9:1 · error ")


def test_other_places_of_the_same_change_are_told() -> None:
    there, elsewhere = (replace(TWIN, rule="R2", message="m", location=at(line, 1, 2)) for line in (9, 12))
    assert f"/also: R2 m ({USER}:9:1)/also: R2 m ({USER}:12:1)/" in _read(run(DELETED, there, elsewhere))[3]


def test_the_policy_comes_first_and_then_what_is_gravest() -> None:
    info = Finding("R", "info", "lint", "m", at(1, 1, 2, "a.proto"))
    headings = [
        text for text in _read(run(info, WARNING, SNAKE, POLICY)) if text in {"Policy", "Errors", "Warnings", "Infos"}
    ]
    assert headings == ["Policy", "Errors", "Warnings", "Infos"]


def test_what_is_suppressed_is_folded_away_and_says_by_what() -> None:
    read = _read(run(replace(SNAKE, suppressed="buf:lint:ignore FIELD_LOWER_SNAKE_CASE"), suppressed=1))
    assert read[2:4] == ["Suppressed", "<details>\n<summary>show 1</summary>"]
    assert "· suppressed by buf:lint:ignore FIELD_LOWER_SNAKE_CASE/" in read[4]


def test_after_twenty_items_the_rest_of_a_section_is_folded_away() -> None:
    read = _read(run(*(replace(SNAKE, message=f"m{n:02}") for n in range(25))))
    fold = read.index("<details>\n<summary>show 5 more</summary>")
    assert [text[:3] for text in read[3:fold]] == [f"m{n:02}" for n in range(20)]
    assert [text[:3] for text in read[fold + 1 : fold + 6]] == [f"m{n:02}" for n in range(20, 25)]
    assert read[fold + 6] == "</details>"


def test_many_lines_to_paste_are_folded_away_and_whole() -> None:
    lines = "\n".join(f"reserved {n};" for n in range(1, 31))
    read = _read(run(replace(SNAKE, help=f"paste:\n{lines}")))
    assert read[4:] == ["<details>\n<summary>30 lines to paste</summary>", lines, "</details>"]


@pytest.mark.parametrize("size", [10, 3000])
def test_a_report_fits_into_a_comment_and_says_what_is_left_out(size: int) -> None:
    long = (replace(SNAKE, message=f"m{n} {'x ' * size}", help="y " * size) for n in range(1000))
    report = run(*long, notes=("n " * 5000,) * 50, rules=DOCS)
    output = _markdown(report)
    assert len(output) <= GITHUBS_COMMENT
    (told,) = re.findall(r"\*\*(\d+) more findings left out for lack of room\*\*", output)
    assert int(told) + output.count("\n- ") == 1000
    assert _read(report)[0] == "❌ schemactl: 1000 errors in 64 files"
    assert "note: 30 more" in output
    assert "| 1,000 | error | `FIELD_LOWER_SNAKE_CASE` | fields are lower_snake_case |" in output


def test_a_finding_too_long_to_show_leaves_its_room_to_the_others() -> None:
    read = _read(run(replace(DELETED, help="paste:\n" + "reserved 1;\n" * 10_000), SNAKE, WARNING))
    assert [text.partition("/")[0] for text in read[2:6]] == [
        "Errors",
        "field userId should be user_id",
        "Warnings",
        "m",
    ]
    assert "1 more finding left out for lack of room: --format text lists all." in read


def test_statistics_are_a_table_by_rule() -> None:
    docs = {"R": RuleDoc("a | b", "", "warning")}
    tokens = list(_tokens(run(SNAKE, WARNING, WARNING, statistics=True, rules=DOCS | docs)))
    table = next(index for index, token in enumerate(tokens) if token.type == "table_open")
    cells = [_plain(token) for token in tokens[table:] if token.type == "inline"]
    assert cells[4:] == ["2", "warning", "R", "a \\x7c b", "1", "error", SNAKE.rule, "fields are lower_snake_case"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("field `userId` should be `user_id`", "field `userId` should be `user_id`"),
        ("compared with HEAD~60 (67150b1): done", "compared with `HEAD~60` (67150b1): done"),
        ('Field "1" on message "a.B" changed type.', 'Field "1" on message "a.B" changed type.'),
        ("see [this](http://acme) now", "see `[this](http://acme)` now"),
        ("ask @team, see #12 and www.acme.ch", "ask `@team,` see `#12` and `www.acme.ch`"),
        ("snake_case is _not_ emphasis", "snake_case is `_not_` emphasis"),
        ("one ` or `two``three`", "one ``` ` or `two``three` ```"),
        ("`a``b` and `c`", "``` `a``b` ``` and `c`"),
        ("<b> & |", "`<b>` `&` `|`"),
        ("a\nb ::x \u202e", "`a\\x0ab` `::x` `\\u202e`"),
    ],
)
def test_words_that_are_more_than_words_stand_as_code(text: str, written: str) -> None:
    assert inline(text) == written


def test_a_long_text_is_cut() -> None:
    assert inline("x" * 5000) == "x" * 1000 + "…"
    assert code("`" * 5000).count("`") == 3 * 1000 + 2


@given(active)
def test_nothing_is_lost_between_the_words(text: str) -> None:
    (line,) = MARKDOWN.parseInline(inline(text))
    children = line.children or []
    assert {each.type for each in children} <= {"text", "code_inline"}
    seen = "".join(each.content for each in children)
    assert seen.replace("`", "").split() == visible(text).replace("`", "").split()


@given(active.filter(bool))
def test_code_reads_back_as_it_is_shown(text: str) -> None:
    assert [each.strip(" ") for each in _codes(f"x {code(text)} y")] == [visible(text).strip(" ")]


@settings(max_examples=60)
@given(st.lists(active_findings, max_size=4), active)
def test_no_text_does_anything_but_be_read(found: list[Finding], text: str) -> None:
    report = _hostile(found, text)
    tokens = list(_tokens(report))
    for token in tokens:
        if token.type == "html_block":
            assert re.fullmatch(r"<details>\n<summary>[\w ]+</summary>\n|</details>\n", token.content)
        if token.type == "html_inline":
            assert token.content == "<br>"
        if token.type == "text":
            assert not re.search(r"[@#<&$~*|\\]|:(?=[^ ])|!\w|www\.", token.content, re.IGNORECASE)
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= READ
    assert {token.tag for token in tokens if token.type == "heading_open"} <= {"h2", "h3"}
    changes = {(finding.change or index, bool(finding.suppressed)) for index, finding in enumerate(found)}
    assert sum(token.type == "list_item_open" for token in tokens) == len(changes)


@settings(max_examples=60)
@given(st.lists(active_findings, max_size=4), active)
def test_every_line_starts_with_words_of_ours_and_no_runner_obeys_one(found: list[Finding], text: str) -> None:
    output = _markdown(_hostile(found, text))
    ours = r"#{2,3} .*|- \*\*.*|  .*||\|.*|</?(details|summary)>.*|(\d+ suppressed|compared with|note:)( .*)?"
    for line in output.split("\n"):
        assert line.isprintable() or line.startswith("## ⚠️")
        assert re.fullmatch(ours, line)
    assert not obeyed_by_culture(output)


@given(hostile)
def test_lines_to_paste_cannot_leave_their_block(text: str) -> None:
    read = _read(run(replace(SNAKE, help=f"paste:\n{text}```\n</details>\n# x\n/close\nlast")))
    assert read[-1].splitlines()[-4:] == ["</details>", "# x", "/close", "last"]


def test_many_findings_that_only_inform_are_one_note() -> None:
    found = [replace(HARMFUL, severity="info", element=f"e{n}", change=f"c{n}") for n in range(4)]
    output = _markdown(run(*found))
    assert output.count("ENUM_VALUE_ADDED") == 1
    assert "note: 4 findings of `ENUM_VALUE_ADDED` (info)" in output
    assert "4 infos in 64 files" in output
