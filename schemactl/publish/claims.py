"""Claims: a version belongs to the build that was there first, with the record of it, for good."""

from __future__ import annotations

from pathlib import Path

from schemactl.distdir import RELEASE
from schemactl.errors import Rejected, ToolError
from schemactl.package.release import Package
from schemactl.publish import records, shelf
from schemactl.publish.dist import Dist


def other(root: Path, package: Package) -> str:
    """The commit of the build that claimed this version and has other files; empty where nobody did."""
    found = records.found(records.place(root, package))
    if found is None:
        return ""
    theirs = next((each for each in found.packages if each.name == package.name), None)
    return "" if theirs and _artifacts(theirs) == _artifacts(package) else found.source.commit


def require_free(root: Path, dist: Dist) -> None:
    """Rejected where a version of this build is another build's; Mismatch where its record has been changed."""
    for package in dist.release.packages:
        _require_own(root, dist, package)


def make(root: Path, dist: Dist) -> None:
    """All of them, before any file is put: who comes second publishes nothing.

    In one order, up to the first that is another's: two that hold what the other one lacks would stand there for good.
    """
    for package in sorted(dist.release.packages, key=lambda each: each.name):
        where = records.place(root, package)
        if not (records.found(where) or shelf.claim(root, where, _record(dist)) or records.found(where)):
            what = f"`{where}` has no {RELEASE}, and nobody can tell what was released there"
            raise ToolError(what, "move it away, and run again")
        _require_own(root, dist, package)


def _require_own(root: Path, dist: Dist, package: Package) -> None:
    own, where = dist.release.source.commit, records.place(root, package)
    if records.found(where):
        records.require_whole(where, _record(dist))
    if not (commit := other(root, package)):
        return
    what = f"`{package.name}` {package.version.semantic} is taken in `{root}`"
    if commit == own:
        what += f": another build of the same commit {own[:12]} claimed it, made by other tools"
        cure = f"publish that build (`{where / RELEASE}` has its tools)"
    else:
        what += f": the release of commit {commit[:12]} claimed it, and this build is of {own[:12]}"
        cure = f"finish that release (`git checkout {commit}`, `schemactl release --execute`)"
    raise Rejected(what, f"{cure}, or release this one under a higher version")


def _record(dist: Dist) -> dict[str, bytes]:
    return {name: content for name in records.NAMES if (content := dist.extra(name)) is not None}


def _artifacts(package: Package) -> dict[str, str]:
    return {each.filename: each.sha256 for each in package.artifacts}
