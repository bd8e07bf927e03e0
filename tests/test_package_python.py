"""Wheels and sdists, as pip and hatchling take them."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from schemactl.artifact import Artifact
from schemactl.package.archive import unzipped
from schemactl.package.content import contents, files
from schemactl.package.metadata import Metadata
from schemactl.package.sdist import pyproject, sdist
from schemactl.package.wheel import wheel
from schemactl.verify.sdist import differences

METADATA = Metadata(
    name="Acme-events",
    version="1.2.0",
    summary='Events of "acme"',
    license="Apache-2.0",
    requires_python=">=3.10",
    requires=("protobuf>=6.31.1,<8",),
    extras={"types": ("types-protobuf",)},
    description="# Events\n\nMade of `acme/users/v1`: ähnlich, \"so\" & 'anders'.\n",
    licenses={"NOTICE": b"By acme\n", "LICENSE.txt": b"Do\r\nas you like\n"},
)
# Directories that build backends like to leave out, and files beside the build's own.
FILES = {
    "acme/users/v1/user_pb2.py": b"USER = 1\n",
    "acme/users/v1/user_pb2.pyi": b"USER: int\n",
    "acme/users/v1/py.typed": b"",
    "acme/build/v1/job_pb2.py": b"",
    "acme/dist/v1/job_pb2.py": b"",
    "acme/tests/v1/job_pb2.py": b"",
    "src/main_pb2.py": b"",
    "top_pb2.py": b"TOP = 1\n",
}


LICENSES = ("licenses/LICENSE.txt", "licenses/NOTICE")


def test_a_wheel_names_itself_as_the_specification_says() -> None:
    made = wheel(METADATA, FILES, product="acme")
    assert made.filename == "python/acme_events-1.2.0-py3-none-any.whl"
    assert (made.kind, made.name, made.version) == ("wheel", "acme", "1.2.0")
    inside = unzipped(made.content)
    assert {name: inside[name] for name in FILES} == FILES
    assert set(inside) - set(FILES) == {
        f"acme_events-1.2.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", *LICENSES)
    }
    assert b"Tag: py3-none-any\n" in inside["acme_events-1.2.0.dist-info/WHEEL"]


def test_the_record_of_a_wheel_has_every_file() -> None:
    inside = unzipped(wheel(METADATA, FILES).content)
    rows = {
        name: rest for name, *rest in csv.reader(inside["acme_events-1.2.0.dist-info/RECORD"].decode().splitlines())
    }
    assert rows.pop("acme_events-1.2.0.dist-info/RECORD") == ["", ""]
    del inside["acme_events-1.2.0.dist-info/RECORD"]
    assert rows == {
        name: ["sha256=" + urlsafe_b64encode(hashlib.sha256(each).digest()).decode().rstrip("="), str(len(each))]
        for name, each in inside.items()
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("evil.pth", "not source code"),
        ("acme-1.dist-info/entry_points.txt", "metadata of the wheel"),
        ("acme-1.data/scripts/evil", "metadata of the wheel"),
        ("__pycache__/a.py", "cannot be installed"),
        (".git/config", "cannot be installed"),
        ("acme/a b.py", "cannot be installed"),
    ],
)
def test_a_file_that_an_installer_takes_for_something_else_is_refused(name: str, message: str) -> None:
    for make in (wheel, sdist):
        with pytest.raises(ValueError, match=message):
            make(METADATA, {**FILES, name: b""})


def test_a_distribution_without_files_is_refused() -> None:
    for make in (wheel, sdist):
        with pytest.raises(ValueError, match="no files"):
            make(METADATA, {})


def test_pip_installs_the_wheel(tmp_path: Path) -> None:
    path = unpacked(wheel(METADATA, FILES), tmp_path)
    target = tmp_path / "target"
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--target", target, path)
    installed = {each.relative_to(target).as_posix(): each.read_bytes() for each in target.rglob("*") if each.is_file()}
    assert {name: each for name, each in installed.items() if ".dist-info/" not in name} == FILES


def test_text_in_the_build_file_is_only_text() -> None:
    told = tomllib.loads(pyproject(METADATA).decode())
    assert told["project"] == {
        "name": "Acme-events",
        "version": "1.2.0",
        "description": 'Events of "acme"',
        "readme": {"content-type": "text/markdown", "text": METADATA.description},
        "license": "Apache-2.0",
        "license-files": ["LICENSE.txt", "NOTICE"],
        "requires-python": ">=3.10",
        "dependencies": ["protobuf<8,>=6.31.1"],
        "optional-dependencies": {"types": ["types-protobuf"]},
    }


@pytest.mark.parametrize("how", ["hatchling", "pip"])
def test_the_sdist_builds_to_the_wheel_below_a_repository_that_ignores_its_files(tmp_path: Path, how: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*_pb2*\nsrc\npy.typed\n")
    made = sdist(METADATA, FILES)
    assert made.filename == "python/acme_events-1.2.0.tar.gz"
    path = unpacked(made, tmp_path)
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    top, out = tmp_path / "acme_events-1.2.0", tmp_path / "out"
    if how == "hatchling":
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=top)
    else:
        run(sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", out, top)
    (built,) = out.iterdir()
    theirs, ours = unzipped(built.read_bytes()), unzipped(wheel(METADATA, FILES).content)
    assert built.name == "acme_events-1.2.0-py3-none-any.whl"
    assert set(theirs) == set(ours)
    same = (*FILES, *(f"acme_events-1.2.0.dist-info/{name}" for name in LICENSES))
    assert {name: theirs[name] for name in same} == {name: ours[name] for name in same}
    assert told(theirs) == told(ours)


def test_the_sdist_is_tried_with_its_description_and_licenses(tmp_path: Path) -> None:
    made, other = wheel(METADATA, FILES), wheel(replace(METADATA, description="Something else"), FILES)
    for name in "ab":
        (tmp_path / name).mkdir()
    assert differences(sdist(METADATA, FILES), made, tmp_path / "a") == []
    [problem] = differences(sdist(METADATA, FILES), other, tmp_path / "b")
    assert "says description" in problem


def told(wheel: Mapping[str, bytes]) -> list[str]:
    lines = wheel["acme_events-1.2.0.dist-info/METADATA"].decode().splitlines()
    return sorted(line.replace("'", '"') for line in lines if not line.startswith("Metadata-Version"))


def test_contents_are_the_same_however_they_are_packed() -> None:
    made = wheel(METADATA, FILES)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in reversed(unzipped(made.content).items()):
            archive.writestr(name, content)
    other = Artifact("wheel", made.name, made.version, made.filename, out.getvalue())
    assert other.sha256 != made.sha256
    assert contents(other) == contents(made)
    assert set(files(sdist(METADATA, FILES))) == {
        *(f"acme_events-1.2.0/src/{name}" for name in FILES),
        "acme_events-1.2.0/LICENSE.txt",
        "acme_events-1.2.0/NOTICE",
        "acme_events-1.2.0/PKG-INFO",
        "acme_events-1.2.0/pyproject.toml",
    }


def unpacked(artifact: Artifact, directory: Path) -> Path:
    path = directory / Path(artifact.filename).name
    path.write_bytes(artifact.content)
    return path


def run(*argv: str | Path, cwd: Path | None = None) -> None:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
