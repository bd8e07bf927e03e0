"""The temporary directory: where it is, that it goes, and what is said when there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemactl import workspace
from schemactl.errors import ToolError


def test_tmpdir_decides_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with workspace.workspace() as directory:
        assert directory.parent == tmp_path
    assert not directory.exists()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="this system has no /dev/shm")
def test_little_room_in_memory_means_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(workspace, "_ROOM", 1 << 60)
    with workspace.workspace() as directory:
        assert directory.parent != Path("/dev/shm")


def test_a_temporary_directory_that_is_none_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(ToolError) as error, workspace.workspace():
        pass
    assert "TMPDIR" in error.value.hint
