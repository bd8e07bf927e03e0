"""A build as `package` wrote it, verified: what of it can be published, and in which order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from schemactl.artifact import Artifact, Kind
from schemactl.distdir import CHANGELOG, PROVENANCE, RELEASE, SUMS
from schemactl.errors import Mismatch, Rejected, UsageError
from schemactl.package import release
from schemactl.package.release import Package, Recorded, Release
from schemactl.publish import agreeing, inside, sealed
from schemactl.publish.sealed import CURE

_EXTRAS = (RELEASE, PROVENANCE, CHANGELOG, SUMS)
_ORDER: tuple[Kind, ...] = ("wheel", "sdist", "go-zip", "go-mod", "go-info", "image")


class File(Struct, frozen=True):
    """One file that can be published; `version` as its kind calls it: PEP 440, Go's with `v`, semantic of an image."""

    path: str
    kind: Kind
    package: str
    version: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def distribution(self) -> str:
        """In canonical form; empty for what is not for Python."""
        if self.kind not in ("wheel", "sdist"):
            return ""
        return agreeing.canonical(self.name.partition("-")[0])

    @property
    def module(self) -> str:
        """Empty for what is not for Go."""
        path = self.path.removeprefix("go/").partition("/@v/")[0] if self.kind.startswith("go-") else ""
        return re.sub("!([a-z])", lambda found: found[1].upper(), path)


@dataclass(frozen=True)
class Dist:
    """`files`: packages after those that they need; of each its wheel, sdist, Go module and image."""

    directory: Path
    release: Release
    files: tuple[File, ...]
    extras: Mapping[str, bytes] = field(repr=False)

    def read(self, file: File) -> bytes:
        content = sealed.read(self.directory, file.path, file.size)
        if len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
            raise Mismatch(f"`{file.path}` has changed since it was verified", CURE)
        return content

    def extra(self, name: str) -> bytes | None:
        """Of the files that are no artifacts, as they were verified."""
        return self.extras.get(name)


def opened(directory: Path) -> Dist:
    """Mismatch where anything of the build is not as it was written; UsageError where it is no build."""
    if not directory.is_dir() or not any((directory / name).exists() for name in (RELEASE, SUMS)):
        raise UsageError(f"`{directory}` is not a build", "name the directory that `schemactl package` wrote")
    listed = sealed.listed(directory)
    extras = {SUMS: sealed.text(directory, SUMS)}
    for name in _EXTRAS[:-1]:
        if name in listed:
            extras[name] = _as_listed(directory, name, listed)
    for name in (RELEASE, PROVENANCE):
        if name not in extras:
            raise Mismatch(f"`{name}` is missing", CURE)
    found = release.decoded(extras[RELEASE])
    agreeing.require(found, extras[PROVENANCE])
    _require_whole(directory, found, listed)
    dist = Dist(directory, found, tuple(_files(directory, found)), extras)
    _require_inside(dist)
    return dist


def publishable(dist: Dist) -> None:
    """Rejected where the build is none for others."""
    source = dist.release.source
    if dist.extra(CHANGELOG) is None:
        what = "it was not made as a release: nobody compared what changed with its version"
        raise Rejected(what, CURE)
    for package in dist.release.packages:
        what = f"`{package.name}` {package.version.semantic} cannot be published"
        if package.version.snapshot:
            raise Rejected(f"{what}: it is a snapshot, not a release", f"tag the commit, and {CURE}")
        if not package.declared:
            raise Rejected(f"{what}: that name is only a default", f"declare it below `packages:`, and {CURE}")
        if not package.verified:
            raise Rejected(f"{what}: it was not verified ({package.not_verified or 'it does not say why'})", CURE)
    if source.config is not None:
        raise Rejected(
            "it was made with a configuration that is not committed", f"commit the configuration, and {CURE}"
        )


def _as_listed(directory: Path, name: str, listed: Mapping[str, str]) -> bytes:
    content = sealed.text(directory, name)
    _require_same(name, hashlib.sha256(content).hexdigest(), listed[name], SUMS)
    return content


