"""Programs run as a user runs them: away from what an outer make, git, pytest or virtual environment left."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

# What finding programs and packages takes; not what CI, make, git or pytest say about themselves.
_KEPT = re.compile(
    r"PATH|HOME|TMPDIR|SCHEMACTL_CACHE_DIR|PIP_\w+|SSL_CERT_\w+|\w+_PROXY|\w+_proxy"
    r"|SYSTEMROOT|COMSPEC|PATHEXT|TE?MP|USERPROFILE|(?:LOCAL)?APPDATA"
)


def run(*argv: str | Path, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    # Programs speak UTF-8 on Windows, too, where Python takes it for something else.
    return subprocess.run(
        argv, cwd=cwd, env=kept | extra, capture_output=True, encoding="utf-8", errors="backslashreplace", check=False
    )


def git(where: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    settings = ("user.name=acme", "user.email=dev@acme.example", "init.defaultBranch=main", "commit.gpgsign=false")
    return run("git", *(word for text in settings for word in ("-c", text)), *arguments, cwd=where, **extra)
