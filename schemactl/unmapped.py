"""Imports out of a package: what they lead to, and what to write where nobody is known to provide that."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemactl import gopath, including, thirdparty
from schemactl.config import Config
from schemactl.element import FILE_IMPORT
from schemactl.finding import Finding, Location, fingerprint
from schemactl.image import Image
from schemactl.product import Language, Plan, Product, Provider
from schemactl.repopath import lineage

Imports = Mapping[str, Sequence[str]]
_WORDS: Mapping[Language, str] = {"python": "Python", "go": "Go"}
# What stands in `<>` is refused until it is replaced.
DISTRIBUTION = '"<distribution>>=1.0,<2"'


@dataclass(frozen=True)
class Gap:
    """Nobody provides `name` in some languages; `file` of the product imports `first`, which is it or leads there."""

    product: Product
    file: str
    first: str
    name: str
    languages: frozenset[Language]
    more: int = 0


@dataclass(frozen=True)
class Links:
    """Files of others that the imports of the products lead to, and what is missing of them."""

    reached: frozenset[str]
    gaps: tuple[Gap, ...]


def follow(
    products: Iterable[Product], imports: Imports, providers: Mapping[str, Provider], homeless: Collection[str]
) -> Links:
    """`homeless` are files of the repository that no package holds."""
    products = tuple(products)
    owners = {name: product for product in products for name in product.files}
    importers = Counter(name for file in owners for name in imports[file])
    reached: set[str] = set()
    gaps: dict[str, Gap] = {}
    for product in products:
        for file, first, name in _ways(product, imports, {*owners, *homeless}):
            reached |= {name} - owners.keys()
            if name in owners or name in homeless:
                missing = _languages(product) - (_languages(owners[name]) if name in owners else set())
            else:
                missing = _missing(product, providers.get(name, Provider()), direct=name == first)
            if missing:
                gap = gaps.get(name) or Gap(product, file, first, name, frozenset(), max(importers[name] - 1, 0))
                gaps[name] = replace(gap, languages=gap.languages | missing)
    return Links(frozenset(reached), tuple(gaps.values()))


def _ways(product: Product, imports: Imports, ours: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Each file that the product's import, first directly and then through those of others, with the way there."""
    own = set(product.files)
    found = {name: (file, name) for file in reversed(product.files) for name in imports[file] if name not in own}
    pending = sorted(found)
    for name in pending:
        file, first = found[name]
        yield file, first, name
        for each in () if name in ours else imports.get(name, ()):
            if each not in found and each not in own:
                found[each] = (file, first)
                pending.append(each)


def _languages(product: Product) -> set[Language]:
    made: dict[Language, object] = {"python": product.python, "go": product.go}
    return {language for language, target in made.items() if target is not None}


def _missing(product: Product, known: Provider, *, direct: bool) -> set[Language]:
    """Go needs the import path of every file there is, Python only those it imports itself."""
    found: dict[Language, bool] = {"python": not direct or bool(known.requirement), "go": bool(known.go_import)}
    return {language for language in _languages(product) if not found[language]}


def findings(gaps: Iterable[Gap], plan: Plan, settings: Config, image: Image) -> Iterator[Finding]:
    others = set(image.targets)
    shared = {path for name in others for path in lineage(posixpath.dirname(name) or ".")}
    for gap in gaps:
        owner = plan.owners.get(gap.name)
        if owner is not None:
            message = f"`{gap.name}` is of the package `{owner.name}`, which is not made for {_listed(gap.languages)}"
            help = _languages_to_add(owner, gap)
        elif gap.name in others and gap.name not in plan.providers:
            message = f"`{gap.name}` is in no package, and `{gap.product.name}` imports it{_more(gap)}"
            help = _path_to_add(gap, settings, image)
        else:
            message = f"{_said(gap)}: nobody is known to provide its generated code for {_listed(gap.languages)}"
            directory = posixpath.dirname(gap.name) or "."
            path = gap.name if directory in shared or thirdparty.is_shared(directory) else directory
            help = _entry_to_add(gap, path, plan.providers.get(gap.name, Provider()), settings, image)
        yield Finding(
            "IMPORT_UNMAPPED",
            "error",
            "compile",
            message,
            _place(image, gap),
            help=help,
            fingerprint=fingerprint("IMPORT_UNMAPPED", None, gap.name),
        )


def _place(image: Image, gap: Gap) -> Location:
    file = image.file(gap.file)
    return file.location((FILE_IMPORT, list(file.proto.dependency).index(gap.first)))


def _listed(languages: Iterable[Language]) -> str:
    return " and ".join(word for language, word in _WORDS.items() if language in languages)


def _more(gap: Gap) -> str:
    return f" here and in {gap.more} more file{'s' * (gap.more > 1)}" if gap.more else ""


def _said(gap: Gap) -> str:
    if gap.name == gap.first:
        return f"`{gap.name}` is imported{_more(gap) or ' here'}"
    return f"`{gap.first}` leads to `{gap.name}`"


def _languages_to_add(owner: Product, gap: Gap) -> str:
    made = [language for language in _WORDS if language in _languages(owner) | gap.languages]
    lines = ["make it for both:", "packages:", f"  - name: {owner.name}", f"    languages: [{', '.join(made)}]"]
    return "\n".join([*lines, *(["    go: {module: <module>}"] if "go" in gap.languages else [])])


def _path_to_add(gap: Gap, settings: Config, image: Image) -> str:
    path = image.paths.get(gap.name, gap.name)
    section = next((each for each in settings.products or () if each.name == gap.product.name), None)
    paths = [*(section.paths if section else ()), posixpath.relpath(path, settings.directory)]
    lines = ["put it, or its directory, into this package or another:", "packages:", f"  - name: {gap.product.name}"]
    return "\n".join([*lines, f"    paths: [{', '.join(paths)}]"])


def _entry_to_add(gap: Gap, path: str, known: Provider, settings: Config, image: Image) -> str:
    """The whole entry; what is known already stays."""
    if gap.name in thirdparty.NOT_IN_PYTHON and gap.name == gap.first:
        return _without_code(gap)
    lines = ["say in schemactl.yaml who provides it:", "third_party:", f"  - paths: [{path}]"]
    if "python" in gap.languages or known.requirement:
        lines.append(f"    python: {known.requirement or DISTRIBUTION}")
    if "go" in gap.languages:
        lines.append(f"    go: {{{_go_package(gap.name, image)}, module: <module>, version: <version>}}")
    elif known.go_import:
        told = f"package: {known.go_import}, module: {known.go_module}, version: {known.go_version}"
        lines.append(f"    go: {{{told}}}")
    return "\n".join([*lines, *including.lines(gap.name, image.paths.get(gap.name, gap.name), settings)])


def _without_code(gap: Gap) -> str:
    """Options for other languages than the one that is asked for: nobody makes code of these."""
    made = 'in a file of `edition = "2024";` that is `import option`, and needs no code of it'
    others = _languages(gap.product) - gap.languages
    alone = f"; or make `{gap.product.name}` for {_listed(others)} alone: `languages: [{', '.join(others)}]`"
    return f"only options need it: {made}{alone if others else ''}"


def _go_package(name: str, image: Image) -> str:
    """What the file itself says, to start from: nobody has checked that there is such a package."""
    package = str(image.file(name).proto.options.go_package).partition(";")[0]
    domain = package.partition("/")[0]
    wrong = gopath.of_module(domain) or gopath.of_package(package, domain)
    return f"package: {'<package>' if wrong else package}"
