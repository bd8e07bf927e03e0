"""Tries artifacts as their users will: what does not hold is named."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from schemactl import artifacts, tools
from schemactl.artifact import Artifact, Kind
from schemactl.code import Code
from schemactl.extensions import closure
from schemactl.package.release import Built
from schemactl.product import Product, python_module
from schemactl.revision import Revision
from schemactl.used import used


def problems(
    found: Revision, code: Code, built: Sequence[Built], names: Collection[str], say: Callable[[str], None]
) -> list[tuple[str, str]]:
    """Names of packages, of those that are asked for, and what is wrong with them.

    Python and Go beside each other, one package after the other; `say` hears of each.
    """
    known = {each.name: each for each in built}
    told: list[tuple[str, str]] = []
    for product in code.plan.products:
        if product.name in names:
            say(f"verifying {product.name}")
            told += [(product.name, problem) for problem in _of(found, code, product, known)]
    return told


def _of(found: Revision, code: Code, product: Product, built: Mapping[str, Built]) -> Iterator[str]:
    beside = [built[each.name] for each in artifacts.reached(code.plan, product, code.bare)]
    python = tools.ahead(lambda: _python(found, code, product, built[product.name], beside))
    go = _go(found, code, product, built[product.name], beside)
    yield from python()
    yield from go


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
        provided=_provided(code, product),
        meant={file: provider.requirement for file, provider in code.plan.providers.items() if provider.requirement},
    )


def _go(found: Revision, code: Code, product: Product, built: Built, beside: Sequence[Built]) -> list[str]:
    files = code.of(product, "go")
    if files is None or product.go is None:
        return []
    from schemactl import gotoolchain
    from schemactl.generate import go as made
    from schemactl.generate import gonames
    from schemactl.verify import go

    return go.verified(
        [artifact for artifact in built.artifacts if artifact.kind.startswith("go-")],
        [artifact for each in beside for artifact in each.artifacts if artifact.kind.startswith("go-")],
        product.go.module,
        built.version.go,
        {file: gonames.import_path(product.go.module, file) for file in product.files},
        code.bare.descriptors,
        made.compiled(files),
        _room(found),
        gotoolchain.needed(),
        provided=_provided(code, product),
        modules=_shared(found),
    )


def _provided(code: Code, product: Product) -> dict[str, bytes]:
    """What others provide of all that the package's files use."""
    known, owners = code.bare.descriptors, code.plan.owners
    own = {name: known[name] for name in product.files}
    return used(own, {name: known[name] for name in closure(known, product.files) if name not in owners})


def _shared(found: Revision) -> Path:
    """Where Go keeps modules for all packages of the run."""
    directory = found.directory / "modules"
    directory.mkdir(exist_ok=True)
    return directory


def _only(built: Built, kind: Kind) -> Artifact:
    return next(each for each in built.artifacts if each.kind == kind)


def _room(found: Revision) -> Path:
    return Path(tempfile.mkdtemp(prefix="try-", dir=found.directory))
