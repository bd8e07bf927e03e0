"""What a difference says in one line, and the part of a version that all of it asks to raise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemactl.diff.entry import Diff, Package, Sign, every
from schemactl.report import Comparison
from schemactl.report.summary import counted
from schemactl.version import LEVELS, Level

_SIGNS: tuple[Sign, ...] = ("added", "removed", "changed", "renamed", "moved")


def summary(diff: Diff) -> str:
    """The whole line; names in it are not escaped."""
    old = state(diff.old) if diff.old else "nothing"
    between = f"{old} → {state(diff.new)}"
    if not diff.packages:
        return f"nothing changed · {between}"
    signs = Counter(entry.sign for package in diff.packages for entry in every(package.entries))
    told = ", ".join(f"{signs[sign]} {sign}" for sign in _SIGNS if signs[sign])
    return " · ".join(filter(None, [counted(len(diff.packages), "package"), told, version(diff.packages), between]))


def state(comparison: Comparison) -> str:
    commit = comparison.commit or ""
    reason = comparison.reason.removesuffix(f" of {comparison.revision}")
    inner = " ".join(filter(None, ("" if reason == "given" else reason, commit[:7])))
    return f"{comparison.revision} ({inner})" if inner and inner != comparison.revision else comparison.revision


def level(packages: Sequence[Package]) -> Level:
    return min((package.advice.counts for package in packages), key=LEVELS.index, default="none")


def version(packages: Sequence[Package]) -> str:
    """Where one version is that of all: what becomes of it."""
    versions = {(package.advice.now, package.advice.tag) for package in packages}
    worst = min((package.advice for package in packages), key=lambda advice: LEVELS.index(advice.counts))
    if len(versions) != 1 or worst.now is None:
        early = f" ({worst.early} below 1.0)" if worst.now is None and worst.early != worst.level else ""
        return f"{worst.counts}{early}"
    return f"{worst.next} ({worst.counts}: was {worst.now})"
