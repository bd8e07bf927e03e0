"""The table of all rules with what the configuration here makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from schemactl import bufrules, catalogue
from schemactl.documented import ENGINE, explain_text
from schemactl.errors import UsageError

if TYPE_CHECKING:
    from schemactl.job import Job

_Row = tuple[str, str, str]


def table(directory: Path, config: Path | None, width: int | None) -> str:
    """Every rule in three groups; without a `width` titles are not cut."""
    from schemactl.job import Request, job

    with job(Request(directory, config=config)) as here:
        groups = (
            ("lint", _lint(here)),
            ("compile: always on", [(record.id, record.severity, record.title) for record in ENGINE.values()]),
            ("breaking changes, by Buf", _breaking(here)),
        )
    return "\n".join(f"{title}\n{_aligned(rows, width)}" for title, rows in groups)


def explained(rule: str, directory: Path, config: Path | None) -> str:
    """The documentation of a rule that is built in, or of one that a pack of the repository declares."""
    try:
        return explain_text(rule)
    except UsageError:
        from schemactl.job import Request, job

        with job(Request(directory, config=config)) as here:
            return explain_text(rule, catalogue.texts(here.config.packs, here.head.tree.read))


def _lint(here: Job) -> list[_Row]:
    on = {rule.id: rule for rule in here.policy.rules}
    return [
        (rule.id, on[rule.id].severity if rule.id in on else "off", rule.title)
        for rule in sorted(here.known.values(), key=lambda rule: rule.id)
    ]


def _breaking(here: Job) -> list[_Row]:
    return [
        (id, _severity(here, id), rule.purpose.removeprefix("Checks that "))
        for id, rule in sorted(bufrules.table().items())
        if rule.kind == "breaking" and not rule.deprecated
    ]


def _severity(here: Job, id: str) -> str:
    setting = here.config.rules.get(id)
    return ((setting.severity if setting else None) or "error") if id in here.policy.breaking else "off"


def _aligned(rows: Iterable[_Row], width: int | None) -> str:
    rows = list(rows)
    widest = max((len(id) for id, _, _ in rows), default=0)
    lines = (f"  {id:<{widest}}  {severity:<7}  {title}" for id, severity, title in rows)
    return "".join((_cut(line, width) if width else line) + "\n" for line in lines)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
