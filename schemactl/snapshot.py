"""The version of a revision: that of the release it is, else one that says it is none, between two releases."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from schemactl import git
from schemactl.diff.entry import Diff, Package
from schemactl.diff.run import compared
from schemactl.errors import Failure, ToolError
from schemactl.git import Repository
from schemactl.job import Request
from schemactl.product import Plan, Product
from schemactl.version import LEVELS, Level, Number, Semantic, Version, semantic

_FIRST = Number(0, 1, 0)
# What is like a version tag: what is before the number and after it may be anything.
_ALIKE = re.compile(r"(?:(.+?)[-@_])??[vV]?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?!\d)(.*)", re.ASCII)
_LABEL = re.compile(r"[-._]?(alpha|beta|rc|pre|a|b|c)[-._]?(\d{0,8})(?![a-z\d])", re.ASCII | re.IGNORECASE)
_MEANT = {"alpha": "alpha", "a": "alpha", "beta": "beta", "b": "beta", "rc": "rc", "c": "rc", "pre": "rc"}
_WORDS = ("release", "rel", "version", "ver")
_SHOWN = 3
_REMEDY = f"{git.DEEPEN}, or say which version it is: `--version`"


class Tag(NamedTuple):
    name: str
    commit: str
    version: Semantic


class Advised(NamedTuple):
    """What changed since a release asks for; the level is None where that cannot be known, and `note` says why."""

    level: Level | None
    note: str = ""


Advice = Callable[[Tag], Advised]


class Scope(NamedTuple):
    """Which tags are of a package: the first prefix of which there are any, never one of the `foreign`.

    The first prefix is the package's name.
    """

    prefixes: tuple[str, ...]
    foreign: frozenset[str] = frozenset()


class Versioned(NamedTuple):
    """`tag` is the release itself, or the stable one before it; without any there was none."""

    version: Version
    tag: str | None
    notes: tuple[str, ...] = ()


def scope(product: Product, plan: Plan, paths: Mapping[str, str]) -> Scope:
    """Tags are called after the package, a directory around all its files, or nothing."""
    around = [list(map(str, PurePosixPath(paths.get(file, file)).parents)) for file in product.files]
    shared = [each for each in around[0] if all(each in others for others in around)] if around else []
    others = frozenset(each.name for each in plan.products) - {product.name}
    return Scope((product.name, *shared, ""), others)


def of(repository: Repository, commit: str, within: Scope, advice: Advice, named: str = "") -> Versioned:
    """`advice` is asked only where there is a stable release before.

    Of several releases that the commit is, it is the one `named` by its tag, else the highest, and that is noted.
    """
    tags, notes = _tags(repository, commit, within)
    if own := [each for each in tags if each.commit == commit]:
        known = next((each for each in own if named in (each.name, f"refs/tags/{each.name}")), None)
        chosen = known or own[0]
        others = [each.name for each in own if each is not chosen]
        told = f"this commit is {_named([chosen.name, *others])}: built is {chosen.version}" if others else ""
        more = f"; `--rev {others[0]}` builds another" if others else ""
        return Versioned(chosen.version.names, chosen.name, (told + more,) if told and known is None else ())
    stable = next((each for each in tags if not each.version.label), None)
    if stable is None:
        return Versioned(_snapshot(repository, commit, tags, None, _FIRST), None, notes)
    level, note = advice(stable)
    # What is not known to break nothing must not look like a fix, and nothing comes again under its old version.
    number = stable.version.number
    following = number.raised("minor") if level is None else number.following("patch" if level == "none" else level)
    made = _snapshot(repository, commit, tags, stable, following)
    return Versioned(made, stable.name, (*notes, note) if note else notes)


def releases_of(repository: Repository, commit: str, within: Scope) -> list[Tag]:
    """The releases that the commit is."""
    return [each for each in _tags(repository, commit, within)[0] if each.commit == commit]


def unchanged(repository: Repository, commit: str, within: Scope, advice: Advice) -> Versioned | None:
    """The stable release that still is what the package would be; None where there is none."""
    tags, _ = _tags(repository, commit, within)
    stable = next((each for each in tags if not each.version.label), None)
    if stable and (stable.commit == commit or advice(stable).level == "none"):
        return Versioned(stable.version.names, stable.name)
    return None


def _tags(repository: Repository, commit: str, within: Scope) -> tuple[list[Tag], tuple[str, ...]]:
    """Of releases merged into the commit, the highest version first, and what there is to say of the others."""
    if git.is_shallow(repository):
        raise ToolError("this clone is shallow: the version follows from tags and commits that may be missing", _REMEDY)
    merged = git.tags(repository, commit)
    found: dict[str, list[Tag]] = {}
    for name, at in merged:
        prefix, _, last = name.rpartition("/")
        version = semantic(last)
        if version and version.label != "dev" and prefix not in within.foreign:
            found.setdefault(prefix, []).append(Tag(name, at, version))
    group = next((each for each in within.prefixes if each in found), "")
    tags = sorted(found.pop(group, ()), key=lambda tag: tag.version.key, reverse=True)
    others = [max(each, key=lambda tag: tag.version.key).name for _, each in sorted(found.items())]
    return tags, tuple(_ignored(merged, commit, within, tags, others))


def _ignored(
    merged: Sequence[tuple[str, str]], commit: str, within: Scope, tags: Sequence[Tag], others: Sequence[str]
) -> Iterator[str]:
    """What tags may have been meant for, where that matters: on the commit itself, or where there are no others."""
    if any(each.commit == commit for each in tags):
        return
    last = "" if tags else ": it counts as never released"
    unread = [(name, found) for name, at in merged if (not tags or at == commit) and (found := _unread(name))]
    if own := {name: found.meant for name, found in unread if found.owner in within.prefixes}:
        yield f"no version can be read from {_named(own)}, write it like {_named(own.values())}{last}"
    foreign = {*within.foreign, *within.prefixes}
    others = [*others, *(name for name, found in unread if found.owner not in foreign)]
    if others and not tags:
        yield f"no version tag is called like `{within.prefixes[0]}/v1.0.0`, but {_named(others)}{last}"


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


def _named(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    shown = ", ".join(f"`{name}`" for name in known[:_SHOWN])
    return f"{shown} and {len(known) - _SHOWN} more" if len(known) > _SHOWN else shown


def _snapshot(repository: Repository, commit: str, tags: list[Tag], stable: Tag | None, following: Number) -> Version:
    go = pseudo(tags[0].version if tags else None, git.committed(repository, commit), commit)
    if tags and tags[0].version.label and tags[0].version.number >= following:
        # It comes after that pre-release, and before the next.
        before = tags[0].version
        count = git.count(repository, tags[0].commit, commit)
        python = before._replace(serial=before.serial + 1).python
        return Version(f"{before}.dev.{count}", f"{python}.dev{count}", go, snapshot=True)
    count = git.count(repository, stable.commit if stable else None, commit)
    made = Semantic(following, "dev", count)
    return Version(str(made), made.python, go, snapshot=True)


def pseudo(before: Semantic | None, when: datetime, commit: str) -> str:
    """As Go calls a commit after the version `before`: higher than that, lower than the next."""
    if before is None:
        base = "v0.0.0-"
    elif before.label:
        base = f"{before.go}.0."
    else:
        base = f"v{before.number.raised('patch')}-0."
    digits = when.isoformat(timespec="seconds")[:19].translate({ord(each): None for each in "-T:"})
    return f"{base}{digits}-{commit[:12]}"


class Advisor:
    """Compares a revision with earlier releases of its packages, each release once."""

    def __init__(self, request: Request, plan: Plan, packages: Mapping[str, str]) -> None:
        """`packages` are the Protobuf packages of the plan's files."""
        self._request = request
        self._plan = plan
        self._packages = packages
        self._compared = cache(self._compare)

    def of(self, product: Product) -> Advice:
        return lambda tag: self._advised(product, tag)

    def _advised(self, product: Product, tag: Tag) -> Advised:
        try:
            diff = self._compared(tag)
        except Failure as failure:
            return Advised(None, _unknown(tag, failure.message))
        if diff.problems:
            return Advised(None, _unknown(tag, diff.problems[0].message))
        mine = {self._packages[file] for file in product.files}
        levels = [each.advice.level for each in diff.packages if each.name in mine or self._lost(each, product)]
        return Advised(min(levels, key=LEVELS.index, default="none"))

    def _compare(self, tag: Tag) -> Diff:
        # The version of a revision must not depend on where, and for which pull request, it is asked for.
        return compared(replace(self._request, against=f"refs/tags/{tag.name}", policy="head"))

    def _lost(self, package: Package, product: Product) -> bool:
        """Whether the package is gone from the product: that which has files nearest to where it was, or all such."""
        if package.sign != "removed":
            return False
        gone = {entry.item.file.name for entry in package.entries}
        near = {each.name: _nearness(gone, each.files) for each in self._plan.products}
        return near[product.name] == max(near.values())


def _nearness(gone: Collection[str], files: Collection[str]) -> int:
    """How many directories the nearest two share."""
    ours = {parent for file in files for parent in PurePosixPath(file).parents}
    theirs = {parent for file in gone for parent in PurePosixPath(file).parents}
    return max((len(each.parts) for each in ours & theirs), default=-1)


def _unknown(tag: Tag, why: str) -> str:
    said = why.splitlines()[0] if why else "it does not say why"
    return f"what changed since {tag.name} cannot be told ({said}): it counts as an addition"
