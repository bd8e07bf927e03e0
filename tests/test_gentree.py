"""The tree that `generate` writes: nothing lost, nothing half-written, nothing deleted that is not ours."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from schemactl import gentree
from schemactl.errors import ToolError, UsageError

ONE = {"python/acme/a_pb2.py": b"a\n", "go/acme/a.pb.go": b"package a\n"}


def written(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != gentree.MANIFEST
    }


def test_what_is_written_is_current_and_written_again_nothing_is_touched(tmp_path: Path) -> None:
    gentree.write(tmp_path, ONE)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert written(tmp_path) == ONE
    assert not gentree.write(tmp_path, ONE).stale
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == {
        path: time for path, time in before.items() if path.is_file()
    }


def test_a_file_that_is_not_made_any_more_goes_with_its_empty_directory(tmp_path: Path) -> None:
    gentree.write(tmp_path, ONE)
    (tmp_path / "go/README.md").write_text("mine")
    assert gentree.write(tmp_path, {"python/acme/a_pb2.py": b"a\n"}).obsolete == ("go/acme/a.pb.go",)
    assert written(tmp_path) == {"python/acme/a_pb2.py": b"a\n", "go/README.md": b"mine"}
    assert not (tmp_path / "go/acme").exists()


def test_a_changed_and_a_missing_file_are_stale_and_told(tmp_path: Path) -> None:
    gentree.write(tmp_path, {**ONE, "python/b_pb2.py": b"b"})
    (tmp_path / "python/acme/a_pb2.py").write_text("edited")
    (tmp_path / "go/acme/a.pb.go").unlink()
    found = gentree.difference(tmp_path, ONE)
    assert list(gentree.told(found)) == ["+ go/acme/a.pb.go", "~ python/acme/a_pb2.py", "- python/b_pb2.py"]


def test_a_manifest_that_is_missing_or_of_something_else_is_stale_and_mended(tmp_path: Path) -> None:
    gentree.write(tmp_path, ONE)
    for text in (None, '{"schema_version": 1, "files": {}}'):
        (tmp_path / gentree.MANIFEST).unlink()
        if text:
            (tmp_path / gentree.MANIFEST).write_text(text)
        assert gentree.difference(tmp_path, ONE).unlisted
        gentree.write(tmp_path, ONE)
        assert not gentree.difference(tmp_path, ONE).stale


def test_generated_code_that_nothing_is_made_into_is_named_and_kept(tmp_path: Path) -> None:
    gentree.write(tmp_path, ONE)
    (tmp_path / "python/acme/old_pb2.py").write_text("old")
    assert gentree.difference(tmp_path, ONE).strays == ("python/acme/old_pb2.py",)
    gentree.write(tmp_path, ONE)
    assert (tmp_path / "python/acme/old_pb2.py").exists()


def test_a_file_of_somebody_else_in_the_way_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "python/acme").mkdir(parents=True)
    (tmp_path / "python/acme/a_pb2.py").write_text("mine")
    with pytest.raises(UsageError, match="were not written by schemactl"):
        gentree.write(tmp_path, ONE)
    assert written(tmp_path) == {"python/acme/a_pb2.py": b"mine"}


@pytest.mark.parametrize("named", ["../mine_pb2.py", "/mine_pb2.py", "acme/../../mine_pb2.py", "notes.txt"])
def test_a_manifest_cannot_name_for_deletion_what_is_not_ours(tmp_path: Path, named: str) -> None:
    out = tmp_path / "gen"
    out.mkdir()
    content = b"mine"
    for path in (tmp_path / "mine_pb2.py", out / "notes.txt"):
        path.write_bytes(content)
    sum = hashlib.sha256(content).hexdigest()
    (out / gentree.MANIFEST).write_text(json.dumps({"schema_version": 1, "files": {named: sum}}))
    assert gentree.write(out, ONE).obsolete == ()
    assert (tmp_path / "mine_pb2.py").read_bytes() == content
    assert (out / "notes.txt").read_bytes() == content


@pytest.mark.posix
def test_a_manifest_that_leads_through_a_link_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "gen"
    gentree.write(out, {"python/x_pb2.py": b"mine"})
    (tmp_path / "elsewhere").mkdir()
    (out / "python/x_pb2.py").rename(tmp_path / "elsewhere/x_pb2.py")
    (out / "python").rmdir()
    (out / "python").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a symbolic link"):
        gentree.write(out, {"go/x.pb.go": b"package x"})
    assert (tmp_path / "elsewhere/x_pb2.py").read_bytes() == b"mine"


def test_a_generated_file_that_somebody_edited_is_not_deleted(tmp_path: Path) -> None:
    gentree.write(tmp_path, {**ONE, "python/b_pb2.py": b"b"})
    (tmp_path / "python/b_pb2.py").write_text("work of hours")
    gentree.write(tmp_path, ONE)
    assert (tmp_path / "python/b_pb2.py").read_text() == "work of hours"


@pytest.mark.posix
def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    out, other = tmp_path / "gen", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (out / "python").symlink_to(other)
    with pytest.raises(UsageError, match="is a symbolic link"):
        gentree.write(out, ONE)
    assert not list(other.iterdir())


def test_a_manifest_that_cannot_be_read_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / gentree.MANIFEST).write_text("<<<<<<< ours")
    with pytest.raises(UsageError, match="cannot be read"):
        gentree.difference(tmp_path, ONE)


def test_when_the_disk_is_full_the_tree_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gentree.write(tmp_path, ONE)
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "1":
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ToolError, match="No space left"):
        gentree.write(tmp_path, {path: content + b"2" for path, content in ONE.items()})
    assert written(tmp_path) == ONE
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".schemactl-")]
