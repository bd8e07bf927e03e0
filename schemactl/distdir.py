"""The directory that `package` writes: whole or not at all, and never over what it did not write itself."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from schemactl import outdir
from schemactl.errors import ToolError, UsageError

RELEASE, SUMS, PROVENANCE, CHANGELOG = "release.json", "SHA256SUMS", "provenance.json", "CHANGELOG.md"
_NAMED = re.compile(r"(?:python|go|image)/.+|release\.json|provenance\.json|SHA256SUMS|CHANGELOG\.md")
_LARGEST = 1 << 20  # of a list of checksums


def refuse(directory: Path) -> None:
    """UsageError unless the directory is missing, empty, or holds what an earlier run wrote, and nothing else."""
    outdir.refuse(directory)
    if not directory.is_dir():
        return
    listed = _listed(directory) if (directory / RELEASE).is_file() else {}
    for path in sorted(directory.rglob("*"), key=lambda path: (path.name == SUMS, path)):
        name = path.relative_to(directory).as_posix()
        if (path.is_symlink() or not path.is_dir()) and not (_NAMED.fullmatch(name) and _is(path, name, listed)):
            raise UsageError(
                f"`{directory}` holds `{name}`, which is not what `schemactl package` wrote",
                "move it away, or choose another directory with `--out`",
            )


def _is(path: Path, name: str, listed: Mapping[str, str]) -> bool:
    """Whether it is the file with that checksum: a list that somebody else wrote gives nothing away."""
    if path.is_symlink() or not path.is_file():
        return False
    if name == SUMS:
        return bool(listed)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == listed.get(name)


def _listed(directory: Path) -> dict[str, str]:
    path = directory / SUMS
    try:
        text = path.read_text("utf-8") if path.is_file() and path.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return {}
    return {line[66:]: line[:64] for line in text.splitlines()}


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
        f"`{directory}` cannot be written: {error.strerror}",
        "free some disk space, or choose another directory with `--out`",
    )
