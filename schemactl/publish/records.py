"""What a directory has recorded of each version, for good: which files it has, and of which build they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from schemactl.distdir import CHANGELOG, PROVENANCE, RELEASE, SUMS
from schemactl.errors import Mismatch, ToolError, UsageError
from schemactl.package import release
from schemactl.package.release import Package, Release
from schemactl.publish import sealed, shelf, simple

if TYPE_CHECKING:
    from packaging.version import Version

NAMES = (RELEASE, PROVENANCE, CHANGELOG, SUMS)
_RELEASES = "releases"
_CURE = "restore it from a copy; until then nobody should install from there"
# Packages that were released together have the same record, each in its place.
_decoded = cache(release.decoded)
_AWAY = "move it away, and find out who put it there: installers might take it for what was released"


class Claim(NamedTuple):
    """Of a version of a project: its wheel and sdist by name, with their checksums."""

    project: str
    version: Version
    release: str
    files: Mapping[str, str]
    where: Path

    def require(self, path: Path, digest: str) -> None:
        """Mismatch unless the file is one of these; the digest of what is no file is empty."""
        if (wanted := self.files.get(path.name)) is None:
            raise Mismatch(f"`{path}` is not a file of {self.release}", _AWAY)
        if digest != wanted:
            there = (
                f"its checksum is {digest[:12]}…, not {wanted[:12]}…" if digest else "it is a link or something else"
            )
            raise Mismatch(f"`{path}` is not what was published as {self.release}: {there}", _CURE)


Claims: TypeAlias = "Mapping[tuple[str, Version], Sequence[Claim]]"


class Records:
    """Of one directory, for one run: what was read is not read again, since no record is written again."""

    def __init__(self, root: Path) -> None:
        self._top = root / _RELEASES
        self._read: dict[Path, tuple[Claim, ...]] = {}
        self._whole: set[Path] = set()

    def of(self, project: str) -> Claims:
        """Mismatch where a record is not as it was written."""
        found = [each for each in self._claims() if each.project == project]
        for where in {each.where for each in found} - self._whole:
            require_whole(where, {})
            self._whole.add(where)
        return by_version(found)

    def _claims(self) -> Iterator[Claim]:
        for name in _directories(self._top):
            for version in _directories(self._top / name):
                where = self._top / name / version
                if where not in self._read and (known := found(where)):
                    # What else was made with a package has a record of its own.
                    own = (package for package in known.packages if package.name == name)
                    self._read[where] = tuple(each for package in own for each in claims(known, package, where))
                yield from self._read.get(where, ())


def place(root: Path, package: Package) -> Path:
    return root / _RELEASES / package.name / package.version.semantic


def found(where: Path) -> Release | None:
    """ToolError where it cannot be understood."""
    content = shelf.read(where / RELEASE)
    try:
        return None if content is None else _decoded(content)
    except UsageError as error:
        what = f"`{where}` cannot be understood: {error.message}"
        raise ToolError(what, "restore it from a copy, or use the schemactl that wrote it") from error


def require_whole(where: Path, own: Mapping[str, bytes]) -> None:
    """Mismatch unless it is as its sums say, and as that of our `own` build if it is of that one."""
    there = {name: content for name in NAMES if (content := shelf.read(where / name)) is not None}
    try:
        sums = sealed.parsed(there.get(SUMS, b""))
    except Mismatch as error:
        raise Mismatch(f"`{where}` is not as it was published: {error.message}", _CURE) from error
    for name in NAMES[:-1]:
        digest = hashlib.sha256(there[name]).hexdigest() if name in there else ""
        if digest != sums.get(name, ""):
            what = f"is not what {SUMS} beside it says" if digest else "is missing"
            raise Mismatch(f"`{where / name}` {what}: the record is not as it was published", _CURE)
    if there.get(RELEASE) == own.get(RELEASE) and there != own:
        raise Mismatch(f"`{where / SUMS}` is not that of the build: the record is not as it was published", _CURE)


def claims(known: Release, package: Package, where: Path) -> list[Claim]:
    """Of one package: none, or one for what it is called in Python."""
    ours = [each for each in package.artifacts if each.kind in ("wheel", "sdist")]
    files = {each.filename.rpartition("/")[2]: each.sha256 for each in ours}
    told = f"`{package.name}` {package.version.semantic} of commit {known.source.commit[:12]}"
    keys = {key for name in files if (key := _key(name))}
    return [Claim(*key, told, files, where) for key in keys]


def by_version(claimed: Iterable[Claim]) -> Claims:
    found: dict[tuple[str, Version], list[Claim]] = {}
    for each in claimed:
        found.setdefault((each.project, each.version), []).append(each)
    return found


def fitting(claimed: Claims, filename: str) -> Sequence[Claim]:
    """Those of the version that the file is of."""
    return claimed.get(key, ()) if (key := _key(filename)) else ()


@cache
def _key(filename: str) -> tuple[str, Version] | None:
    """Project and version; who asks for 1.0.0 may be given 1.0.0+local, which is no version of its own therefore."""
    from packaging.version import Version

    known = simple.distribution(filename)
    return (known[0], Version(known[1].public)) if known else None


def _directories(path: Path) -> list[str]:
    return sorted(each.name for each in shelf.entries(path) if each.is_dir(follow_symlinks=False))
