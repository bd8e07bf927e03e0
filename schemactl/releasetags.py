"""Release tags: which tags of a repository are releases of a package, and what its next one is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from schemactl import git
from schemactl.errors import ToolError
from schemactl.git import Repository
from schemactl.product import Plan, Product
from schemactl.repopath import contains
from schemactl.version import Number, Semantic, semantic

NAME, VERSION = "{name}", "{version}"
# What is like a version tag: what is before the number and after it may be anything.
_ALIKE = re.compile(r"(?:(.+?)[-@_])??[vV]?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?!\d)(.*)", re.ASCII)
_LABEL = re.compile(r"[-._]?(alpha|beta|rc|pre|a|b|c)[-._]?(\d{0,8})(?![a-z\d])", re.ASCII | re.IGNORECASE)
_MEANT = {"alpha": "alpha", "a": "alpha", "beta": "beta", "b": "beta", "rc": "rc", "c": "rc", "pre": "rc"}
_WORDS = ("release", "rel", "version", "ver")
_SHOWN = 3
_EXAMPLE = Semantic(Number(1, 0, 0))
_REMEDY = f"{git.DEEPEN}, or name the version with `--version`"


class Tag(NamedTuple):
    name: str
    commit: str
    version: Semantic


class Scope(NamedTuple):
    """Which tags are of a package: the first prefix of which there are any, never one of the `foreign`.

    The first prefix is the package's name; the empty one is among them where plain tags count. With a `pattern` it is
    what is called like that, and nothing else.
    """

    prefixes: tuple[str, ...]
    foreign: frozenset[str] = frozenset()
    pattern: str = ""

    def read(self, tag: str) -> tuple[str, Semantic] | None:
        """The prefix and the version of a tag that is a version's."""
        if not self.pattern:
            prefix, _, last = tag.rpartition("/")
            version = semantic(last)
            return (prefix, version) if version and prefix not in self.foreign else None
        before, _, after = self.pattern.partition(VERSION)
        if not (tag.startswith(before) and tag.endswith(after)):
            return None
        text = tag[len(before) : len(tag) - len(after)]
        version = semantic(text)
        return (self.prefixes[0], version) if version and str(version) == text else None

    def like(self, version: Semantic) -> str:
        return self.pattern.replace(VERSION, str(version)) if self.pattern else f"{self.prefixes[0]}/v{version}"

    @property
    def example(self) -> str:
        return self.like(_EXAMPLE)


class Tags(NamedTuple):
    """The releases of a package, the highest version first; `prefix` is what those are called after."""

    releases: tuple[Tag, ...]
    prefix: str
    notes: tuple[str, ...] = ()

    def at(self, commit: str) -> tuple[Tag, ...]:
        return tuple(each for each in self.releases if each.commit == commit)

    def before(self, commit: str) -> tuple[Tag, ...]:
        """Those of the commits that led to this one."""
        return tuple(each for each in self.releases if each.commit != commit)


def stable(tags: Iterable[Tag]) -> Tag | None:
    """The first of them that is no pre-release."""
    return next((each for each in tags if not each.version.label), None)


def scope(
    product: Product, plan: Plan, paths: Mapping[str, str], pattern: str | None = None, directory: str = "."
) -> Scope:
    """Tags are called after the package, a directory around all its files, or nothing; else as the pattern says.

    Those of a configuration in a `directory` below the top are never plain: they are somebody else's there.
    """
    around = [list(map(str, PurePosixPath(paths.get(file, file)).parents)) for file in product.files]
    shared = [each for each in around[0] if all(each in others for others in around)] if around else []
    shared = [each for each in shared if contains(directory, each)]
    plain = ("",) if directory == "." else ()
    others = frozenset(each.name for each in plan.products) - {product.name}
    return Scope((product.name, *shared, *plain), others, (pattern or "").replace(NAME, product.name))


def tags(repository: Repository, commit: str, within: Scope) -> Tags:
    """Of releases merged into the commit, and what there is to say of the others."""
    if git.is_shallow(repository):
        raise ToolError(
            "this clone is shallow: the version follows from tags and commits, and some may be missing", _REMEDY
        )
    merged = git.tags(repository, commit)
    found: dict[str, list[Tag]] = {}
    for name, at in merged:
        read = within.read(name)
        if read and read[1].label != "dev":
            found.setdefault(read[0], []).append(Tag(name, at, read[1]))
    group = next((each for each in within.prefixes if each in found), "")
    own = found.pop(group, ()) if group in within.prefixes else ()
    known = tuple(sorted(own, key=lambda tag: tag.version.key, reverse=True))
    others = [max(each, key=lambda tag: tag.version.key).name for _, each in sorted(found.items())]
    return Tags(known, group, tuple(_ignored(merged, commit, within, known, others)))


