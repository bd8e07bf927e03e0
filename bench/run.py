"""`make bench`: measures the performance budget against Buf, on this machine, in one run, and prints it as a table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from bench.lines import GROUPS
from bench.measure import Failed
from bench.session import LARGE, Options, Session
from bench.table import Line, render
from schemactl import __version__, buf

_BUSY = 0.25  # processes waiting for each core; above, times say little


def main() -> None:
    arguments = _arguments()
    corpora = os.environ.get("SCHEMACTL_CORPORA")
    options = Options(
        corpora=Path(corpora).resolve() if corpora else None,
        runs=arguments.runs,
        schemactl=arguments.schemactl,
        large=arguments.large,
    )
    lines, loud = measured(options, arguments.only, _say)
    print(render(lines, loud))
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(_document(options, lines, loud))))


def measured(options: Options, groups: Sequence[str], say: Callable[[str], None]) -> tuple[list[Line], list[str]]:
    """The lines of the groups, and what must be said loudly about them."""
    lines: list[Line] = []
    loud = _busy()
    with TemporaryDirectory(prefix="schemactl-bench-") as directory:
        session = Session(options, Path(directory), say)
        for group in groups:
            say(f"{group}:")
            try:
                lines += GROUPS[group](session)
            except Failed as failure:
                loud.append(f"NOT MEASURED: {group}: {failure}")
            except KeyboardInterrupt:
                return lines, [*loud, f"NOT MEASURED: interrupted in {group}"]
    return lines, loud


def _busy() -> list[str]:
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load / cores <= _BUSY:
        return []
    return [f"others used this machine (load {load:.1f} on {cores} cores when it began): the times are noise"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=_positive, default=3, help="medians of so many runs (3)")
    parser.add_argument("--only", type=_groups, default=list(GROUPS), help=f"some of {','.join(GROUPS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to a file, too")
    parser.add_argument("--large", default=LARGE, help=f"the corpus that stands for a large one ({LARGE})")
    parser.add_argument("--schemactl", default=Options.schemactl, help="the program to measure (that of this Python)")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("it takes one run at least")
    return int(text)


def _groups(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := [name for name in chosen if name not in GROUPS]:
        raise argparse.ArgumentTypeError(f"there is no `{unknown[0]}`; there are {', '.join(GROUPS)}")
    return chosen


def _document(options: Options, lines: Sequence[Line], loud: Sequence[str]) -> dict[str, Any]:
    machine = {"system": platform.platform(), "cores": os.cpu_count(), "python": platform.python_version()}
    versions = {"schemactl": __version__, "buf": buf.version()}
    rows = [asdict(line) | {"ratio": line.ratio, "verdict": line.verdict} for line in lines]
    return {"machine": machine, "versions": versions, "runs": options.runs, "lines": rows, "loud": loud}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
