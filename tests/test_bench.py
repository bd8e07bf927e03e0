"""The benchmark measures what it says, on trees that compile, and marks what misses its goal."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path

import pytest

import trees as lint_runs
from bench import synthetic, trees
from bench.measure import Failed, Sample, measure
from bench.outcome import bufs_findings
from bench.run import measured
from bench.session import Options, Session
from bench.table import Line, render

MB = 1 << 20
# A child of a child holds 100 MB for as long as it takes to be seen.
_HELD = "import time; held = b'1' * (100 << 20); time.sleep(0.5)"
_HOLDS = f'import subprocess, sys; subprocess.run([sys.executable, "-c", "{_HELD}"])'


def _python(code: str, where: Path) -> Sample:
    return measure((sys.executable, "-c", code), cwd=where, env=dict(os.environ))


def test_a_synthetic_tree_compiles(tmp_path: Path) -> None:
    size = synthetic.write(tmp_path, 25)
    assert size == sum(path.stat().st_size for path in tmp_path.rglob("*.proto"))
    assert lint_runs.judged(tmp_path) == 25


def test_buf_finds_about_ten_things_in_each_file_of_a_synthetic_tree(tmp_path: Path) -> None:
    session = Session(Options(runs=1, short=1), tmp_path, lambda _: None)
    with session.synthetic(60) as tree:
        found = bufs_findings(session.buf_lint(tree).report)
    assert "COMPILE" not in found
    assert 8 < found.total() / 60 < 12


def test_synthetic_trees_are_always_the_same() -> None:
    assert list(islice(synthetic.files(), 30)) == list(islice(synthetic.files(), 30))


def test_memory_is_that_of_all_processes() -> None:
    sample = _python(_HOLDS, Path.cwd())
    assert 100 * MB < sample.memory < 200 * MB


def test_time_is_that_of_the_clock_and_of_all_processors(tmp_path: Path) -> None:
    sample = _python("import time; time.sleep(0.3)", tmp_path)
    assert sample.seconds > 0.3 > sample.cpu > 0


def test_a_command_that_fails_has_no_time(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ended with 3: no luck"):
        _python("import sys; print('no luck', file=sys.stderr); sys.exit(3)", tmp_path)


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ended with -9"):
        measure((sys.executable, "-c", "import time; time.sleep(60)"), cwd=tmp_path, env={}, timeout=0.2)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (Line("cold", 2.0, "s", buf=10.0, goal=0.28), "10.00 s | 2.00 s | 0.200 | ≤ 0.28 x | ok"),
        (Line("cold", 3.0, "s", buf=10.0, goal=0.28), "10.00 s | 3.00 s | 0.300 | ≤ 0.28 x | OVER"),
        (Line("start", 101, "ms", goal=100, judged="value"), "- | 101 ms | - | ≤ 100 ms | OVER"),
        (Line("memory", 60, "MB", buf=600), "600 MB | 60 MB | 0.100 | - |"),
        (Line("findings", 73_217, "", buf=73_217, judged="same"), "73,217 | 73,217 | - | same | ok"),
        (Line("findings", 73_217, "", buf=73_211, judged="same"), "73,211 | 73,217 | - | same | DIFFERENT"),
        (Line("warm", 0.1, "s", buf=10.0, goal=0.03, note="stale"), "10.00 s | 0.10 s | 0.010 | ≤ 0.03 x | DIFFERENT"),
    ],
)
def test_a_line_says_whether_it_keeps_its_goal(line: Line, cells: str) -> None:
    row = render([line], []).splitlines()[2]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == [cell.strip() for cell in cells.split("|")]


def test_what_must_not_be_hidden_stands_below_the_table() -> None:
    table = render([Line("warm", 1.0, "s", buf=10.0, note="stale")], ["NOT MEASURED: edit"])
    assert table.endswith("\n\n!! warm: stale\n\n!! NOT MEASURED: edit")


def test_without_clones_it_says_what_it_left_out() -> None:
    lines, loud = measured(Options(), ["cold", "breaking"], lambda _: None)
    assert lines == []
    assert [each.split(": ")[1] for each in loud if "SCHEMACTL_CORPORA" in each] == ["cold", "breaking"]


def test_a_copy_has_two_commits_and_no_configuration_and_the_clone_stays(tmp_path: Path) -> None:
    files = {"buf.yaml": "version: v1\n", "a/buf.lock": "version: v1\n", "a/x.proto": lint_runs.proto("message X {}")}
    clone = lint_runs.repository(tmp_path / "clone", files)
    lint_runs.commit(clone, {"a/x.proto": lint_runs.proto("message Y {}")})
    before = trees.git(clone, "status", "--porcelain", "--branch"), trees.git(clone, "for-each-ref")
    copy = trees.copy(clone, tmp_path / "copy")
    with trees.edited(copy.root / "a/x.proto", trees.new_message) as edit:
        edit(1)
        assert "BenchmarkEdit1" in (copy.root / "a/x.proto").read_text()
    for revision in ("HEAD~1", "HEAD"):
        assert trees.git(copy.root, "ls-tree", "-r", "--name-only", revision) == "a/x.proto\n"
    assert trees.git(copy.root, "status", "--porcelain") == ""
    assert [path.name for path in copy.root.iterdir() if path.name != ".git"] == ["a"]
    assert (trees.git(clone, "status", "--porcelain", "--branch"), trees.git(clone, "for-each-ref")) == before


def test_dependents_are_counted_through_other_files(tmp_path: Path) -> None:
    above, between, below = lint_runs.proto(), lint_runs.proto("", "a.proto"), lint_runs.proto("", "b.proto")
    root = lint_runs.write(tmp_path / "chain", {"a.proto": above, "b.proto": between, "c.proto": below})
    tree = trees.Tree("chain", lint_runs.repository(root, {}))
    assert tree.dependents == {"a.proto": 2, "b.proto": 1, "c.proto": 0}
    assert trees.nearest(tree.dependents, 0)[0] == "c.proto"


def test_edits_of_a_leaf_and_of_a_hub_are_measured(tmp_path: Path) -> None:
    tree = tmp_path / "corpora" / "large"
    synthetic.write(tree, 13)
    lint_runs.repository(tree, {})
    lint_runs.commit(tree, {"late.proto": lint_runs.proto("message Late {}")})
    options = Options(corpora=tree.parent, large=tree.name, runs=1, short=1)
    lines, loud = measured(options, ["edit", "breaking"], lambda _: None)
    assert not [each for each in loud if "NOT MEASURED" in each]
    assert all(line.ours > 0 and line.buf for line in lines)
    assert [line.name.partition(" in ")[2] for line in lines] == [
        "acme/service00000/v1/admin.proto (0 dependents)",
        "acme/api/v1/annotations.proto (8 dependents)",
        "acme/api/v1/annotations.proto (8 dependents)",
        "acme/api/v1/annotations.proto (8 dependents)",
        "acme/api/v1/annotations.proto (7 importers), cold",
        "acme/api/v1/annotations.proto (7 importers), cold",
    ]
