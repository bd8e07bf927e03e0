"""The table of what changes do to readers and writers, row by row, by the tool's own verdict on compiled schemas."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from docs import compatibilitytable
from law.model import File, Schema, Side
from law.observe import Cell, observe
from law.once import ONCE
from schemactl.compat.contract import Writer
from schemactl.effect import DIRECTIONS
from table import ROWS, Row

ALL = [row for rows in ROWS.values() for row in rows]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, tuple[str, ...]]:
    return compatibilitytable.verdicts(ALL)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_the_verdict_is_what_was_measured(row: Row, verdicts: dict[str, tuple[str, ...]]) -> None:
    assert verdicts[row.name] == row.expected


# Where the key or number still leads to a field, but not to what was meant, or what happens was not set.
UNSEEN = {
    "reuse the name of a removed field: new number, other type",
    "reuse the name of a removed field: new number, same type",
    "reuse a number, same type (a rename, as far as anyone can tell)",
    "`optional` → implicit",
    "rename an extension",
    "change a default",
}


@pytest.mark.parametrize("row", [row for row in ALL if row.name not in UNSEEN], ids=lambda row: row.name)
def test_decoders_do_what_the_verdict_says(row: Row, tmp_path: Path) -> None:
    assert seen(row, tmp_path) == harmful(row.expected)


@pytest.mark.parametrize(("row", "cell"), ONCE, ids=[row.name for row, _ in ONCE])
def test_what_was_missed_once_is_told(row: Row, cell: Cell, tmp_path: Path) -> None:
    told = harmful(compatibilitytable.verdicts([row])[row.name])
    assert cell in seen(row, tmp_path)
    assert seen(row, tmp_path) <= told


def seen(row: Row, directory: Path) -> set[Cell]:
    """Where decoders do harm."""
    old, new = (
        Side(Schema([File.FromString(image.descriptors[image.targets[0]])], root))
        for image, root in zip(compatibilitytable.sides(row, directory), compatibilitytable.roots(row), strict=True)
    )
    return {each.cell for each in observe(old, new, Random(1), Writer(), 40)}


def harmful(cells: tuple[str, ...]) -> set[Cell]:
    return {cell for cell, letter in spelled(cells).items() if letter[0] in "EDW"}


def spelled(cells: tuple[str, ...]) -> dict[Cell, str]:
    found: dict[Cell, str] = {}
    for direction, binary, json in zip(DIRECTIONS, cells[:2], cells[2:], strict=True):
        strict, tolerant = json.split("/")
        found[Cell(direction, "binary", "tolerant")] = binary
        found[Cell(direction, "json", "strict")] = strict
        found[Cell(direction, "json", "tolerant")] = tolerant
    return found


def test_every_difference_from_what_was_measured_has_its_reason() -> None:
    for row in ALL:
        assert bool(row.why) == (row.ours is not None and row.ours != row.measured), row.name


def test_the_document_shows_what_the_tool_says() -> None:
    page = Path(compatibilitytable.PAGE)
    assert page.read_text("utf-8") == compatibilitytable.page(), "run `python docs/compatibilitytable.py`"
