"""Names in a schema that Go cannot have: directories, identifiers of one package, and circles of packages."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from schemactl import gopath
from schemactl.clashes import by_part, clashes, finding, more, top
from schemactl.element import FILE_IMPORT
from schemactl.file import File
from schemactl.finding import Finding
from schemactl.generate import goidents, gonames
from schemactl.generate.goidents import Identifier
from schemactl.image import Image
from schemactl.product import Product

Imports = Mapping[str, Sequence[str]]

_CIRCLES = 10  # told at once
_SKIPPED = {
    "internal": "Go lets nobody outside of the module import what is in `internal`",
    "vendor": "Go takes `vendor` for copies of other modules",
    "testdata": "Go passes over `testdata`",
}


def findings(products: Sequence[Product], image: Image, imports: Imports) -> Iterator[Finding]:
    """Of products that are made for Go."""
    for product in products:
        yield from _paths(product, image)
        yield from _directories(product, image)
    yield from _twice(products, image)
    yield from _identifiers(products, image)
    yield from _circles(products, image, imports)


def _paths(product: Product, image: Image) -> Iterator[Finding]:
    for path, files in by_part(product.files, posixpath.dirname).items():
        name = path.rpartition("/")[2]
        wrong = _SKIPPED.get(name) or (name and _skipped(name))
        if wrong:
            message = f"`{files[0]}`{more(files)} cannot be in a Go module: {wrong}"
            yield finding("GO_PATH", message, top(image, files[0]), f"rename the directory `{path}`", path)


def _skipped(name: str) -> str:
    if name.startswith(("_", ".")):
        return f"Go passes over directories that start like `{name}`"
    wrong = gopath.of_element(name, more="+")
    return wrong and f"the directory `{name}` {wrong}"


def _directories(product: Product, image: Image) -> Iterator[Finding]:
    for clash in clashes({file: posixpath.dirname(file) for file in product.files}, shared=True):
        message = f"the directories `{clash.path}` and `{clash.other_path}` differ by capitals alone: no Go module may"
        place, key = top(image, clash.file), f"{clash.path}\0{clash.other_path}"
        yield finding("GO_COLLISION", message, place, f"put `{clash.file}` into `{clash.other_path}`", key)


def _twice(products: Sequence[Product], image: Image) -> Iterator[Finding]:
    """A module below another one may have a package that the other has too."""
    found: dict[str, tuple[Product, str]] = {}
    for product in products:
        for file in product.files:
            other, before = found.setdefault(_package(product, file), (product, file))
            if other is not product:
                path = _package(product, file)
                message = f"`{file}` and `{before}`, of two Go modules, are both in the package `{path}`"
                help = f"give `{product.name}` or `{other.name}` a `go.module` that is not below the other's"
                yield finding("GO_COLLISION", message, top(image, file), help, f"{file}\0{before}")


def _identifiers(products: Sequence[Product], image: Image) -> Iterator[Finding]:
    """What the files of one package declare twice; only the outermost of what two of them both have is told."""
    for product in products:
        known: dict[tuple[str, str], tuple[str, Identifier]] = {}
        for name in product.files:
            package, file = _package(product, name), image.file(name)
            told: set[tuple[int, ...]] = set()
            for mine in goidents.declared(file.proto):
                other, before = known.setdefault((package, mine.name), (name, mine))
                twice = (other, before.element) != (name, mine.element)
                if twice and not any(mine.path[:end] in told for end in range(len(mine.path) + 1)):
                    told.add(mine.path)
                    yield _declared_twice((file, mine), (other, before), package)


def _declared_twice(mine: tuple[File, Identifier], before: tuple[str, Identifier], package: str) -> Finding:
    (file, own), (other, theirs) = mine, before
    if own.element:
        what = f"`{own.element}` and `{theirs.element}`{'' if other == file.name else f' of `{other}`'}"
        help = "rename one of them, or move its file into another directory"
    else:
        what, help = f"`{file.name}` and `{other}`", "rename one of them by more than `-`, `.` and `_`"
    return finding(
        "GO_COLLISION",
        f"{what} both declare `{own.name}` in the Go package `{package}`",
        file.location(own.path),
        help,
        f"{file.name}\0{other}\0{theirs.element}",
        own.element or None,
    )


def _circles(products: Sequence[Product], image: Image, imports: Imports) -> Iterator[Finding]:
    packages = {file: _package(each, file) for each in products for file in each.files}
    links: dict[str, dict[str, tuple[str, str]]] = {package: {} for package in sorted(set(packages.values()))}
    for file, package in sorted(packages.items()):
        for name in imports[file]:
            if packages.get(name, package) != package:
                links[package].setdefault(packages[name], (file, name))
    for _ in range(_CIRCLES):
        try:
            TopologicalSorter(links).prepare()
            return
        except CycleError as error:
            circle = list(reversed(error.args[1]))
        yield _circle([links[one].pop(next_) for one, next_ in pairwise(circle)], circle, image)


def _package(product: Product, file: str) -> str:
    return gonames.import_path(product.go.module if product.go else "", file)


def _circle(steps: Sequence[tuple[str, str]], circle: Sequence[str], image: Image) -> Finding:
    shown = " → ".join(f"`{package}`" for package in circle)
    file, imported = steps[0]
    source = image.file(file)
    return finding(
        "GO_IMPORT_CYCLE",
        f"Go packages import each other in a circle: {shown}",
        source.location((FILE_IMPORT, list(source.proto.dependency).index(imported))),
        "\n".join(
            ["move what they share into a directory of its own:", *(f"`{one}` imports `{two}`" for one, two in steps)]
        ),
        "\0".join(sorted(set(circle))),
    )
