"""What there is to tell of the comments that suppress findings: mistakes, idle ones, ends, and what a change adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from schemactl import bufrules, enginerules
from schemactl.finding import Finding, Severity, Source, fingerprint
from schemactl.marks import FORM
from schemactl.names import nearest
from schemactl.suppression import Identity, Suppression, ends_soon, identity, is_over, worded
from schemactl.terms import Terms
from schemactl.yamlwalk import shown

_GUESSES = 20  # each looks at every rule
_NAMED = 5  # ids in one message


@dataclass(frozen=True)
class Use:
    """What became of a suppression: how many findings of which rule it covers, and which it does not count for."""

    suppression: Suppression
    of: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)


def problems(suppressions: Iterable[Suppression], terms: Terms) -> list[str]:
    """What is wrong with each, or nothing."""
    guess = guesser((*terms.lint, *terms.breaking))
    return [each.problem or "; ".join(_problems(each, terms, guess)) for each in suppressions]


def _problems(suppression: Suppression, terms: Terms, guess: Callable[[str], str]) -> Iterator[str]:
    unknown = [rule for rule in suppression.rules if rule not in terms.lint and rule not in terms.breaking]
    yield from (_unknown(rule, guess) for rule in unknown[:_NAMED])
    if len(unknown) > _NAMED:
        yield f"and {len(unknown) - _NAMED} more that nobody knows"
    if not suppression.reason and terms.settings.reason == "required":
        yield "it should say why, behind ` -- `"


def _unknown(name: str, guess: Callable[[str], str]) -> str:
    if name in enginerules.RULES:
        return f"`{name}` cannot be suppressed"
    if name in bufrules.table():
        return f"`{name}` is a rule of Buf's that does not run here"
    if bufrules.is_known(name):
        return f"`{name}` is a category; name its rules one by one"
    return f"there is no rule `{shown(name)}`{guess(name)}"


def guesser(known: Collection[str]) -> Callable[[str], str]:
    """A function that says which rule was probably meant, as long as there are few to say it of."""
    left = iter(range(_GUESSES))

    @cache
    def guess(name: str) -> str:
        close = nearest(name, known) if next(left, None) is not None else None
        return f"; did you mean `{close}`?" if close else ""

    return guess


def invalid(suppression: Suppression, problem: str) -> Finding:
    message = f"this suppresses nothing: {problem}"
    return _finding("SUPPRESSION_INVALID", "error", "lint", suppression, message, f"write {FORM}", problem)


def told(use: Use, terms: Terms, base: Collection[Identity] | None) -> Iterator[Finding]:
    suppression = use.suppression
    fresh = {rule for rule in suppression.rules if base is not None and identity(suppression, rule) not in base}
    if use.of and ends_soon(suppression.until, terms.today):
        message = f"the suppression of {listed(use.of)} ends on {suppression.until}"
        help = "settle what it covers before that day is over, or move `until` and say why"
        yield _finding("SUPPRESSION_EXPIRES", "info", "lint", suppression, message, help)
    yield from _idle(use, terms, fresh)
    yield from _added(use, terms, fresh)


def _idle(use: Use, terms: Terms, fresh: Collection[str]) -> Iterator[Finding]:
    """Of approvals only what is new: once a break is merged, nothing finds it until the next release."""
    suppression = use.suppression
    ran = {rule: terms.ran(rule, suppression.at.path) for rule in suppression.rules}
    idle = [rule for rule in ran if rule not in use.of and rule not in use.refused and ran[rule] != "unasked"]
    merged = [rule for rule in idle if rule in terms.breaking and rule not in fresh]
    told = [rule for rule in idle if rule not in merged]
    whole = len(told) == len(suppression.rules)
    if told:
        useless, off = ([rule for rule in told if ran[rule] == state] for state in ("on", "off"))
        said = [f"{listed(useless)} {'find' if len(useless) > 1 else 'finds'} nothing here"] if useless else []
        said += [f"{listed(off)} {'are' if len(off) > 1 else 'is'} off here"] if off else []
        help = "delete the comment" if whole else f"take {listed(told)} out of the comment"
        message = f"the suppression is not needed: {'; '.join(said)}"
        yield _finding("SUPPRESSION_UNUSED", "warning", "lint", suppression, message, help, ",".join(told))
    if merged and is_over(suppression.until, terms.today):
        message = f"the approval of {listed(merged)} ended on {suppression.until}, and nothing needs it any more"
        yield _finding("SUPPRESSION_UNUSED", "info", "lint", suppression, message, "delete it", ",".join(merged))


def _added(use: Use, terms: Terms, fresh: Collection[str]) -> Iterator[Finding]:
    """What this change lets pass that would be told otherwise: it stands first in every report."""
    used = [rule for rule in use.of if rule in fresh]
    for rules, id, done in (
        ([rule for rule in used if rule in terms.breaking], "BREAK_APPROVED", "approved"),
        ([rule for rule in used if rule not in terms.breaking], "SUPPRESSION_ADDED", "suppressed"),
    ):
        if rules:
            verb = "is" if len(rules) == 1 else "are"
            what = f"{listed(rules)} {_where(use.suppression)} {verb} {done} by this change"
            message = worded(what, use.suppression.until, use.suppression.reason)
            yield _finding(id, "info", "policy", use.suppression, message, None, ",".join(rules))


def _where(suppression: Suppression) -> str:
    if suppression.statement or not suppression.element:
        return f"in `{suppression.at.path}`"
    return f"on `{suppression.element}`"


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
