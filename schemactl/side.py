"""One side of a comparison: what its files hold, and the means to compile as many of them as are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from schemactl import rivals, scan
from schemactl.build import Build
from schemactl.errors import Failure
from schemactl.fact import Fact
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.symbols import Difference
from schemactl.texts import Sources

_SHAPING: dict[bytes, bool] = {}  # by a text's digest: the releases of a year have few versions of a file


class DoesNotCompile(Failure):
    """A side is not a schema; `problems` say why."""

    def __init__(self, problems: list[Finding]) -> None:
        first = problems[0]
        place = f"{first.location.path}:{first.location.line}: " if first.location else ""
        super().__init__(f"it does not compile: {place}{first.message}")
        self.problems = problems


class HeadDoesNotCompile(DoesNotCompile):
    """What is checked is not a schema: that is a verdict, unlike with a base."""


class Side(ABC):
    """`contents` are equal when the files are; `judged` are the module's own files; `paths`: where they stand.

    `facts` are what is known of the texts, where there are any.
    """

    contents: Mapping[str, bytes]
    judged: Collection[str]
    paths: Mapping[str, str]
    facts: Mapping[str, Fact] = MappingProxyType({})

    def path(self, name: str) -> str:
        return self.paths.get(name, name)

    @abstractmethod
    def imports(self, name: str) -> Collection[str]: ...

    @abstractmethod
    def passes_on(self, name: str) -> bool:
        """By `import public`; a superset, like all that is read off a text."""

    @abstractmethod
    def shaping_options(self, names: Collection[str]) -> set[str]:
        """Those of the files by whose own imports options are read, there or in files that import them."""

    @abstractmethod
    def extending(self, names: Collection[str]) -> set[str]:
        """Those of the files that may extend a message: a superset."""

    @abstractmethod
    def package(self, name: str) -> str: ...

    @abstractmethod
    def using(self, words: Mapping[str, Collection[str]]) -> set[str]:
        """Those of the files that hold one of their words."""

    @abstractmethod
    def rivals(self, added: Difference) -> set[str]:
        """Files that may declare the same."""

    @abstractmethod
    def load(self, names: Collection[str]) -> None:
        """Read at once the texts that will be asked for."""

    @abstractmethod
    def compile(self, names: Collection[str]) -> Image:
        """An image that holds the files and all they import. Raises DoesNotCompile."""


class _OfSources(Side):
    def __init__(
        self,
        sources: Sources,
        compile: Callable[[Collection[str]], Build],
        failure: type[DoesNotCompile],
        partly: bool,
    ) -> None:
        self.contents = {name: each.digest for name, each in sources.facts.items()}
        self.facts = sources.facts
        self.judged = sources.files.keys()
        self.paths = sources.paths
        self._sources = sources
        self._compile = compile
        self._failure = failure
        self._partly = partly

    def imports(self, name: str) -> Collection[str]:
        return self._sources.facts[name].imports

    def passes_on(self, name: str) -> bool:
        return self._sources.facts[name].passes_on

    def shaping_options(self, names: Collection[str]) -> set[str]:
        unknown = [name for name in names if self.facts[name].digest not in _SHAPING]
        found = self._holding(unknown, lambda name, text: scan.shapes_options(text))
        _SHAPING.update((self.facts[name].digest, name in found) for name in unknown)
        return {name for name in names if _SHAPING[self.facts[name].digest]}

    def extending(self, names: Collection[str]) -> set[str]:
        return self._holding(names, lambda name, text: b"extend" in text)

    def package(self, name: str) -> str:
        return self._sources.facts[name].package

    def using(self, words: Mapping[str, Collection[str]]) -> set[str]:
        return self._holding(words, lambda name, text: scan.holds(text, [word.encode() for word in words[name]]))

    def _holding(self, names: Collection[str], says: Callable[[str, bytes], bool]) -> set[str]:
        self._sources.load(names)
        return {name for name in names if says(name, self._sources.everything[name])}

    def rivals(self, added: Difference) -> set[str]:
        return rivals.of(added, self._sources) if self._partly else set()

    def load(self, names: Collection[str]) -> None:
        self._sources.load(names)

    def compile(self, names: Collection[str]) -> Image:
        build = self._compile(self._sources.closure(names))
        if build.problems:
            raise self._failure(build.problems)
        return build.image


class _OfImage(Side):
    """A schema that is compiled already: nothing has to be guessed, and nothing can be wrong with it."""

    def __init__(self, image: Image) -> None:
        self.contents = image.descriptors
        self.judged = image.targets
        self.paths = image.paths
        self._image = image

    def imports(self, name: str) -> Collection[str]:
        return list(self._image.file(name).proto.dependency)

    def passes_on(self, name: str) -> bool:
        return bool(self._image.file(name).proto.public_dependency)

    def shaping_options(self, names: Collection[str]) -> set[str]:
        return set()

    def extending(self, names: Collection[str]) -> set[str]:
        return set(names)

    def package(self, name: str) -> str:
        return self._image.file(name).package

    def using(self, words: Mapping[str, Collection[str]]) -> set[str]:
        return set(words)

    def rivals(self, added: Difference) -> set[str]:
        return set()

    def load(self, names: Collection[str]) -> None:
        pass

    def compile(self, names: Collection[str]) -> Image:
        return self._image


def of_sources(
    sources: Sources,
    compile: Callable[[Collection[str]], Build],
    failure: type[DoesNotCompile] = DoesNotCompile,
    *,
    partly: bool = False,
) -> Side:
    """`partly`: it is not compiled whole, so that what clashes with a changed file has to be looked for."""
    return _OfSources(sources, compile, failure, partly)


def of_image(image: Image) -> Side:
    return _OfImage(image)
