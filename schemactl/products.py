"""Plans what is made of a schema: which files each package has, and who provides what these import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from schemactl import nameable, ownership, thirdparty, unmapped
from schemactl.config import Config
from schemactl.extensions import head
from schemactl.finding import Finding, Location, fingerprint
from schemactl.image import Image
from schemactl.packagessection import PackageSection, languages
from schemactl.product import GoTarget, Plan, Product, Provider, PythonTarget
from schemactl.repopath import contains, joined, lineage
from schemactl.schema import OPTIONS_FILE


def plan(settings: Config, image: Image, *, default_name: str) -> tuple[Plan, list[Finding]]:
    """The packages of one revision, and why some of them cannot be made; `default_name` is what nobody has named."""
    files = _Files(settings, image)
    products = files.products(default_name)
    known = {name: each for name, each in files.providers.items() if each is not None}
    homeless = set(files.targets) - known.keys() - {name for each in products for name in each.files}
    links = unmapped.follow(products, files.imports, known, homeless)
    made = Plan(products, {name: known[name] for name in sorted(links.reached) if name in known})
    return made, [
        *files.empty(products),
        *unmapped.findings(links.gaps, made, settings, image),
        *nameable.findings(products, image, files.imports),
        *ownership.foreign(products, files.providers, files.named, image),
        *ownership.namesakes(made, files.places),
    ]


@dataclass(frozen=True)
class _Files:
    """The files of the repository: own ones, and copies of somebody else's, which are never made here."""

    settings: Config
    image: Image

    @cached_property
    def imports(self) -> Mapping[str, tuple[str, ...]]:
        """What each file imports, without our options: nothing that is generated knows them."""
        read = {name: head(descriptor).dependency for name, descriptor in self.image.descriptors.items()}
        return {name: tuple(each for each in found if each != OPTIONS_FILE) for name, found in read.items()}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.image.targets if name != OPTIONS_FILE))

    @cached_property
    def providers(self) -> Mapping[str, Provider | None]:
        names = (name for name in self.image.descriptors if name != OPTIONS_FILE)
        return {name: thirdparty.provider(name, self._configured) for name in names}

    @cached_property
    def _configured(self) -> thirdparty.Configured:
        return thirdparty.by_path(self.settings.third_party)

    @cached_property
    def _below(self) -> Mapping[str, list[str]]:
        """The files at and below every path of the repository."""
        found: dict[str, list[str]] = {}
        for name in self.targets:
            for path in lineage(self.path(name)):
                found.setdefault(path, []).append(name)
        return found

    @cached_property
    def copies(self) -> frozenset[str]:
        """A tree that holds nothing but files of somebody else's is theirs."""
        found = {name for name in self.targets if self.providers[name] is not None}
        runtime = {name for name in found if contains(thirdparty.RUNTIME, name)}
        return frozenset(runtime if len(found) == len(self.targets) else found)

    def path(self, name: str) -> str:
        return self.image.paths.get(name, name)

    def products(self, default_name: str) -> tuple[Product, ...]:
        if self.settings.products is None:
            files = tuple(name for name in self.targets if name not in self.copies)
            return (Product(default_name, files, PythonTarget(default_name), declared=False),)
        return tuple(self._product(section) for section in self.settings.products)

    def _product(self, section: PackageSection) -> Product:
        made, python, module = languages(section), section.python, section.go.module
        found = {name for path in self._paths(section) for name in self._meant(path)}
        files = sorted(found) if section.paths else [name for name in self.targets if name not in self.copies]
        generator = (python.generator or "").partition("==")[2]
        target = PythonTarget(python.distribution or section.name, python.root or "", generator)
        return Product(
            section.name,
            tuple(files),
            target if "python" in made else None,
            GoTarget(module, section.go.required) if "go" in made and module else None,
            section.description,
            section.license,
        )

    def _paths(self, section: PackageSection) -> list[str]:
        return [joined(self.settings.directory, written) for written in section.paths]

    def _meant(self, path: str) -> list[str]:
        """The files at or below the path that are to be made; copies only if it means these and not just holds them."""
        return [name for name in self._below.get(path, ()) if name not in self.copies or self._names(path, name)]

    @cached_property
    def named(self) -> frozenset[str]:
        """Files that a path of a package means, or a path that is the territory of whose they are."""
        paths = [path for section in self.settings.products or () for path in self._paths(section)]
        return frozenset(name for path in paths for name in self._below.get(path, ()) if self._names(path, name))

    @cached_property
    def places(self) -> Mapping[str, Location | None]:
        """Where each package is declared."""
        sections = enumerate(self.settings.products or ())
        return {section.name: _place(self.settings.declared_at.get(f"{number}")) for number, section in sections}

    def _names(self, path: str, name: str) -> bool:
        theirs, where = thirdparty.territory(name, self._configured), self.path(name)
        root = where.removesuffix(name) if where.endswith(name) else ""
        return not contains(thirdparty.RUNTIME, name) and contains(joined(root or ".", theirs), path)

    def empty(self, products: Iterable[Product]) -> Iterator[Finding]:
        sections = self.settings.products or ()
        for number, section in enumerate(sections):
            for index, path in enumerate(self._paths(section)):
                if not self._meant(path):
                    below = self._below.get(path, [])
                    yield self._empty(f"{number}.{index}", section.name, section.paths[index], below)
        for number, product in enumerate(products):
            if not product.files and not (sections and sections[number].paths):
                yield self._empty(f"{number}", product.name, "", list(self.targets))

    def _empty(self, key: str, name: str, written: str, inside: list[str]) -> Finding:
        what = f"`{written}` of the package `{name}`" if written else f"the package `{name}`"
        if inside:
            message = f"{what} holds only files that others provide, such as `{inside[0]}`: these are never made again"
            help = "leave it out: packages require those who provide them"
        else:
            message = f"{what} should hold proto files, and has none"
            help = "correct the path, or delete the entry" if written else "put a proto file below a module root"
        place = _place(self.settings.declared_at.get(key))
        return _finding(message, place, help, f"{name}\0{written}")


def _finding(message: str, place: Location | None, help: str, key: str) -> Finding:
    rule = "PACKAGE_EMPTY"
    return Finding(rule, "error", "compile", message, place, None, help, fingerprint=fingerprint(rule, None, key))


def _place(said: str | None) -> Location | None:
    if said is None:
        return None
    path, line, column = said.rsplit(":", 2)
    return Location(path, int(line), int(column), int(line), int(column))
