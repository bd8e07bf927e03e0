"""The baseline of a run: what it covers, and what it is written with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from schemactl import atomically, baseline
from schemactl.baseline import Applied
from schemactl.baselinefile import Entry
from schemactl.errors import ToolError, UsageError
from schemactl.finding import Finding
from schemactl.outline import Outline
from schemactl.policy import Policy
from schemactl.report import Standing


@dataclass(frozen=True)
class Sight:
    """What a run has looked at: where which rule judges, and (asked only where it matters) what each file declares."""

    policy: Policy
    outlines: Callable[[], Mapping[str, Outline]]

    def symbols(self, path: str) -> Collection[str]:
        found = self._by_path.get(path)
        return found.symbols if found else ()

    def looked(self, entry: Entry) -> bool:
        """Whether a finding would have been told: what nobody declares any more is gone, and not overlooked."""
        if entry.rule not in self._on:
            return False
        if not self.policy.is_uneven:
            return True
        file = self._file(baseline.about(entry.what))
        return file is None or self.policy.judges(entry.rule, file.path, [file.package])

    def _file(self, about: str) -> Outline | None:
        name = about
        while name and name not in self._by_symbol:
            name = name.rpartition(".")[0]
        return self._by_symbol[name] if name else self._by_path.get(about)

    @cached_property
    def _on(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self.policy.rules)

    @cached_property
    def _by_path(self) -> Mapping[str, Outline]:
        return self.outlines()

    @cached_property
    def _by_symbol(self) -> dict[str, Outline]:
        return {symbol: outline for outline in self._by_path.values() for symbol in outline.symbols}


def applied(data: bytes, path: str, findings: list[Finding], sight: Sight) -> tuple[list[Finding], Standing]:
    """The findings, with those that the baseline covers marked, and how much of it is left."""
    found = _applied(data, path, findings, sight)
    return found.findings, Standing(found.remaining, len(found.fixed))


def written(before: bytes | None, path: str, findings: list[Finding], sight: Sight) -> tuple[bytes, str]:
    """A baseline of these findings, and what there is to say of it; what was not looked for stays as it was."""
    others = _applied(before, path, findings, sight).others if before is not None else ()
    text = baseline.written(findings, sight.symbols, others)
    count = _applied(text, path, findings, sight).remaining
    kept = f"; {len(others)} more stay: {_UNSEEN}" if others else ""
    none = "" if count or others else ", and the file can be deleted"
    return text, f"{path}: recorded {count} finding{'' if count == 1 else 's'}{kept}{none}"


def pruned(before: bytes | None, path: str, findings: list[Finding], sight: Sight) -> tuple[bytes, str]:
    if before is None:
        raise UsageError(f"there is no {path} to prune", "`schemactl lint --write-baseline` writes one")
    found = _applied(before, path, findings, sight)
    dropped = len(found.fixed)
    kept = f", {len(found.others)} of them {_UNSEEN}" if found.others else ""
    return found.pruned(sight.symbols), f"{path}: dropped {dropped}, {found.total - dropped} left{kept}"


_UNSEEN = "of rules or files that are off in this run"


def _applied(data: bytes, path: str, findings: list[Finding], sight: Sight) -> Applied:
    return baseline.read(data, path).applied(findings, sight.symbols, sight.looked)


def write(path: Path, text: bytes) -> None:
    try:
        atomically.write(path, text)
    except OSError as error:
        raise ToolError(f"{path.name} cannot be written: {error.strerror}", "make its directory writable") from error
