"""One side of a comparison: content by import path, and the means to compile as much of it as is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial

from schemactl import scan
from schemactl.build import Build
from schemactl.errors import Failure
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.source import Sources

_FEW = 200  # of more changed files than these reading every word takes longer than compiling what may be alike


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
    rivals: Callable[[Collection[str]], set[str]] = lambda names: set()  # that may declare the same names

    def path(self, name: str) -> str:
        return self.paths.get(name, name)


def of_sources(
    sources: Sources,
    compile: Callable[[Collection[str]], Build],
    failure: type[DoesNotCompile] = DoesNotCompile,
    *,
    partly: bool = False,
) -> Side:
    """`partly`: it is not compiled whole, so that what clashes with a changed file has to be looked for."""
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
        partial(_rivals, texts) if partly else lambda names: set(),
    )


def _rivals(texts: Mapping[str, bytes], names: Collection[str]) -> set[str]:
    """Files that may declare what one of `names` declares, or make a package of it: too many rather than too few."""
    by_package: dict[str, list[str]] = {}
    for name, text in texts.items():
        by_package.setdefault(scan.package(text), []).append(name)
    found: set[str] = set()
    declared: dict[str, set[str]] = {}
    for name in names:
        text = scan.outline(texts[name]) if len(names) <= _FEW else texts[name]
        declared.setdefault(scan.package(texts[name]), set()).update(scan.declared(text))
    for package, symbols in declared.items():
        found |= {each for each in by_package[package] if symbols & scan.declared(texts[each])}
        packages = {f"{package}.{symbol}".lstrip(".") for symbol in symbols}
        found |= {files[0] for inner, files in by_package.items() if packages & set(_lineage(inner))}
        for inner in _lineage(package):
            outer, _, symbol = inner.rpartition(".")
            found |= {each for each in by_package.get(outer, ()) if symbol in scan.declared(texts[each])}
    return found - set(names)


def _lineage(package: str) -> list[str]:
    parts = package.split(".") if package else []
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


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
