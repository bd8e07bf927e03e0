"""The `json` format of a difference: one document, one change a line; keys are only ever added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemactl.diff.entry import Detail, Diff, Entry, Package, Told
from schemactl.diff.item import Item
from schemactl.diff.summary import level
from schemactl.finding import Finding
from schemactl.report import Comparison
from schemactl.report.escape import ascii_json


def render(diff: Diff) -> str:
    head = "".join(f'  "{key}": {ascii_json([value])[0]},\n' for key, value in _head(diff).items())
    packages = ",\n".join(map(_package, diff.packages))
    return f'{{\n{head}  "packages": [\n{packages}\n  ]\n}}\n' if packages else f'{{\n{head}  "packages": []\n}}\n'


def _head(diff: Diff) -> dict[str, Any]:
    versions = diff.versions
    return {
        "schema_version": 1,
        "tool": {"name": "schemactl", "version": versions.schemactl, "buf": versions.buf, "protoc": versions.protoc},
        "from": diff.old and _state(diff.old),
        "to": _state(diff.new),
        "notes": list(diff.notes),
        "problems": list(map(_problem, diff.problems)),
        "level": level(diff.packages),
    }


def _state(comparison: Comparison) -> dict[str, str | None]:
    return {"revision": comparison.revision, "commit": comparison.commit, "reason": comparison.reason or None}


def _problem(finding: Finding) -> dict[str, Any]:
    place = finding.location
    where = {"path": place.path, "line": place.line, "column": place.column} if place else {"path": None}
    return {"rule": finding.rule, "message": finding.message, **where}


def _package(package: Package) -> str:
    advice = package.advice
    said = {
        "level": advice.counts,
        "level_from_1_0": advice.level,
        "level_below_1_0": advice.early,
        "current": advice.now,
        "next": advice.next,
        "tag": advice.tag,
        "reason": advice.reason,
        "rule": advice.rule,
        "element": advice.element,
        "more": advice.more,
    }
    rows = ",\n".join(f"      {row}" for row in ascii_json(_changes(package.entries, package)))
    changes = f"[\n{rows}\n    ]" if rows else "[]"
    head = [f'"{key}": {ascii_json([value])[0]}' for key, value in _named(package, said).items()]
    return "    {" + ", ".join(head) + f', "changes": {changes}}}'


def _named(package: Package, said: dict[str, Any]) -> dict[str, Any]:
    return {"name": package.name, "kind": package.sign or "changed", "advice": said}


def _changes(entries: Sequence[Entry], package: Package) -> Iterator[dict[str, Any]]:
    for entry in entries:
        told = package.told.get(entry, Told())
        if entry.sign or told.is_news:
            yield _change(entry, told)
        yield from _changes(entry.children, package)


def _change(entry: Entry, told: Told) -> dict[str, Any]:
    return {
        "kind": entry.sign or "changed",
        "element": entry.item.full_name,
        "element_kind": entry.kind,
        "before": _declared(entry.was),
        "after": _declared(entry.now),
        "details": list(map(_detail, entry.details)),
        **_place("path", "line", "column", item=entry.now),
        "against": _place("path", "line", "column", item=entry.was) if entry.was else None,
        "breaking": told.breaks,
        "effects": list(told.effects),
        "rules": list(told.rules),
        "findings": [finding.fingerprint for finding in (*told.findings, *told.warnings)],
    }


def _declared(item: Item | None) -> str | None:
    """As one would write it, but for its options."""
    if item is None:
        return None
    if item.kind in ("field", "extension"):
        return f"{item.label} {item.name} = {item.number}"
    if item.kind == "enum_value":
        return f"{item.name} = {item.number}"
    return f"{item.name}{item.label}"


def _detail(detail: Detail) -> dict[str, str | None]:
    return {"what": detail.what, "before": detail.before, "after": detail.after}


def _place(*keys: str, item: Item | None) -> dict[str, Any]:
    if item is None:
        return dict.fromkeys(keys)
    place = item.location
    return dict(zip(keys, (place.path, place.line, place.column), strict=True))
