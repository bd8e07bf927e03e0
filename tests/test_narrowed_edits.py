"""Narrowed and full comparison agree on changes drawn at random, of everything that a file can mean to another.

SCHEMACTL_EDITS says how many are drawn: 2,000 take half an hour.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random

import pytest

from schemactl.errors import Failure
from schemactl.finding import Finding
from schemactl.side import Side
from sides import EVERYTHING, Sides, compared, written

P2, P3, ED = 'syntax = "proto2";', 'syntax = "proto3";', 'edition = "2023";'
DESCRIPTOR = 'import "google/protobuf/descriptor.proto";'
TIME, LENGTH = (f'import "google/protobuf/{each}.proto";\n' for each in ("timestamp", "duration"))
FIXED = "features.enum_type = CLOSED"
# Each part of a tree as it may be written, the first most often; a file without any text is not there.
PARTS: dict[str, list[str]] = {
    "config": ["version: v2", "version: v2\nmodules: [{path: ., excludes: [x]}]"],
    "kind syntax": [P2, P3, ED, f"{ED}\noption {FIXED};", f'{P2}\noption java_package = "k";'],
    "kind package": ["acme", "acme", "acme", "acme.v1", "user.acme"],
    "kind comment": ["", "// one", "/* Kind\n two */\n"],
    "kind values": ["A = 0; B = 1; C = 2;", "A = 0; C = 2;", "A = 0; B = 1; C = 2; D = 3;", "A = 0; B = 2; C = 1;",
     "C = 0; A = 1; B = 2;", "A = 0; B = 1 [deprecated = true]; C = 2;", "A = 0; reserved 1; reserved 'B'; C = 2;"],
    "kind name": ["Kind", "Kind", "Kind", "Sort"],
    "note": ["message Note {}", "message Note { message Inner {} }", "message Note { enum Inner { X = 0; } }",
     "message Note { enum Inner { Y = 1; X = 0; } }", "enum Note { NOTE = 0; }", "", "message note {}",
     "message Note { extensions 100 to 200; }", "message Note { message user {} }"],
    "kind more": ["", "message user {}", "enum Other { v1 = 0; }", "message One { Kind k = 1; }"],
    "public": ["public", "public", ""],
    "mid package": ["mid", "mid", "acme", "user.mid"],
    "mid body": ["message Mid {}", "message Mid { optional acme.Kind kind = 1; }", "", "message Kind {}",
     "message Mid { optional acme.Note note = 1; }", "enum Mid { MID = 0; }"],
    "top import": ['import public "x/mid.proto";', 'import public "kind.proto";', 'import "x/mid.proto";'],
    "extra": ["", f"{P3}\npackage user.acme;\nenum Kind {{ Z = 0; }}", f"{P3}\npackage user.acme;\nmessage Note {{}}",
     f"{P3}\npackage acme;\nmessage Extra {{}}", f"{P2}\npackage acme.Kind;\nmessage Extra {{}}",
     f"{P3}\npackage user.mid;\nmessage Note {{}}"],
    "extra import": ["", "", 'import public "extra.proto";', 'import "extra.proto";'],
    "t": ["optional int32 a = 1; optional U u = 2;", "optional int32 b = 1; optional U u = 2;", "optional U u = 3;",
     "optional string a = 1; optional U u = 2;", "required int32 r = 4; optional int32 a = 1; optional U u = 2;",
     "reserved 'a'; optional U u = 2;", "optional int32 a = 5; optional U u = 2; optional group G = 6 {}",
     "oneof both { int32 a = 1; U u = 2; }", "extensions 100 to 200; optional int32 a = 1; optional U u = 2;"],
    "u": ["message U { optional int32 c = 1; }", "message U { required int32 d = 1; optional int32 c = 2; }",
     "message U { optional int32 e = 1; }", "enum U { c = 0; }"],
    "option type": ["acme.t.T", "acme.t.T", "acme.t.T", "acme.Kind", "acme.t.V", "string"],
    "option name": ["opt", "opt", "opt", "choice"],
    "option set": ["", "option (acme.o.opt).a = 1;", "option (acme.o.opt).u.c = 1;", "option (acme.o.opt) = A;",
     "option (acme.o.opt) = { a: 1 };", "option (acme.o.opt) = { u: { c: 1 } };", "option (o.opt) = { a: 1 u: {} };",
     "option (acme.o.opt) = { G: {} };", "option (acme.o.opt) = 'text';"],
    "user package": ["user.v1", "user.v1", "user", "acme", "acme.user"],
    "user import": ["top.proto", "x/mid.proto", "kind.proto"],
    "user kind": ["acme.Kind", ".acme.Kind", "Kind", "acme.Note", "acme.Note.Inner", "Mid", "mid.Mid", "int32", "user"],
    "user default": ["", "", "[default = B]", "[default = C]"],
    "user syntax": [P2, P2, P3, ED],
    "second kind": ["acme.Kind", "Kind", "acme.Sort", "acme.Note", "int32", "string"],
    "second rpc": ["", "", "service S { rpc R(acme.Note) returns (Second); }"],
    "extender": ["", "extend acme.Note { optional acme.Kind ext = 100; }",
     "extend acme.Note { optional int32 ext = 101; }",
     "message X { extend acme.Note { optional acme.Kind ext = 100; } }"],
    "rival": ["", f"{P2}\npackage acme;\nmessage Rival {{}}", f"{P2}\npackage acme;\nenum Rival {{ D = 0; }}",
     f"{P2}\npackage acme.v1;\nmessage Mid {{}}", f"{P2}\npackage acme.Note;\nmessage Rival {{}}",
     f'{P2}\npackage r;\nimport "kind.proto";\nextend acme.Note {{ optional int32 r = 100; }}'],
    "well known": ["", TIME, LENGTH, TIME + LENGTH],
    "more well known": ["", TIME, LENGTH, TIME + LENGTH],
    "lost": ["", f"{P3}\npackage acme;\nmessage Lost {{}}", f"{P3}\npackage mid;\nenum Lost {{ LOST = 0; }}"],
}  # fmt: skip
FILES = {
    "buf.yaml": "{config}",
    "kind.proto": "{kind syntax}\npackage {kind package};\n{kind comment}\n"
    "enum {kind name} {{ {kind values} }}\n{note}\n{kind more}\n",
    "x/mid.proto": P2 + '\npackage {mid package};\nimport {public} "kind.proto";\n{more well known}'
    "{extra import}\n{mid body}\n",
    "top.proto": P3 + "\npackage top;\n{top import}\n",
    "extra.proto": "{extra}\n",
    "u.proto": "{u}",
    "t.proto": P2 + '\npackage acme.t;\nimport "u.proto";\nmessage T {{ {t} }}\nenum V {{ A = 0; text = 1; }}\n',
    "o.proto": P2 + f'\npackage acme.o;\n{DESCRIPTOR}\nimport "t.proto";\nimport "kind.proto";\n'
    "extend google.protobuf.MessageOptions {{ optional {option type} {option name} = 50001; }}\n",
    "user.proto": "{user syntax}\npackage {user package};\n" 'import "{user import}";\nimport "o.proto";\n'
    "message User {{ {option set} {user label} {user kind} kind = 1 {user default}; }}\n",
    "second.proto": P2 + '\npackage second;\nimport "kind.proto";\n{well known}{extender}\n'
    "message Second {{ optional {second kind} kind = 1; }}\n{second rpc}\n",
    "rival.proto": "{rival}\n",
    "lost.proto": "{lost}\n",
}  # fmt: skip


class Tree:
    def __init__(self, chance: Random) -> None:
        self.parts = {name: _drawn(chance, several, 0.75) for name, several in PARTS.items()}

    def changed(self, chance: Random) -> Tree:
        tree = Tree(chance)
        again = chance.sample(list(PARTS), chance.choice((1, 1, 2, 3)))
        tree.parts = {name: chance.choice(PARTS[name]) if name in again else self.parts[name] for name in PARTS}
        return tree

    def files(self) -> dict[str, str]:
        label = "" if self.parts["user syntax"] == ED else "optional"
        body = f"{P2}\npackage acme.t;\n{self.parts['u']}\n"
        parts = self.parts | {"user label": label, "u": body}
        texts = {name: template.format_map(parts) for name, template in FILES.items()}
        return {name: text for name, text in texts.items() if text.strip()}


def _drawn(chance: Random, several: list[str], usually: float) -> str:
    return several[0] if chance.random() < usually else chance.choice(several)


def verdict(new: Path, old: Side, top: Path, *, narrow: bool) -> list[Finding] | type[Failure]:
    """The findings, or how it ends where the new tree is no schema: protoc may even crash on it."""
    try:
        return compared(Sides(top / f"{narrow}").of(new), old, EVERYTHING, top, narrow=narrow)
    except Failure as failure:
        return type(failure)


@pytest.mark.parametrize("seed", range(int(os.environ.get("SCHEMACTL_EDITS", "10"))))
def test_narrowed_and_full_comparison_agree_on_drawn_changes(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    for number in count():
        before = Tree(chance)
        sides = Sides(tmp_path / f"old-{number}-builds")
        old = sides.of(written(tmp_path / f"old-{number}", before.files()))
        with suppress(Failure):
            old.compile(old.contents.keys())
            break
    new = written(tmp_path / "new", before.changed(chance).files())
    full = verdict(new, old, tmp_path, narrow=False)
    assert verdict(new, old, tmp_path, narrow=True) == full
