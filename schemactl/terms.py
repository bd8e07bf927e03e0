"""The terms on which suppressions and approvals count, and what applying them gives."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from schemactl.configfile import SuppressSection
from schemactl.finding import Finding

Ran = Literal["on", "off", "unasked"]


@dataclass(frozen=True)
class Terms:
    """What decides whether a suppression counts, apart from itself.

    `lint` and `breaking` are the ids of all rules there are, on or off. `ran` says of a rule and the path of a file
    whether it judged that file: `off` is what the configuration says, `unasked` what this run left out.
    `strict`: breaking changes are approved by what the base has, and by nothing else.
    """

    settings: SuppressSection
    today: date
    lint: Set[str]
    breaking: Set[str]
    ran: Callable[[str, str], Ran]
    strict: bool = False


class Applied(NamedTuple):
    """All findings, the suppressed ones marked, with those about the suppressions themselves; and notes for people."""

    findings: list[Finding]
    notes: tuple[str, ...] = ()
