"""The file of approvals beside schemactl.yaml: which breaking changes somebody has agreed to, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set

from msgspec import Struct

from schemactl import bufrules, compatrules, yamlfile
from schemactl.configfile import SuppressSection
from schemactl.errors import ConfigError
from schemactl.finding import Location
from schemactl.marks import is_date
from schemactl.suppressnotes import guesser
from schemactl.yamlwalk import Keys, shown

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class Entry(Struct, frozen=True):
    """It is about one fingerprint, or about a rule and the full name of an element (or the path of a file).

    `until` is an ISO date, the last day it counts, or empty.
    """

    rule: str = ""
    element: str = ""
    fingerprint: str = ""
    until: str = ""
    reason: str = ""


class File(Struct, frozen=True):
    """schemactl-approvals.yaml: breaking changes that are agreed to."""

    approvals: tuple[Entry, ...] = ()


class Approval(Struct, frozen=True):
    """An entry and where it stands."""

    entry: Entry
    at: Location


def read(data: bytes, path: str, breaking: Set[str], settings: SuppressSection) -> tuple[Approval, ...]:
    """Raises ConfigError with all mistakes; `breaking` are the ids of all rules that judge changes."""
    document = yamlfile.read(data, path, File, check=lambda file: _mistakes(file, breaking, settings))
    return tuple(Approval(entry, _place(document, index)) for index, entry in enumerate(document.value.approvals))


def of_base(data: bytes | None, path: str) -> frozenset[Entry]:
    """The entries of an earlier revision; what cannot be read approved nothing."""
    if data is None:
        return frozenset()
    try:
        return frozenset(yamlfile.load(data, path, File).approvals)
    except ConfigError:
        return frozenset()


def _place(document: yamlfile.Document[File], index: int) -> Location:
    line, column = document.places[("approvals", index)]
    return Location(document.path, line, column, line, column)


def _mistakes(file: File, breaking: Set[str], settings: SuppressSection) -> Iterator[tuple[Keys, str]]:
    guess = guesser(breaking)
    for index, entry in enumerate(file.approvals):
        for key, message in (*_identity_mistakes(entry, breaking, guess), *_term_mistakes(entry, settings)):
            yield ("approvals", index, *([key] if key else [])), message


def _identity_mistakes(entry: Entry, breaking: Set[str], guess: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    if entry.fingerprint and (entry.rule or entry.element):
        yield "fingerprint", "an approval should name a fingerprint, or a rule and an element, not both"
    elif not (entry.fingerprint or (entry.rule and entry.element)):
        yield "", "an approval should name a `rule` and an `element`, or a `fingerprint`"
    if entry.fingerprint and not _FINGERPRINT.fullmatch(entry.fingerprint):
        yield (
            "fingerprint",
            f"`{shown(entry.fingerprint)}` should be 16 hexadecimal digits, as the json report has them",
        )
    if entry.rule and entry.rule not in breaking:
        yield "rule", _no_rule(entry.rule, guess)


def _no_rule(name: str, guess: Callable[[str], str]) -> str:
    if name in bufrules.known("breaking") or name == compatrules.CATEGORY:
        return f"`{name}` is a category; approve its rules one by one"
    return f"there is no rule `{shown(name)}` for breaking changes{guess(name)}"


def _term_mistakes(entry: Entry, settings: SuppressSection) -> Iterator[tuple[str, str]]:
    if entry.until and not is_date(entry.until):
        yield "until", f"`{shown(entry.until)}` should be a day such as `2027-01-31`"
    if not entry.reason.strip() and settings.reason == "required":
        yield "", "`reason` is missing: it should say why nobody is hurt"
