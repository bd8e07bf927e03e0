"""`--image`: descriptor sets from elsewhere in place of sources."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from schemactl import buf
from schemactl.image import OPTIONS_FILE, options_text
from schemactl.imagefile import load
from shell import run
from trees import proto, refused, schemactl, write

PROTOS = Path(__file__).parents[1] / "schemactl/protos"
TREE = {
    "acme/a.proto": proto("message A { google.protobuf.Timestamp at = 1; }", "google/protobuf/timestamp.proto"),
    "acme/b.proto": proto("message B { A a = 1; }", "acme/a.proto"),
}


def protoc(root: Path, *options: str) -> Path:
    write(root, TREE)
    argv = (sys.executable, "-m", "grpc_tools.protoc", "-I.", *options, "-oset.binpb", *TREE)
    done = run(*argv, cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "set.binpb"


def buf_image(root: Path) -> Path:
    write(root, TREE)
    done = run(buf.executable(), "build", "-o", "image.binpb", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "image.binpb"


def test_a_set_of_protoc_and_an_image_of_buf_judge_the_same_files(tmp_path: Path) -> None:
    for path in (protoc(tmp_path, "--include_imports", "--include_source_info"), buf_image(tmp_path)):
        image = load(path)
        assert image.targets == tuple(TREE)
        assert set(image.descriptors) == {*TREE, "google/protobuf/timestamp.proto"}
        done = schemactl("lint", "--image", path, "-C", tmp_path)
        assert (done.code, "2 files" in done.out) == (0, True), done


def test_an_image_without_source_info_is_linted_without_lines(tmp_path: Path) -> None:
    done = schemactl("lint", "--image", protoc(tmp_path, "--include_imports"), "-C", tmp_path)
    assert done.code == 0, done


def test_what_buf_marks_as_imported_is_not_judged(tmp_path: Path) -> None:
    write(tmp_path, {"dep/acme/a.proto": TREE["acme/a.proto"], "own/acme/b.proto": TREE["acme/b.proto"]})
    write(tmp_path, {"buf.yaml": "version: v2\nmodules:\n  - path: dep\n  - path: own\n"})
    done = run(buf.executable(), "build", "own", "-o", "image.binpb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "image.binpb").targets == ("acme/b.proto",)


def test_a_set_without_its_imports_is_refused_by_name(tmp_path: Path) -> None:
    words = refused("lint", "--image", protoc(tmp_path), "-C", tmp_path)
    assert "lacks `google/protobuf/timestamp.proto`, which `acme/a.proto` imports" in words
    assert "--include_imports" in words


@pytest.mark.parametrize("damage", ["cut", "text", "zeros", "endless length", "JSON"])
def test_garbage_is_no_descriptor_set(tmp_path: Path, damage: str) -> None:
    whole = protoc(tmp_path, "--include_imports").read_bytes()
    garbage = {
        "cut": whole[:-20],
        "text": proto().encode(),
        "zeros": b"\0" * 64,
        "endless length": b"\x0a" + b"\xff" * 64,
        "JSON": b'{"file": []}',
    }
    path = tmp_path / "bad.binpb"
    path.write_bytes(garbage[damage])
    words = refused("lint", "--image", path, "-C", tmp_path)
    assert "bad.binpb` is not a descriptor set" in words
    assert "buf build -o FILE" in words


def test_an_empty_set_and_a_directory_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"empty.binpb": b""})
    assert "empty.binpb` holds no files" in refused("lint", "--image", tmp_path / "empty.binpb", "-C", tmp_path)
    assert "cannot be read: Is a directory" in refused("lint", "--image", tmp_path, "-C", tmp_path)


@pytest.mark.parametrize("option", ["--staged", "--rev=HEAD"])
def test_an_image_stands_in_for_sources_and_goes_with_no_revision(tmp_path: Path, option: str) -> None:
    words = refused("lint", "--image", protoc(tmp_path, "--include_imports"), option, "-C", tmp_path)
    assert "--image takes the place of sources" in words


def test_the_built_in_descriptor_of_the_options_is_what_protoc_makes_of_them(tmp_path: Path) -> None:
    write(tmp_path, {OPTIONS_FILE: options_text()})
    done = run(sys.executable, "-m", "grpc_tools.protoc", "-I.", "-oset.binpb", OPTIONS_FILE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "set.binpb").read_bytes()
    kept = (PROTOS / "options.binpb").read_bytes()
    assert made.endswith(kept)
    assert len(made) - len(kept) in (2, 3), "the set is one file with a tag and a length before it"
