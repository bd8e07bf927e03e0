"""Where a file writes names of elements: declarations, types, and what options say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemactl.element import Element, walk
from schemactl.file import File
from schemactl.fix.index import Index
from schemactl.fix.mention import Mention, parts
from schemactl.fix.options import read
from schemactl.tokens import tokens

_NAME, _EXTENDEE, _TYPE, _INPUT, _OUTPUT = 1, 2, 6, 2, 3
_ENTRY_VALUE = 1


Span = Callable[[tuple[int, ...]], tuple[int, int] | None]


class Mentions:
    """`doubtful` are words that may stand for anything: nothing of that name can be renamed with certainty."""

    def __init__(self, file: File, index: Index, span: Span) -> None:
        self._source = file.source or b""
        self._span = span
        self.doubtful: set[str] = set()
        found = {*self._of_elements(file, index)}
        told, doubts = read(self._source, file.package, index)
        found.update(told)
        self.doubtful |= doubts
        self._by_target: dict[str, list[Mention]] = {}
        for mention in sorted(found):
            self._by_target.setdefault(mention.target, []).append(mention)

    def of(self, target: str) -> list[Mention]:
        return self._by_target.get(target, [])

    def _of_elements(self, file: File, index: Index) -> Iterator[Mention]:
        for element in walk(file, ("message", "enum", "field", "enum_value", "oneof", "service", "method")):
            group = element.kind == "field" and element.proto.type == element.proto.TYPE_GROUP
            if group or element.full_name in index.groups:
                self.doubtful.update((element.name, element.proto.name.lower()))
                continue
            yield from self._named((*element.path, _NAME), element.full_name)
            for step, name in _references(element):
                yield from self._named((*element.path, step), name.removeprefix("."))

    def _named(self, path: tuple[int, ...], full_name: str) -> Iterator[Mention]:
        """The parts of a name that stands at the path, alone or (a map's value) behind a comma."""
        span = self._span(path)
        if span is None:
            self.doubtful.update(full_name.split("."))
            return
        text = self._source[slice(*span)]
        found = [token for token in tokens(text) if token.kind in ("word", "symbol")]
        commas = [number for number, token in enumerate(found) if text[token.start : token.end] == b","]
        words = [token for token in found[commas[0] + 1 if commas else 0 :] if token.kind == "word"]
        yield from parts([(span[0] + word.start, span[0] + word.end) for word in words], full_name)


def _references(element: Element) -> Iterator[tuple[int, str]]:
    proto = element.proto
    if element.kind == "method":
        yield _INPUT, proto.input_type
        yield _OUTPUT, proto.output_type
    elif element.kind == "field":
        if proto.extendee:
            yield _EXTENDEE, proto.extendee
        if proto.type_name:
            yield from _types(element)


def _types(element: Element) -> Iterator[tuple[int, str]]:
    """The type that is written: of a map that of its values, if that has a name."""
    proto, parent = element.proto, element.parent
    entries = parent.proto.nested_type if parent and parent.kind == "message" else ()
    name = proto.type_name.rpartition(".")[2]
    scope = f".{parent.full_name}.{name}" if parent else ""
    entry = next((each for each in entries if each.options.map_entry and each.name == name), None)
    if entry is None or proto.type_name != scope:
        yield _TYPE, proto.type_name
    elif entry.field[_ENTRY_VALUE].type_name:
        yield _TYPE, entry.field[_ENTRY_VALUE].type_name
