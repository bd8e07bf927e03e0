"""What comments do to findings, and what a report says of the comments."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from schemactl.configfile import SuppressSection
from schemactl.finding import Finding, Location, Source
from schemactl.marks import ABOVE_NOTHING, FORM
from schemactl.report.escape import visible
from schemactl.suppress import applied
from schemactl.suppression import Suppression, shared
from schemactl.terms import Ran, Terms

PATH = "acme/v1/user.proto"
LINT, BREAKING = {"A_RULE", "B_RULE", "FIELD_LOWER_SNAKE_CASE"}, {"FIELD_NO_DELETE", "FIELD_SAME_TYPE"}
TODAY = date(2027, 1, 10)


def terms(
    today: date = TODAY,
    ran: dict[str, Ran] | None = None,
    strict: bool = False,
    comments: bool = True,
    reason: str = "required",
) -> Terms:
    settings = SuppressSection(comments, reason)  # type: ignore[arg-type]
    return Terms(settings, today, LINT, BREAKING, lambda rule, path: (ran or {}).get(rule, "on"), strict)


def finding(rule: str = "A_RULE", line: int = 5, column: int = 3, source: Source = "lint", **more: Any) -> Finding:
    place = Location(PATH, line, column, line, column + 4)
    return Finding(rule, "error", source, f"{rule} at {line}", place, fingerprint=f"{rule}{line}", **more)


def broken(rule: str = "FIELD_NO_DELETE", line: int = 5) -> Finding:
    return finding(rule, line, source="buf")


def comment(
    *rules: str,
    lines: tuple[int, int] = (5, 9),
    until: str = "",
    reason: str = "legacy",
    element: str = "acme.v1.User",
    problem: str = "",
) -> Suppression:
    """It stands in the line above the first that it covers."""
    at = Location(PATH, lines[0] - 1, 4, lines[0] - 1, 30)
    covers = (Location(PATH, lines[0], 1, lines[1], 2),)
    return Suppression(rules or ("A_RULE",), at, covers, element, until, reason, problem)


def run(
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    on: Terms | None = None,
    base: Sequence[Suppression] | None = None,
) -> tuple[list[Finding], list[str]]:
    """The findings as they came out, and what is told beside them."""
    done = applied(findings, suppressions, on or terms(), None if base is None else shared(base, suppressions))
    kept, told = done.findings[: len(findings)], done.findings[len(findings) :]
    for each in told:
        assert each.location
        assert not each.suppressed
    return kept, [f"{each.rule} {each.severity} {each.message}" for each in told]


def test_a_comment_marks_what_it_covers_and_nothing_else() -> None:
    found = [
        finding(line=4),
        finding(line=5, column=1),
        finding(line=9, column=1),
        finding(line=9, column=2),
        finding("B_RULE"),
        Finding("A_RULE", "error", "lint", "no place"),
        Finding("A_RULE", "error", "lint", "elsewhere", Location("acme/v1/other.proto", 6, 1, 6, 2)),
    ]
    kept, told = run(found, [comment(until="2027-03-31")])
    text = "schemactl:ignore until 2027-03-31: legacy"
    assert [each.suppressed for each in kept] == [None, text, text, None, None, None, None]
    assert told == []


def test_without_comments_findings_pass_as_they_are() -> None:
    found = [finding(suppressed="buf:lint:ignore A_RULE")]
    assert applied(found, [], terms()) == (found, ())


def test_until_is_its_last_day_and_told_of_from_two_weeks_before() -> None:
    on = {
        day: run([finding()], [comment(until="2027-01-31")], terms(day))
        for day in (date(2027, 1, 16), date(2027, 1, 17), date(2027, 1, 31), date(2027, 2, 1))
    }
    soon = ["SUPPRESSION_EXPIRES info the suppression of `A_RULE` ends on 2027-01-31"]
    assert [told for _, told in on.values()] == [[], soon, soon, []]
    assert [bool(kept[0].suppressed) for kept, _ in on.values()] == [True, True, True, False]
    (back,), _ = on[date(2027, 2, 1)]
    assert back.help == f"its suppression at {PATH}:4 ended on 2027-01-31"
    (helped,), _ = run([finding(help="rename it")], [comment(until="2027-01-31")], terms(date(2027, 2, 1)))
    assert helped.help == f"its suppression at {PATH}:4 ended on 2027-01-31; rename it"


def test_the_first_and_the_last_day_there_are_do_no_harm() -> None:
    for until in ("0001-01-01", "9999-12-31"):
        for today in (date.min, date.max):
            run([finding()], [comment(until=until)], terms(today))


def test_what_ends_soon_and_suppresses_nothing_is_only_said_to_be_idle() -> None:
    _, told = run([], [comment(until="2027-01-11")])
    assert told == ["SUPPRESSION_UNUSED warning the suppression is not needed: `A_RULE` finds nothing here"]


def test_each_rule_that_is_not_needed_is_named() -> None:
    done = applied([finding()], [comment("A_RULE", "B_RULE", "FIELD_LOWER_SNAKE_CASE")], terms())
    kept, unused = done.findings
    assert kept.suppressed
    message = "the suppression is not needed: `B_RULE`, `FIELD_LOWER_SNAKE_CASE` find nothing here"
    assert (unused.rule, unused.message) == ("SUPPRESSION_UNUSED", message)
    assert unused.help == "take `B_RULE`, `FIELD_LOWER_SNAKE_CASE` out of the comment"
    assert (unused.source, unused.location) == ("lint", comment().at)


def test_of_a_rule_that_did_not_run_nothing_is_said_and_one_that_is_off_is_named_so() -> None:
    on = terms(ran={"A_RULE": "unasked", "B_RULE": "off"})
    _, told = run([], [comment("A_RULE", "B_RULE")], on)
    assert told == ["SUPPRESSION_UNUSED warning the suppression is not needed: `B_RULE` is off here"]
    assert run([], [comment("A_RULE")], on)[1] == []


def test_the_innermost_comment_is_the_one_that_was_needed() -> None:
    outer, inner = comment(lines=(5, 20), reason="outer"), comment(lines=(7, 7), reason="inner")
    kept, told = run([finding(line=7, column=1)], [outer, inner])
    assert kept[0].suppressed == "schemactl:ignore: inner"
    assert len(told) == 1
    kept, told = run([finding(line=7, column=1), finding(line=8)], [outer, inner])
    assert [each.suppressed for each in kept] == ["schemactl:ignore: inner", "schemactl:ignore: outer"]
    assert told == []


def test_an_outer_comment_steps_in_for_one_that_has_ended() -> None:
    over = comment(lines=(7, 7), until="2026-12-31")
    kept, told = run([finding(line=7, column=1)], [comment(lines=(5, 20), reason="outer"), over])
    assert kept[0].suppressed == "schemactl:ignore: outer"
    assert told == [
        "SUPPRESSION_UNUSED warning the suppression is not needed: it ended on 2026-12-31, and another comment covers "
        "`A_RULE`"
    ]


def test_above_the_first_statement_it_says_that_it_is_about_the_file_alone() -> None:
    above = Suppression(("A_RULE",), Location(PATH, 1, 4, 1, 30), (), "acme.v1", "", "legacy", statement="file 12")
    (found,) = applied([finding()], [above], terms()).findings[1:]
    assert found.message.endswith(
        "`A_RULE` finds nothing about the file itself, which is all that a comment above its first statement covers"
    )
    assert found.help == "put it above what it is about, or delete the comment"
    message = Suppression(("A_RULE",), above.at, (), "User", "", "legacy", statement="file ")
    (found,) = applied([], [message], terms()).findings
    assert found.message.endswith("`A_RULE` finds nothing here")


@pytest.mark.parametrize(
    ("wrong", "help"),
    [
        (comment("COMPILE"), "take `COMPILE` out of the comment, and settle what it finds"),
        (comment("PROTOVALIDATE"), "take `PROTOVALIDATE` out of the comment"),
        (comment("STANDARD", "A_RUEL"), "`schemactl rules list` lists all rules"),
        (comment("A_RUEL", reason=""), f"`schemactl rules list` lists all rules; write {FORM}"),
        (comment(reason=""), f"write {FORM}"),
        (comment(problem=ABOVE_NOTHING), "move it, or delete it"),
        (comment(problem="it should end on one day, not on several"), f"write {FORM}"),
    ],
)
def test_the_help_fits_the_mistake(wrong: Suppression, help: str) -> None:
    (found,) = applied([], [wrong], terms()).findings
    assert (found.rule, found.help) == ("SUPPRESSION_INVALID", help)


def test_what_one_of_bufs_comments_suppresses_counts_as_use() -> None:
    kept, told = run([finding(suppressed="buf:lint:ignore A_RULE")], [comment()])
    assert kept[0].suppressed == "buf:lint:ignore A_RULE"
    assert told == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (comment("A_RUEL"), "there is no rule `A_RUEL`; did you mean `A_RULE`?"),
        (comment("a_rule"), "there is no rule `a_rule`; did you mean `A_RULE`?"),
        (comment("A_RULE", "COMPILE"), "`COMPILE` cannot be suppressed"),
        (comment("A_RULE", "SUPPRESSION_UNUSED"), "`SUPPRESSION_UNUSED` cannot be suppressed"),
        (comment("A_RULE", "PROTOVALIDATE"), "`PROTOVALIDATE` is a rule of Buf's that does not run here"),
        (comment("A_RULE", "STANDARD"), "`STANDARD` is a category; name its rules one by one"),
        (comment("A_RULE", reason=""), "it should say why, behind ` -- `"),
        (comment("WHAT_NOW", reason=""), "there is no rule `WHAT_NOW`; it should say why, behind ` -- `"),
        (
            comment("A_RUEL", "STANDARD", reason=""),
            "there is no rule `A_RUEL` (did you mean `A_RULE`?); `STANDARD` is a category; name its rules one by one; "
            "it should say why, behind ` -- `",
        ),
        (comment("A_RULE", problem="there is nothing below it"), "there is nothing below it"),
    ],
)
def test_a_comment_with_a_mistake_suppresses_nothing(wrong: Suppression, problem: str) -> None:
    kept, told = run([finding()], [wrong])
    assert kept == [finding()]
    assert told == [f"SUPPRESSION_INVALID error this suppresses nothing: {problem}"]


def test_a_reason_may_be_left_out_where_the_policy_says_so() -> None:
    kept, told = run([finding()], [comment(reason="")], terms(reason="optional"))
    assert kept[0].suppressed == "schemactl:ignore"
    assert told == []


def test_where_comments_do_not_count_none_does_and_that_is_said_once() -> None:
    off = terms(comments=False)
    found = [finding(suppressed="buf:lint:ignore A_RULE"), finding(line=6)]
    done = applied(found, [comment(), comment("NO_SUCH")], off)
    assert [each.suppressed for each in done.findings] == [None, None]
    assert done.notes == ("comments that would suppress findings do not count: `suppress.comments` is false",)
    assert applied(found, [], off).notes == done.notes
    assert applied([finding()], [], off).notes == ()
    other = [finding(suppressed="baseline")]
    assert applied(other, [], off) == (other, ())


GONE = "FIELD_NO_DELETE"


def approves(now: Suppression, *base: Suppression) -> bool:
    """Whether a break is approved by a comment that, as `approvals: base` has it, the base should have."""
    kept, _ = run([broken(line=now.covers[0].line)], [now], terms(strict=True), base)
    return bool(kept[0].suppressed)


@pytest.mark.parametrize(
    "now",
    [
        comment(GONE, until="2027-12-31"),
        comment(GONE, reason="another"),
        comment(GONE, element="acme.v1.Users"),
        comment("A_RULE", GONE, until="2027-12-31"),
    ],
)
def test_another_end_reason_or_element_makes_it_new(now: Suppression) -> None:
    assert approves(now, now)
    assert not approves(now, comment(GONE))


def test_a_rule_added_to_a_comment_is_what_is_new() -> None:
    assert not approves(comment("A_RULE", GONE), comment("A_RULE"))
    assert approves(comment("A_RULE", GONE), comment(GONE))


def test_a_comment_that_moves_with_its_element_is_not_new() -> None:
    assert approves(comment(GONE, lines=(50, 60)), comment(GONE))


def test_one_more_of_those_that_look_alike_is_new() -> None:
    old, copy = comment(GONE), comment(GONE, lines=(20, 30))
    kept, _ = run([broken(line=25)], [old, copy], terms(strict=True), [old])
    assert not kept[0].suppressed
    kept, _ = run([broken(line=25)], [old, copy], terms(strict=True), [old, copy])
    assert kept[0].suppressed


def test_a_comment_of_a_line_does_not_stand_for_one_of_the_element() -> None:
    was = Suppression((GONE,), Location(PATH, 5, 9, 5, 30), (), "acme.v1.User", "", "legacy", line=True)
    assert not approves(comment(GONE), was)


def test_a_statement_in_another_file_is_another_one() -> None:
    at = Location("acme/v1/other.proto", 1, 1, 1, 9)
    covers = (Location(PATH, 5, 1, 6, 1),)
    here = Suppression((GONE,), Location(PATH, 4, 1, 4, 9), covers, "acme.v1", "", "legacy", statement="8.11")
    there = Suppression((GONE,), at, (), "acme.v1", "", "legacy", statement="8.11")
    assert not approves(here, there)
    assert approves(here, here)


def test_a_breaking_change_is_approved_by_a_comment_of_the_change() -> None:
    done = applied([broken()], [comment("FIELD_NO_DELETE", until="2027-06-30")], terms(), frozenset())
    (kept,) = done.findings
    assert kept.suppressed == "schemactl:ignore until 2027-06-30: legacy"


def test_where_the_base_approves_a_comment_of_the_change_counts_for_nothing() -> None:
    strict = terms(strict=True)
    new = comment("FIELD_NO_DELETE", "A_RULE")
    kept, told = run([broken(), finding()], [new], strict, base=[])
    assert not kept[0].suppressed
    assert kept[0].help == f"its approval at {PATH}:4 does not count before it is in the base (`approvals: base`)"
    assert kept[1].suppressed
    assert told == []
    kept, told = run([broken()], [new], strict, base=[comment("FIELD_NO_DELETE", "A_RULE")])
    assert kept[0].suppressed
    assert not run([broken()], [comment("FIELD_NO_DELETE")], strict)[0][0].suppressed


def test_an_idle_approval_is_told_when_it_is_made_and_when_it_has_ended() -> None:
    old, over = comment("FIELD_NO_DELETE"), comment("FIELD_NO_DELETE", until="2026-12-31")
    assert run([], [old], base=[])[1] == [
        "SUPPRESSION_UNUSED warning the suppression is not needed: `FIELD_NO_DELETE` finds nothing here"
    ]
    assert run([], [old], base=[old])[1] == []
    assert run([], [old])[1] == []
    assert run([], [over], base=[over])[1] == [
        "SUPPRESSION_UNUSED info the approval of `FIELD_NO_DELETE` ended on 2026-12-31, and nothing needs it any more"
    ]
    kept, told = run([broken()], [over], base=[over])
    assert kept[0].help == f"its approval at {PATH}:4 ended on 2026-12-31"
    assert told == []
    assert run([], [over], terms(ran={"FIELD_NO_DELETE": "unasked"}), base=[])[1] == []


def test_nothing_hostile_reaches_a_terminal_and_nothing_is_endless() -> None:
    reason = "\x1b[2J::error::" + "x" * 10_000
    done = applied(
        [finding(), finding("B_RULE")], [comment(reason=reason), comment("B_RULE!" * 9000)], terms(), frozenset()
    )
    texts = [text for each in done.findings for text in (each.message, each.suppressed or "", each.help or "")]
    assert max(map(len, texts)) < 500
    assert "\x1b" not in "".join(map(visible, texts))


def test_thousands_of_comments_and_findings_take_no_longer_than_their_number() -> None:
    start = time.process_time()
    found = [finding(line=line, column=1) for line in range(5, 5000)]
    nested = [comment(lines=(line, 10_000 - line)) for line in range(5, 4000)]
    unknown = [comment(f"NO_RULE_{line}", lines=(line, line)) for line in range(5, 3000)]
    done = applied(found, [*nested, *unknown], terms(), frozenset())
    assert len(done.findings) == 4995 + 2995
    assert time.process_time() - start < 5


def test_fingerprints_do_not_follow_lines_and_tell_two_mistakes_apart() -> None:
    wrong = [comment("NO_RULE"), comment("NO_RULES"), comment("NO_RULE", lines=(50, 60))]
    one, two, moved = (each.fingerprint for each in applied([], wrong, terms()).findings)
    assert one == moved != two
