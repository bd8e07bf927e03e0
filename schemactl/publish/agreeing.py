"""What a build says of itself in several places has to agree: names of files, versions, where all of it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from schemactl import gopath, version
from schemactl.artifact import Kind
from schemactl.distdir import PROVENANCE, RELEASE
from schemactl.errors import Mismatch
from schemactl.package import provenance
from schemactl.package.gopath import escaped
from schemactl.package.release import Package, Release
from schemactl.product import Language
from schemactl.publish.sealed import CURE

_KINDS: Mapping[Language, tuple[Kind, ...]] = {"python": ("wheel", "sdist"), "go": ("go-zip", "go-mod", "go-info")}
# As `packages` in schemactl.yaml has them.
_PACKAGE, _LONGEST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"), 100
_NAME = r"(?P<name>[a-z0-9]+(?:_[a-z0-9]+)*)"
_PATHS: Mapping[Kind, str] = {
    "wheel": rf"python/{_NAME}-(?P<version>[^-/]+)-py3-none-any\.whl",
    "sdist": rf"python/{_NAME}-(?P<version>[^-/]+)\.tar\.gz",
    "go-zip": r"go/(?P<name>[^@]+)/@v/(?P<version>[^/]+)\.zip",
    "go-mod": r"go/(?P<name>[^@]+)/@v/(?P<version>[^/]+)\.mod",
    "go-info": r"go/(?P<name>[^@]+)/@v/(?P<version>[^/]+)\.info",
}


def require(release: Release, statement: bytes) -> None:
    """Mismatch where release.json contradicts itself, or the provenance it."""
    names = [each.name for each in release.packages]
    if not names or len(set(names)) != len(names):
        raise Mismatch(f"{RELEASE} should tell of packages, each by a name of its own", CURE)
    if odd := [each for each in names if not _PACKAGE.fullmatch(each) or len(each) > _LONGEST]:
        wrong = f"should have a name of at most {_LONGEST} lower-case letters, digits and `-` between them"
        raise Mismatch(f"{RELEASE} tells of a package {odd[0][:_LONGEST]!r}, which {wrong}", CURE)
    for package in release.packages:
        if problem := _problem(package):
            raise Mismatch(f"{RELEASE} contradicts itself: {problem}", CURE)
    _require_provenance(release, statement)


def canonical(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _problem(package: Package) -> str:
    own, called = package.version, version.semantic(package.version.semantic)
    if not own.snapshot and (called is None or called.names != own):
        return f"`{package.name}` {own.semantic} is not called {own.python} in Python and {own.go} in Go"
    wanted = sorted(("image", *(kind for language in package.languages for kind in _KINDS[language])))
    if sorted(each.kind for each in package.artifacts) != wanted:
        return f"`{package.name}` should have these artifacts: {', '.join(wanted)}"
    names: dict[str, set[str]] = {"python": set(), "go": set()}
    for each in package.artifacts:
        if (name := _name(package, each.kind, each.filename)) is None:
            return f"`{each.filename}` is not what this file of `{package.name}` {own.semantic} is called"
        names["go" if each.kind.startswith("go-") else "python"].add(name)
    more = next((sorted(each) for each in names.values() if len(each - {""}) > 1), None)
    return (
        f"`{package.name}` should have one name, and has {' and '.join(f'`{each}`' for each in more)}" if more else ""
    )


def _name(package: Package, kind: Kind, path: str) -> str | None:
    """What the file is of; None where it is not called as it should be."""
    own = package.version
    if kind == "image":
        return "" if path == f"image/{package.name}-{own.semantic}.binpb" else None
    found = re.fullmatch(_PATHS[kind], path, re.ASCII)
    if found is None:
        return None
    if not kind.startswith("go-"):
        return found["name"] if found["version"] == own.python else None
    module = re.sub("!([a-z])", lambda letter: letter[1].upper(), found["name"])
    called = escaped(module) == found["name"] and found["version"] == escaped(own.go)
    return module if called and not gopath.of_module(module) and not gopath.of_version(own.go, module) else None


def _require_provenance(release: Release, statement: bytes) -> None:
    said, meant = _told(statement), _told(provenance.statement(release))
    if said is None or said != meant:
        raise Mismatch(f"`{PROVENANCE}` tells of other files, or of another source, than {RELEASE}", CURE)


def _told(statement: bytes) -> tuple[Any, Any] | None:
    """The files, and what they were made of."""
    try:
        whole = msgspec.json.decode(statement)
        return whole["subject"], whole["predicate"]["buildDefinition"]["resolvedDependencies"]
    except (msgspec.MsgspecError, RecursionError, KeyError, TypeError):
        return None
