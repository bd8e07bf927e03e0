"""Names in a schema that Python or Go cannot have: paths, collisions of paths, and circles of Go packages."""

from __future__ import annotations

import keyword
import posixpath
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate, pairwise
from typing import NamedTuple

from schemactl import gopath, symbols
from schemactl.element import FILE_IMPORT, Element, walk
from schemactl.finding import Finding, Location, fingerprint
from schemactl.generate import gonames
from schemactl.image import Image
from schemactl.product import Product, python_module, python_path, rooted
from schemactl.schema import OPTIONS_FILE

Imports = Mapping[str, Sequence[str]]

_CIRCLES = 10  # told at once
_SKIPPED = {
    "internal": "Go lets nobody outside of the module import what is in `internal`",
    "vendor": "Go takes `vendor` for copies of other modules",
    "testdata": "Go passes over `testdata`",
}
# Packages of others that are installed whole: what is put into them is lost, or replaces a part of them.
_TAKEN = ("google.protobuf", "grpc", "grpc_tools", "schemactl")


class Clash(NamedTuple):
    """Two files whose paths clash, the later one first, with what clashes of each."""

    file: str
    path: str
    other: str
    other_path: str


def findings(products: Iterable[Product], image: Image, imports: Imports) -> Iterator[Finding]:
    products = tuple(products)
    for product in products:
        if product.python:
            yield from _python_paths(product, image)
        if product.go:
            yield from _go_paths(product, image)
            yield from _go_collisions(product, image)
    yield from _python_collisions([each for each in products if each.python], image)
    with_go = [each for each in products if each.go]
    yield from _go_twice(with_go, image)
    yield from _circles(with_go, image, imports)
    if OPTIONS_FILE in image.descriptors:
        yield from _options([file for each in products for file in each.files], image)


def _python_paths(product: Product, image: Image) -> Iterator[Finding]:
    for path, files in _by_part(product.files, python_path).items():
        name = path.rpartition("/")[2]
        if wrong := _unspeakable(name):
            where = f"`{name}` in the path of `{files[0]}`{_more(files)}"
            yield _finding("PYTHON_PATH", f"{where} {wrong}", _top(image, files[0]), _rename(files[0]), path)
    if rooted(product):
        return
    for path, files in _by_part(product.files, python_path).items():
        if wrong := _hidden(path.replace("/", ".")):
            message = f"`{files[0]}`{_more(files)} would be imported from `{path.replace('/', '.')}`: {wrong}"
            help = f"move the modules of `{product.name}` elsewhere by `python: {{root: acme.events}}`, or rename it"
            yield _finding("PYTHON_PATH", message, _top(image, files[0]), help, path)


def _unspeakable(name: str) -> str:
    if keyword.iskeyword(name):
        return "cannot be imported: it is a word of Python"
    return (
        ""
        if name.isidentifier()
        else "cannot be imported: names in Python are letters, digits and `_`, with no digit first"
    )


def _hidden(module: str) -> str:
    if module in sys.stdlib_module_names:
        return "Python finds its own module of that name first"
    return "that package is installed by others" if module in _TAKEN else ""


def _rename(file: str) -> str:
    return f"rename the file or directory; imports of `{file}` follow" if "/" in file else "rename the file"


def _by_part(files: Iterable[str], path: Callable[[str], str]) -> dict[str, list[str]]:
    """The files below each directory of their paths, and of each path itself."""
    found: dict[str, list[str]] = {}
    for file in files:
        for part in accumulate(path(file).split("/"), "{}/{}".format):
            found.setdefault(part, []).append(file)
    return found


def _python_collisions(products: Sequence[Product], image: Image) -> Iterator[Finding]:
    modules = {file: python_module(each, file).replace(".", "/") for each in products for file in each.files}
    for clash in _clashes(modules):
        mine, other = clash.path.replace("/", "."), clash.other_path.replace("/", ".")
        if mine != other:
            message = f"`{clash.file}` and `{clash.other}` differ in Python by capitals alone: `{mine}` and `{other}`"
        elif modules[clash.file] == modules[clash.other]:
            message = f"`{clash.file}` and `{clash.other}` are one module in Python: `{mine}`"
        else:
            message = f"`{mine}` is a module of Python and a directory: by `{clash.file}` and `{clash.other}`"
        yield _finding(
            "PYTHON_COLLISION", message, _top(image, clash.file), "rename one of them", f"{clash.file}\0{clash.other}"
        )


