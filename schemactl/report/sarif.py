"""The `sarif` format: SARIF 2.1.0, as GitHub code scanning and editors take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from schemactl.finding import Against, Finding, Location
from schemactl.report import RuleDoc, Run, effects
from schemactl.report.escape import ascii_json, visible
from schemactl.report.summary import parts, standing

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}

_COMMENTS = ("schemactl:ignore", "buf:lint:ignore")

# GitHub's limit for the descriptions of a rule.
_LONGEST = 1024


def render(run: Run) -> str:
    """One result a line, between the parts of the document that come before and after the results."""
    ids = [*run.rules, *sorted({finding.rule for finding in run.findings} - set(run.rules))]
    index = {rule: at for at, rule in enumerate(ids)}
    uri = lru_cache(maxsize=256)(_uri)
    results = ascii_json(_result(finding, index, uri) for finding in run.findings)
    driver, invocation = ascii_json([_driver(run, ids), _invocation(run)])
    listed = "[\n      " + ",\n      ".join(results) + "\n    ]" if results else "[]"
    keys = [
        f'"tool": {{"driver": {driver}}}',
        '"columnKind": "unicodeCodePoints"',
        f'"invocations": [{invocation}]',
        f'"results": {listed}',
    ]
    body = ",\n    ".join(keys)
    return f'{{\n  "$schema": "{_SCHEMA}",\n  "version": "2.1.0",\n  "runs": [{{\n    {body}\n  }}]\n}}\n'


def _driver(run: Run, ids: list[str]) -> dict[str, Any]:
    versions = run.versions
    tools = {"buf": versions.buf, "protoc": versions.protoc}
    return {
        "name": "schemactl",
        "version": versions.schemactl,
        "rules": [_rule(rule, run.rules) for rule in ids],
        "properties": {name: version for name, version in tools.items() if version},
    }


def _rule(rule: str, docs: Mapping[str, RuleDoc]) -> dict[str, Any]:
    doc = docs.get(rule)
    if doc is None:
        same = {"text": rule}
        return {"id": rule, "shortDescription": same, "fullDescription": same, "help": same}
    level = {"defaultConfiguration": {"level": _LEVELS[doc.severity]}} if doc.severity else {}
    link = {"helpUri": doc.help_uri} if doc.help_uri else {}
    return {
        "id": rule,
        "shortDescription": _message(doc.title or rule, _LONGEST),
        "fullDescription": _message(doc.why or doc.title or rule, _LONGEST),
        "help": _message("\n".join(filter(None, (doc.why, doc.help))) or doc.title or rule),
        **level,
        **link,
    }


def _invocation(run: Run) -> dict[str, Any]:
    notes = [*run.notes, *(part for part in parts(run) if "not checked" in part)]
    notifications = [{"level": "note", "message": _message(note)} for note in notes if note]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _result(finding: Finding, index: Mapping[str, int], uri: Callable[[str], str]) -> dict[str, Any]:
    said = [finding.message or finding.rule, *effects.lines(finding), *([finding.help] if finding.help else [])]
    result = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": _message("\n".join(said)),
        "locations": [_location(finding, uri)],
        "properties": _properties(finding),
    }
    if finding.fingerprint:
        result["partialFingerprints"] = {"schemactl/v1": finding.fingerprint}
    if finding.suppressed:
        result["suppressions"] = [_suppression(finding.suppressed)]
    if finding.against:
        result["relatedLocations"] = [_related(finding.against, uri)]
    return result


def _properties(finding: Finding) -> dict[str, Any]:
    missing = isinstance(finding.evidence, str)
    bag = {
        "source": finding.source,
        "change": finding.change,
        "effects": finding.effects,
        "evidence_missing" if missing else "evidence": finding.evidence,
    }
    return {key: value for key, value in bag.items() if value}


def _suppression(by: str) -> dict[str, str]:
    """Without one a viewer takes the result for one that counts; what no comment says is said in a file."""
    return {"kind": "inSource" if by.startswith(_COMMENTS) else "external", "justification": _message(by)["text"]}


def _location(finding: Finding, uri: Callable[[str], str]) -> dict[str, Any]:
    """GitHub refuses the whole file if one result has no place: then the old place, or the repository, stands in."""
    old = finding.against.path if finding.against else "."
    place = finding.location or Location(old, 1, 1, 1, 1)
    physical = {"artifactLocation": {"uri": uri(place.path), "uriBaseId": _ROOT}, "region": _region(place)}
    named = {"logicalLocations": [{"fullyQualifiedName": visible(finding.element)}]} if finding.element else {}
    return {"physicalLocation": physical, **named}


def _region(place: Location) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _related(against: Against, uri: Callable[[str], str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(against.path), "uriBaseId": _ROOT}}
    if against.line:
        place["region"] = {"startLine": against.line, "startColumn": against.column or 1}
    return {"id": 0, "physicalLocation": place, "message": _message(f"was: {standing(against)}")}


def _message(text: str, longest: int | None = None) -> dict[str, str]:
    """Plain text: what a viewer would take for a link, `[text](target)`, is not one."""
    shown = "\n".join(map(visible, text.split("\n")))
    if "](" in shown:
        shown = shown.replace("[", "\\[").replace("]", "\\]")
    return {"text": shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"}


def _uri(path: str) -> str:
    """A relative reference: no scheme, no host, everything that is not plain percent-encoded."""
    return quote(path.lstrip("/").encode("utf-8", "surrogatepass")) or "."
