"""What came of running a command several times: medians, and the findings in its report."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.measure import Sample


@dataclass(frozen=True)
class Outcome:
    """A command run some times: its report, and the cache it left, are those of the last."""

    samples: tuple[Sample, ...]
    report: Path
    cache: Path

    @property
    def seconds(self) -> float:
        return statistics.median(each.seconds for each in self.samples)

    @property
    def cpu(self) -> float:
        return statistics.median(each.cpu for each in self.samples)

    @property
    def memory(self) -> float:
        return statistics.median(each.memory for each in self.samples)

    @property
    def with_files(self) -> float:
        return statistics.median(each.memory + each.files for each in self.samples)


class _Annotation(msgspec.Struct):
    type: str


class _Finding(msgspec.Struct):
    rule: str


class _Report(msgspec.Struct):
    findings: list[_Finding]


def bufs_findings(report: Path) -> Counter[str]:
    """By rule."""
    return Counter(msgspec.json.decode(line, type=_Annotation).type for line in report.read_bytes().splitlines())


def our_findings(report: Path) -> Counter[str]:
    return Counter(each.rule for each in msgspec.json.decode(report.read_bytes(), type=_Report).findings)
