"""Runs fixes on files as they would be run on a working tree: read, compiled, linted, fixed in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from schemactl import reading
from schemactl.finding import Finding
from schemactl.fix import run
from schemactl.fix.run import Result
from schemactl.job import Request, job
from trees import repository, write

Files = Mapping[str, str | bytes]
RULES = "lint:\n  use: [STANDARD, events, STYLE]\n"


def tree(root: Path, files: Files, base: Files | None = None) -> Path:
    """A working tree; of a repository whose only commit holds `base`, if there is one."""
    root.mkdir(exist_ok=True)
    config = {"schemactl.yaml": RULES}
    if base is not None:
        repository(root, {**config, **base})
    return write(root, {**config, **files})


def fixed(
    root: Path,
    *select: str,
    unsafe: bool = False,
    only: str = "",
    hidden: str = "",
    against: str | None = None,
) -> Result:
    """`only`: the path whose findings are to be fixed; `hidden`: the element whose findings are not."""
    request = Request(directory=root, select=select, breaking=False, cached=False, jobs=1, against=against)
    with job(request) as running:
        sources = reading.sources(running.head.tree, running.config, running.place, os.environ)
        assert not sources.problems, sources.problems
        result = run.run(running, sources, lambda finding: _is_wanted(finding, only, hidden), unsafe=unsafe)
        assert result is not None
        return result


def _is_wanted(finding: Finding, only: str, hidden: str) -> bool:
    if hidden and finding.element == hidden:
        return False
    return not only or (finding.location is not None and finding.location.path == only)


def texts(result: Result) -> dict[str, str]:
    return {path: change.new.decode() for path, change in result.changes.items()}


def refixed(files: Files, root: Path, *select: str) -> dict[str, str]:
    """The new texts of the files that all fixes there are change."""
    return texts(fixed(tree(root, files), *select, unsafe=True))
