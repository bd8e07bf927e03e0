"""The `github` format: one workflow command per finding, which GitHub shows at the line in the pull request."""

from __future__ import annotations

from schemactl.finding import Finding, Location
from schemactl.report import Run, effects
from schemactl.report.advisory import summed
from schemactl.report.escape import terminal, workflow_data, workflow_property
from schemactl.report.summary import standing, summary

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(run: Run) -> str:
    """The commands, then the notes and the summary as plain lines; what is suppressed is no more than a notice."""
    findings, told = summed(run)
    commands = [_command(finding) for finding in findings]
    commands += [f"::notice title={workflow_property(each.rule)}::{workflow_data(each.text)}" for each in told]
    notes = [f"note: {terminal(note)}" for note in run.notes]
    return "\n".join([*commands, *notes, summary(run), ""])


def _command(finding: Finding) -> str:
    properties = [*_place(finding.location), ("title", finding.rule)]
    written = ",".join(f"{key}={workflow_property(str(value))}" for key, value in properties)
    name = "notice" if finding.suppressed else _COMMANDS[finding.severity]
    return f"::{name} {written}::{workflow_data(_message(finding))}"


def _place(place: Location | None) -> list[tuple[str, str | int]]:
    if place is None:
        return []
    lines: list[tuple[str, str | int]] = [("file", place.path), ("line", place.line), ("endLine", place.end_line)]
    # The runner drops the columns of a range of several lines, and says so in the log.
    if place.line != place.end_line:
        return lines
    return [*lines, ("col", place.column), ("endColumn", place.end_column)]


def _message(finding: Finding) -> str:
    if finding.suppressed:
        return f"suppressed: {finding.message}\nby {finding.suppressed}"
    was = f"was: {standing(finding.against)}" if finding.against else None
    return "\n".join(part for part in (finding.message, was, *effects.lines(finding), finding.help) if part)
