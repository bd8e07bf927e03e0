"""The `markdown` format: the summary of a CI job or a comment on a merge request, one item per change."""

from __future__ import annotations

from collections.abc import Sequence

from schemactl.effect import Evidence
from schemactl.finding import Finding
from schemactl.report import Run, effects, fatal
from schemactl.report.advisory import notes, summed
from schemactl.report.escape import lines
from schemactl.report.grouping import Change, by_rule, changes, place
from schemactl.report.inline import code, fenced, inline
from schemactl.report.summary import checked, counted, parts

# In characters: a comment on GitHub holds 65,536, a job summary 1 MiB. What is left is for headings.
_ROOM = 64_000
_TOO_LITTLE = 500

_NOTES = 20
_RULES = 50
_WIDEST = 100
_OPEN = 20
_PASTED_OPEN = 12

_HEADINGS = {"policy": "Policy", "error": "Errors", "warning": "Warnings", "info": "Infos", "suppressed": "Suppressed"}


def render(run: Run) -> str:
    """The gravest first, as much of it as there is room for."""
    title, *rest = map(inline, parts(run))
    head = [f"## {_mark(run)} schemactl: {title}\n", f"{' · '.join(rest)}\n" if rest else ""]
    findings, told = summed(run)
    table, noted = _by_rule(run), _notes(notes(run, told))
    sections, left = _sections(findings, _ROOM - sum(map(len, [*head, table, *noted])))
    more = f"**{counted(left, 'more finding')} left out for lack of room**: `--format text` lists all.\n"
    blocks = [*head, *sections, more if left else "", table if left or run.statistics else "", *noted]
    return "\n".join(filter(None, blocks))


def _mark(run: Run) -> str:
    """A green tick is for a run that looked and found nothing: infos tell what is let pass, too."""
    found = {finding.severity for finding in run.findings if not finding.suppressed}
    if not found.isdisjoint(fatal(run)):
        return "❌"
    if found - {"info"} or not checked(run):
        return "⚠️"
    return "🔵" if found else "✅"


def _notes(notes: Sequence[str]) -> list[str]:
    more = len(notes) - _NOTES
    return [f"note: {inline(note)}\n" for note in notes[:_NOTES]] + ([f"note: {more} more\n"] if more > 0 else [])


def _sections(findings: Sequence[Finding], room: int) -> tuple[list[str], int]:
    """The sections, and how many findings are not in them; one that is too long leaves its room to the others."""
    items: dict[str, list[str]] = {}
    left = 0
    for section, change in _sorted(findings):
        item = _item(change) if room > _TOO_LITTLE else ""
        if item and len(item) < room:
            items.setdefault(section, []).append(item)
            room -= len(item) + 1
        else:
            left += len(change.findings)
    return [_section(section, found) for section, found in items.items()], left


def _sorted(findings: Sequence[Finding]) -> list[tuple[str, Change]]:
    """Every change with its section, in the order of sections."""
    told = [(_kind(change), change) for change in changes(f for f in findings if not f.suppressed)]
    told += [("suppressed", change) for change in changes(f for f in findings if f.suppressed)]
    order = list(_HEADINGS)
    return sorted(told, key=lambda pair: order.index(pair[0]))


def _kind(change: Change) -> str:
    return "policy" if change.first.source == "policy" else change.first.severity


def _section(section: str, items: list[str]) -> str:
    shown = 0 if section == "suppressed" else _OPEN
    hidden = [_folded(f"show {len(items) - shown:,}{' more' if shown else ''}", items[shown:])] if items[shown:] else []
    return "\n".join([f"### {_HEADINGS[section]}\n", *items[:shown], *hidden])


def _folded(summary: str, blocks: list[str]) -> str:
    return "\n".join([f"<details>\n<summary>{summary}</summary>\n", *blocks, "</details>\n"])


def _item(change: Change) -> str:
    """No line starts with text that is not ours: it could start a list, a heading, a command to GitLab or a runner."""
    told, pasted = [f"**{inline(change.first.message) or code(change.first.rule)}**", _meta(change)], []
    told += [f"also: {code(each.rule)} {inline(each.message)}{_moved(each, change)}" for each in change.others]
    told += [f"was: {inline(was)}" for was in change.was]
    told += [f"effect: {line}" for line in change.effects]
    told += [f"evidence: {_proved(each)}" for each in change.evidence]
    for text in change.helps:
        first, *paste = lines(text)
        told.append(f"help: {inline(first)}")
        pasted += ["", *_pasted(paste)] if paste else []
    return "\n".join(["- " + "<br>".join(told), *(f"  {line}".rstrip() for line in pasted), ""])


def _proved(evidence: Evidence | str) -> str:
    return inline(effects.proved(evidence)) if isinstance(evidence, str) else effects.proved(evidence, code)


def _meta(change: Change) -> str:
    first = change.first
    where = [code(place(first.location))] if first.location else []
    why = [f"suppressed by {code(reason)}" for reason in change.suppressed]
    return " · ".join([*where, f"{first.severity} {', '.join(map(code, change.rules))}", *why])


def _moved(finding: Finding, change: Change) -> str:
    location = finding.location
    return f" ({code(place(location))})" if location and location != change.first.location else ""


def _pasted(paste: list[str]) -> list[str]:
    block = fenced(paste, "proto")
    if len(paste) <= _PASTED_OPEN:
        return block
    return ["<details>", f"<summary>{len(paste):,} lines to paste</summary>", "", *block, "", "</details>"]


def _by_rule(run: Run) -> str:
    rows = by_rule(finding for finding in run.findings if not finding.suppressed)
    table = ["### By rule\n", "| findings | | rule | |", "|--:|---|---|---|"]
    for count, rule, severity in rows[:_RULES]:
        title = run.rules[rule].title if rule in run.rules else ""
        table.append(f"| {count:,} | {severity} | {code(_cell(rule))} | {inline(_cell(title))} |")
    more = len(rows) - _RULES
    return "\n".join([*table, *([f"\nand {more} more rules"] if more > 0 else []), ""]) if rows else ""


def _cell(text: str) -> str:
    """A pipe would end the cell, also inside code; escaped by a backslash it would in some renderers."""
    return text[:_WIDEST].replace("|", "\\x7c")
