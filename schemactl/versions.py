"""The version of each package of a revision, which of them are released, and the module paths that Go wants then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from schemactl import generating, git, gopath, revision, snapshot, version
from schemactl.errors import Failure, Rejected
from schemactl.extensions import head
from schemactl.generate.refused import Refused
from schemactl.job import Request
from schemactl.product import GoTarget, Plan, Product
from schemactl.revision import Revision
from schemactl.snapshot import Advisor, Scope, Versioned
from schemactl.version import Version


@dataclass(frozen=True)
class Chosen:
    """`tag` is the release tag that the commit carries, if any. `released` are the names of what is written."""

    versions: Mapping[str, Version]
    released: tuple[str, ...]
    tag: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chooser:
    """Of the packages of one commit; `config` is where the user's own configuration is, if there is one.

    `named` is the revision as the user wrote it, which may be a tag.
    """

    found: Revision
    plan: Plan
    commit: str
    directory: Path
    config: Path | None
    cached: bool
    named: str = ""

    def given(self, text: str) -> Chosen:
        """All under one version; Rejected where a tag of the commit says another one."""
        wanted = version.parsed(text)
        carried: list[str] = []
        for product in () if git.is_shallow(self._repository) else self.plan.products:
            tags = snapshot.releases_of(self._repository, self.commit, self._scope(product))
            carried += [each.name for each in tags if each.version.names == wanted]
            if tags and not any(each.version.names == wanted for each in tags):
                raise Rejected(
                    f"this commit carries the release tag `{tags[0].name}` of `{product.name}`: it cannot be "
                    f"{wanted.semantic}",
                    "leave --version out, or build another commit",
                )
        names = tuple(product.name for product in self.plan.products)
        return Chosen(dict.fromkeys(names, wanted), names, min(carried, default=""))

    def by_tags(self) -> Chosen:
        found = {product.name: self._of(product) for product in self.plan.products}
        tags = sorted(each.tag for each in found.values() if each.tag and not each.version.snapshot)
        notes = tuple(dict.fromkeys(note for each in found.values() for note in each.notes))
        versions = {name: each.version for name, each in found.items()}
        return Chosen(versions, tuple(versions), tags[0] if tags else "", notes)

    def require_release(self, chosen: Chosen) -> None:
        """Rejected where nothing of the commit is fit for a release."""
        for product in self.plan.products:
            if not product.declared:
                raise Rejected(
                    f"`{product.name}` is a name that nobody chose: nothing is released under it",
                    "declare the package in schemactl.yaml: `packages: [{name: …}]`",
                )
        if not _releases(chosen):
            name = chosen.released[0]
            raise Rejected(
                self._untagged(chosen), f"tag it, like `{name}/v0.1.0`, or say which version it is: `--version`"
            )

    def released(self, chosen: Chosen, required: Mapping[str, tuple[str, ...]]) -> Chosen:
        """The packages that the commit is a release of, with those that they need as they were released; else all.

        `required` are the names of the packages that each one needs. What is made of a release is always the same.
        """
        names = _releases(chosen)
        if not names:
            return chosen
        versions = dict(chosen.versions)
        for name in names:
            for need in required[name]:
                if need not in names:
                    versions[need] = self._unchanged(need, chosen)
                elif _is_early(versions[need]) and not _is_early(versions[name]):
                    raise Rejected(
                        f"`{name}` {versions[name].semantic} needs `{need}`, which is {versions[need].semantic} here: "
                        "whoever installs the one gets a pre-release of the other",
                        f"release `{need}` first, or `{name}` as a pre-release",
                    )
        left = [name for name in chosen.released if name not in names]
        told = ", ".join(f"`{name}`" for name in left)
        notes = (f"not built, since this commit is no release of it: {told}",) if left else ()
        return Chosen(versions, tuple(names), chosen.tag, (*chosen.notes, *notes))

    def _untagged(self, chosen: Chosen) -> str:
        known = ", ".join(f"`{name}` is the snapshot {chosen.versions[name].semantic}" for name in chosen.released)
        return "\n".join(("this commit carries no release tag: " + known, *chosen.notes))

    def _unchanged(self, name: str, chosen: Chosen) -> Version:
        product = next(each for each in self.plan.products if each.name == name)
        last = snapshot.unchanged(self._repository, self.commit, self._scope(product), self._advisor.of(product))
        if last is None or not self._declared_so(last.tag or "", product):
            raise Rejected(
                f"`{name}`, which a released package needs, has changes that no final release has: it is the snapshot "
                f"{chosen.versions[name].semantic}",
                f"release it, too: tag this commit `{name}/v…`",
            )
        return last.version

    def _declared_so(self, tag: str, product: Product) -> bool:
        """Whether the release was made of the same files, under the same names: its schema alone does not say so."""
        try:
            with revision.compiled(self.directory, f"refs/tags/{tag}", None, 0, self.cached) as then:
                known, _ = generating.planned(then, ())
        except (Refused, Failure):
            return False
        before = next((each for each in known.products if each.name == product.name), None)
        return before is not None and (before.files, before.python, before.go) == (
            product.files,
            product.python,
            product.go,
        )

    def _of(self, product: Product) -> Versioned:
        scope, advice = self._scope(product), self._advisor.of(product)
        return snapshot.of(self._repository, self.commit, scope, advice, self.named)

    def _scope(self, product: Product) -> Scope:
        return snapshot.scope(product, self.plan, self.found.image.paths)

    @property
    def _repository(self) -> git.Repository:
        return self.found.place.needed()

    @cached_property
    def _advisor(self) -> Advisor:
        asked = Request(self.directory, rev=self.commit, config=self.config, cached=self.cached, lint=False)
        files = [file for product in self.plan.products for file in product.files]
        packages = {file: str(head(self.found.image.descriptors[file]).package) for file in files}
        return Advisor(asked, self.plan, packages)


def _releases(chosen: Chosen) -> list[str]:
    return [name for name in chosen.released if not chosen.versions[name].snapshot]


def _is_early(version: Version) -> bool:
    return "-" in version.semantic


def by_major(plan: Plan, chosen: Chosen) -> tuple[Plan, list[str]]:
    """The plan with the module paths that Go wants for these versions, and what users have to know of them."""
    products, notes = [], []
    for product in plan.products:
        if product.go:
            module = _module(product, product.go.module, chosen.versions[product.name].go)
            if module != product.go.module:
                notes.append(
                    f"the Go module is `{module}`: a program that uses it beside `{product.go.module}` stops when it "
                    "starts, since both register the same files; a new Protobuf package avoids that"
                )
            product = replace(product, go=GoTarget(module, product.go.required))
        products.append(product)
    return replace(plan, products=tuple(products)), notes


def _module(product: Product, module: str, version: str) -> str:
    major = version[1:].partition(".")[0]
    said = gopath.ending(module)
    if said not in (None, major):
        raise Rejected(
            f"the Go module `{module}` of `{product.name}` cannot have the version {version}",
            f"leave `/v{said}` out of its path: it is added where a version asks for it",
        )
    return module if said or major in ("0", "1") else f"{module}/v{major}"
