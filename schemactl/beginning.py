"""Whether a package may begin at its first version: not where a tag says that it was released before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from schemactl import git, gopath, releasetags, yamlfile
from schemactl.config import NAME
from schemactl.errors import ConfigError, Rejected
from schemactl.git import Repository
from schemactl.packagessection import PackageSection
from schemactl.product import Product
from schemactl.releasesection import ReleaseSection
from schemactl.releasetags import Scope, Tag, alike, named
from schemactl.repopath import contains
from schemactl.suppliers import canonical
from schemactl.version import Semantic

_LOOKED = 20  # at that many tags that are called alike


class _File(Struct, frozen=True):
    packages: tuple[PackageSection, ...] | None = None
    release: ReleaseSection = ReleaseSection()


class _Declared(NamedTuple):
    """A package as a configuration in a `directory` declared it."""

    directory: str
    section: PackageSection
    pattern: str

    def is_same(self, product: Product) -> bool:
        """Whether its users would take the one for the other."""
        section = self.section
        distribution, module = section.python.distribution or section.name, section.go.module
        return (
            section.name == product.name
            or (product.python is not None and canonical(product.python.distribution) == canonical(distribution))
            or (product.go is not None and module is not None and _bare(product.go.module) == _bare(module))
        )

    def is_named(self, tag: str, owner: str) -> bool:
        if self.pattern:
            pattern = self.pattern.replace(releasetags.NAME, self.section.name)
            return Scope((self.section.name,), pattern=pattern).read(tag) is not None
        return owner == self.section.name


class _Then(NamedTuple):
    """What a commit declared, and the directories that its schemas lay in."""

    packages: Sequence[_Declared]
    directories: frozenset[str]

    def is_of(self, product: Product, tag: str, owner: str) -> bool:
        return any(each.is_same(product) and self._is_called(each, tag, owner) for each in self.packages)

    def is_of_another(self, product: Product, tag: str, owner: str) -> bool:
        return any(not each.is_same(product) and each.is_named(tag, owner) for each in self.packages)

    def _is_called(self, declared: _Declared, tag: str, owner: str) -> bool:
        if declared.is_named(tag, owner) or declared.pattern:
            return declared.is_named(tag, owner)
        around = owner in self.directories and contains(declared.directory, owner)
        return around or (not owner and declared.directory == ".")


class Claims(NamedTuple):
    """The tags of versions that may be releases of a package, the highest first.

    `elsewhere` are its own, of commits that did not lead here; `unread` those that were meant to be; `former` are of
    when it, or its tags, were called otherwise; of the `unknown` nobody can say whose they are.
    """

    elsewhere: Sequence[str] = ()
    unread: Sequence[str] = ()
    former: Sequence[str] = ()
    unknown: Sequence[str] = ()


def claims(
    repository: Repository, product: Product, within: Scope, known: Mapping[str, str], group: str | None = None
) -> Claims:
    """`known` are all tags of the clone, of which no final release led here; where a pre-release did, it has a `group`.

    Then somebody has begun, whatever others are called.
    """
    then = cache(lambda commit: _then(repository, commit))
    own = [each for each in releasetags.of_package(within, known, group) if not each.version.label]
    if group is not None:
        return Claims(tuple(each.name for each in own))
    kinds: dict[str, list[str]] = {"elsewhere": [each.name for each in own]}
    seen: dict[str, int] = {}
    for tag, owner, readable in _others(known, {each.name for each in own}):
        seen[owner] = seen.get(owner, 0) + 1
        if seen[owner] > (1 if owner in within.foreign else _LOOKED):
            continue
        if not within.pattern and not readable and owner in within.prefixes:
            kinds.setdefault("unread", []).append(tag.name)
        elif then(tag.commit).is_of(product, tag.name, owner):
            kinds.setdefault("former", []).append(tag.name)
        elif not (
            within.pattern or owner in within.foreign or then(tag.commit).is_of_another(product, tag.name, owner)
        ):
            kinds.setdefault("unknown", []).append(tag.name)
    return Claims(**kinds)


def _others(known: Mapping[str, str], own: set[str]) -> Iterator[tuple[Tag, str, bool]]:
    """Whatever else looks like the tag of a final version, the highest first: whose it is, and if it can be read."""
    found = []
    for name, commit in known.items():
        like = alike(name)
        if like and not like.version.label and name not in own:
            found.append((Tag(name, commit, like.version), like.owner, like.readable))
    yield from sorted(found, key=lambda each: (each[0].version.key, each[0].name), reverse=True)


def require(product: Product, within: Scope, found: Claims, first: Semantic, tag: str) -> None:
    """Rejected where the `first` version, which would get the `tag`, may not be the first."""
    said = next(_reasons(found, within, f"or tag this commit by hand: `{tag}` says that it begins here"), None)
    if said is not None:
        what, how = said
        raise Rejected(f"`{product.name}` would begin at {first}, but {what}", how)


def _reasons(found: Claims, within: Scope, anew: str) -> Iterator[tuple[str, str]]:
    """What there is against it, and what to do."""
    following = "so that this release follows it"
    if tags := found.elsewhere:
        how = f"merge that commit, {following}, or tag this one by hand with a higher version, if it has all of that"
        yield f"{_listed(tags)} its release, of a commit that did not lead here", how
    if tags := found.unread:
        what = f"{_listed(tags)} no name that a version can be read from"
        yield what, f"tag that commit `{_meant(tags[0], within)}`, too, {following}, {anew}"
    if tags := found.former:
        what = f"{_listed(tags)} its release, from when it, or its tags, had another name"
        yield what, f"tag that commit `{_meant(tags[0], within)}`, too, {following}, {anew}"
    if tags := found.unknown:
        how = f"tag that commit `{_meant(tags[0], within)}`, too, if it is; if not, say how its own tags are called, "
        how += f'`release: {{tag: "{{name}}/v{{version}}"}}`, {anew}'
        yield f"{_listed(tags)} a version that may be its release", how


def _listed(names: Sequence[str]) -> str:
    return f"{named(names)} {'is' if len(names) == 1 else 'are each'}"


def _meant(tag: str, within: Scope) -> str:
    found = alike(tag)
    return within.like(found.version) if found else within.example


def _then(repository: Repository, commit: str) -> _Then:
    if git.lookup(repository, commit) is None:
        return _Then((), frozenset())
    files = git.tree(repository, commit)
    found = ((path, entry) for path, entry in files.items() if path.rpartition("/")[2] == NAME)
    configs = {path: entry.oid for path, entry in found if entry.mode.startswith("100")}
    contents = git.blobs(repository, configs.values())
    declared = [each for path, oid in configs.items() for each in _declared(path, contents[oid])]
    directories = {path[:at] for path in files if path.endswith(".proto") for at in _slashes(path)}
    return _Then(declared, frozenset(directories))


def _declared(path: str, content: bytes) -> list[_Declared]:
    """What cannot be read any more declares nothing."""
    try:
        file = yamlfile.load(content, path, _File, unknown="ignore")
    except ConfigError:
        return []
    directory = path.rpartition("/")[0] or "."
    return [_Declared(directory, each, file.release.tag or "") for each in file.packages or ()]


def _slashes(path: str) -> list[int]:
    return [at for at, character in enumerate(path) if character == "/"]


def _bare(module: str) -> str:
    return gopath.without_major(module)
