"""The descriptor image, as `--image` and Buf read it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from schemactl import buf
from schemactl.artifact import Artifact
from schemactl.image import Image
from schemactl.imagefile import load
from schemactl.package.image import image
from schemactl.schema import OPTIONS_FILE, options_text
from shell import run
from trees import proto, write

TIMESTAMP = "google/protobuf/timestamp.proto"
TREE: dict[str, str | bytes] = {
    "acme/v1/a.proto": proto("// Said of A.\nmessage A {}", package="acme.v1"),
    "acme/v1/b.proto": proto("import public 'acme/v1/a.proto';\nmessage B { A a = 1; }", package="acme.v1"),
    "other/v1/c.proto": proto(
        'message C { option (schemactl.v1.topic) = {name: "c"}; acme.v1.B b = 1; google.protobuf.Timestamp at = 2; }',
        "acme/v1/b.proto",
        TIMESTAMP,
        OPTIONS_FILE,
        package="other.v1",
    ),
    "other/v1/d.proto": proto("message D {}", package="other.v1"),
    OPTIONS_FILE: options_text(),
}
OWN = ("other/v1/c.proto",)


@pytest.fixture
def whole(tmp_path: Path) -> Image:
    write(tmp_path, TREE)
    options = "--include_imports", "--include_source_info", "--retain_options"
    done = run(sys.executable, "-m", "grpc_tools.protoc", "-I.", *options, "-oset.binpb", *TREE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return load(tmp_path / "set.binpb")


def written(artifact: Artifact, directory: Path) -> Path:
    path = directory / Path(artifact.filename).name
    path.write_bytes(artifact.content)
    return path


def test_the_image_has_the_files_with_all_they_import_and_only_these_are_judged(whole: Image, tmp_path: Path) -> None:
    made = image("acme-c", "1.2.0", whole, OWN)
    assert made.filename == "image/acme-c-1.2.0.binpb"
    found = load(written(made, tmp_path))
    assert found.targets == OWN
    assert set(found.descriptors) >= {*OWN, "acme/v1/a.proto", "acme/v1/b.proto", TIMESTAMP, OPTIONS_FILE}
    assert "other/v1/d.proto" not in found.descriptors
    assert list(found.descriptors).index("acme/v1/a.proto") < list(found.descriptors).index("acme/v1/b.proto")
    assert found.descriptors[OWN[0]] == whole.descriptors[OWN[0]]  # comments and options with it


def test_two_orders_of_the_same_schema_are_one_image(whole: Image) -> None:
    turned = Image(dict(reversed(list(whole.descriptors.items()))), whole.targets)
    both = ["other/v1/d.proto", *OWN]
    assert image("a", "1.0.0", whole, both) == image("a", "1.0.0", turned, both[::-1])


def test_buf_takes_the_image_and_judges_its_own_files_alone(whole: Image, tmp_path: Path) -> None:
    path = written(image("acme-c", "1.2.0", whole, OWN), tmp_path)
    done = run(buf.executable(), "build", path, "--exclude-imports", "-o", "-#format=json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [file["name"] for file in json.loads(done.stdout)["file"]] == list(OWN)
    same = run(buf.executable(), "breaking", path, "--against", path, cwd=tmp_path)
    assert (same.returncode, same.stdout) == (0, "")
    later = write(tmp_path / "later", {"other/v1/c.proto": proto("message C {}", package="other.v1")})
    done = run(buf.executable(), "breaking", later, "--against", path, "--exclude-imports", cwd=tmp_path)
    assert done.returncode == 100, done.stderr
    assert 'field "1" with name "b" on message "C" was deleted' in done.stdout
    assert "a.proto" not in done.stdout


@pytest.mark.parametrize(("name", "version"), [("../acme", "1.0.0"), ("acme", "1.0/0"), ("acme\n", "1.0.0")])
def test_a_name_that_leads_elsewhere_is_refused(whole: Image, name: str, version: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        image(name, version, whole, OWN)


def test_an_image_of_nothing_is_refused(whole: Image) -> None:
    with pytest.raises(ValueError, match="no files"):
        image("acme", "1.0.0", whole, ())
