"""The `gitlab` format: a Code Quality report, which GitLab shows in the merge request."""

from __future__ import annotations

from msgspec import Struct

from schemactl.finding import Finding
from schemactl.report import Run, effects
from schemactl.report.escape import ascii_json, visible

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}

# GitLab stops reading at the first entry without a path; a finding that no file has is about the configuration.
_NO_FILE = "schemactl.yaml"


class _Lines(Struct, frozen=True, gc=False):
    begin: int
    end: int


class _Place(Struct, frozen=True, gc=False):
    path: str
    lines: _Lines


class _Entry(Struct, frozen=True, gc=False):
    description: str
    check_name: str
    fingerprint: str
    severity: str
    location: _Place


def render(run: Run) -> str:
    """One entry a line; GitLab has no word for a finding that is suppressed."""
    entries = ascii_json([_entry(finding) for finding in run.findings if not finding.suppressed])
    return "[\n  " + ",\n  ".join(entries) + "\n]\n" if entries else "[]\n"


def _entry(finding: Finding) -> _Entry:
    # GitLab keeps the check name to itself, and shows nothing but the description.
    said = [f"{finding.rule}: {finding.message}", *effects.told(finding.effects)]
    description = visible("; ".join(said))
    severity = _SEVERITIES[finding.severity]
    return _Entry(description, finding.rule, finding.fingerprint, severity, _place(finding))


def _place(finding: Finding) -> _Place:
    place, old = finding.location, finding.against
    if place:
        return _Place(place.path or _NO_FILE, _Lines(place.line, place.end_line))
    line = old.line if old and old.line else 1
    return _Place(old.path if old and old.path else _NO_FILE, _Lines(line, line))
