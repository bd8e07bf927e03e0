"""What `breaking` reports is what Buf itself reports on the same two trees."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from schemactl import breaking, buf, bufrules, git, place, side
from schemactl.finding import Finding
from sides import Sides, compared, written
from test_trace import NEW, OLD

Row = tuple[str, str | None, int]
WIRE_JSON, FILE, PACKAGE = (frozenset(bufrules.breaking_ids([name])) for name in ("WIRE_JSON", "FILE", "PACKAGE"))
CATEGORIES = {"WIRE_JSON": WIRE_JSON, "FILE": FILE, "PACKAGE": PACKAGE}


def by_buf(new: Path, old: Path, category: str) -> Counter[Row]:
    """Buf reads, builds and compares the directories itself; a map's own message is nothing anybody wrote."""
    config = json.dumps({"version": "v2", "breaking": {"use": [category]}})
    argv = [buf.executable(), "breaking", str(new), "--against", str(old), "--config", config]
    argv += ["--against-config", '{"version": "v2"}', "--error-format", "json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=new)
    assert done.returncode in (0, 100), done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [row for row in rows if row["type"] == "COMPILE"], rows
    kept = (row for row in rows if not ("_MESSAGE_" in f"_{row['type']}" and 'Entry" was deleted' in row["message"]))
    return Counter((row["type"], _below(row.get("path"), new), row.get("start_line", 1)) for row in kept)


def _below(path: str | None, top: Path) -> str | None:
    return path and (Path(path).relative_to(top).as_posix() if Path(path).is_absolute() else path)


def ours(findings: list[Finding]) -> Counter[Row]:
    return Counter(
        (each.rule, each.location.path if each.location else None, each.location.line if each.location else 1)
        for each in findings
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    top = tmp_path_factory.mktemp("breaking")
    return written(top / "new", NEW), written(top / "old", OLD)


@pytest.mark.parametrize("category", CATEGORIES)
def test_findings_are_those_of_buf(category: str, pair: tuple[Path, Path], tmp_path: Path) -> None:
    sides = Sides(tmp_path / "builds")
    new, old = pair
    found = compared(sides.of(new), sides.of(old), CATEGORIES[category], tmp_path, narrow=True)
    assert len(found) > 10
    assert ours(found) == by_buf(new, old, category)


@pytest.mark.parametrize("category", CATEGORIES)
def test_findings_are_those_of_buf_over_real_history(category: str, corpora: Path, tmp_path: Path) -> None:
    """Commits that break something: a release lies between two of them."""
    where = place.find(corpora / "temporal-api")
    sides = Sides(tmp_path / "builds")
    judged = 0
    for new, old in itertools.pairwise(("v1.52.0", "v1.45.0", "v1.40.0")):
        checked = {
            tag: sides.side(place.snapshot(where, git.resolve(where.needed(), tag)), where) for tag in (new, old)
        }
        trees = {tag: _exported(checked[tag], tmp_path / f"{new}-{tag}") for tag in (new, old)}
        found = compared(checked[new], checked[old], CATEGORIES[category], tmp_path, narrow=True)
        assert ours(found) == by_buf(trees[new], trees[old], category)
        judged += len(found)
    assert judged


def _exported(of: side.Side, top: Path) -> Path:
    """The files, with all they import, as Buf can build them without any registry."""
    judged = {name: of.contents[name].decode() for name in of.judged}
    imported = {name: text.decode() for name, text in of.contents.items() if name not in of.judged}
    written(top, judged | {name: text for name, text in imported.items() if not name.startswith("google/protobuf/")})
    return top


def test_the_tools_own_copy_of_buf_is_used_not_one_on_the_path(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "buf"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
    sides = Sides(tmp_path / "builds")
    assert compared(sides.of(pair[0]), sides.of(pair[1]), WIRE_JSON, tmp_path, narrow=True)
    assert not (tmp_path / "ran").exists()
    assert Path(buf.executable()).is_relative_to(sys.prefix)


def test_no_rules_find_nothing_and_start_nothing(pair: tuple[Path, Path], tmp_path: Path) -> None:
    sides = Sides(tmp_path / "builds")
    new, old = sides.of(pair[0]), sides.of(pair[1])
    play = breaking.play(new, old)
    assert play
    assert breaking.begun(play, new, old, frozenset(), tmp_path / "missing", revision="old")() == []


@pytest.mark.parametrize("version", ["v1beta1", "v1", "v2"])
def test_buf_knows_every_rule_that_a_category_stands_for(version: bufrules.Version, tmp_path: Path) -> None:
    rules = bufrules.breaking_ids(["FILE", "PACKAGE", "WIRE", "WIRE_JSON"], version)
    assert len(rules) > 40
    assert buf.begun({}, {}, ((), ()), rules, tmp_path)() == []
