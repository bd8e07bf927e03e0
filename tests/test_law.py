"""Nothing unsafe passes: what a decoder makes of messages of a changed schema, the verdict said before.

Thousands of pairs are tried by `bench/accuracy.py`; docs/accuracy.md has what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from subprocess import CalledProcessError

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from law import golang, mutate, run
from law.model import Side
from law.observe import Cell, observe
from schemactl.compat.contract import Writer


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(mutate.MUTATIONS)))
def test_whenever_a_decoder_does_harm_the_verdict_said_so(seed: int, kind: str) -> None:
    result = run.tried(seed, 0, kind=kind)
    note(f"{result.mutations}; the verdict: {result.said}")
    assert not result.misses


@pytest.mark.parametrize("kind", sorted(mutate.MUTATIONS))
def test_every_kind_of_change_can_be_made(kind: str) -> None:
    assert any(kind in run.pair(seed, 0, kind).mutations for seed in range(20))


def test_harm_is_seen_where_it_is_done() -> None:
    pairs = [run.pair(seed, 0, "field renamed") for seed in range(4)]
    seen = [observe(Side(each.old), Side(each.new), Random(1), Writer(), 5) for each in pairs]
    kinds = {each.cell: each.harm.kind for found in seen for each in found}
    assert kinds[Cell("backward", "json", "strict")] == kinds[Cell("forward", "json", "strict")] == "error"
    assert kinds[Cell("backward", "json", "tolerant")] == kinds[Cell("forward", "json", "tolerant")] == "default"


def test_nothing_is_seen_where_nothing_changed() -> None:
    side = Side(run.pair(0, 0).old)
    assert observe(side, side, Random(1), Writer(print_defaults=True), 5) == []


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[golang.Go]:
    if not golang.compiler():
        pytest.skip("go is not there: its decoder takes no part in the law")
    try:
        found = golang.Go(tmp_path_factory.mktemp("go"))
    except CalledProcessError:
        pytest.skip("go cannot build tests/law/go, perhaps without a network: its decoder takes no part in the law")
    with closing(found):
        yield found


@pytest.mark.slow
def test_the_decoder_of_go_does_no_other_harm(go: golang.Go) -> None:
    results = [run.tried(7, number, go) for number in range(15)]
    assert [each.misses for each in results if each.misses] == []
    assert sum(each.refused for each in results) < 3


@pytest.mark.slow
def test_accuracy_is_measured_from_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run.main(["--pairs", "3", "--seed", "5", "--no-go"]) == 0
    assert "3 pairs, seed 5" in capsys.readouterr().out