def called(version: Semantic, last: Tag | None, within: Scope, *, alone: bool) -> str:
    """The tag of a new release: like that of the last one, unless others call theirs so, too, and it is not `alone`."""
    if last and alone and not within.pattern:
        return f"{last.name.removesuffix(str(last.version))}{version}"
    is_plain = not (within.pattern or within.foreign) and "" in within.prefixes
    return f"v{version}" if is_plain else within.like(version)


def of_package(within: Scope, names: Mapping[str, str], group: str | None = None) -> list[Tag]:
    """Of the tags, all releases that are called like the package's own; `group` is the prefix that those have."""
    prefixes = within.prefixes if group is None else within.prefixes[: within.prefixes.index(group) + 1]
    found = ((name, within.read(name)) for name in names)
    known = [Tag(name, names[name], read[1]) for name, read in found if read and read[0] in prefixes]
    return sorted(known, key=lambda tag: (tag.version.key, tag.name), reverse=True)


class Alike(NamedTuple):
    """What a tag that looks like a version's says: whose it is, and which."""

    owner: str
    version: Semantic
    readable: bool


def alike(tag: str) -> Alike | None:
    owner, _, last = tag.rpartition("/")
    if version := semantic(last):
        return Alike(owner, version, True)
    found = _unread(tag)
    meant = semantic(found.meant.rpartition("/")[2]) if found else None
    return Alike(found.owner, meant, False) if found and meant else None


def _ignored(
    merged: Sequence[tuple[str, str]], commit: str, within: Scope, tags: Sequence[Tag], others: Sequence[str]
) -> Iterator[str]:
    """What tags may have been meant for, where that matters: on the commit itself, or where there are no others."""
    if any(each.commit == commit for each in tags):
        return
    if within.pattern:
        yield from _others(merged, commit, within, tags)
        return
    last = "" if tags else ": it counts as never released"
    unread = [(name, found) for name, at in merged if (not tags or at == commit) and (found := _unread(name))]
    if own := {name: found.meant for name, found in unread if found.owner in within.prefixes}:
        yield f"no version can be read from {named(own)}, write it like {named(own.values())}{last}"
    foreign = {*within.foreign, *within.prefixes}
    others = [*others, *(name for name, found in unread if found.owner not in foreign)]
    if others and not tags:
        yield f"no version tag is called like `{within.example}`, but {named(others)}{last}"


def _others(merged: Sequence[tuple[str, str]], commit: str, within: Scope, tags: Sequence[Tag]) -> Iterator[str]:
    """Where the configuration says what tags are called."""
    before = within.pattern.partition(VERSION)[0]
    left = [(name, at) for name, at in merged if within.read(name) is None]
    if own := [name for name, at in left if at == commit and before and name.startswith(before)]:
        yield f"no version can be read from {named(own)}, write it like `{within.example}`"
    others = [name for name, _ in left if _is_version(name) and _owner(name) not in within.foreign]
    if others and not tags:
        what = f"no version tag is called like `{within.example}`, but {named(others)}"
        yield f"{what}: it counts as never released"


def _is_version(tag: str) -> bool:
    return _ALIKE.fullmatch(tag.rpartition("/")[2]) is not None


def _owner(tag: str) -> str:
    found = _unread(tag)
    return found.owner if found else tag.rpartition("/")[0]


class _Unread(NamedTuple):
    """A tag that looks like a version: whose it is, and as it should be written."""

    owner: str
    meant: str


def _unread(tag: str) -> _Unread | None:
    prefix, _, last = tag.rpartition("/")
    found = _ALIKE.fullmatch(last)
    if semantic(last) or not found:
        return None
    before, major, minor, patch, after = found.groups()
    owner = prefix if not before or before.lower() in _WORDS else before
    version = Semantic(Number(int(major), int(minor), int(patch or 0)))
    if label := _LABEL.match(after):
        version = version._replace(label=_MEANT[label[1].lower()], serial=int(label[2] or 1))
    return _Unread(owner, f"{owner}/v{version}".removeprefix("/"))


def named(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    shown = ", ".join(f"`{name}`" for name in known[:_SHOWN])
    return f"{shown} and {len(known) - _SHOWN} more" if len(known) > _SHOWN else shown
