"""The version of each package of a revision, which of them are released, and the module paths that Go wants then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path

from msgspec.structs import replace

from schemactl import advisor, artifacts, git, gopath, place, releasetags, snapshot, upcoming, version
from schemactl.advisor import Advisor, Changed
from schemactl.errors import Rejected
from schemactl.generate.bare import Bare, bare
from schemactl.product import GoTarget, Plan, Product
from schemactl.releasetags import Scope, Tag, Tags
from schemactl.revision import Revision
from schemactl.snapshot import Versioned
from schemactl.upcoming import Step
from schemactl.version import Version


@dataclass(frozen=True)
class Chosen:
    """`released` are the names of what is written, `tags` the release tag of each that has, or gets, one."""

    versions: Mapping[str, Version]
    released: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        return min(self.tags.values(), default="")


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
        carried: dict[str, str] = {}
        for product in () if git.is_shallow(self._repository) else self.plan.products:
            tags = self._tags(product).at(self.commit)
            if found := next((each for each in tags if each.version.names == wanted), None):
                carried[product.name] = found.name
            elif tags:
                raise Rejected(
                    f"this commit carries the release tag `{tags[0].name}` of `{product.name}`: it cannot be "
                    f"{wanted.semantic}",
                    "leave out `--version`, or build another commit",
                )
        names = tuple(product.name for product in self.plan.products)
        return Chosen(dict.fromkeys(names, wanted), names, carried)

    def by_tags(self) -> Chosen:
        found = {product.name: self._of(product) for product in self.plan.products}
        tags = {name: each.tag for name, each in found.items() if each.tag and not each.version.snapshot}
        notes = tuple(dict.fromkeys(note for each in found.values() for note in each.notes))
        versions = {name: each.version for name, each in found.items()}
        return Chosen(versions, tuple(versions), tags, notes)

    def steps(self, given: str | None = None, *, allow_breaking: bool = False) -> tuple[Step, ...]:
        """What a release of the commit is; Rejected where it may not be one."""
        if given is not None:
            self.given(given)
        subject = upcoming.Subject(
            self._repository,
            self.commit,
            self.plan,
            {product.name: self._scope(product) for product in self.plan.products},
            self._needs,
            self._advisor,
            cache(self._beside),
            self.named,
        )
        return upcoming.steps(subject, version.semantic(given) if given else None, allow_breaking=allow_breaking)

    def by_steps(self, steps: Sequence[Step]) -> Chosen:
        """Of steps of which some have something to release."""
        released = {each.name: each.next for each in steps if each.next}
        others = {each.name: self._of(each) for each in self.plan.products if each.name not in released}
        versions = {name: each.version for name, each in others.items()} | released
        names = tuple(product.name for product in self.plan.products)
        told = [note for each in self.plan.products for note in self._tags(each).notes]
        notes = self.by_tags().notes if any(each.tagged for each in steps) else tuple(dict.fromkeys(told))
        return Chosen(versions, names, {each.name: each.tag for each in steps if each.next}, notes)

    def released(self, chosen: Chosen) -> Chosen:
        """The packages that the commit is a release of, with those that they need as they were released; else all.

        What is made of a release is always the same.
        """
        names = _releases(chosen)
        if not names:
            return chosen
        required = {each.name: artifacts.reached(self.plan, each, self._schema) for each in self.plan.products}
        versions = dict(chosen.versions)
        for name in names:
            for need in (each.name for each in required[name]):
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
        notes = (f"not built, since this commit is not a release of it: {told}",) if left else ()
        return Chosen(versions, tuple(names), chosen.tags, (*chosen.notes, *notes))

    def _unchanged(self, name: str, chosen: Chosen) -> Version:
        """As what a package that stays behind is required: by the first release that does.

        A tag that comes later to an earlier commit is none of those, unless it begins a new range: then tags alone do
        not tell that it was not there.
        """
        product = next(each for each in self.plan.products if each.name == name)
        releases = [each for each in self._tags(product).releases if not each.version.label]
        if not (releases and self._is_same(product, releases[0])):
            raise Rejected(
                f"`{name}`, which a released package needs, has changes that no final release has: it is the snapshot "
                f"{chosen.versions[name].semantic}",
                f"release it, too: tag this commit with its next version, called like `{self._scope(product).example}`",
            )
        if need := self._outgrown(name, releases[0], chosen):
            raise Rejected(
                f"`{releases[0].name}`, which a released package needs, does not take {need} that is built here",
                f"release `{name}`, too: tag this commit with its next version, like `{self._scope(product).example}`",
            )
        end = releases[0].version.number.following("major")
        near = takewhile(lambda tag: tag.version.number.following("major") == end, releases)
        same = takewhile(lambda tag: self._is_same(product, tag) and not self._outgrown(name, tag, chosen), near)
        return list(same)[-1].version.names

    def _is_same(self, product: Product, tag: Tag) -> bool:
        changed = self._advisor.changed(product, tag)
        return changed.level == "none" or changed.silent

    def _outgrown(self, name: str, tag: Tag, chosen: Chosen) -> str:
        """What the release needs, if its version here is one that it does not take."""
        for need in (each for each in self.plan.products if each.name in self._needs[name]):
            tags = releasetags.tags(self._repository, tag.commit, self._scope(need))
            known = snapshot.required(tags, tag.commit)
            last = releasetags.stable(self._tags(need).releases)
            released = version.semantic(chosen.versions[need.name].semantic) if need.name in _releases(chosen) else None
            here = released or (last.version if last else None)
            if known and here and upcoming.is_beyond(here, known.version):
                return f"`{need.name}` {here}"
        return ""

    def _beside(self, commit: str) -> tuple[Changed, ...]:
        """What changed of the license since then: every artifact holds it."""
        tree, configured = self.found.head.tree, self.found.settings.directory
        was, now = (
            artifacts.license_file(each, configured) for each in (place.snapshot(self.found.place, commit), tree)
        )
        if was == now:
            return ()
        what = "another one" if was and now else "new" if now else "gone"
        return (Changed("patch", (f"`{next(iter(now or was))}` is {what}",)),)

    def _of(self, product: Product) -> Versioned:
        scope, advice = self._scope(product), self._advisor.of(product)
        return snapshot.of(self._repository, self.commit, scope, advice, self.named)

    def _tags(self, product: Product) -> Tags:
        return releasetags.tags(self._repository, self.commit, self._scope(product))

    def _scope(self, product: Product) -> Scope:
        settings = self.found.settings
        pattern, directory = settings.release.tag, settings.directory
        return releasetags.scope(product, self.plan, self.found.image.paths, pattern, directory)

    @property
    def _repository(self) -> git.Repository:
        return self.found.place.needed()

    @cached_property
    def _schema(self) -> Bare:
        return bare(self.found.image, [file for product in self.plan.products for file in product.files])

    @cached_property
    def _needs(self) -> Mapping[str, tuple[str, ...]]:
        needed = ((each, artifacts.required(self.plan, each, self._schema)) for each in self.plan.products)
        return {each.name: tuple(one.name for one in others) for each, others in needed}

    @cached_property
    def _advisor(self) -> Advisor:
        return advisor.of_revision(self.found, self.plan, self.commit, self.directory, self.config, cached=self.cached)


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
            if module != product.go.module and product.name in chosen.released:
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
