"""The directory that `package` writes: whole or not at all, and never over what it did not write itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from schemactl.errors import ToolError, UsageError

RELEASE, SUMS, PROVENANCE = "release.json", "SHA256SUMS", "provenance.json"


def refuse(directory: Path) -> None:
    """UsageError unless the directory is missing, empty, or was written by an earlier run and nobody else."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise UsageError(f"`{directory}` is not a directory", "choose another one by --out")
    if not directory.is_dir() or not any(directory.iterdir()):
        return
    present = {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }
    if foreign := sorted(present - _listed(directory)):
        raise UsageError(
            f"`{directory}` holds `{foreign[0]}`, which `schemactl package` did not write",
            "empty the directory, or choose another one by --out",
        )


def _listed(directory: Path) -> set[str]:
    try:
        text = (directory / SUMS).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    return {line[66:] for line in text.splitlines()} | {SUMS}


def write(directory: Path, files: Mapping[str, bytes]) -> None:
    """Replaces the directory; on any trouble it stays as it was."""
    refuse(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        draft.chmod(0o777 & ~_umask())
        _swap(draft, directory)
    except OSError as error:
        raise _unwritable(directory, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, directory: Path) -> None:
    """The moment in which the old one is away is the only one in which the new one can be missing."""
    old = draft.with_name(f"{draft.name}-old")
    existed = directory.exists()
    if existed:
        directory.rename(old)
    try:
        draft.rename(directory)
    except OSError:
        if existed:
            old.rename(directory)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _unwritable(directory: Path, error: OSError) -> ToolError:
    return ToolError(
        f"`{directory}` cannot be written: {error.strerror}", "make room, or choose another directory by --out"
    )
