"""The temporary directory of a run: in memory where the system has room for it, gone when the run is over."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemactl.errors import ToolError

# Thousands of small files are written and deleted at once: on a disk that is most of the system time of a large run
# (5 s of googleapis' 7,232 files). Containers often have 64 MB there, which is too little.
_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3


@contextmanager
def workspace() -> Iterator[Path]:
    """TMPDIR, where it is set, decides."""
    chosen = None if os.environ.get("TMPDIR") or not _roomy(_MEMORY) else _MEMORY
    try:
        directory = tempfile.TemporaryDirectory(prefix="schemactl-", dir=chosen, ignore_cleanup_errors=True)
    except OSError as error:
        raise ToolError(
            f"the temporary directory cannot be written: {error.strerror}",
            "free some disk space, or set TMPDIR to another directory",
        ) from error
    with directory as path:
        yield Path(path)


def _roomy(directory: Path) -> bool:
    try:
        return os.access(directory, os.W_OK) and os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize > _ROOM
    except (OSError, AttributeError):
        return False
