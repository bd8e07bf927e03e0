"""The directory that `package` writes: whole or not at all, and nobody else's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from schemactl import distdir
from schemactl.errors import ToolError, UsageError


def made(**files: bytes) -> dict[str, bytes]:
    files = {distdir.RELEASE: b"{}", **files}
    lines = [f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items())]
    return {**files, distdir.SUMS: "".join(lines).encode()}


def test_a_second_run_replaces_what_the_first_one_wrote(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    distdir.write(out, made(**{"python/a.whl": b"1"}))
    distdir.write(out, made(**{"python/b.whl": b"2"}))
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [distdir.SUMS, "b.whl", distdir.RELEASE]
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


def test_a_changelog_is_replaced_as_it_was_written_and_kept_where_somebody_changed_it(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    for text in (b"1", b"2"):
        distdir.write(out, made(**{distdir.CHANGELOG: text}))
    (out / distdir.CHANGELOG).write_text("in my own words")
    with pytest.raises(UsageError, match=r"CHANGELOG\.md"):
        distdir.write(out, made())
    assert (out / distdir.CHANGELOG).read_text() == "in my own words"


def test_a_directory_with_something_else_in_it_is_refused_by_its_name(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    distdir.write(out, made(**{"python/a.whl": b"1"}))
    (out / "python/notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"python/notes\.txt"):
        distdir.write(out, made())
    assert (out / "python/a.whl").read_bytes() == b"1"


def test_a_list_that_somebody_else_wrote_gives_nothing_away(tmp_path: Path) -> None:
    out = tmp_path / "dist"
    out.mkdir()
    (out / "mine.txt").write_text("work of hours")
    (out / distdir.SUMS).write_text(f"{hashlib.sha256(b'work of hours').hexdigest()}  mine.txt\n")
    with pytest.raises(UsageError, match=r"mine\.txt"):
        distdir.write(out, made())
    assert (out / "mine.txt").read_text() == "work of hours"


def test_a_link_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "dist").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a symbolic link"):
        distdir.write(tmp_path / "dist", made())


def test_a_full_disk_leaves_the_earlier_artifacts_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "dist"
    distdir.write(out, made(**{"python/a.whl": b"1"}))
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "b.whl":
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ToolError, match="No space left"):
        distdir.write(out, made(**{"python/b.whl": b"2"}))
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]
    assert (out / "python/a.whl").read_bytes() == b"1"
