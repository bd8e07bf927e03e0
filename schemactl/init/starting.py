"""Makes a git repository, where certainly none is: nothing of one that is there is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemactl import tools
from schemactl.atomically import undisturbed
from schemactl.errors import ToolError, UsageError
from schemactl.init.staging import failed, stage

_GIT = ".git"
_MOST = 20_000  # directories that are looked through where no git says which files count


def vet(top: Path) -> None:
    """UsageError for a directory without git that is none of schemas: git's own, or a whole disk."""
    _refuse_git(top)
    if top == top.parent:
        raise UsageError(f"`{top}` is the whole system", "name the directory of the schemas: `-C DIR`")
    for number, _ in enumerate(os.walk(top)):
        if number >= _MOST:
            what = f"there are more than {_MOST} directories below `{top}`, and no git that says which files count"
            raise UsageError(what, "name the directory of the schemas: `-C DIR`; or make a repository: `git init`")


def _refuse_git(start: Path) -> None:
    """UsageError where git is around a directory in which it has no working tree."""
    for each in (start, *start.parents):
        if os.path.lexists(each / _GIT):
            raise UsageError(f"`{each / _GIT}` is there, and git has no working tree here{_why(each)}", _cure(each))
        if _is_git_dir(each):
            raise UsageError(f"`{each}` is git's own directory: it has no files to check", _cure(each))


def _is_git_dir(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def _why(top: Path) -> str:
    """As git sees it: a pointer that leads nowhere, or a repository that is bare."""
    dot = top / _GIT
    target = dot if dot.is_dir() else top / _pointed(dot)
    return ": the repository is bare" if _is_git_dir(target) else ": it is not a repository, and leads to none"


def _pointed(dot: Path) -> str:
    with suppress(OSError):
        if dot.is_file():
            return os.fsdecode(dot.read_bytes()[:4096]).partition("gitdir:")[2].strip() or _GIT
    return _GIT


def _cure(directory: Path) -> str:
    trees = _worktrees(directory if _is_git_dir(directory) else directory / _GIT)
    if trees:
        return f"name a directory of its worktrees: `-C {trees[0]}`"
    return "go to a clone or a worktree of it (`git worktree add DIR`), or clone it anew"


def _worktrees(git: Path) -> list[str]:
    """Where they are, as git has noted it."""
    home = git if git.is_dir() else git.parent / _pointed(git)
    with suppress(OSError):
        notes = [each / "gitdir" for each in sorted((home / "worktrees").iterdir())]
        found = [Path(os.fsdecode(each.read_bytes()[:4096]).strip()).parent for each in notes if each.is_file()]
        return [str(each) for each in found if each.is_dir()]
    return []


@contextmanager
def started(top: Path) -> Iterator[None]:
    """A repository at `top`, gone again if what follows fails."""
    made: list[tuple[int, int]] = []
    try:
        with stage(top) as drafts:
            try:
                draft = _drafted(drafts)
                status = draft.stat()
                made.append((status.st_dev, status.st_ino))
                draft.rename(top / _GIT)  # whole, or not at all
                yield
            except BaseException:
                with undisturbed():
                    _take_back(top, drafts, made)
                raise
    except OSError as error:
        raise failed(error, _GIT) from error


def _drafted(drafts: Path) -> Path:
    done = tools.run(("git", "init", "--quiet", "repository"), ok=None, cwd=drafts)
    if done.code:
        said = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines() or [f"it ended with {done.code}"]
        hint = "once `git init` works in an empty directory here, run again"
        raise ToolError(f"git init failed: {said[-1]}: nothing was written", hint)
    return drafts / "repository" / _GIT


def _take_back(top: Path, drafts: Path, made: list[tuple[int, int]]) -> None:
    """To the drafts, which go."""
    with suppress(OSError):
        status = (top / _GIT).lstat()
        if (status.st_dev, status.st_ino) in made:
            (top / _GIT).rename(drafts / "taken")
