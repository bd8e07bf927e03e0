"""Mistakes as people make them, each a directory: the schemas, the rules it pins, and the report as it is printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schemactl import check, report
from shell import git

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
STYLE = report.Style(width=80)
# The same commits, and so the same ids in the report, wherever the test runs.
DATES = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_the_report_reads_as_recorded(case: Path, tmp_path: Path, update: bool) -> None:
    repository = tmp_path / "schemas"
    compared = (case / "old").is_dir()
    for schemas in ("old", "new") if compared else ("new",):
        _commit(case / schemas, repository)
    against = "HEAD^1" if compared else "none"
    run = check.run(check.Request(repository, lint=not compared, breaking=compared, against=against))
    printed = report.FORMATS["text"](run, STYLE)
    if update:
        (case / "report.txt").write_text(printed, "utf-8", newline="\n")
    assert run.findings, "a case shows a mistake"
    assert printed == (case / "report.txt").read_text("utf-8")


def test_there_are_cases() -> None:
    assert len(CASES) > 20


def _commit(schemas: Path, repository: Path) -> None:
    if repository.exists():
        git(repository, "rm", "-rq", ".")
    shutil.copytree(schemas, repository, dirs_exist_ok=True)
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", schemas.name, **DATES)
