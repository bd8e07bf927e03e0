"""The code of every package of a plan, in every language that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.generate.bare import Bare, bare
from schemactl.product import Language, Plan, Product
from schemactl.revision import Revision

if TYPE_CHECKING:
    from schemactl.generate.generator import Generator
    from schemactl.goplugins import Plugins

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Code:
    """What was generated: by product name and language, files by their path below the root of that language.

    `notes` say what was left out. `generators` wrote the Python code, by product name.
    """

    plan: Plan
    bare: Bare
    files: Mapping[tuple[str, Language], Files]
    generators: Mapping[str, Generator] = field(default_factory=dict)
    plugins: Plugins | None = None
    notes: tuple[str, ...] = ()

    def of(self, product: Product, language: Language) -> Files | None:
        return self.files.get((product.name, language))


def generated(
    revision: Revision, plan: Plan, given: Mapping[str, Path], say: Callable[[str], None], *, needed: bool
) -> Code:
    """All code of the plan; `given` are the paths of plugins by name, where the user chose them.

    `say` hears of what takes its time. Where Go is `needed` it is never left out, whatever a package says.
    """

    schema = bare(revision.image, [file for product in plan.products for file in product.files])
    generators: dict[str, Generator] = {}

    def python() -> dict[tuple[str, Language], Files]:
        return {
            (each.name, "python"): _python(revision, plan, each, schema, generators)
            for each in plan.products
            if each.python
        }

    going = tools.ahead(python)
    go, plugins, notes = _go(plan, schema, given, say, needed)
    return Code(plan, schema, {**going(), **go}, generators, plugins, notes)


def _python(revision: Revision, plan: Plan, product: Product, schema: Bare, generators: dict[str, Generator]) -> Files:
    from schemactl.generate import generator, python

    assert product.python
    version = product.python.generator
    generators[product.name] = generator.pinned(version) if version else generator.installed()
    return python.code(plan, product, schema, revision.directory, generators[product.name])


def _go(
    plan: Plan, schema: Bare, given: Mapping[str, Path], say: Callable[[str], None], needed: bool
) -> tuple[dict[tuple[str, Language], Files], Plugins | None, tuple[str, ...]]:
    wanted = [product for product in plan.products if product.go]
    if not wanted:
        return {}, None, ()
    from schemactl import goplugins, gotoolchain
    from schemactl.generate import go

    try:
        plugins = goplugins.plugins(given, grpc=go.has_services(schema, wanted), say=say)
    except ToolError as error:
        if needed and error.hint == gotoolchain.HINT:
            raise ToolError(error.message, gotoolchain.NEEDED) from error
        if given or needed or any(product.go.required for product in wanted if product.go):
            raise
        names = ", ".join(f"`{product.name}`" for product in wanted)
        return (
            {},
            None,
            (f"{names}: no code for Go was made: {error.message}; `schemactl doctor` says how to get it",),
        )
    return {(each.name, "go"): go.code(plan, each, schema, plugins) for each in wanted}, plugins, ()
