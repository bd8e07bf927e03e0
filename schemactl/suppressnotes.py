"""What there is to tell of the comments that suppress findings: mistakes, idle ones, and ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from schemactl import bufrules, compatrules, enginerules
from schemactl.finding import Finding, Severity, Source, fingerprint
from schemactl.marks import ABOVE_NOTHING, FORM
from schemactl.names import nearest
from schemactl.suppression import Identity, Suppression, ends_soon, identity, is_about_file, is_over
from schemactl.terms import Ran, Terms
from schemactl.yamlwalk import shown

_GUESSES = 20  # each looks at every rule
_NAMED = 5  # ids in one message


@dataclass(frozen=True)
class Use:
    """What became of a suppression: how many findings of which rule it covers, and which it does not count for.

    `outlived`: rules of which another comment covers what this one does not any more.
    """

    suppression: Suppression
    of: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)
    outlived: set[str] = field(default_factory=set)


class Problem(NamedTuple):
    """What is wrong with a suppression, and what to do."""

    message: str
    help: str


def problems(suppressions: Iterable[Suppression], terms: Terms) -> list[Problem | None]:
    guess = guesser((*terms.lint, *terms.breaking))
    return [_problem(each, terms, guess) for each in suppressions]


def _problem(suppression: Suppression, terms: Terms, guess: Callable[[str], str]) -> Problem | None:
    if suppression.problem:
        help = "move it, or delete it" if suppression.problem == ABOVE_NOTHING else _WRITE
        return Problem(suppression.problem, help)
    found = dict(_problems(suppression, terms, guess))
    if len(found) == 1:
        return Problem(*next(iter(found.items())))
    helps = dict.fromkeys(filter(None, found.values()))
    return Problem("; ".join(map(_within, found)), "; ".join(helps)) if found else None


def _within(message: str) -> str:
    """A message among others: a question at its end is an aside."""
    said, asked, meant = message.partition("; did you mean ")
    return f"{said} (did you mean {meant})" if asked else message


def _problems(suppression: Suppression, terms: Terms, guess: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    unknown = [rule for rule in suppression.rules if rule not in terms.lint and rule not in terms.breaking]
    yield from (_unknown(rule, guess) for rule in unknown[:_NAMED])
    if len(unknown) > _NAMED:
        yield f"and {len(unknown) - _NAMED} more that nobody knows", ""
    if not suppression.reason and terms.settings.reason == "required":
        yield "it should say why, behind ` -- `", _WRITE


_WRITE = f"write {FORM}"
_LIST = "`schemactl rules list` lists all rules"


def _unknown(name: str, guess: Callable[[str], str]) -> tuple[str, str]:
    if name in enginerules.RULES:
        return f"`{name}` cannot be suppressed", f"take `{name}` out of the comment, and settle what it finds"
    if name in bufrules.table():
        return f"`{name}` is a rule of Buf's that does not run here", f"take `{name}` out of the comment"
    if bufrules.is_known(name) or name == compatrules.CATEGORY:
        return f"`{name}` is a category; name its rules one by one", _LIST
    return f"there is no rule `{shown(name)}`{guess(name)}", _LIST


def guesser(known: Collection[str]) -> Callable[[str], str]:
    """A function that says which rule was probably meant, as long as there are few to say it of."""
    left = iter(range(_GUESSES))

    @cache
    def guess(name: str) -> str:
        close = nearest(name, known) if next(left, None) is not None else None
        return f"; did you mean `{close}`?" if close else ""

    return guess


def invalid(suppression: Suppression, problem: Problem) -> Finding:
    message = f"this suppresses nothing: {problem.message}"
    return _finding("SUPPRESSION_INVALID", "error", "lint", suppression, message, problem.help, problem.message)


def told(use: Use, terms: Terms, base: Collection[Identity] | None) -> Iterator[Finding]:
    suppression = use.suppression
    fresh = {rule for rule in suppression.rules if base is not None and identity(suppression, rule) not in base}
    if use.of and ends_soon(suppression.until, terms.today):
        message = f"the suppression of {listed(use.of)} ends on {suppression.until}"
        help = "settle what it covers before that day is over, or move `until` and say why"
        yield _finding("SUPPRESSION_EXPIRES", "info", "lint", suppression, message, help)
    yield from _idle(use, terms, fresh)


def _idle(use: Use, terms: Terms, fresh: Collection[str]) -> Iterator[Finding]:
    """Of approvals only what is new: once a break is merged, nothing finds it until the next release."""
    suppression = use.suppression
    ran = {rule: terms.ran(rule, suppression.at.path) for rule in suppression.rules}
    idle = [rule for rule in ran if rule not in use.of and rule not in use.refused and ran[rule] != "unasked"]
    merged = [rule for rule in idle if rule in terms.breaking and rule not in fresh]
    told = [rule for rule in idle if rule not in merged]
    whole = len(told) == len(suppression.rules)
    if told:
        help = "delete the comment" if whole else f"take {listed(told)} out of the comment"
        if is_about_file(suppression) and "on" in (ran[rule] for rule in told):
            help = f"put it above what it is about, or {help}"
        message = f"the suppression is not needed: {'; '.join(_why_idle(use, told, ran))}"
        yield _finding("SUPPRESSION_UNUSED", "warning", "lint", suppression, message, help, ",".join(told))
    if merged and is_over(suppression.until, terms.today):
        message = f"the approval of {listed(merged)} ended on {suppression.until}, and nothing needs it any more"
        yield _finding("SUPPRESSION_UNUSED", "info", "lint", suppression, message, "delete it", ",".join(merged))


def _why_idle(use: Use, rules: Collection[str], ran: Mapping[str, Ran]) -> Iterator[str]:
    off = [rule for rule in rules if ran[rule] == "off"]
    others = [rule for rule in rules if rule in use.outlived and rule not in off]
    useless = [rule for rule in rules if rule not in off and rule not in others]
    where = "about the file itself, which is all that a comment above its first statement covers"
    if useless:
        place = where if is_about_file(use.suppression) else "here"
        yield f"{listed(useless)} {'find' if len(useless) > 1 else 'finds'} nothing {place}"
    if off:
        yield f"{listed(off)} {'are' if len(off) > 1 else 'is'} off here"
    if others:
        yield f"{_spent(use.suppression)}, and another comment covers {listed(others)}"


def _spent(suppression: Suppression) -> str:
    return f"it ended on {suppression.until}" if suppression.until else "it does not count"


def listed(rules: Iterable[str]) -> str:
    names = [f"`{rule}`" for rule in rules]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _finding(
    rule: str,
    severity: Severity,
    source: Source,
    suppression: Suppression,
    message: str,
    help: str | None,
    key: str = "",
) -> Finding:
    element = suppression.element or None
    file = suppression.at.path.rpartition("/")[2]
    about = "\0".join((key, file, *suppression.rules, suppression.until, suppression.reason))
    print_ = fingerprint(rule, element, about)
    return Finding(rule, severity, source, message, suppression.at, element, help, fingerprint=print_)
