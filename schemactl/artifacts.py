"""The artifacts of every package of a plan, from its code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from schemactl.artifact import Artifact
from schemactl.code import Code, Files
from schemactl.errors import Rejected
from schemactl.generate.bare import Bare, imported
from schemactl.package.metadata import Metadata
from schemactl.package.release import Built
from schemactl.product import LANGUAGES, Plan, Product, python_module
from schemactl.repopath import joined
from schemactl.revision import Revision
from schemactl.tree import Tree
from schemactl.version import Version, compatible_python

_LICENSES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING")
Versions = Mapping[str, Version]


def built(revision: Revision, code: Code, versions: Versions, committed: datetime) -> list[Built]:
    """`committed` is when the commit was made. Raises Rejected for what no artifact can be called or contain."""
    made = []
    for product in code.plan.products:
        try:
            made.append(_built(revision, code, product, versions, committed))
        except ValueError as error:
            raise Rejected(f"package `{product.name}`: {error}", "correct it in schemactl.yaml") from error
    return made


def reached(plan: Plan, product: Product, schema: Bare) -> list[Product]:
    """The other packages that this one needs, and those that these need."""
    found: dict[str, Product] = {}
    pending = [product]
    while pending:
        for each in required(plan, pending.pop(), schema):
            if each.name not in found and each.name != product.name:
                found[each.name] = each
                pending.append(each)
    return list(found.values())


def required(plan: Plan, product: Product, schema: Bare) -> list[Product]:
    """The other packages whose files this one imports, or can name since what it imports imports them publicly."""
    owners = plan.owners
    named = imported(product.files, schema)
    found = {owners[name].name for name in named if name in owners} - {product.name}
    return [each for each in plan.products if each.name in found]


def _built(revision: Revision, code: Code, product: Product, versions: Versions, committed: datetime) -> Built:
    from schemactl.package import image

    version = versions[product.name]
    requires: tuple[str, ...] = ()
    artifacts: list[Artifact] = []
    if (python := code.of(product, "python")) is not None:
        metadata = _metadata(revision, code, product, python, versions)
        requires = metadata.requires
        artifacts += _python(product, metadata, python)
    if (go := code.of(product, "go")) is not None:
        artifacts += _go(revision, code, product, go, versions, committed)
    artifacts.append(image.image(product.name, version.semantic, revision.image, product.files))
    made = tuple(language for language in LANGUAGES if code.of(product, language) is not None)
    return Built(product.name, version, tuple(artifacts), requires, made, declared=product.declared)


def _metadata(revision: Revision, code: Code, product: Product, files: Files, versions: Versions) -> Metadata:
    from schemactl.generate import floors

    assert product.python
    requires = [*floors.requirements(files), *floors.third_party(code.plan, product, code.bare)]
    for other in required(code.plan, product, code.bare):
        if other.python:
            requires.append(f"{other.python.distribution}{compatible_python(versions[other.name])}")
    return Metadata(
        name=product.python.distribution,
        version=versions[product.name].python,
        summary=product.description or f"Protobuf messages of {product.name}",
        license=product.license,
        requires_python=floors.python_versions(files),
        requires=tuple(sorted(requires)),
        extras={"types": ("types-protobuf",)},
        description=_description(product),
        licenses=license_file(revision.head.tree, revision.settings.directory),
    )


def _description(product: Product) -> str:
    """What an index shows of the distribution: which modules there are."""
    modules = "".join(f"* `{python_module(product, file)}`: `{file}`\n" for file in product.files)
    about = product.description or f"Protobuf messages of {product.name}"
    return f"# {product.name}\n\n{about}. Generated code; the modules, and the files they are made of:\n\n{modules}"


def _python(product: Product, metadata: Metadata, files: Files) -> Iterable[Artifact]:
    from schemactl.package import sdist, wheel

    return wheel.wheel(metadata, files, product=product.name), sdist.sdist(metadata, files, product=product.name)


def _go(
    revision: Revision, code: Code, product: Product, files: Files, versions: Versions, committed: datetime
) -> Iterable[Artifact]:
    from schemactl.generate import gomod
    from schemactl.package import gozip

    assert product.go
    modules = gomod.requirements(code.plan, product, code.bare, files)
    modules |= {
        other.go.module: versions[other.name].go for other in required(code.plan, product, code.bare) if other.go
    }
    text = gomod.text(product.go.module, modules)
    time = committed.strftime("%Y-%m-%dT%H:%M:%SZ")
    return gozip.gomodule(
        product.name,
        product.go.module,
        versions[product.name].go,
        files,
        text,
        next(iter(license_file(revision.head.tree, revision.settings.directory).values()), None),
        time=time,
    )


def license_file(tree: Tree, configured: str) -> dict[str, bytes]:
    """That of the repository, or nearer: without one nobody may use a Go module, nor see its documentation."""
    paths = set(tree.paths)
    places = (joined(directory, name) for directory in (configured, ".") for name in _LICENSES)
    found = next((path for path in places if path in paths and tree.flaw(path) is None), None)
    content = tree.read(found) if found else None
    return {found.rpartition("/")[2]: content} if found and content else {}
