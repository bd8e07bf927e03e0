"""The file of approvals: what may stand in it, and what it does to breaking changes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

import pytest
from msgspec.structs import replace

from schemactl.approvals import Approval, Entry, of_base, read
from schemactl.approve import applied
from schemactl.configfile import SuppressSection
from schemactl.errors import ConfigError
from schemactl.finding import Against, Finding, Location
from schemactl.terms import Ran, Terms

FILE = "schemactl-approvals.yaml"
RULES = {"FIELD_NO_DELETE", "FIELD_SAME_TYPE", "FILE_NO_DELETE"}
USER = "acme.users.v1.User"
PRINT = "0123456789abcdef"


def load(text: str, reason: str = "required") -> tuple[Approval, ...]:
    return read(text.encode(), FILE, RULES, SuppressSection(reason=reason))  # type: ignore[arg-type]


def terms(today: date = date(2027, 1, 10), strict: bool = False, ran: Ran = "on") -> Terms:
    return Terms(SuppressSection(), today, {"A_RULE"}, RULES, lambda rule, path: ran, strict)


def broken(element: str | None = USER, rule: str = "FIELD_NO_DELETE", print_: str = PRINT) -> Finding:
    place = Location("acme/users/v1/user.proto", 5, 1, 9, 2)
    was = Against("main", "acme/users/v1/old.proto", 4, 1)
    return Finding(rule, "error", "buf", "it is gone", place, element, "bring it back", was, fingerprint=print_)


def entry(
    until: str = "", reason: str = "nobody reads it", rule: str = "FIELD_NO_DELETE", element: str = USER
) -> Entry:
    return Entry(rule, element, "", until, reason)


def run(
    findings: Sequence[Finding],
    entries: Sequence[Entry],
    on: Terms | None = None,
    base: Sequence[Entry] | None = None,
    compared: bool = True,
) -> tuple[list[Finding], list[str]]:
    approvals = [Approval(each, Location(FILE, n, 5, n, 5)) for n, each in enumerate(entries, 2)]
    known = None if base is None else frozenset(base)
    done = applied(findings, approvals, on or terms(), known, compared=compared)
    told = done.findings[len(findings) :]
    assert all(each.source == "policy" and each.location for each in told)
    return done.findings[: len(findings)], [f"{each.rule} {each.severity} {each.message}" for each in told]


def test_entries_are_read_with_their_places() -> None:
    text = f"""\
approvals:
  - rule: FIELD_NO_DELETE
    element: {USER}
    until: 2027-01-31
    reason: nobody reads it any more
  - fingerprint: {PRINT}
    reason: agreed
  - fingerprint: 0000000000000012
    reason: digits alone are text
"""
    first, second, third = load(text)
    assert first.entry == Entry("FIELD_NO_DELETE", USER, "", "2027-01-31", "nobody reads it any more")
    assert (first.at.line, first.at.column) == (2, 5)
    assert (second.entry.fingerprint, second.at.line) == (PRINT, 6)
    assert third.entry.fingerprint == "0000000000000012"
    assert load("") == load("approvals: []") == ()
    assert of_base(text.encode(), FILE) == {first.entry, second.entry, third.entry}


def test_all_mistakes_are_told_at_once_with_their_places() -> None:
    text = f"""\
approvals:
  - {{rule: FIELD_NO_DELET, element: {USER}, reason: x}}
  - {{rule: WIRE_JSON, element: {USER}, reason: x}}
  - {{rule: A_RULE, element: {USER}, reason: x}}
  - {{rule: FIELD_NO_DELETE, reason: x}}
  - {{element: {USER}, reason: x}}
  - {{rule: FIELD_NO_DELETE, element: {USER}, fingerprint: {PRINT}, reason: x}}
  - {{fingerprint: {PRINT.upper()}, reason: x}}
  - {{fingerprint: 12, reason: x}}
  - {{fingerprint: {PRINT}}}
  - {{fingerprint: {PRINT}, reason: "  "}}
  - {{fingerprint: {PRINT}, reason: x, until: tomorrow}}
  - {{fingerprint: {PRINT}, reason: x, until: 2027-02-29}}
  - {{fingerprint: {PRINT}, reason: x, reasons: y}}
