"""What only informs, many times over, told in one line for each rule: people do not read it one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from schemactl.effect import HARM
from schemactl.finding import Finding
from schemactl.report import Run, fatal

_MANY = 3
_JUDGES = ("buf", "compat")
_APPROVE = "to approve a break that is meant, see `schemactl explain BREAK_APPROVED`"


class Summed(NamedTuple):
    """Findings of one rule in place of which `text` stands."""

    rule: str
    text: str


def summed(run: Run) -> tuple[list[Finding], list[Summed]]:
    """The findings that are told one by one, and what is told of the others; programs get all of them."""
    found: dict[str, list[Finding]] = {}
    for each in run.findings if "info" not in fatal(run) else ():
        if _informs(each):
            found.setdefault(each.rule, []).append(each)
    many = {rule: each for rule, each in found.items() if len(each) > _MANY}
    kept = [each for each in run.findings if not (each.rule in many and _informs(each))]
    return kept, [Summed(rule, _text(rule, each)) for rule, each in many.items()]


def notes(run: Run, told: Sequence[Summed]) -> list[str]:
    """What stands between the findings and the last line: for people, who may not know that a break can be meant."""
    breaks = any(each.source in _JUDGES and each.severity == "error" and not each.suppressed for each in run.findings)
    return [*(each.text for each in told), *run.notes, *([_APPROVE] if breaks else [])]


def _informs(finding: Finding) -> bool:
    advice = finding.source == "compat" and finding.severity == "info" and not finding.suppressed
    return advice and bool(finding.effects)


def _text(rule: str, findings: Sequence[Finding]) -> str:
    harmed = {each.encoding for found in findings for each in found.effects if each.covered and each.effect in HARM}
    profile = "both" if len(harmed) != 1 else "".join(harmed)
    return (
        f"{len(findings)} findings of `{rule}` (info): `--format json` lists them, and `--profile {profile}` judges "
        "what no topic reaches"
    )
