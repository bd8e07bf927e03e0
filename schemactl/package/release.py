"""release.json: what was made of which revision with what, and what became of checking it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from schemactl import __version__
from schemactl.artifact import Artifact, Kind
from schemactl.errors import UsageError
from schemactl.package import archive
from schemactl.package.content import contents
from schemactl.product import Language
from schemactl.version import Version

SCHEMA_VERSION = 1
Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_ObjectId = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")]


class Built(Struct, frozen=True):
    """One product, made; `verified` is true or why it was not."""

    name: str
    version: Version
    artifacts: tuple[Artifact, ...]
    requires: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    verified: bool | str = True
    declared: bool = True


class Source(Struct, frozen=True, omit_defaults=True):
    """The `commit` that `revision` named, and its tree; `config` is the digest of a configuration from elsewhere."""

    commit: _ObjectId
    revision: str
    tree: _ObjectId | None = None
    config: Sha256 | None = None


class Tool(Struct, frozen=True):
    """A program that code was made with; the checksum is of what was run, empty where it is many files."""

    name: str
    version: str
    sha256: Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{64})?\Z")] = ""


class Recorded(Struct, frozen=True):
    """An artifact as it is recorded; `contents` is of the names and bytes inside, however they are packed."""

    kind: Kind
    filename: str
    size: int
    sha256: Sha256
    contents: Sha256


class Package(Struct, frozen=True):
    """`tag` is that of the release, made or still to be made; a snapshot has none."""

    name: str
    declared: bool
    version: Version
    languages: tuple[Language, ...]
    requires: tuple[str, ...]
    artifacts: tuple[Recorded, ...]
    verified: bool
    not_verified: str | None = None
    tag: str | None = None


class Release(Struct, frozen=True):
    """`image` is the digest of the whole revision's image; `schemactl` the version that made all this."""

    source: Source
    image: Sha256
    packages: tuple[Package, ...]
    tools: tuple[Tool, ...]
    schemactl: str = __version__
    schema_version: int = SCHEMA_VERSION


class _Head(Struct, frozen=True):
    schema_version: int


def release(
    built: Iterable[Built], source: Source, image: bytes, tools: Iterable[Tool], tags: Mapping[str, str] = {}
) -> Release:
    """`image` is that of the whole revision; `tags` are those of packages."""
    packages = tuple(_package(each, tags.get(each.name)) for each in sorted(built, key=lambda each: each.name))
    archive.require_safe(artifact.filename for each in packages for artifact in each.artifacts)
    known = tuple(sorted(tools, key=lambda each: (each.name, each.version)))
    return Release(source, hashlib.sha256(image).hexdigest(), packages, known)


def own_digest(directory: Path = Path(__file__).parents[1]) -> str:
    """The `sha256` of schemactl itself: of the names and bytes of what is installed of it, the same anywhere."""
    paths = {each.relative_to(directory): each for each in directory.rglob("*")}
    ours = {name.as_posix(): path for name, path in paths.items() if not _is_of_the_machine(name) and path.is_file()}
    return archive.contents({name: path.read_bytes() for name, path in ours.items()})


def _is_of_the_machine(name: Path) -> bool:
    """Whether it is what Python or an editor keeps beside the code."""
    return any(part == "__pycache__" or part.startswith(".") for part in name.parts)


def encoded(release: Release) -> bytes:
    whole = {"schema_version": release.schema_version, **msgspec.structs.asdict(release)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def decoded(data: bytes) -> Release:
    """Keys that are not known are of a later schemactl, which only ever adds some."""
    hint = "package the revision again"
    try:
        version = msgspec.json.decode(data, type=_Head).schema_version
        if version != SCHEMA_VERSION:
            what = f"release.json has the `schema_version` {version}: this schemactl reads {SCHEMA_VERSION}"
            raise UsageError(what, "use the schemactl that wrote it, or a newer one")
        found = msgspec.json.decode(data, type=Release)
        archive.require_safe(artifact.filename for each in found.packages for artifact in each.artifacts)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise UsageError(f"release.json is not what schemactl writes: {_line(error)}", hint) from error
    return found


def _package(built: Built, tag: str | None) -> Package:
    artifacts = tuple(_recorded(each) for each in sorted(built.artifacts, key=lambda each: each.filename))
    return Package(
        name=built.name,
        declared=built.declared,
        version=built.version,
        languages=built.languages,
        requires=built.requires,
        artifacts=artifacts,
        verified=built.verified is True,
        not_verified=built.verified if isinstance(built.verified, str) else None,
        tag=tag,
    )


def _recorded(artifact: Artifact) -> Recorded:
    return Recorded(artifact.kind, artifact.filename, len(artifact.content), artifact.sha256, contents(artifact))


def _line(error: Any) -> str:
    return " ".join(str(error).split())
