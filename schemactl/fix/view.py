"""What a fixer sees: the compiled module with its texts, parameters of rules, and what was there in the base."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from schemactl.element import KINDS, Element, Module, walk
from schemactl.file import File
from schemactl.finding import Finding
from schemactl.fix.dependents import Dependents
from schemactl.fix.index import Index
from schemactl.fix.mentions import Mentions
from schemactl.image import Image
from schemactl.position import byte_offset
from schemactl.texts import Sources

_WORD = re.compile(rb"[A-Za-z_]\w*", re.ASCII)
Params = Callable[[Finding], Mapping[str, Any]]
Asks = Callable[[Sequence[Finding], str], bool]


class Base:
    """What the fixed files will be compared with; of several states the names of all, the rest of the first.

    `outside` are words that stand in files which the images do not hold, and so may be names.
    """

    def __init__(self, images: Sequence[Image], outside: Collection[str] = ()) -> None:
        self._images = images
        self.outside = outside

    @cached_property
    def names(self) -> frozenset[str]:
        """Of all elements there."""
        return frozenset(name for image in self._images for file in image.files() for name in _elements(file))

    @cached_property
    def types(self) -> dict[str, Element]:
        """Messages and enums of the first state, by full name."""
        return {each.full_name: each for file in self._images[0].files() for each in walk(file, ("message", "enum"))}

    def holds(self, name: str, descriptor: bytes) -> bool:
        """Whether the first state has just that file."""
        return self._images[0].descriptors.get(name) == descriptor


def _elements(file: File) -> dict[str, Element]:
    return {each.full_name: each for each in walk(file, KINDS[1:])}


class View:
    """`params` are those of a finding's rule, as its file's policy wants them. `base`: None where none is known.

    `asks` says of what may be found in a package whether anybody wants to hear of it, and nobody has let it pass.
    """

    def __init__(
        self,
        sources: Sources,
        image: Image,
        params: Params,
        base: Callable[[], Base | None],
        asks: Asks = lambda findings, package: True,
        outside: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self.sources = sources
        self.image = image
        self.params = params
        self.asks = asks
        self._base = base
        self._outside = outside
        self._files: dict[str, File] = {}
        self._elements: dict[str, dict[str, Element]] = {}
        self._starts: dict[str, list[int]] = {}
        self._mentions: dict[str, Mentions] = {}
        self._seeing: dict[str, set[str]] = {}
        self._by_path = {path: name for name, path in sources.paths.items() if name in sources.files}

    @property
    def base(self) -> Base | None:
        return self._base()

    @property
    def outside(self) -> Collection[str]:
        """Words of files that the module does not hold, which may be names of what it does."""
        return self._outside()

    @cached_property
    def module(self) -> Module:
        imported = self.image.descriptors.keys() - self.sources.files.keys()
        return Module(tuple(map(self.file, sorted(self.sources.files))), tuple(map(self.file, sorted(imported))))

    @cached_property
    def index(self) -> Index:
        return Index(self.image)

    def text(self, name: str) -> bytes:
        return self.sources.everything[name]

    def file(self, name: str) -> File:
        if name not in self._files:
            self._files[name] = self.image.file(name)
        return self._files[name]

    def file_of(self, finding: Finding) -> File | None:
        """The file a finding stands in, if it is one of the module's own."""
        name = self._by_path.get(finding.location.path) if finding.location else None
        return None if name is None else self.file(name)

    def element(self, finding: Finding) -> Element | None:
        """The element that a finding is about, in the file where the finding stands."""
        file = self.file_of(finding)
        return None if file is None or not finding.element else self.elements(file).get(finding.element)

    def elements(self, file: File) -> dict[str, Element]:
        """What the file declares, by full name."""
        if file.name not in self._elements:
            self._elements[file.name] = _elements(file)
        return self._elements[file.name]

    def span(self, file: File, path: tuple[int, ...]) -> tuple[int, int] | None:
        """First byte and the one behind the last of exactly that descriptor path."""
        span = file.span(path)
        if span is None:
            return None
        line, column, end_line, end_column = span if len(span) == 4 else (span[0], span[1], span[0], span[2])
        return self._offset(file, line, column), self._offset(file, end_line, end_column)

    def _offset(self, file: File, line: int, column: int) -> int:
        if file.name not in self._starts:
            starts = [0]
            for each in file.lines:
                starts.append(starts[-1] + len(each) + 1)
            self._starts[file.name] = starts
        return self._starts[file.name][line] + byte_offset(file.lines[line], column)

    def writing(self, word: str, file: File) -> list[str]:
        """The files that hold the word, be it in another meaning, of those that see what the file declares."""
        own = file.name
        if own not in self._seeing:
            self._seeing[own] = self._dependents.of([own])
        seeing = self._seeing[own]
        return [name for name in self._words.get(word.encode(), ()) if name in seeing]

    @cached_property
    def _dependents(self) -> Dependents:
        return Dependents(self.sources)

    @cached_property
    def _words(self) -> dict[bytes, list[str]]:
        found: dict[bytes, list[str]] = {}
        for name in sorted(self.image.descriptors):
            for word in {*_WORD.findall(self.text(name))}:
                found.setdefault(word, []).append(name)
        return found

    def mentions(self, name: str) -> Mentions:
        """Where the file writes the name of an element, as its declaration or as a reference to it."""
        if name not in self._mentions:
            file = self.file(name)
            self._mentions[name] = Mentions(file, self.index, lambda path: self.span(file, path))
        return self._mentions[name]
