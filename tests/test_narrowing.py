"""Narrowed and full comparison agree: on changes made to mislead the narrowing, and over real history."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from schemactl import buf, place
from schemactl.configfile import profile_rules
from schemactl.descriptors import alike
from schemactl.imagefile import load
from schemactl.side import DoesNotCompile, of_image
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
NOT_JUDGED = {
    "buf.yaml": EXCLUDED.format("x"),
    "x/mid.proto": f'{HEAD}package mid;\nimport public "acme/kind.proto";\n',
    "user.proto": 'syntax = "proto2";\npackage user;\nimport "x/mid.proto";\n'
    "message User { optional acme.Kind kind = 1; }\n",
}
LIVING = {
    "buf.yaml": EXCLUDED.format("x"),
    "x/mid.proto": message("acme.p", "Mid"),
    "user.proto": message("user", "User", "acme.p.Mid mid = 1;", 'import "x/mid.proto";\n'),
}
NEEDS_LEAF = {
    "x/mid.proto": message("acme.p", "Mid", "acme.leaf.Leaf leaf = 1;", 'import "x/leaf.proto";\n'),
}
OPTION = {
    "acme/o.proto": 'syntax = "proto2";\npackage acme.o;\nimport "google/protobuf/descriptor.proto";\n'
    'import "acme/t.proto";\nextend google.protobuf.MessageOptions { optional acme.t.T opt = 50001; }\n'
}
OPTION_TYPE = 'syntax = "proto2";\npackage acme.t;\nmessage T {{ optional int32 {} = 1; }}\n'
OPTION_GROUP = 'edition = "2023";\npackage acme.t;\nmessage T {{ message Zone {{}} Zone zone = 1 {}; }}\n'
OPTION_USER = 'syntax = "proto2";\npackage u;\nimport "acme/o.proto";\nmessage U { option (acme.o.opt) = { a: 1 }; }\n'
GROUP_USER = {"acme/user.proto": OPTION_USER.replace("a: 1", "Zone: {}")}
ED2024 = (
    'edition = "2024";\npackage acme.ed;\nimport option "acme/o.proto";\n'
    "message E {{ option (acme.o.opt).a = 1; {} }}\n"
)
EDITION_KIND = 'edition = "2023";\npackage acme;\n{}\nenum Kind {{ A = 0; }}\n'
IMPORTS = [f'import "google/protobuf/{each}.proto";\n' for each in ("timestamp", "duration")]
USES = message("acme.b", "B", "google.protobuf.Duration length = 1;", IMPORTS[1])
HIDDEN = {
    "acme/k.proto": enum("acme.b", "A"),
    "acme/user.proto": message("acme.v1", "U", "b.Kind kind = 1;", 'import "acme/k.proto";\nimport "acme/d.proto";\n'),
}
KINDS = {"acme/k1.proto": enum("acme.k1", "A", "B"), "acme/k2.proto": enum("acme.k2", "A", "B", "C")}
OF_KIND = (
    HEAD + 'package acme;\nimport "acme/k1.proto";\nimport "acme/k2.proto";\nmessage F {{ .acme.k{}.Kind kind = 1; }}\n'
)
EXTENDED = {
    "acme/b.proto": 'syntax = "proto2";\npackage acme;\nmessage B { extensions 100 to 200; }\n',
    "acme/e1.proto": 'syntax = "proto2";\npackage acme.e1;\nimport "acme/b.proto";\n'
    "extend B { optional int32 x = 100; }\n",
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
    "an added message hides a package that was meant": Pair(
        HIDDEN | {"acme/d.proto": message("acme.v1", "D")},
        HIDDEN | {"acme/d.proto": message("acme.v1", "D") + "message b { enum Kind { Z = 0; } }\n"},
        3,
    ),
    "an enum's default changes behind an import that is not judged": Pair(
        NOT_JUDGED | {"acme/kind.proto": PROTO2_KIND.format("A = 0; B = 1;")},
        NOT_JUDGED | {"acme/kind.proto": PROTO2_KIND.format("B = 1; A = 0;")},
        1,
    ),
    "a package lives on in an import that is not judged": Pair(
        LIVING | {"acme/gone.proto": message("acme.p", "Gone"), "acme/last.proto": enum("acme.p", "Last")}, LIVING, 3
    ),
    "the last use of an import goes as its package stays": Pair(
        {"acme/a.proto": message("acme", "A", "string a = 1;", IMPORTS[0] + IMPORTS[1]), "acme/b.proto": USES},
        {"acme/a.proto": message("acme", "A", "string a = 1;", IMPORTS[0]), "acme/b.proto": USES},
    ),
    "excludes alone take a file that imports others of its package": Pair(
        {"buf.yaml": "version: v2\n", "x/a.proto": message("acme", "A", imports='import "b.proto";\n')}
        | {"b.proto": message("acme", "B")},
        {"buf.yaml": EXCLUDED.format("x"), "b.proto": message("acme", "B")},
        2,
    ),
    "an import of edition 2024 for options alone": Pair(
        OPTION | {"acme/t.proto": OPTION_TYPE.format("a"), "acme/ed.proto": ED2024.format("string a = 1;")},
        OPTION | {"acme/t.proto": OPTION_TYPE.format("a"), "acme/ed.proto": ED2024.format("int32 a = 1;")},
        3,
    ),
    "a field turns to a larger enum of another file": Pair(
        KINDS | {"acme/f.proto": OF_KIND.format(1)}, KINDS | {"acme/f.proto": OF_KIND.format(2)}, 1
    ),
    "a field turns to a smaller enum of another file": Pair(
        KINDS | {"acme/f.proto": OF_KIND.format(2)}, KINDS | {"acme/f.proto": OF_KIND.format(1)}, 3
    ),
}  # fmt: skip
# The changed file is valid by itself; another one is not any more.
BROKEN = {
    "an option's type loses a field": Pair(
        OPTION | {"acme/t.proto": OPTION_TYPE.format("a"), "acme/user.proto": OPTION_USER},
        OPTION | {"acme/t.proto": OPTION_TYPE.format("b"), "acme/user.proto": OPTION_USER},
    ),
    "an option's type gets a required field": Pair(
        OPTION | {"acme/t.proto": OPTION_TYPE.format("a"), "acme/user.proto": OPTION_USER},
        OPTION | {"acme/user.proto": OPTION_USER}
        | {"acme/t.proto": OPTION_TYPE.format("a").replace("}", "required int32 r = 2; }")},
    ),
    "an option's type no longer reserves a name": Pair(
        OPTION
        | {"acme/t.proto": OPTION_TYPE.format("z").replace("{", "{ reserved 'a';"), "acme/user.proto": OPTION_USER},
        OPTION | {"acme/t.proto": OPTION_TYPE.format("z"), "acme/user.proto": OPTION_USER},
    ),
    "a group in an option's type is none any more": Pair(
        OPTION | GROUP_USER | {"acme/t.proto": OPTION_GROUP.format("[features.message_encoding = DELIMITED]")},
        OPTION | GROUP_USER | {"acme/t.proto": OPTION_GROUP.format("")},
    ),
    "the number of an extension is taken": Pair(
        EXTENDED, EXTENDED | {"acme/e2.proto": EXTENDED["acme/e1.proto"].replace("acme.e1", "acme.e2")}
    ),
    "a file goes that one imports which is not judged": Pair(
        LIVING | {"x/leaf.proto": message("acme.leaf", "Leaf")} | NEEDS_LEAF, LIVING | NEEDS_LEAF
    ),
    "an enum that a proto3 file uses is closed": Pair(
        HUB_USERS | {"acme/kind.proto": EDITION_KIND.format("")},
        HUB_USERS | {"acme/kind.proto": EDITION_KIND.format("option features.enum_type = CLOSED;")},
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


@pytest.mark.parametrize("name", BROKEN)
def test_what_no_longer_compiles_because_of_a_change_is_noticed(name: str, sides: Sides, tmp_path: Path) -> None:
    pair = BROKEN[name]
    new, old = (sides.of(written(tmp_path / side, files)) for side, files in (("new", pair.new), ("old", pair.old)))
    for narrow in (False, True):
        with pytest.raises(DoesNotCompile):
            compared(new, old, JSON, tmp_path, narrow=narrow)


FORTY = "".join(f"string field{number} = {number}; " for number in range(10, 50))
HUB = HEAD + "package acme;\nenum Kind { %s }\nmessage Item { string name = 1; %s }\n"


@pytest.mark.parametrize(
    ("before", "after", "compiled"),
    [
        (("A = 0; B = 1;", ""), ("A = 0; B = 1; /* a comment */", ""), [1, 1]),
        (("A = 0; B = 1;", ""), ("A = 0; B = 1; C = 2;", "string title = 2; message Kind {}"), [1, 1]),
        (("A = 0; B = 1;", ""), ("A = 0; D = 1;", ""), [1, 1]),
        (("A = 0; B = 1;", ""), ("Z = 0; B = 1;", ""), [1, 1, 221, 221]),
        (("A = 0;", "string title = 2;"), ("A = 0;", ""), [1, 1]),
        (("A = 0;", FORTY), ("A = 0;", ""), [1, 1]),
        (("A = 0;", FORTY + "string kind = 99;"), ("A = 0;", ""), [1, 1, 221, 221]),
    ],
    ids=["comment", "added", "value", "first-value", "field", "fields", "field-of-users"],
)  # fmt: skip
def test_of_a_hub_only_those_are_compiled_that_use_what_changed(
    before: tuple[str, str], after: tuple[str, str], compiled: list[int], sides: Sides, tmp_path: Path
) -> None:
    new, old = (
        sides.of(written(tmp_path / side, {"acme/kind.proto": HUB % texts} | HUB_USERS))
        for side, texts in (("new", after), ("old", before))
    )
    found = compared(new, old, EVERYTHING, tmp_path, narrow=True)
    assert sides.compiled == compiled
    assert found == compared(new, old, EVERYTHING, tmp_path, narrow=False)


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


@pytest.mark.parametrize(("repository", "usually"), [("temporal-api", 8), ("googleapis-protos", 0)])
def test_narrowed_and_full_comparison_agree_over_real_history(
    repository: str, usually: int, corpora: Path, tmp_path: Path
) -> None:
    """SCHEMACTL_COMMITS says how far back: 200 of temporal-api take minutes, one of googleapis one minute and 7 GB."""
    wanted = int(os.environ.get("SCHEMACTL_COMMITS", usually))
    if not wanted or not (corpora / repository).is_dir():
        pytest.skip(f"SCHEMACTL_COMMITS says how many commits of {repository} to look at")
    where = place.find(corpora / repository)
    rules = JSON | profile_rules("source")
    findings = 0
    for number, pair in enumerate(itertools.pairwise(_commits(corpora / repository, wanted))):
        with TemporaryDirectory(dir=tmp_path) as directory:
            sides = Sides(Path(directory) / "builds")
            # As `check` has it the head is compiled whole, as `breaking` has it only what is in play.
            wholes = (number % 2 == 0, False)
            new, old = (sides.side(place.snapshot(where, pair[n]), where, wholes[n]) for n in (0, 1))
            full = compared(new, old, rules, Path(directory), narrow=False)
            assert compared(new, old, rules, Path(directory), narrow=True) == full, pair
        findings += len(full)
        print(f"{repository} {pair[0][:12]}: {len(full)} findings", flush=True)
    assert number + 1 == wanted
    print(f"{wanted} pairs of commits, {findings} findings")


def _commits(repository: Path, count: int) -> list[str]:
    """Those that touch a schema, the newest first."""
    argv = ["git", "log", "--first-parent", f"-{count + 1}", "--format=%H", "--", "*.proto", "buf.yaml"]
    return subprocess.run(argv, cwd=repository, capture_output=True, text=True, check=True).stdout.split()


def test_an_image_of_bufs_is_alike_where_only_comments_differ(sides: Sides, tmp_path: Path) -> None:
    files = {"acme/kind.proto": enum("acme", "A", "B"), "acme/user.proto": HUB_USERS["acme/use001.proto"]} | OPTION
    files |= {"acme/t.proto": OPTION_TYPE.format("a"), "acme/set.proto": OPTION_USER}
    files["acme/last.proto"] = EDITION_KIND.format("").replace("Kind", "Last").replace("A = 0", "LAST = 0")
    new = sides.of(written(tmp_path / "new", {name: f"// new\n{text}" for name, text in files.items()}))
    old = written(tmp_path / "old", files)
    subprocess.run([buf.executable(), "build", str(old), "-o", str(tmp_path / "old.binpb")], check=True)
    image, built = load(tmp_path / "old.binpb"), new.compile(new.contents.keys())
    assert [name for name in files if not alike(built.descriptors[name], image.descriptors[name])] == []
    assert compared(new, of_image(image), EVERYTHING, tmp_path, narrow=True) == []
