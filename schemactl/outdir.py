"""Where output may go: a directory that nobody planted, and that is not git's own."""

from __future__ import annotations

from pathlib import Path

from schemactl.errors import UsageError

_HINT = "choose another directory with `--out`"


def refuse(directory: Path) -> None:
    """UsageError for a file, a symbolic link, and what lies in a `.git`."""
    if directory.is_symlink():
        raise UsageError(f"`{directory}` is a symbolic link: it may lead anywhere", _HINT)
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"`{directory}` is a file", _HINT)
    if ".git" in directory.resolve().parts:
        raise UsageError(f"`{directory}` lies in git's own directory", _HINT)


def within(start: Path, written: Path) -> Path:
    """The directory as it is written from `start`; UsageError where a link on the way leads elsewhere."""
    out = start / written
    if not written.is_absolute():
        for above in [*written.parents][-2::-1]:
            if (start / above).is_symlink():
                raise UsageError(f"`{start / above}` is a symbolic link: it may lead anywhere", _HINT)
    refuse(out)
    return out
