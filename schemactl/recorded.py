"""The baseline of a run: what it covers, and what it is written with."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from schemactl import atomically, baseline
from schemactl.baseline import Symbols
from schemactl.errors import ToolError, UsageError
from schemactl.finding import Finding
from schemactl.report import Standing

# The rules of a run, where it is not of all that are configured.
Ran = Collection[str] | None


def applied(
    data: bytes, path: str, findings: list[Finding], symbols: Symbols, ran: Ran
) -> tuple[list[Finding], Standing]:
    """The findings, with those that the baseline covers marked, and how much of it is left."""
    found = baseline.read(data, path).applied(findings, symbols, ran)
    return found.findings, Standing(found.remaining, len(found.fixed))


def written(before: bytes | None, path: str, findings: list[Finding], symbols: Symbols, ran: Ran) -> tuple[bytes, str]:
    """A baseline of these findings, and what there is to say of it; rules that did not run keep their entries."""
    others = baseline.read(before, path).applied(findings, symbols, ran).others if before is not None else ()
    text = baseline.written(findings, symbols, others)
    count = baseline.read(text, path).applied(findings, symbols, ran).remaining
    return text, f"{path}: recorded {count} finding{'' if count == 1 else 's'}"


def pruned(before: bytes | None, path: str, findings: list[Finding], symbols: Symbols, ran: Ran) -> tuple[bytes, str]:
    if before is None:
        raise UsageError(f"there is no {path} to prune", "`schemactl lint --write-baseline` writes one")
    found = baseline.read(before, path).applied(findings, symbols, ran)
    return found.pruned(symbols), f"{path}: dropped {len(found.fixed)}, {found.remaining} left"


def write(path: Path, text: bytes) -> None:
    try:
        atomically.write(path, text)
    except OSError as error:
        raise ToolError(f"{path.name} cannot be written: {error.strerror}", "make its directory writable") from error
