"""Prints where `buf lint` and `schemactl lint` differ on trees of .proto files: `python bench/parity.py TREE…`.

Both get the tree's own buf.yaml, or the same rules; each finding is a rule, a path, a line and a column in code points.
Only for trees you trust: Buf runs the plugins that a tree's buf.yaml names.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bench import columns
from bench.explained import Side, reason
from bench.linters import ALL, Found, Report, buf_report, our_report
from schemactl import bufyaml, place

Place = tuple[str | int, ...]


class Difference(NamedTuple):
    """What one side alone reports; `reason` is the id of an explanation, or empty."""

    side: Side
    found: Found
    reason: str


class Comparison(NamedTuple):
    """Of one tree; `failed` says who gave no verdict, and why."""

    tree: str
    ours: int = 0
    bufs: int = 0
    differences: Sequence[Difference] = ()
    failed: str = ""

    @property
    def unexplained(self) -> list[Difference]:
        return [each for each in self.differences if not each.reason]


def compared(
    tree: Path,
    rules: Sequence[str] = (),
    config: Path | None = None,
    *,
    ends: bool = False,
    kept: Path | None = None,
) -> Comparison:
    """Both tools on one tree; without rules, as the tree (or `config`, a buf.yaml) configures them."""
    with standing_alone(tree, rules, config) as alone, ThreadPoolExecutor() as pool:
        ours, bufs = pool.submit(our_report, alone, rules), pool.submit(buf_report, alone, rules, kept)
        return comparison(alone, ours.result(), bufs.result(), ends=ends)


def comparison(tree: Path, ours: Report, bufs: Report, *, ends: bool = False) -> Comparison:
    reports: tuple[tuple[Side, Report], ...] = (("Buf", bufs), ("schemactl", ours))
    if failed := [f"{side} failed: {report.failed}" for side, report in reports if report.failed]:
        return Comparison(tree.name, failed="\n".join(failed))
    found = list(differences(tree, ours.findings, bufs.findings, ends=ends))
    return Comparison(tree.name, len(ours.findings), len(bufs.findings), found)


def differences(
    tree: Path, ours: Sequence[Found], bufs: Sequence[Found], *, ends: bool = False
) -> Iterator[Difference]:
    """In the order of their places; where one reports more at the same place, as many as it has more."""
    alone: list[tuple[Found, Side]] = [(each, "schemactl") for each in _more(ours, bufs, ends)]
    alone += [(each, "Buf") for each in _more(bufs, ours, ends)]
    for each, side in sorted(alone):
        yield Difference(side, each, reason(side, each, lambda path: _lines(tree / path)))


@lru_cache(maxsize=64)
def _lines(file: Path) -> Sequence[str]:
    return columns.lines(file.read_bytes()) if file.is_file() else ()


def _more(these: Iterable[Found], those: Iterable[Found], ends: bool) -> Iterator[Found]:
    left = Counter(_place(each, ends) for each in those)
    for each in these:
        if left[_place(each, ends)]:
            left[_place(each, ends)] -= 1
        else:
            yield each


def _place(found: Found, ends: bool) -> Place:
    start = (found.rule, found.path, found.line, found.column)
    return (*start, found.end_line, found.end_column) if ends else start


@contextmanager
def standing_alone(tree: Path, rules: Sequence[str] = (), config: Path | None = None) -> Iterator[Path]:
    """The tree itself, or a copy of it: where something above it counts, or what it says of itself should not."""
    own = () if not rules and config is None else (*bufyaml.NAMES, "buf.lock", "schemactl.yaml")
    if config is None and place.find(tree).start == "." and not any((tree / name).exists() for name in own):
        yield tree.resolve()
        return
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory).resolve() / tree.resolve().name
        shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(".git", *own))
        if config:
            shutil.copyfile(config, copy / "buf.yaml")
        yield copy


def shown(difference: Difference) -> str:
    found = difference.found
    place = f"{found.path}:{found.line}:{found.column}-{found.end_line}:{found.end_column}"
    why = f"  [{difference.reason}]" if difference.reason else ""
    return f"only {difference.side}: {found.rule} {place} {found.message}{why}"


def table(comparisons: Sequence[Comparison]) -> str:
    width = max(len(each.tree) for each in comparisons)
    rows = [f"{'tree':{width}}  schemactl      Buf  differences  explained"]
    for each in comparisons:
        explained = len(each.differences) - len(each.unexplained)
        counts = f"{each.ours:9}  {each.bufs:7}  {len(each.differences):11}  {explained:9}"
        rows.append(f"{each.tree:{width}}  {'not compared' if each.failed else counts}")
    return "\n".join(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """0: no unexplained difference; 1: some; 2: a tool gave no verdict."""
    asked = _arguments(argv)
    rules = ALL if asked.rules == "all" else tuple(asked.rules.split(",")) if asked.rules else ()
    comparisons = []
    for tree in asked.trees:
        each = compared(tree, rules, asked.config, ends=asked.ends, kept=asked.buf_output)
        comparisons.append(each)
        for difference in each.differences:
            print(shown(difference))
        if each.failed:
            print(f"{each.tree}: {each.failed}")
    print(table(comparisons))
    return 2 if any(each.failed for each in comparisons) else int(any(each.unexplained for each in comparisons))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0] if __doc__ else None)
    parser.add_argument("trees", metavar="TREE", type=Path, nargs="+")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rules", metavar="RULE,…", help="ids and categories for both, or `all` that both know")
    which.add_argument("--config", metavar="FILE", type=Path, help="a buf.yaml for both, at the top of the tree")
    parser.add_argument("--ends", action="store_true", help="compare where findings end, too")
    parser.add_argument("--buf-output", metavar="FILE", type=Path, help="Buf's output: read if there, else written")
    asked = parser.parse_args(argv)
    if asked.buf_output and len(asked.trees) > 1:
        parser.error("--buf-output is of one tree")
    return asked


if __name__ == "__main__":
    sys.exit(main())