"""
    with pytest.raises(ConfigError) as failure:
        load(text)
    told = failure.value.message.split("\n")
    assert [line.split(" ", 1)[0] for line in told] == [
        f"{FILE}:2:6:",
        f"{FILE}:3:6:",
        f"{FILE}:4:6:",
        f"{FILE}:5:5:",
        f"{FILE}:6:5:",
        f"{FILE}:7:58:",
        f"{FILE}:8:6:",
        f"{FILE}:9:6:",
        f"{FILE}:10:5:",
        f"{FILE}:11:5:",
        f"{FILE}:12:48:",
        f"{FILE}:13:48:",
        f"{FILE}:14:48:",
    ]
    assert "did you mean `FIELD_NO_DELETE`?" in told[0]
    assert "`WIRE_JSON` is a category" in told[1]
    assert "there is no rule `A_RULE` for breaking changes" in told[2]
    assert "did you mean `reason`?" in told[-1]
    with pytest.raises(ConfigError, match="should be a list"):
        load("approvals: {rule: FIELD_NO_DELETE}")


def test_a_reason_may_be_left_out_where_the_policy_says_so() -> None:
    (found,) = load(f"approvals: [{{fingerprint: {PRINT}}}]", reason="optional")
    assert found.entry.reason == ""


def test_a_file_of_the_base_that_cannot_be_read_approved_nothing() -> None:
    assert of_base(b"approvals: [", FILE) == of_base(b"\xff", FILE) == of_base(None, FILE) == frozenset()


@pytest.mark.parametrize(
    "given",
    [
        Entry(fingerprint=PRINT, reason="nobody reads it"),
        entry(),
        entry(element="acme/users/v1/user.proto"),
        entry(element="acme/users/v1/old.proto"),
    ],
)
def test_an_entry_is_about_a_fingerprint_an_element_or_a_file_of_either_side(given: Entry) -> None:
    kept, told = run([broken()], [given])
    assert kept[0].suppressed == "schemactl-approvals.yaml: nobody reads it"
    assert told == []


@pytest.mark.parametrize(
    "given",
    [
        Entry(fingerprint="f" * 16, reason="x"),
        entry(rule="FIELD_SAME_TYPE"),
        entry(element="acme.users.v1"),
        entry(element=f"{USER}.id"),
        entry(element="acme/users/v1"),
    ],
)
def test_an_entry_about_something_else_approves_nothing(given: Entry) -> None:
    assert run([broken()], [given])[0] == [broken()]


def test_a_deleted_file_is_known_by_its_old_path() -> None:
    gone = Finding("FILE_NO_DELETE", "error", "buf", "gone", against=Against("main", "acme/v1/a.proto"))
    kept, _ = run([gone], [entry(rule="FILE_NO_DELETE", element="acme/v1/a.proto")])
    assert kept[0].suppressed


def test_lint_findings_cannot_be_approved() -> None:
    place = Location("acme/v1/a.proto", 1, 1, 1, 2)
    found = Finding("A_RULE", "error", "lint", "bad", place, USER, fingerprint=PRINT)
    assert run([found], [Entry(fingerprint=PRINT, reason="x")])[0] == [found]


def test_until_is_its_last_day_and_told_of_from_two_weeks_before() -> None:
    on = {
        day: run([broken()], [entry("2027-01-31")], terms(day))
        for day in (date(2027, 1, 16), date(2027, 1, 17), date(2027, 1, 31), date(2027, 2, 1))
    }
    soon = [f"SUPPRESSION_EXPIRES info the approval of `FIELD_NO_DELETE` on `{USER}` ends on 2027-01-31"]
    assert [told for _, told in on.values()] == [[], soon, soon, []]
    assert [bool(kept[0].suppressed) for kept, _ in on.values()] == [True, True, True, False]
    (back,), _ = on[date(2027, 2, 1)]
    assert back.help == f"its approval at {FILE}:2 ended on 2027-01-31; bring it back"


def test_where_the_base_approves_an_entry_of_the_change_counts_for_nothing() -> None:
    new, strict = entry(), terms(strict=True)
    kept, told = run([broken()], [new], strict, base=[])
    assert not kept[0].suppressed
    assert kept[0].help
    assert "`approvals: base`" in kept[0].help
    assert told == []
    assert run([broken()], [new], strict, base=[new])[0][0].suppressed
    assert not run([broken()], [new], strict)[0][0].suppressed


def test_an_idle_entry_is_told_when_it_is_made_and_when_it_has_ended() -> None:
    new, over = entry(), entry("2026-12-31")
    assert run([], [new], base=[])[1] == [
        f"APPROVAL_UNUSED warning the approval is not needed: `FIELD_NO_DELETE` finds nothing on `{USER}`"
    ]
    assert run([], [new], terms(ran="off"), base=[])[1] == [
        "APPROVAL_UNUSED warning the approval is not needed: `FIELD_NO_DELETE` is off here"
    ]
    assert run([], [new], base=[new])[1] == []
    assert run([], [over], base=[over])[1] == [
        f"APPROVAL_UNUSED info the approval of `FIELD_NO_DELETE` on `{USER}` ended on 2026-12-31, "
        "and nothing needs it any more"
    ]
    assert run([], [new, over], base=[], compared=False)[1] == []


def test_an_entry_that_a_comment_does_without_still_counts_as_used() -> None:
    kept, told = run([replace(broken(), suppressed="x")], [entry()], base=[])
    assert kept[0].suppressed == "x"
    assert told == []


def test_as_many_entries_as_a_file_may_hold_take_no_time() -> None:
    start = time.process_time()
    run(
        [broken(f"{USER}.f{n}", print_=f"{n:016x}") for n in range(5000)],
        [entry(element=f"x{n}") for n in range(9000)],
        base=[],
    )
    assert time.process_time() - start < 3
