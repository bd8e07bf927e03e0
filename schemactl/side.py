"""One side of a comparison: content by import path, and the means to compile as much of it as is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from schemactl import scan
from schemactl.build import Build
from schemactl.errors import Failure
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.source import Sources


class DoesNotCompile(Failure):
    """A side is not a schema; `problems` say why."""

    def __init__(self, problems: list[Finding]) -> None:
        first = problems[0]
        place = f"{first.location.path}:{first.location.line}: " if first.location else ""
        super().__init__(f"it does not compile: {place}{first.message}")
        self.problems = problems


class HeadDoesNotCompile(DoesNotCompile):
    """What is checked is not a schema: that is a verdict, unlike with a base."""


@dataclass(frozen=True)
class Side:
    """`contents` are equal when the files are; `judged` are the module's own files; `paths`: where they stand."""

    contents: Mapping[str, bytes]
    judged: Collection[str]
    paths: Mapping[str, str]
    imports: Callable[[str], list[str]]
    passes_on: Callable[[str], bool]  # by `import public`
    package: Callable[[str], str]
    compile: Callable[[Collection[str]], Image]

    def path(self, name: str) -> str:
        return self.paths.get(name, name)


def of_sources(
    sources: Sources,
    compile: Callable[[Collection[str]], Build],
    failure: type[DoesNotCompile] = DoesNotCompile,
) -> Side:
    texts = sources.everything

    def compiled(names: Collection[str]) -> Image:
        build = compile(names)
        if build.problems:
            raise failure(build.problems)
        return build.image

    return Side(
        texts,
        sources.files.keys(),
        sources.paths,
        lambda name: _imports(texts[name]),
        lambda name: scan.imports_publicly(texts[name]),
        lambda name: scan.package(texts[name]),
        compiled,
    )


# Both sides hold most files alike, and are asked twice.
_imports = cache(scan.imports)


def of_image(image: Image) -> Side:
    contents = image.descriptors
    return Side(
        contents,
        image.targets,
        image.paths,
        lambda name: list(image.file(name).proto.dependency),
        lambda name: bool(image.file(name).proto.public_dependency),
        lambda name: image.file(name).package,
        lambda names: image,
    )
