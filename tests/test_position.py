"""Columns: protoc's bytes and tab stops as the code points that people and editors count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemactl.position import byte_offset, code_point_column


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("message A {}", 8, 9),
        ("\tMissing x", 8, 2),
        ("  \tMissing x", 8, 4),
        ("\t\tMissing x", 16, 3),
        ("/* é */ Missing", 9, 9),
        ("/* 漢字 */ Missing", 13, 10),
        ("/* 😀 */\tMissing", 16, 9),
        ("\ufeffsyntax", 3, 1),
        ("abc", 99, 4),
        ("", 0, 1),
    ],
)
def test_a_column_counts_code_points_and_a_tab_as_one(line: str, column: int, expected: int) -> None:
    assert code_point_column(line.encode(), column) == expected


@given(st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"])), st.data())
def test_every_character_is_found_again(line: str, data: st.DataObject) -> None:
    line = line.removeprefix("\ufeff")
    index = data.draw(st.integers(0, len(line)))
    column = 0
    for byte in line[:index].encode():
        column += 8 - column % 8 if byte == 0x09 else 1
    assert code_point_column(line.encode(), column) == index + 1
    assert byte_offset(line.encode(), column) == len(line[:index].encode())
