"""What counts as a slip of a name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemactl.names import distance, nearest, within

WORDS = st.text(alphabet="abc", max_size=7)


@given(WORDS, WORDS, st.integers(0, 3))
def test_within_so_many_edits_is_what_the_distance_says(one: str, other: str, edits: int) -> None:
    assert within(one, other, edits) == (distance(one, other) <= edits)


def test_a_name_longer_than_any_is_not_guessed_at() -> None:
    assert nearest("A" * 1_000_000, ["ENVELOPE_FIELDS"]) is None
