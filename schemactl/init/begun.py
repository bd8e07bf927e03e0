"""A new repository that `init` was killed in: what it wrote is there to the byte, and a schema of the sample lacks."""

from __future__ import annotations

import re

from schemactl import place
from schemactl.config import NAME
from schemactl.errors import ToolError
from schemactl.git.worktree import Files
from schemactl.init import settings
from schemactl.init.survey import Survey
from schemactl.init.templates import filled
from schemactl.repopath import contains
from schemactl.schema import OPTIONS_FILE, options_text

_PROJECT = re.compile(rb"pattern: ([a-z][a-z0-9]*)\.<domain>\.v<N>")
_LARGEST = 1 << 16


def begun(seen: Survey) -> str | None:
    """The project of the sample."""
    files = Files(seen.place.top)
    own = _content(files, seen.beside(NAME))
    match = _PROJECT.search(own)
    if match is None or own != settings.of_new(project := match[1].decode()).text:
        return None
    tree = place.head(seen.place, None, staged=False).tree
    there = [path for path in tree.paths if path.endswith(".proto") and contains(seen.directory, path)]
    sample = {seen.beside(path): text for path, text in protos(project).items()}
    whole = all(path in sample and _content(files, path) == sample[path] for path in there)
    return project if whole and len(there) < len(sample) else None


def protos(project: str) -> dict[str, bytes]:
    """The schemas of the sample, by where they belong."""
    values = {"project": project}
    return {
        OPTIONS_FILE: options_text(),
        f"{project}/shared/v1/event_type.proto": filled("event_type.proto.in", values).encode(),
        f"{project}/users/v1/user.proto": filled("user.proto.in", values).encode(),
    }


def _content(files: Files, path: str) -> bytes:
    """Nothing of what is no file of that size."""
    try:
        if files.barrier(path) is not None or files.status(path) is None:
            return b""
        found = files.read(path, _LARGEST)
    except ToolError:
        return b""
    return found if isinstance(found, bytes) else b""
