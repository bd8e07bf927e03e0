"""The text of a schema: files by import path, read when somebody asks, and what is known of them without that."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from schemactl.errors import ToolError
from schemactl.fact import Fact, digest, fact
from schemactl.finding import Finding

_FEW = 4  # texts that are read one by one before all are


class Texts(Mapping[str, bytes]):
    """Texts by import path, read when somebody asks, and then still those that the facts are about."""

    def __init__(
        self,
        facts: Mapping[str, Fact],
        texts: Mapping[str, bytes],
        read: Callable[[Collection[str]], Mapping[str, bytes]],
    ) -> None:
        self._facts = facts
        self._texts = dict(texts)
        self._read = read
        self._asked = 0

    def __getitem__(self, name: str) -> bytes:
        if name not in self._texts:
            if name not in self._facts:
                raise KeyError(name)
            self._asked += 1
            self.load([name] if self._asked <= _FEW else self._facts)
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def release(self) -> None:
        self._texts = {}

    def load(self, names: Collection[str]) -> None:
        """Read at once what will be asked for."""
        missing = [name for name in names if name in self._facts and name not in self._texts]
        if not missing:
            return
        for name, text in self._read(missing).items():
            if digest(text) == self._facts[name].digest:
                self._texts[name] = text
        if any(name not in self._texts for name in missing):
            raise ToolError("the files changed while they were read", "run again")


@dataclass(frozen=True)
class Sources:
    """Files by import path: `files` are judged, `imports` only serve them; `paths` says where each one stands."""

    files: Mapping[str, bytes]
    imports: Mapping[str, bytes]
    paths: Mapping[str, str]
    problems: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()  # unlike `problems` no reason not to go on
    known: Mapping[str, Fact] = field(default_factory=dict)
    borrowed: bool = False  # read with the roots of another revision, since nobody could tell its own

    @cached_property
    def everything(self) -> Mapping[str, bytes]:
        return ChainMap(self.files, self.imports)  # type: ignore[arg-type]  # nobody writes to it

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        return {name: self.known.get(name) or fact(self.everything[name]) for name in self.everything}

    def load(self, names: Collection[str]) -> None:
        """Read at once the texts that will be asked for."""
        if isinstance(self.files, Texts):
            self.files.load(names)

    def release(self) -> None:
        """Let go of texts that can be read again."""
        if isinstance(self.files, Texts):
            self.files.release()

    def closure(self, names: Collection[str]) -> set[str]:
        """The names and everything they import, as far as it is there."""
        found: set[str] = set()
        pending = [name for name in names if name in self.facts]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += [imported for imported in self.facts[name].imports if imported in self.facts]
        return found


def borrowed(sources: Sources) -> Sources:
    return replace(sources, borrowed=True)
