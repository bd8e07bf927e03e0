"""Names in a schema that Python or Go cannot have: paths, collisions of paths, and circles of Go packages."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Sequence

from schemactl import gonameable, symbols
from schemactl.clashes import by_part, clashes, finding, free_root, hidden, more, top
from schemactl.element import Element, walk
from schemactl.finding import Finding
from schemactl.gonameable import Imports
from schemactl.image import Image
from schemactl.product import Product, python_module, python_path, rooted
from schemactl.schema import OPTIONS_FILE


def findings(products: Iterable[Product], image: Image, imports: Imports) -> Iterator[Finding]:
    products = tuple(products)
    for product in products:
        if product.python:
            yield from _python_paths(product, image)
    yield from _python_collisions([each for each in products if each.python], image)
    yield from gonameable.findings([each for each in products if each.go], image, imports)
    if OPTIONS_FILE in image.descriptors:
        yield from _options([file for each in products for file in each.files], image)


def _python_paths(product: Product, image: Image) -> Iterator[Finding]:
    for path, files in by_part(product.files, python_path).items():
        name = path.rpartition("/")[2]
        if wrong := _unspeakable(name):
            where = f"`{name}` in the path of `{files[0]}`{more(files)}"
            yield finding("PYTHON_PATH", f"{where} {wrong}", top(image, files[0]), _rename(files[0]), path)
    yield from _half_rooted(product, image)
    if rooted(product):
        return
    for path, files in by_part(product.files, python_path).items():
        if wrong := hidden(path.replace("/", ".")):
            message = f"`{files[0]}`{more(files)} would be imported from `{path.replace('/', '.')}`: {wrong}"
            elsewhere = f"`python: {{root: {free_root(product)}}}`"
            help = f"move the modules of `{product.name}` elsewhere by {elsewhere}, or rename it"
            yield finding("PYTHON_PATH", message, top(image, files[0]), help, path)


def _half_rooted(product: Product, image: Image) -> Iterator[Finding]:
    """Where some files stand below the root and some do not, either all modules move, or these files should."""
    root = product.python.root if product.python else ""
    below = root.replace(".", "/") + "/"
    odd = [file for file in product.files if root and not python_path(file).startswith(below)]
    if not odd or len(odd) == len(product.files):
        return
    inside = next(file for file in product.files if file not in odd)
    verb, moved = "do" if len(odd) > 1 else "does", python_path(inside).replace("/", ".")
    message = (
        f"`{odd[0]}`{more(odd)} {verb} not stand below `{below}`, the root of `{product.name}`, and `{inside}` does: "
        f"all modules would move, that one to `{root}.{moved}`"
    )
    help = (
        f"to import the modules as the files lie: move `{odd[0]}` below `{below}`, or leave it out by `paths`\n"
        f"to move them all: choose a root that no file lies below, like `python: {{root: {free_root(product)}}}`"
    )
    yield finding("PYTHON_PATH", message, top(image, odd[0]), help, f"{product.name}\0{root}")


def _unspeakable(name: str) -> str:
    if keyword.iskeyword(name):
        return "cannot be imported: it is a word of Python"
    return (
        ""
        if name.isidentifier()
        else "cannot be imported: names in Python are letters, digits and `_`, with no digit first"
    )


def _rename(file: str) -> str:
    return f"rename the file or directory; imports of `{file}` follow" if "/" in file else "rename the file"


def _python_collisions(products: Sequence[Product], image: Image) -> Iterator[Finding]:
    modules = {file: python_module(each, file).replace(".", "/") for each in products for file in each.files}
    for clash in clashes(modules):
        mine, other = clash.path.replace("/", "."), clash.other_path.replace("/", ".")
        if mine != other:
            message = f"`{clash.file}` and `{clash.other}` differ in Python by capitals alone: `{mine}` and `{other}`"
        elif modules[clash.file] == modules[clash.other]:
            message = f"`{clash.file}` and `{clash.other}` are one module in Python: `{mine}`"
        else:
            message = f"`{mine}` is a module of Python and a directory: by `{clash.file}` and `{clash.other}`"
        yield finding(
            "PYTHON_COLLISION", message, top(image, clash.file), "rename one of them", f"{clash.file}\0{clash.other}"
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
    return finding("OPTIONS_USED", message, place, "declare a type of your own", "", element.full_name)
