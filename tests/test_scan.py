"""Imports and packages read off the text, exactly as the compiler reads them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from schemactl import scan
from schemactl.image import parse, split
from schemactl.protoc import compile
from trees import write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import "a.proto";', ["a.proto"]),
        ('\nimport "a.proto";\nimport public "b.proto";\n', ["a.proto", "b.proto"]),
        ('// see import "a.proto";', []),
        ('/* import "a.proto"; */', []),
        ('message M { string import = 1; }\nimport "a.proto";', ["a.proto"]),
        ('import "\\u0061\\U00000062\\n\\143.proto";', ["ab\nc.proto"]),
        ('option x = "import \\"a.proto\\";";', []),
        ('import option "a.proto";', ["a.proto"]),
        ('import "a.proto"', []),
    ],
)  # fmt: skip
def test_imports_are_read_as_the_compiler_reads_them(text: str, expected: list[str]) -> None:
    assert scan.imports(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("package acme.v1;", "acme.v1"),
        ('syntax = "proto3"; package acme.v1;', "acme.v1"),
        ("// package wrong;\n/*\npackage wrong;\n*/\npackage acme . v1 ;", "acme.v1"),
        ("message package {}", ""),
        ("", ""),
    ],
)
def test_packages_are_read_as_the_compiler_reads_them(text: str, expected: str) -> None:
    assert scan.package(text.encode()) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"/*" * 900_000,
        b'"' + b'\\"' * 900_000,
        b"\n" * 1_800_000,
        b"import" + b" " * 1_800_000,
        b'x import "a" // ' * 100_000,
    ],
    ids=["comments", "quotes", "lines", "blanks", "imports"],
)
def test_no_text_makes_the_scanner_slow(text: bytes) -> None:
    """Quadratic would be days, not seconds: the test ends or it hangs."""
    assert scan.imports(text) == []
    assert scan.package(text + b"package") == ""


# Spellings of things that stand before, in and around imports.
BLANKS = (
    " ",
    "\n",
    "\t",
    "\r\n",
    "/* c */",
    "// c\n",
    '/* import "no.proto"; */',
    '// import "no.proto";\n',
    "/* // */",
    "//*\n",
)
STRINGS = ('"{0}"', "'{0}'", "\"{1}\" '{2}'", '"{1}"/* " */"{2}"', r'"\x{3:02x}{4}"', r"'\{3:03o}{4}'")
OTHERS = (
    "message M{n} {{ optional string s = 1 [default = \"import 'no.proto';\"]; }}",
    "message M{n} {{ optional string import = 1; }}",
    "message M{n} {{ optional string s = 1 [default = '\\'//' \"/*\"]; }}",
    ";",
)


def soup(chance: random.Random, number: int) -> tuple[str, list[str]]:
    """A legal file, and what it imports."""
    text, names = "", []
    for name in chance.sample([f"d/{letter}.proto" for letter in "abcdef"], 4):
        text += "".join(chance.choices(BLANKS, k=chance.randrange(3)))
        if chance.random() < 0.4:
            text += chance.choice(OTHERS).format(n=f"{number}_{len(text)}") + chance.choice(("", "\n", " "))
        if chance.random() < 0.2:
            text += f'// import "{name}";\n'
            continue
        quoted = chance.choice(STRINGS).format(name, name[:3], name[3:], ord(name[0]), name[1:])
        word = chance.choice(("import", "import", "import public", "import weak"))
        blank = "".join(chance.choices(BLANKS, k=chance.randrange(1, 3)))
        text += f"{chance.choice(('', chr(10)))}{word}{blank}{quoted}{chance.choice(('', ' ', '/**/'))};"
        names.append(name)
    return text, names


def test_imports_agree_with_the_compiler_on_any_legal_spelling(tmp_path: Path) -> None:
    chance = random.Random(7)
    soups = {f"f{n}.proto": soup(chance, n) for n in range(400)}
    write(tmp_path / "src", {name: text for name, (text, _) in soups.items()})
    write(tmp_path / "src", {f"d/{letter}.proto": "" for letter in "abcdef"})
    assert compile(tmp_path / "src", list(soups), tmp_path / "out").complaints == []
    data = (tmp_path / "out").read_bytes()
    compiled = [parse(data[start:end], "", None).proto for start, end in split(data)]
    read = {proto.name: scan.imports((tmp_path / "src" / proto.name).read_bytes()) for proto in compiled}
    assert read == {proto.name: list(proto.dependency) for proto in compiled}
    assert read == {name: names for name, (_, names) in soups.items()}
