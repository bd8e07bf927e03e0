"""`--image`: descriptor sets from elsewhere in place of sources."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from schemactl import buf
from schemactl.imagefile import load
from schemactl.schema import OPTIONS_FILE, options_text, schema
from shell import run
from trees import proto, refused, schemactl, write

PROTOS = Path(__file__).parents[1] / "schemactl/protos"
TREE = {
    "acme/v1/a.proto": proto(
        "message A { google.protobuf.Timestamp at = 1; }", "google/protobuf/timestamp.proto", package="acme.v1"
    ),
    "acme/v1/b.proto": proto("message B { A a = 1; }", "acme/v1/a.proto", package="acme.v1"),
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
    write(tmp_path, {"dep/acme/v1/a.proto": TREE["acme/v1/a.proto"], "own/acme/v1/b.proto": TREE["acme/v1/b.proto"]})
    write(tmp_path, {"buf.yaml": "version: v2\nmodules:\n  - path: dep\n  - path: own\n"})
    done = run(buf.executable(), "build", "own", "-o", "image.binpb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "image.binpb").targets == ("acme/v1/b.proto",)


def test_a_set_without_its_imports_is_refused_by_name(tmp_path: Path) -> None:
    words = refused("lint", "--image", protoc(tmp_path), "-C", tmp_path)
    assert "lacks `google/protobuf/timestamp.proto`, which `acme/v1/a.proto` imports" in words
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
    assert "bad.binpb` is not a valid descriptor set: " in words
    assert "buf build -o FILE" in words


def _span(file: FileDescriptorProto, *span: int) -> None:
    file.source_code_info.location[0].span[:] = span


DAMAGE: dict[str, tuple[Callable[[FileDescriptorProto], object], str]] = {
    "short span": (lambda file: _span(file, 1), "a source position that is not valid"),
    "long span": (lambda file: _span(file, 1, 2, 3, 4, 5), "a source position that is not valid"),
    "negative span": (lambda file: _span(file, -1, 2, 3), "a source position that is not valid"),
    "negative path": (
        lambda file: file.source_code_info.location[0].path.append(-1),
        "a source position that is not valid",
    ),
    "oneof": (lambda file: setattr(file.message_type[0].field[0], "oneof_index", 9), "oneof_index out of range"),
    "type": (lambda file: setattr(file.message_type[0].field[0], "type_name", ".no.Such"), "couldn't resolve name"),
    "public import": (lambda file: file.public_dependency.append(77), "public_dep 77 is out of range"),
    "cycle": (lambda file: file.dependency.append("acme/v1/b.proto"), "cycle"),
    "no name": (lambda file: file.ClearField("name"), "without a name"),
    "another of that name": (lambda file: setattr(file, "name", "acme/v1/b.proto"), "`acme/v1/b.proto` is there twice"),
    "options": (lambda file: setattr(file, "package", "schemactl.v1"), "not a version of schemactl's options"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_set_that_is_no_schema_is_refused(tmp_path: Path, damage: str) -> None:
    whole = protoc(tmp_path, "--include_imports", "--include_source_info")
    files = FileDescriptorSet.FromString(whole.read_bytes())
    change, words = DAMAGE[damage]
    change(next(file for file in files.file if file.name == "acme/v1/a.proto"))
    whole.write_bytes(files.SerializeToString())
    said = refused("lint", "--image", whole, "-C", tmp_path)
    assert "set.binpb` is not a valid descriptor set: " in said
    assert words in said


def test_text_that_is_none_is_refused_before_a_rule_trips_over_it(tmp_path: Path) -> None:
    whole = protoc(tmp_path, "--include_imports")
    files = FileDescriptorSet.FromString(whole.read_bytes())
    files.file[-1].options.java_package = "acme"
    whole.write_bytes(files.SerializeToString().replace(b"B\x06\x0a\x04acme", b"B\x06\x0a\x04ac\xffe"))
    assert b"\xff" in whole.read_bytes()
    assert "String field had bad UTF-8" in refused("lint", "--image", whole, "-C", tmp_path)


@pytest.mark.parametrize("old", [False, True])
def test_an_image_that_judges_nothing_is_no_green(tmp_path: Path, old: bool) -> None:
    good = buf_image(tmp_path)
    files = FileDescriptorSet.FromString(good.read_bytes())
    for file in files.file:
        file.MergeFromString(b"\xd2\xf6\x03\x02\x08\x01")
    (marked := tmp_path / "marked.binpb").write_bytes(files.SerializeToString())
    new, base = (good, marked) if old else (marked, good)
    words = refused("check", "--image", new, "--against", f"image:{base}", "-C", tmp_path)
    assert "marked.binpb` holds only files that are imported, none to judge" in words


def test_our_options_are_known_whoever_compiled_them_and_not_judged(tmp_path: Path) -> None:
    event = proto('message A { option (schemactl.v1.topic).name = "acme.users.status"; }', OPTIONS_FILE)
    write(tmp_path, {"a.proto": event, OPTIONS_FILE: options_text()})
    options = ("--include_imports", "--include_source_info", "-oset.binpb")
    assert run(sys.executable, "-m", "grpc_tools.protoc", "-I.", *options, "a.proto", cwd=tmp_path).returncode == 0
    assert run(buf.executable(), "build", "-o", "image.binpb", cwd=tmp_path).returncode == 0
    for name in ("set.binpb", "image.binpb"):
        image = load(tmp_path / name)
        assert image.targets == ("a.proto",)
        (message,) = image.file("a.proto").proto.message_type
        assert message.options.Extensions[schema().topic].name == "acme.users.status"


def test_a_topic_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    event = proto('message A { option (schemactl.v1.topic).name = "acme.users.status"; }', OPTIONS_FILE)
    write(tmp_path, {"a.proto": event})
    write(tmp_path, {OPTIONS_FILE: options_text()})
    argv = (sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_imports", "-oset.binpb", "a.proto")
    assert run(*argv, cwd=tmp_path).returncode == 0
    whole = tmp_path / "set.binpb"
    whole.write_bytes(whole.read_bytes().replace(b"\x0a\x11acme.users.status", b"\x0a\x7facme.users.status"))
    assert "set.binpb` is not a valid descriptor set: " in refused("lint", "--image", whole, "-C", tmp_path)


def test_two_sets_in_one_file_are_one(tmp_path: Path) -> None:
    whole = protoc(tmp_path, "--include_imports", "--include_source_info")
    once = load(whole)
    whole.write_bytes(whole.read_bytes() * 2)
    assert load(whole) == once


def test_whatever_happens_to_a_byte_is_refused_or_read(tmp_path: Path) -> None:
    whole = buf_image(tmp_path)
    data = whole.read_bytes()
    chance = random.Random(7)
    refusals = 0
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 2, 5))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        whole.write_bytes(damaged)
        done = schemactl("lint", "--image", whole, "-C", tmp_path)
        assert done.code in (0, 1, 2), (bytes(damaged), done)
        refusals += done.code == 2
    assert 10 < refusals < 60


def test_an_empty_set_and_a_directory_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"empty.binpb": b""})
    assert "empty.binpb` holds no files" in refused("lint", "--image", tmp_path / "empty.binpb", "-C", tmp_path)
    assert "cannot be read: Is a directory" in refused("lint", "--image", tmp_path, "-C", tmp_path)


@pytest.mark.parametrize("option", ["--staged", "--rev=HEAD"])
def test_an_image_stands_in_for_sources_and_goes_with_no_revision(tmp_path: Path, option: str) -> None:
    words = refused("lint", "--image", protoc(tmp_path, "--include_imports"), option, "-C", tmp_path)
    assert "`--image` takes the place of `--rev` and `--staged`" in words


def test_the_built_in_descriptor_of_the_options_is_what_protoc_makes_of_them(tmp_path: Path) -> None:
    write(tmp_path, {OPTIONS_FILE: options_text()})
    done = run(sys.executable, "-m", "grpc_tools.protoc", "-I.", "-oset.binpb", OPTIONS_FILE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "set.binpb").read_bytes()
    kept = (PROTOS / "options.binpb").read_bytes()
    assert made.endswith(kept)
    assert len(made) - len(kept) in (2, 3), "the set is one file with a tag and a length before it"


def test_an_image_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemactl.imagefile._MOST", 1024**2)
    assert "more than 1 MB" in refused("lint", "-C", tmp_path, "--image", "/dev/zero")