def _require_whole(directory: Path, found: Release, listed: Mapping[str, str]) -> None:
    """Every file is one that release.json tells of, or belongs to these, and both lists say the same of it."""
    recorded = {each.filename: each for package in found.packages for each in package.artifacts}
    lists = dict(_lists(found))
    for name in sorted(recorded.keys() | lists.keys()):
        if name not in listed:
            raise Mismatch(f"`{name}` is missing, and SHA256SUMS does not list it", CURE)
    for name in sorted(listed.keys() - set(_EXTRAS)):
        if name not in recorded and name not in lists:
            raise Mismatch(f"`{name}` is nothing that release.json tells of", CURE)
        size, digest = sealed.measured(directory, name)
        if each := recorded.get(name):
            _require_same(name, digest, each.sha256, RELEASE)
            if size != each.size:
                raise Mismatch(f"`{name}` is not what {RELEASE} says: it has {size} bytes, not {each.size}", CURE)
        else:
            _require_same(name, digest, lists[name], RELEASE)
        _require_same(name, digest, listed[name], SUMS)


def _require_inside(dist: Dist) -> None:
    contents = {each.filename: each.contents for package in dist.release.packages for each in package.artifacts}
    for file in dist.files:
        called = file.distribution.replace("-", "_") or file.module
        artifact = Artifact(file.kind, file.package, file.version, file.path, dist.read(file))
        if problem := inside.problem(artifact, called, contents[file.path]):
            raise Mismatch(f"`{file.path}` is not what {RELEASE} says: {problem}", CURE)


def _require_same(name: str, digest: str, said: str, by: str) -> None:
    if digest != said:
        raise Mismatch(f"`{name}` is not what {by} says: its checksum is {digest}, not {said}", CURE)


def _lists(found: Release) -> Iterator[tuple[str, str]]:
    """The lists of versions that stand beside Go modules, each of the one that was made, with their checksums."""
    for package in found.packages:
        for each in package.artifacts:
            if each.kind == "go-zip":
                content = f"{package.version.go}\n".encode()
                yield f"{each.filename.rpartition('/')[0]}/list", hashlib.sha256(content).hexdigest()


def _files(directory: Path, found: Release) -> Iterator[File]:
    known = {each.name: tuple(_of(each)) for each in found.packages}
    for package in _ordered(directory, found.packages, known):
        yield from known[package]


def _of(package: Package) -> Iterable[File]:
    ordered = sorted(package.artifacts, key=lambda each: _ORDER.index(each.kind))
    return (_file(package, each) for each in ordered)


def _file(package: Package, each: Recorded) -> File:
    called = package.version
    version = called.semantic if each.kind == "image" else called.go if each.kind.startswith("go-") else called.python
    return File(each.filename, each.kind, package.name, version, each.size, each.sha256)


def _ordered(directory: Path, packages: Iterable[Package], known: Mapping[str, tuple[File, ...]]) -> list[str]:
    """By name, but for those that others need, which come before these."""
    owners = {each.distribution or each.module: name for name, files in known.items() for each in files}
    needed = {each.name: {owners.get(name, "") for name in _needs(directory, each, known)} for each in packages}
    ordered: dict[str, None] = {}
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in known and name not in entered:
            entered.add(name)
            for each in sorted(needed[name]):
                enter(each)
            ordered[name] = None

    for name in sorted(known):
        enter(name)
    return list(ordered)


def _needs(directory: Path, package: Package, known: Mapping[str, tuple[File, ...]]) -> Iterator[str]:
    """The distributions and modules that it names as what it requires."""
    for each in package.requires:
        yield agreeing.canonical(re.split(r"[^\w.-]", each, maxsplit=1)[0])
    for file in known[package.name]:
        if file.kind == "go-mod":
            yield from sealed.text(directory, file.path).decode("utf-8", "replace").split()
