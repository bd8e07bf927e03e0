"""Narrowed and full comparison agree: on changes made to mislead the narrowing, and over real history."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from schemactl import place
from schemactl.configfile import profile_rules
from schemactl.side import Side
from sides import EVERYTHING, JSON, Sides, compared, written

HEAD = 'syntax = "proto3";\n'


class Pair(NamedTuple):
    """Two revisions, and how many findings the change must at least give."""

    old: Mapping[str, str]
    new: Mapping[str, str]
    findings: int = 0


def enum(package: str, *values: str, comment: str = "") -> str:
    lines = "".join(f"  {value} = {number};\n" for number, value in enumerate(values))
    return f"{comment}{HEAD}package {package};\nenum Kind {{\n{lines}}}\n"


def message(package: str, name: str, fields: str = "", imports: str = "") -> str:
    return f"{HEAD}package {package};\n{imports}message {name} {{ {fields} }}\n"


HUB_USERS = {
    f"acme/use{n:03}.proto": message("acme.use", f"Use{n}", "acme.Kind kind = 1;", 'import "acme/kind.proto";\n')
    for n in range(220)
}
CHAIN = {
    "acme/public.proto": f'{HEAD}package acme;\nimport public "acme/kind.proto";\n',
    "acme/more.proto": f'{HEAD}package acme;\nimport public "acme/public.proto";\n',
    "acme/user.proto": 'syntax = "proto2";\npackage acme.u;\nimport "acme/more.proto";\n'
    "message User { optional acme.Kind kind = 1; }\n",
}
PROTO2_KIND = 'syntax = "proto2";\npackage acme;\nenum Kind {{ {} }}\n'
EXCLUDED = "version: v2\nmodules:\n  - path: .\n    excludes: [{}]\n"
GONE = {
    "acme/gone/a.proto": message("acme.gone", "A"),
    "acme/kept.proto": message("acme", "Kept", "acme.gone.A a = 1;", 'import "acme/gone/a.proto";\n'),
    "acme/other.proto": message("acme.gone", "Other"),
}
IMPORTED = {
    "acme/gone/a.proto": message("acme.gone", "A"),
    "acme/x/x.proto": message("acme.x", "X", "acme.gone.A a = 1;", 'import "acme/gone/a.proto";\n'),
    "acme/kept.proto": message("acme", "Kept", "acme.x.X x = 1;", 'import "acme/x/x.proto";\n'),
}
PAIRS = {
    "an enum's default changes in an import": Pair(
        {"acme/kind.proto": PROTO2_KIND.format("A = 0; B = 1;")} | CHAIN,
        {"acme/kind.proto": PROTO2_KIND.format("B = 1; A = 0;")} | CHAIN,
        1,
    ),
    "a public import chain changes what it passes on": Pair(
        CHAIN
        | {"acme/kind.proto": PROTO2_KIND.format("A = 0;"), "acme/b.proto": message("acme.b", "B")}
        | {"acme/user.proto": CHAIN["acme/user.proto"].replace("acme.Kind", "b.Kind").replace("acme.u", "acme.u.v1")}
        | {"acme/more.proto": CHAIN["acme/more.proto"] + 'import public "acme/b2.proto";\n'}
        | {"acme/b2.proto": 'syntax = "proto2";\npackage acme.b;\nenum Kind { X = 0; }\n'},
        CHAIN
        | {"acme/kind.proto": PROTO2_KIND.format("A = 0;"), "acme/b.proto": message("acme.b", "B")}
        | {"acme/user.proto": CHAIN["acme/user.proto"].replace("acme.Kind", "b.Kind").replace("acme.u", "acme.u.v1")}
        | {"acme/more.proto": CHAIN["acme/more.proto"] + 'import public "acme/b2.proto";\n'}
        | {"acme/b2.proto": 'syntax = "proto2";\npackage acme.u.b;\nenum Kind { Y = 0; }\n'},
        1,
    ),
    "a file moves within its package": Pair(
        {"acme/a.proto": message("acme", "A", "string a = 1;"), "acme/b.proto": message("acme", "B")},
        {"acme/c.proto": message("acme", "A", "string a = 1;"), "acme/b.proto": message("acme", "B")},
        1,
    ),
    "a package loses its only file": Pair(
        {"acme/a.proto": message("acme", "A"), "acme/b.proto": message("acme.b", "B")},
        {"acme/a.proto": message("acme", "A")},
        2,
    ),
    "a package loses one of its files": Pair(
        {"acme/a.proto": message("acme", "A"), "acme/b.proto": message("acme", "B"), "acme/c.proto": enum("acme", "C")},
        {"acme/a.proto": message("acme", "A"), "acme/c.proto": enum("acme", "C")},
        2,
    ),
    "a file changes its package": Pair(
        {"acme/a.proto": message("acme", "A"), "acme/b.proto": message("acme", "B")},
        {"acme/a.proto": message("acme", "A"), "acme/b.proto": message("acme.b", "B")},
        2,
    ),
    "a comment changes in a hub": Pair(
        {"acme/kind.proto": enum("acme", "KIND_A")} | HUB_USERS,
        {"acme/kind.proto": enum("acme", "KIND_A", comment="// new\n\n")} | HUB_USERS,
    ),
    "an enum changes in a hub": Pair(
        {"acme/kind.proto": enum("acme", "KIND_A", "KIND_B")} | HUB_USERS,
        {"acme/kind.proto": enum("acme", "KIND_A", "KIND_C")} | HUB_USERS,
        1,
    ),
    "excludes alone delete a package": Pair(
        {"buf.yaml": "version: v2\n", "acme/gone/a.proto": message("acme.gone", "A"), "b.proto": message("acme", "B")},
        {"buf.yaml": EXCLUDED.format("acme/gone"), "acme/gone/a.proto": message("acme.gone", "A")}
        | {"b.proto": message("acme", "B")},
        2,
    ),
    "excludes alone make a file an import of others": Pair(
        {"buf.yaml": "version: v2\n"} | GONE, {"buf.yaml": EXCLUDED.format("acme/gone")} | GONE
    ),
    "excludes alone take one of a package's files": Pair(
        {"buf.yaml": "version: v2\n"} | GONE | {"acme/gone2.proto": message("acme.gone", "Third")},
        {"buf.yaml": EXCLUDED.format("acme/gone")} | GONE | {"acme/gone2.proto": message("acme.gone", "Third")},
    ),
    "a file changes as it becomes an import of an import": Pair(
        {"buf.yaml": EXCLUDED.format("acme/x")} | IMPORTED,
        {"buf.yaml": EXCLUDED.format("acme/x, acme/gone")}
        | IMPORTED
        | {"acme/gone/a.proto": message("acme.gone", "A", "string a = 1;")},
    ),
    "an imported file is imported no more": Pair(
        {"acme/a.proto": message("acme", "A", imports='import "google/protobuf/timestamp.proto";\n')},
        {"acme/a.proto": message("acme", "A")},
    ),
    "everything is deleted": Pair({"acme/a.proto": message("acme", "A"), "acme/b.proto": enum("acme.b", "B")}, {}, 4),
    "everything is new": Pair({}, {"acme/a.proto": message("acme", "A"), "acme/b.proto": enum("acme.b", "B")}),
    "a module directory is renamed": Pair(
        {"buf.yaml": "version: v2\nmodules: [{path: b}]\n", "b/acme/a.proto": message("acme", "A", "string a = 1;")},
        {"buf.yaml": "version: v2\nmodules: [{path: 0}]\n", "0/acme/a.proto": message("acme", "A", "int32 a = 1;")},
        1,
    ),
    "a message moves to another file as its own goes": Pair(
        {"acme/a.proto": message("acme", "A", "string a = 1;"), "acme/b.proto": message("acme", "B")},
        {"acme/b.proto": message("acme", "B") + "message A { int32 a = 1; }\n"},
        1,
    ),
    "a nested type shadows the one that was meant": Pair(
        {"acme/v1/a.proto": message("acme.v1", "A", "b.Kind kind = 1;", 'import "acme/k.proto";\n'),
         "acme/k.proto": enum("acme.b", "K") + "message M {}\n"},
        {"acme/v1/a.proto": message("acme.v1", "A", "b.Kind kind = 1;", 'import "acme/k.proto";\n'),
         "acme/k.proto": enum("acme.v1.b", "K") + "message M {}\n"},
        2,
    ),
}  # fmt: skip


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path / "builds")


@pytest.mark.parametrize("name", PAIRS)
def test_narrowed_and_full_comparison_agree_on(name: str, sides: Sides, tmp_path: Path) -> None:
    pair = PAIRS[name]
    new, old = (sides.of(written(tmp_path / side, files)) for side, files in (("new", pair.new), ("old", pair.old)))
    for rules in (EVERYTHING, JSON):
        full = compared(new, old, rules, tmp_path, narrow=False)
        assert compared(new, old, rules, tmp_path, narrow=True) == full
        if rules is EVERYTHING:
            assert len(full) >= pair.findings
            assert bool(full) == bool(pair.findings)


def test_a_comment_in_a_hub_compiles_the_hub_alone(sides: Sides, tmp_path: Path) -> None:
    pair = PAIRS["a comment changes in a hub"]
    new, old = (sides.of(written(tmp_path / side, files)) for side, files in (("new", pair.new), ("old", pair.old)))
    assert compared(new, old, EVERYTHING, tmp_path, narrow=True) == []
    assert sides.compiled == [1, 1]


def test_a_leaf_compiles_neither_its_neighbours_nor_what_does_not_see_it(sides: Sides, tmp_path: Path) -> None:
    files = {f"acme/m{number}.proto": message(f"acme.m{number}", "M", "string a = 1;") for number in range(20)}
    new = sides.of(written(tmp_path / "new", files | {"acme/m7.proto": message("acme.m7", "M", "int32 a = 1;")}))
    old = sides.of(written(tmp_path / "old", files))
    (found,) = compared(new, old, JSON, tmp_path, narrow=True)
    assert (found.rule, found.element) == ("FIELD_WIRE_JSON_COMPATIBLE_TYPE", "acme.m7.M.a")
    assert sides.compiled == [1, 1]


def test_equal_sides_compile_nothing(sides: Sides, tmp_path: Path) -> None:
    side = sides.of(written(tmp_path / "both", {"acme/a.proto": message("acme", "A")}))
    assert compared(side, side, EVERYTHING, tmp_path, narrow=True) == []
    assert sides.compiled == []


def test_narrowed_and_full_comparison_agree_over_real_history(corpora: Path, sides: Sides, tmp_path: Path) -> None:
    """SCHEMACTL_COMMITS says how far back: 200 take minutes."""
    where = place.find(corpora / "temporal-api")
    history = _commits(corpora / "temporal-api", int(os.environ.get("SCHEMACTL_COMMITS", "8")))
    rules = JSON | profile_rules("source")
    findings = judged = 0
    known: dict[tuple[str, bool], Side] = {}
    for number, pair in enumerate(itertools.pairwise(history)):
        known = {key: side for key, side in known.items() if key[0] in pair}
        for commit, whole in itertools.product(pair, (True, False)):
            if (commit, whole) not in known:
                known[commit, whole] = sides.side(place.snapshot(where, commit), where, whole)
        new, old = pair
        # As `check` has it the head is compiled whole, as `breaking` has it only what is in play.
        full = compared(known[new, True], known[old, True], rules, tmp_path, narrow=False)
        assert compared(known[new, number % 2 == 0], known[old, False], rules, tmp_path, narrow=True) == full, pair
        judged, findings = judged + 1, findings + len(full)
    print(f"{judged} pairs of commits, {findings} findings")
    assert judged == len(history) - 1


def _commits(repository: Path, count: int) -> list[str]:
    """Those that touch a schema, the newest first."""
    argv = ["git", "log", "--first-parent", f"-{count + 1}", "--format=%H", "--", "*.proto", "buf.yaml"]
    return subprocess.run(argv, cwd=repository, capture_output=True, text=True, check=True).stdout.split()
