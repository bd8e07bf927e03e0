"""Runs git on a repository that may be anybody's: no prompt, no hook, no fetch, no program that it configures."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemactl import tools

_SAFE = dict(
    setting.split("=")
    for setting in f"""GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL={os.devnull} GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0
    GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none GIT_NO_REPLACE_OBJECTS=1 GIT_GRAFT_FILE={os.devnull}
    GIT_CONFIG_COUNT=3
    GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0=false
    GIT_CONFIG_KEY_1=safe.bareRepository GIT_CONFIG_VALUE_1=explicit
    GIT_CONFIG_KEY_2=core.hooksPath GIT_CONFIG_VALUE_2={os.devnull}""".split()
)
_Env = Mapping[str, str] | None
# For the user's own ignore rules: they hide untracked files only, which no other clone has.
PERSONAL = {"GIT_CONFIG_GLOBAL": ""}
PLAIN = re.compile(r"[A-Za-z0-9._/][A-Za-z0-9._/-]*")  # what a shell takes for one word, and no option


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree: `root` is its top, `git_dir` its own git directory (elsewhere for worktrees and submodules).

    What it lacks may be fetched if there is a `fetch`, which is told of it.
    """

    root: Path
    git_dir: Path
    fetch: Callable[[str], None] | None = field(default=None, compare=False, repr=False)


def environment(repo: Repository) -> dict[str, str]:
    return {**_SAFE, "GIT_DIR": str(repo.git_dir), "GIT_WORK_TREE": str(repo.root)}


def output(
    repo: Repository,
    *argv: str,
    strict: bool = True,
    ok: Sequence[int] = (0,),
    stdin: bytes = b"",
    env: _Env = None,
) -> bytes:
    """What it says on standard output; an exit code outside of `ok` is a ToolError, unless it is not `strict`."""
    known = {name: value for name, value in {**environment(repo), **(env or {})}.items() if value}
    return tools.run(["git", *argv], ok=ok if strict else None, stdin=stdin, cwd=repo.root, env=known).stdout


def text(
    repo: Repository,
    *argv: str,
    strict: bool = True,
    ok: Sequence[int] = (0,),
    stdin: bytes = b"",
    env: _Env = None,
) -> str:
    return output(repo, *argv, strict=strict, ok=ok, stdin=stdin, env=env).decode("utf-8", "surrogateescape")