def _clashes(paths: Mapping[str, str], *, shared: bool = False) -> Iterator[Clash]:
    """Paths, and directories in them, that some disk cannot tell apart; `shared`: a path is a directory."""
    found: dict[str, tuple[str, str, bool]] = {}
    told: set[tuple[str, str]] = set()
    for file in sorted(paths):
        parts = list(accumulate(paths[file].split("/"), "{}/{}".format))
        for part in parts:
            whole = part == parts[-1] and not shared
            other, before, was_whole = found.setdefault(part.casefold(), (file, part, whole))
            clashes = part != before or whole or was_whole
            if other != file and clashes:
                if (before, part) not in told or whole:
                    yield Clash(file, part, other, before)
                told.add((before, part))
                break


def _go_paths(product: Product, image: Image) -> Iterator[Finding]:
    for path, files in _by_part(product.files, posixpath.dirname).items():
        name = path.rpartition("/")[2]
        wrong = _SKIPPED.get(name) or (name and _skipped(name))
        if wrong:
            message = f"`{files[0]}`{_more(files)} cannot be in a Go module: {wrong}"
            yield _finding("GO_PATH", message, _top(image, files[0]), f"rename the directory `{path}`", path)


def _skipped(name: str) -> str:
    if name.startswith(("_", ".")):
        return f"Go passes over directories that start like `{name}`"
    wrong = gopath.of_element(name, more="+")
    return wrong and f"the directory `{name}` {wrong}"


def _go_collisions(product: Product, image: Image) -> Iterator[Finding]:
    for clash in _clashes({file: posixpath.dirname(file) for file in product.files}, shared=True):
        message = f"the directories `{clash.path}` and `{clash.other_path}` differ by capitals alone: no Go module may"
        place, key = _top(image, clash.file), f"{clash.path}\0{clash.other_path}"
        yield _finding("GO_COLLISION", message, place, f"put `{clash.file}` into `{clash.other_path}`", key)


def _go_twice(products: Sequence[Product], image: Image) -> Iterator[Finding]:
    """A module below another one may have a package that the other has too."""
    found: dict[str, tuple[Product, str]] = {}
    for product in products:
        for file in product.files:
            other, before = found.setdefault(_package(product, file), (product, file))
            if other is not product:
                path = _package(product, file)
                message = f"`{file}` and `{before}`, of two Go modules, are both in the package `{path}`"
                help = f"give `{product.name}` or `{other.name}` a `go.module` that is not below the other's"
                yield _finding("GO_COLLISION", message, _top(image, file), help, f"{file}\0{before}")


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
    return _finding(
        "GO_IMPORT_CYCLE",
        f"Go packages import each other in a circle: {shown}",
        source.location((FILE_IMPORT, list(source.proto.dependency).index(imported))),
        "\n".join(
            ["move what they share into a directory of its own:", *(f"`{one}` imports `{two}`" for one, two in steps)]
        ),
        "\0".join(sorted(set(circle))),
    )


def _options(files: Iterable[str], image: Image) -> Iterator[Finding]:
    """A type of ours in a schema: generated code has no such file."""
    ours = frozenset(f".{name}" for name in symbols.declared(image.descriptors[OPTIONS_FILE]))

    def names(proto: object) -> bool:
        said = (getattr(proto, name, "") for name in ("type_name", "extendee", "input_type", "output_type"))
        return not ours.isdisjoint(said)

    for file in files:
        if b".schemactl.v1." in image.descriptors[file]:
            for element in walk(image.file(file), ("field", "method"), {"field": names, "method": names}):
                yield _used(element)


def _used(element: Element) -> Finding:
    message = f"`{element.full_name}` uses a type of `{OPTIONS_FILE}`, which is for options only and in no package"
    place = element.file.location(element.path)
    return _finding("OPTIONS_USED", message, place, "declare a type of your own", "", element.full_name)


def _top(image: Image, file: str) -> Location:
    return Location(image.paths.get(file, file), 1, 1, 1, 1)


def _more(files: Sequence[str]) -> str:
    return f" and {len(files) - 1} more" if len(files) > 1 else ""


def _finding(rule: str, message: str, place: Location, help: str, key: str, element: str | None = None) -> Finding:
    return Finding(rule, "error", "compile", message, place, element, help, fingerprint=fingerprint(rule, element, key))
