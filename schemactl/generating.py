"""The command `generate`: the code of a revision as a tree of files, or whether a tree is that already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from schemactl import gentree, gotoolchain, keptcode, outdir, packagessection, products, revision
from schemactl.config import Config
from schemactl.errors import ToolError, UsageError
from schemactl.generate.refused import Refused
from schemactl.gentree import Difference
from schemactl.product import Language, Plan
from schemactl.revision import Revision

_HOW: Mapping[Language, str] = {
    "go": "declare it in schemactl.yaml: `packages: [{name: …, go: {module: example.com/…}}]`",
    "python": "add `python` to the `languages` of a package in schemactl.yaml",
}


@dataclass(frozen=True)
class Request:
    """What the command line asks for; `plugins` are paths by the plugin's name."""

    directory: Path = Path()
    rev: str | None = None
    config: Path | None = None
    languages: tuple[Language, ...] = ()
    out: Path = Path("gen")
    check: bool = False
    jobs: int = 0
    cached: bool = True
    plugins: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """`files` counts those of each language by product name; `done` says what was, or has to be, written."""

    done: Difference
    files: Mapping[str, Mapping[Language, int]]
    notes: Sequence[str]


def run(request: Request, say: Callable[[str], None] = lambda text: None) -> Outcome:
    """`say` hears of what takes its time. Raises Refused where no code can be made of the schema."""
    with revision.compiled(request.directory, request.rev, request.config, request.jobs, request.cached) as found:
        plan, told = planned(found, request.languages)
        files, notes = _code(found, plan, request, say)
    tree = _tree(plan, files)
    out = outdir.within(request.directory, request.out)
    if request.check and notes and gentree.holds(out, "go"):
        hint = f"{gotoolchain.NEEDED}, or check the rest: `--lang python`"
        raise ToolError(f"`{request.out}` holds code for Go, and there is no Go toolchain to compare it with", hint)
    made = _made(plan, files) if request.languages or notes else None
    done = gentree.difference(out, tree, made) if request.check else gentree.write(out, tree, made)
    counts = {
        product.name: {language: len(each) for (name, language), each in files.items() if name == product.name}
        for product in plan.products
    }
    return Outcome(done, counts, (*told, *notes))


def _code(
    found: Revision, plan: Plan, request: Request, say: Callable[[str], None]
) -> tuple[keptcode.Files, Sequence[str]]:
    """What nobody chose the plugins of may have been generated before."""
    key = None if request.plugins else keptcode.key(found.image, plan)
    if key and (known := keptcode.find(found.cache, key)) is not None:
        return known, ()
    from schemactl import code

    made = code.generated(found, plan, request.plugins, say, needed="go" in request.languages)
    if key and not made.notes:
        keptcode.keep(found.cache, key, made.files)
    return made.files, made.notes


def planned(found: Revision, languages: Sequence[Language]) -> tuple[Plan, list[str]]:
    """What is made of a revision, and what there is to say of it.

    What concerns only a language that nobody asked for does not count.
    """
    settings = _asked(found.settings, languages)
    plan, problems = products.plan(settings, found.image, default_name=_default_name(found))
    if any(each.severity == "error" for each in problems):
        raise Refused(problems)
    for language in languages:
        if not any(getattr(product, language) for product in plan.products):
            raise UsageError(f"no package here has code for `{language}`", _HOW[language])
    return plan, [f"{each.message} ({each.rule})" for each in (*found.warnings, *problems)]


def _asked(settings: Config, languages: Sequence[Language]) -> Config:
    if not languages or settings.products is None:
        return settings
    sections = (
        replace(each, languages=tuple(known for known in packagessection.languages(each) if known in languages))
        for each in settings.products
    )
    return replace(settings, products=tuple(sections))


def _default_name(found: Revision) -> str:
    """After the directory of the configuration, in the letters that a package's name may have."""
    directory = found.settings.directory
    name = found.place.top.name if directory == "." else directory.rpartition("/")[2]
    return f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-') or 'proto'}-schemas"


def _made(plan: Plan, files: keptcode.Files) -> list[str]:
    """Directories of what was made: of a language that nobody asked for, or that was left out, all stays as it is."""
    several = len(plan.products) > 1
    return [f"{name}/{language}" if several else language for name, language in files]


def _tree(plan: Plan, made: keptcode.Files) -> dict[str, bytes]:
    """`python/…` and `go/…`; with several products each has a directory of its own above these."""
    several = len(plan.products) > 1
    return {
        f"{f'{name}/' if several else ''}{language}/{path}": content
        for (name, language), files in made.items()
        for path, content in files.items()
    }
