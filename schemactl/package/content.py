"""What is inside an artifact, whatever it is packed with."""

from __future__ import annotations

from collections.abc import Mapping

from schemactl.artifact import Artifact
from schemactl.package import archive


def files(artifact: Artifact) -> Mapping[str, bytes]:
    """By their names in the archive; an artifact that does not exist holds itself."""
    if artifact.kind in ("wheel", "go-zip"):
        return archive.unzipped(artifact.content)
    if artifact.kind == "sdist":
        return archive.untarred(artifact.content)
    return {artifact.filename: artifact.content}


def contents(artifact: Artifact) -> str:
    """The same for the same names and bytes, which another zlib packs otherwise."""
    return archive.contents(files(artifact))
