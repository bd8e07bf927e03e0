"""Builds as `schemactl package --release` writes them, with nothing compiled: real archives, records and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from schemactl.artifact import Artifact
from schemactl.package import provenance, release
from schemactl.package.gopath import escaped
from schemactl.package.gozip import gomodule
from schemactl.package.metadata import Metadata
from schemactl.package.release import Built, Source, Tool
from schemactl.package.sdist import sdist
from schemactl.package.sums import sums
from schemactl.package.wheel import wheel
from schemactl.version import Version, parsed

COMMIT = "0123456789" * 4
TIME = "2026-01-31T12:00:00Z"
PYTHON: Mapping[str, bytes] = {"acme/events/user_pb2.py": b"USER = 1\n", "acme/events/py.typed": b""}
CODE: Mapping[str, bytes] = {"users/user.pb.go": b'package users\n\nconst User = "acme"\n'}


def build(
    directory: Path,
    name: str = "acme-events",
    version: str = "1.0.0",
    python: Mapping[str, bytes] | None = PYTHON,
    go: str = "",
    code: Mapping[str, bytes] = CODE,
    commit: str = COMMIT,
) -> Path:
    """One package; `python` are the files of its wheel (None: it has none), `go` is the path of its Go module."""
    return written(directory, product(name, version, python, go, code), commit=commit)


def product(
    name: str,
    version: str,
    python: Mapping[str, bytes] | None = PYTHON,
    go: str = "",
    code: Mapping[str, bytes] = CODE,
    requires: Sequence[str] = (),
    needs: Sequence[str] = (),
) -> Built:
    """`requires` are packages built beside it, `needs` the requirements (PEP 508) of its wheel."""
    known = parsed(version)
    artifacts = [Artifact("image", name, version, f"image/{name}-{version}.binpb", f"{name} {version}".encode())]
    if python is not None:
        artifacts += _distribution(name, known, python, needs)
    if go:
        gomod = f"module {go}\n\ngo 1.23\n".encode()
        artifacts += gomodule(name, go, known.go, code, gomod, time=TIME)
    languages = (*(("python",) if python is not None else ()), *(("go",) if go else ()))
    return Built(name, known, tuple(artifacts), tuple(requires), languages)


def written(directory: Path, *built: Built, commit: str = COMMIT, changelog: str = "## acme\n") -> Path:
    """The directory, with all that belongs to a build of these packages."""
    recorded = release.release(built, Source(commit, "v1"), b"image", [Tool("schemactl", "1", release.own_digest())])
    files = {each.filename: each.content for one in built for each in one.artifacts}
    for each in (each for one in built for each in one.artifacts if each.kind == "go-zip"):
        files[f"{each.filename.rpartition('/')[0]}/list"] = f"{each.version}\n".encode()
    files |= {"release.json": release.encoded(recorded), "provenance.json": provenance.statement(recorded)}
    if changelog:
        files["CHANGELOG.md"] = changelog.encode()
    files["SHA256SUMS"] = sums(files)
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


def zip_of(directory: Path, module: str, version: str) -> Path:
    """Where a build has the zip of its Go module."""
    return directory / f"go/{escaped(module)}/@v/{escaped(version)}.zip"


def _distribution(name: str, version: Version, files: Mapping[str, bytes], needs: Sequence[str]) -> list[Artifact]:
    metadata = Metadata(name, version.python, f"Events of {name}", requires_python=">=3.10", requires=tuple(needs))
    return [wheel(metadata, files, product=name), sdist(metadata, files, product=name)]
