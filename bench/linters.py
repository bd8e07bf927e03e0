"""Runs `buf lint` and `schemactl lint` on a tree with one configuration, and reads what both report alike."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench import columns
from schemactl import buf, bufrules, bufyaml, tools

# Checks of values by protovalidate's annotations, which is a compiler of its own, and a rule that does nothing.
LEFT_OUT = frozenset({"PROTOVALIDATE", "IMPORT_NO_WEAK"})
RULES = frozenset(id for id, rule in bufrules.table().items() if rule.kind == "lint") - LEFT_OUT
ALL = ("STANDARD", "COMMENTS", "UNARY_RPC", "STABLE_PACKAGE_NO_IMPORT_UNSTABLE")
_TIMEOUT = 1800.0


class Found(msgspec.Struct, frozen=True, order=True):
    """One finding of either tool, in schemactl's columns."""

    path: str
    line: int
    column: int
    rule: str
    end_line: int
    end_column: int
    message: str


class Report(msgspec.Struct, frozen=True):
    """What a tool found; `failed` are its words when it gave no verdict."""

    findings: Sequence[Found] = ()
    failed: str = ""


class Failed(Exception):
    """A tool gave no verdict."""


class _Annotation(msgspec.Struct, frozen=True):
    """A line of Buf's JSON."""

    type: str
    message: str
    path: str = ""
    start_line: int = 1
    start_column: int = 1
    end_line: int = 1
    end_column: int = 1


class _Finding(msgspec.Struct, frozen=True):
    rule: str
    source: str
    severity: str
    message: str
    path: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None


class _Document(msgspec.Struct, frozen=True):
    findings: list[_Finding]


def buf_report(tree: Path, rules: Sequence[str] = (), kept: Path | None = None) -> Report:
    """Of Buf; its output is read from `kept` if that is there, else written to it."""
    try:
        output = kept.read_bytes() if kept and kept.exists() else _buf(tree, rules)
    except Failed as failure:
        return Report(failed=str(failure))
    if kept:
        kept.write_bytes(output)
    annotations = [msgspec.json.decode(line, type=_Annotation) for line in output.splitlines() if line]
    if refused := [each for each in annotations if each.type == "COMPILE"]:
        return Report(failed="\n".join(_said(each) for each in refused))
    texts = _Texts(tree)
    return Report(sorted(texts.found(each) for each in annotations if each.type in RULES))


def our_report(tree: Path, rules: Sequence[str] = ()) -> Report:
    with tempfile.TemporaryDirectory() as directory:
        config: list[str] = []
        if rules:
            file = Path(directory, "schemactl.yaml")
            # Buf takes the tree for the one root unless it is told otherwise; JSON is YAML.
            file.write_text(json.dumps({"roots": ["."], "lint": {"use": list(rules)}}))
            config = ["--config", str(file)]
        lint = (sys.executable, "-m", "schemactl", "lint", "-C", str(tree))
        done = tools.run((*lint, "--format", "json", "--no-cache", *config), ok=None, timeout=_TIMEOUT)
    if done.code not in (0, 1) or not done.stdout:
        return Report(failed=done.stderr.decode("utf-8", "replace").strip())
    findings = msgspec.json.decode(done.stdout, type=_Document).findings
    if refused := [each for each in findings if each.source == "compile" and each.severity == "error"]:
        return Report(failed="\n".join(f"{each.path}:{each.line}:{each.column}:{each.message}" for each in refused))
    return Report(sorted(_ours(each) for each in findings if each.rule in RULES))


def _buf(tree: Path, rules: Sequence[str]) -> bytes:
    """Where nothing is configured, it is told that v2 is meant, as schemactl does; by itself Buf takes v1."""
    config: list[str] = []
    if rules or not any((tree / name).is_file() for name in bufyaml.NAMES):
        lint = {"use": list(rules or ("STANDARD",)), "except": ["PROTOVALIDATE"]}
        config = ["--config", json.dumps({"version": "v2", "lint": lint})]
    command = (buf.executable(), "lint", "--error-format", "json", "--log-format", "text", "--timeout", "0", *config)
    done = tools.run(command, cwd=tree, ok=None, timeout=_TIMEOUT, env={"BUF_BETA_SUPPRESS_WARNINGS": "1"})
    if done.code not in (0, 100):
        raise Failed(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _said(annotation: _Annotation) -> str:
    return f"{annotation.path}:{annotation.start_line}:{annotation.start_column}:{annotation.message}"


def _ours(finding: _Finding) -> Found:
    return Found(
        finding.path or "",
        finding.line or 1,
        finding.column or 1,
        finding.rule,
        finding.end_line or 1,
        finding.end_column or 1,
        finding.message,
    )


class _Texts:
    """Source lines of a tree, to read Buf's columns by; findings come file by file, so one is held at a time."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._path = ""
        self._lines: list[str] = []

    def found(self, annotation: _Annotation) -> Found:
        if annotation.path != self._path:
            self._path = annotation.path
            file = self._tree / annotation.path
            self._lines = columns.lines(file.read_bytes()) if file.is_file() else []
        return Found(
            annotation.path,
            annotation.start_line,
            self._column(annotation.start_line, annotation.start_column),
            annotation.type,
            annotation.end_line,
            self._column(annotation.end_line, annotation.end_column, end=True),
            annotation.message,
        )

    def _column(self, line: int, column: int, *, end: bool = False) -> int:
        if line > len(self._lines):
            return column
        return columns.code_point_column(self._lines[line - 1], column, end=end)
