"""Where artifacts come from, as an in-toto statement with SLSA's provenance: unsigned, for a signer to take up."""

from __future__ import annotations

from typing import Any

import msgspec

from schemactl.package.release import Release

BUILD_TYPE = "urn:schemactl:package:v1"
BUILDER = "urn:schemactl:builder:local"


def statement(release: Release) -> bytes:
    """No time and no machine is in it: the same release has the same provenance."""
    whole = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": _subjects(release),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": _definition(release), "runDetails": _details(release)},
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def _subjects(release: Release) -> list[Any]:
    artifacts = [each for package in release.packages for each in package.artifacts]
    ordered = sorted(artifacts, key=lambda each: each.filename)
    return [{"name": each.filename, "digest": {"sha256": each.sha256}} for each in ordered]


def _definition(release: Release) -> Any:
    given = {"config": {"sha256": release.source.config}} if release.source.config else {}
    packages = [{"name": each.name, "version": each.version.semantic} for each in release.packages]
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {"revision": release.source.revision, "packages": packages, **given},
        "internalParameters": {"tools": release.tools},
        "resolvedDependencies": [
            {"name": "source", "digest": {"gitCommit": release.source.commit}},
            {"name": "image", "digest": {"sha256": release.image}},
        ],
    }


def _details(release: Release) -> Any:
    return {"builder": {"id": BUILDER, "version": {"schemactl": release.schemactl}}}
