"""Writes docs/compatibility-table.md, `python -m docs.compatibilitytable`: what each change does, as the tool judges it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import chain
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import _protoc_compiler

from schemactl.compat import verdict
from schemactl.compat.change import Change, Root
from schemactl.compat.contract import Contract
from schemactl.compat.types import Types
from schemactl.effect import ENCODINGS, READERS, Direction, Effect, Encoding, Readers, joined
from schemactl.image import Image
from tests.table import HEAD, ROWS, Row

PAGE = Path(__file__).with_name("compatibility-table.md")
_FILE = "acme/v1/event.proto"
_LETTERS = {"ok": "ok", "skip": "skip", "default": "D", "wrong": "W", "error": "E"}
_CONTRACT = Contract(encodings=ENCODINGS, readers=READERS)
_HEAD = """# What a change does to readers

Every row is judged by the tool when this page is written, and compared by a test with what was measured: schemas, messages and
decoders of Python, Go, Java and TypeScript. Where the tool says something else, the reason is below the table. How much of what
really happens the verdict catches is measured in [accuracy.md](accuracy.md).

| | |
|---|---|
| `ok` | read as it was written |
| `skip` | the reader has no such field |
| `D` | the reader has the field, and sees its default as if nothing had been written |
| `W` | the reader sees another value |
| `E` | the reader refuses the message |
| `v` | only for some values |
| B, F | backward: new readers of old data; forward: old readers of new data |
| JSON | readers that refuse what they do not know / readers that ignore it |

Writers print JSON as libraries do if nothing else is said: JSON names of fields, names of enum values, no defaults.
"""
_FOOT = "\n<!-- written by `python -m docs.compatibilitytable` -->\n"


def verdicts(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """What the tool says of each row: its four cells."""
    with tempfile.TemporaryDirectory() as directory:
        return {row.name: cells(_changes(row, Path(directory))) for row in rows}


def cells(changes: Iterable[Change]) -> tuple[str, ...]:
    effects = joined(effect for change in changes for effect in change.effects)
    binary = (_letter(effects, direction, "binary", "tolerant") for direction in ("backward", "forward"))
    json = (
        "/".join(_letter(effects, direction, "json", readers) for readers in ("strict", "tolerant"))
        for direction in ("backward", "forward")
    )
    return (*binary, *json)


def _letter(effects: Iterable[Effect], direction: Direction, encoding: Encoding, readers: Readers) -> str:
    for each in effects:
        if (each.direction, each.encoding, each.readers) == (direction, encoding, readers):
            return _LETTERS[each.effect] + ("v" if each.values == "some" else "")
    return "ok"


def _changes(row: Row, directory: Path) -> list[Change]:
    sides = [_compiled(HEAD[row.syntax] + text, directory) for text in (row.old, row.new)]
    names = ["acme.v1." + text.partition("message ")[2].partition(" ")[0] for text in (row.old, row.new)]
    return verdict.changes(*map(Types, sides), verdict.Scope([Root(names[0], names[1], _CONTRACT)]))


def _compiled(text: str, directory: Path) -> Image:
    """`import` has to stand before all that is declared, but behind the syntax."""
    source, output = directory / _FILE, directory / "set"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, "utf-8")
    include = files("grpc_tools") / "_proto"
    options = ["protoc", f"-I{directory}", f"-I{include}", "--include_imports", f"-o{output}", _FILE]
    if _protoc_compiler.run_main([option.encode() for option in options]):
        raise ValueError(text)
    found = FileDescriptorSet.FromString(output.read_bytes())
    return Image({file.name: file.SerializeToString() for file in found.file}, (_FILE,))


def page() -> str:
    said = verdicts(chain.from_iterable(ROWS.values()))
    return _HEAD + "".join(_section(title, rows, said) for title, rows in ROWS.items()) + "".join(_reasons()) + _FOOT


def _section(title: str, rows: Iterable[Row], said: dict[str, tuple[str, ...]]) -> str:
    lines = [f"| {row.name}{_mark(row)} | {' | '.join(said[row.name])} |" for row in rows]
    head = f"| change | binary B | binary F | JSON B | JSON F |\n{'|---' * 5}|"
    return "\n".join([f"\n## {title}\n", head, *lines, ""])


def _differing() -> list[Row]:
    return [row for row in chain.from_iterable(ROWS.values()) if row.why]


def _mark(row: Row) -> str:
    return f" ({_differing().index(row) + 1})" if row.why else ""


def _reasons() -> Iterator[str]:
    yield "\n## Where the tool says something else than was measured\n\n"
    for number, row in enumerate(_differing(), 1):
        yield f"{number}. {row.name}, measured {', '.join(row.measured)}: {row.why}\n"


def write() -> None:
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    sys.exit(write())
