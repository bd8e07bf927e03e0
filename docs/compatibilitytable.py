"""Writes docs/compatibility-table.md: what each change does to readers, as the tool judges it."""

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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from table import HEAD, ROWS, Row

PAGE = Path(__file__).with_name("compatibility-table.md")
_FILE = "acme/v1/event.proto"
_LETTERS = {"ok": "ok", "skip": "skip", "default": "D", "wrong": "W", "error": "E"}
_CONTRACT = Contract(encodings=ENCODINGS, readers=READERS)
_HEAD = """# What a change does to readers

Every row is judged by the tool when this page is written, and a test compares it with what was measured with the
libraries of Python, Go, Java and TypeScript. Where the tool says something else, the reason is below. How much of what
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
_ELSEWHERE = {
    "TOPIC_REMOVED": "a topic is gone",
    "TOPIC_RENAMED": "it has another name",
    "TOPIC_MESSAGE_CHANGED": "it carries a message of another name",
    "TOPIC_SHARED": "it carries a second message",
    "TOPIC_KEY_CHANGED": "its key is another field, or of another type",
    "TOPIC_PARTITIONER_CHANGED": "its keys go to partitions by another function",
    "TOPIC_PARTITIONS_CHANGED": "it has another number of partitions",
    "TOPIC_ENCODING_CHANGED": "its messages are JSON instead of binary, or the other way round",
    "TOPIC_WRITERS_CHANGED": "its writers print other names, numbers for enum values, or defaults",
    "TOPIC_READERS_CHANGED": "its readers refuse what they do not know",
    "TOPIC_CLEANUP_CHANGED": "it is compacted, or no longer",
    "TOPIC_RETENTION_CHANGED": "it keeps its messages for another time",
    "FIELD_UNIT_CHANGED": "a field's number counts something else",
    "FIELD_FORMAT_CHANGED": "its text is written in another form",
    "FIELD_CLASSIFICATION_CHANGED": "it is personal data now, or no longer",
}
_FOOT = "\n<!-- written by `python docs/compatibilitytable.py` -->\n"


def verdicts(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """What the tool says of each row: its four cells."""
    with tempfile.TemporaryDirectory() as directory:
        return {row.name: cells(_changes(row, Path(directory))) for row in rows}


def cells(changes: Iterable[Change]) -> tuple[str, ...]:
    judged = [each for change in changes for each in change.judged if each.use.root.contract == _CONTRACT]
    effects = joined(effect for each in judged for effect in each.effects)
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
    old, new = (Types(image) for image in sides(row, directory))
    for types in (old, new):
        types.read(types.image.targets)
    others = [Root(name, name, Contract(advisory=True)) for name in sorted(old.messages.keys() & new.messages.keys())]
    return verdict.changes(old, new, verdict.Scope([Root(*roots(row), _CONTRACT)], others))


def roots(row: Row) -> tuple[str, str]:
    """The message that a row is about is the first of each side."""
    was, now = (text.partition("message ")[2].partition(" ")[0] for text in (row.old, row.new))
    return f"acme.v1.{was}", f"acme.v1.{now}"


def sides(row: Row, directory: Path) -> tuple[Image, Image]:
    return _compiled(HEAD[row.syntax] + row.old, directory), _compiled(HEAD[row.syntax] + row.new, directory)


def _compiled(text: str, directory: Path) -> Image:
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
    sections = (_section(title, rows, said) for title, rows in ROWS.items())
    return "".join((_HEAD, *sections, _elsewhere(), *_reasons(), _FOOT))


def _elsewhere() -> str:
    rows = [f"| {text} | [`{rule}`](rules/{rule}.md) |" for rule, text in _ELSEWHERE.items()]
    return "\n".join(["\n## What no decoder sees\n", "| change | finding |\n|---|---|", *rows, ""])


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
