"""The `json` format: one document per run, a contract with other programs (keys are only ever added)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct

from schemactl.effect import Effect, Evidence
from schemactl.finding import Against, Finding
from schemactl.report import Run
from schemactl.report.escape import ascii_json


class _Row(Struct, frozen=True, gc=False):
    rule: str
    severity: str
    source: str
    path: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    element: str | None
    message: str
    help: str | None
    change: str | None
    against: Against | None
    effects: tuple[Effect, ...]
    evidence: Evidence | None
    evidence_missing: str | None
    fix: None
    fingerprint: str
    suppressed: str | None


def render(run: Run) -> str:
    """One key of the document a line, one finding a line: quick to write, and `grep` finds whole findings."""
    head = "".join(f'  "{key}": {ascii_json([value])[0]},\n' for key, value in _head(run).items())
    rows = ascii_json(map(_row, run.findings))
    if not rows:
        return f'{{\n{head}  "findings": []\n}}\n'
    rows[0] = f'{{\n{head}  "findings": [\n    {rows[0]}'
    rows[-1] += "\n  ]\n}\n"
    return ",\n    ".join(rows)


def _head(run: Run) -> dict[str, Any]:
    counts = Counter(finding.severity for finding in run.findings if not finding.suppressed)
    versions = run.versions
    return {
        "schema_version": 1,
        "tool": {"name": "schemactl", "version": versions.schemactl, "buf": versions.buf, "protoc": versions.protoc},
        "ran": {"lint": run.ran_lint, "breaking": run.ran_breaking},
        "against": list(run.against) or None,
        "notes": list(run.notes),
        "summary": {
            "files": run.files,
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "suppressed": run.suppressed,
            "baseline": run.baseline,
        },
        **run.extra,
    }


def _row(finding: Finding) -> _Row:
    place = finding.location
    return _Row(
        finding.rule,
        finding.severity,
        finding.source,
        place.path if place else None,
        place.line if place else None,
        place.column if place else None,
        place.end_line if place else None,
        place.end_column if place else None,
        finding.element,
        finding.message,
        finding.help or None,
        finding.change,
        finding.against,
        finding.effects,
        *_evidence(finding.evidence),
        None,
        finding.fingerprint,
        finding.suppressed,
    )


def _evidence(found: Evidence | str | None) -> tuple[Evidence | None, str | None]:
    """The evidence, or why there is none where it was looked for."""
    return (None, found) if isinstance(found, str) else (found, None)
