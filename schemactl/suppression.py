"""A suppression: a comment that says which findings of an element, or of a line, are to be left out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from schemactl.finding import Location

Identity = tuple[str, ...]

MARKER = b"schemactl:ignore"  # how such a comment starts
_WARNED = 14  # days before its end that a suppression is told of
_LONGEST = 300  # of a reason, where it is repeated for every finding


class Suppression(Struct, frozen=True, array_like=True, gc=False):
    """One comment as it was written; nobody has judged yet whether it counts.

    `at` is where it stands, `covers` what it is about: an element with all in it, a line, or for a whole file its first
    statements. `element` is the full name of that element, or of what is around it; `statement` tells apart what has no
    name of its own (an import, an option), and `line` that it is about one line. `until` is an ISO date, the last day
    it counts, or empty. `problem` says what is wrong with the way it is written.
    """

    rules: tuple[str, ...]
    at: Location
    covers: tuple[Location, ...] = ()
    element: str = ""
    until: str = ""
    reason: str = ""
    problem: str = ""
    statement: str = ""
    line: bool = False


def identity(suppression: Suppression, rule: str) -> Identity:
    """What makes it the same in another revision: never its line. A statement is known by its file only."""
    where = suppression.at.path if suppression.statement else ""
    kind = "line" if suppression.line else ""
    named = (suppression.element, suppression.statement, kind, where)
    return (rule, *named, suppression.until, suppression.reason)


def is_about_file(suppression: Suppression) -> bool:
    """Whether it stands above the first statement of a file, which is no element, and so is about nothing in it."""
    return suppression.statement.startswith("file ") and len(suppression.statement) > len("file ")


def shared(before: Iterable[Suppression], now: Iterable[Suppression]) -> frozenset[Identity]:
    """What `now` has no more often than `before`: one more of those that look alike is new."""
    was, is_ = (Counter(identity(each, rule) for each in some for rule in each.rules) for some in (before, now))
    return frozenset(each for each, count in is_.items() if count <= was[each])


def is_over(until: str, today: date) -> bool:
    return bool(until) and today > date.fromisoformat(until)


def ends_soon(until: str, today: date) -> bool:
    """Whether it still counts, and not for long."""
    return bool(until) and 0 <= (date.fromisoformat(until) - today).days <= _WARNED


def worded(what: str, until: str, reason: str) -> str:
    """`what until 2027-01-31: reason`, as far as there is any of it."""
    reason = reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"
    return what + (f" until {until}" if until else "") + (f": {reason}" if reason else "")
