"""The table of what changes do to readers and writers, row by row, by the tool's own verdict on compiled schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import compatibilitytable
from tests.table import ROWS, Row

ALL = [row for rows in ROWS.values() for row in rows]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[str, ...]]:
    return compatibilitytable.verdicts(ALL)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_the_verdict_is_what_was_measured(row: Row, verdicts: dict[str, tuple[str, ...]]) -> None:
    assert verdicts[row.name] == row.expected


def test_every_difference_from_what_was_measured_has_its_reason() -> None:
    for row in ALL:
        assert bool(row.why) == (row.ours is not None and row.ours != row.measured), row.name


def test_the_document_shows_what_the_tool_says() -> None:
    page = Path(compatibilitytable.PAGE)
    assert page.read_text("utf-8") == compatibilitytable.page(), "run `python docs/compatibilitytable.py`"
