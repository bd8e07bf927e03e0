"""Tries artifacts as their users will: what does not hold is named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from schemactl import artifacts, tools
from schemactl.artifact import Artifact, Kind
from schemactl.code import Code
from schemactl.package.release import Built
from schemactl.product import Product, python_module
from schemactl.revision import Revision


def problems(found: Revision, code: Code, built: Sequence[Built]) -> list[tuple[str, str]]:
    """Names of packages, and what is wrong with them: Python and Go beside each other, one after the other."""
    known = {each.name: each for each in built}
    return [(product.name, problem) for product in code.plan.products for problem in _of(found, code, product, known)]


def _of(found: Revision, code: Code, product: Product, built: Mapping[str, Built]) -> Iterator[str]:
    beside = [built[each.name] for each in _reached(code, product)]
    python = tools.ahead(lambda: _python(found, code, product, built[product.name], beside))
    go = _go(found, code, product, built[product.name], beside)
    yield from python()
    yield from go


def _reached(code: Code, product: Product) -> list[Product]:
    """The other packages that this one needs, and those that these need."""
    reached: dict[str, Product] = {}
    pending = [product]
    while pending:
        for each in artifacts.required(code.plan, pending.pop(), code):
            if each.name not in reached and each.name != product.name:
                reached[each.name] = each
                pending.append(each)
    return list(reached.values())


def _python(found: Revision, code: Code, product: Product, built: Built, beside: Sequence[Built]) -> list[str]:
    if code.of(product, "python") is None:
        return []
    from schemactl.verify import python

    files = code.files[product.name, "python"]
    modules = {file: python_module(product, file) for file in product.files}
    serving = [file for file, module in modules.items() if f"{module.replace('.', '/')}_grpc.py" in files]
    return python.verified(
        _only(built, "wheel"),
        _only(built, "sdist"),
        [artifact for each in beside for artifact in each.artifacts if artifact.kind == "wheel"],
        {file: code.bare.descriptors[file] for file in product.files},
        modules,
        serving,
        _room(found),
    )


def _go(found: Revision, code: Code, product: Product, built: Built, beside: Sequence[Built]) -> list[str]:
    files = code.of(product, "go")
    if files is None or product.go is None:
        return []
    from schemactl import gotoolchain
    from schemactl.generate import gonames
    from schemactl.verify import go

    return go.verified(
        [artifact for artifact in built.artifacts if artifact.kind.startswith("go-")],
        [artifact for each in beside for artifact in each.artifacts if artifact.kind.startswith("go-")],
        product.go.module,
        built.version.go,
        {file: gonames.import_path(product.go.module, file) for file in product.files},
        code.bare.descriptors,
        files.keys(),
        _room(found),
        gotoolchain.needed(),
    )


def _only(built: Built, kind: Kind) -> Artifact:
    return next(each for each in built.artifacts if each.kind == kind)


def _room(found: Revision) -> Path:
    return Path(tempfile.mkdtemp(prefix="try-", dir=found.directory))
