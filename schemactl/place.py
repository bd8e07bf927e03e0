"""Where a run happens: the repository, the tree to check, and paths as the user writes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from schemactl import cache, git
from schemactl.errors import ToolError, UsageError
from schemactl.repopath import contains
from schemactl.tree import Directory, Snapshot, Tree

_TO_COMPARE = "to compare with"
_HOW = "run it inside a clone, compare with `--against image:FILE`, or skip it by `--against none`"
_CONFIGS = ("schemactl.yaml", "buf.work.yaml", "buf.yaml")


@dataclass(frozen=True)
class Place:
    """`top` is what all paths start from; `start` is where the user stands, below it (`.` is the top)."""

    top: Path
    start: str
    repository: git.Repository | None

    def path(self, written: Path) -> str:
        """A path of the command line as one from the top."""
        full = Path(os.path.normpath(self.top / self.start / written))
        if written.is_absolute() and not full.is_relative_to(self.top):
            full = full.parent.resolve() / full.name  # the top is known by its real path
        if not full.is_relative_to(self.top):
            raise UsageError(f"`{written}` lies outside of {self.top.name}", "give paths below the repository's top")
        return full.relative_to(self.top).as_posix()

    def needed(self, what: str = _TO_COMPARE, how: str = _HOW) -> git.Repository:
        """The repository; a ToolError with `what` is missing without one, and `how` to get on."""
        if self.repository is None:
            raise ToolError(f"there is no git repository here {what}", how)
        return self.repository


def find(directory: Path) -> Place:
    """The place around a directory; without git its top is the nearest directory with a configuration."""
    start = directory.resolve()
    if not start.is_dir():
        raise UsageError(f"`{directory}` is not a directory", "give -C a directory")
    repository = git.discover(start)
    if repository is None:
        above = (parent for parent in (start, *start.parents) if any((parent / name).is_file() for name in _CONFIGS))
        top = next(above, start)
    else:
        top = repository.root
    return Place(top, start.relative_to(top).as_posix(), repository)


def require_own_cache(place: Place) -> None:
    """ToolError where git tracks the cache: whoever committed it would decide what is found, and what is run."""
    directory = cache.directory()
    if directory is None or place.repository is None:
        return
    for written in {Path(os.path.abspath(directory)), directory.resolve()}:  # noqa: PTH100  (as it is written)
        if not written.is_relative_to(place.top):
            continue
        inside = written.relative_to(place.top).as_posix()
        if any(contains(inside, path) or contains(path, inside) for path in git.index(place.repository)):
            raise ToolError(
                f"the cache `{inside}` is tracked by git: whoever committed it would decide what is found here",
                "name a directory outside of the repository by SCHEMACTL_CACHE_DIR, or take it out of git",
            )


@dataclass(frozen=True)
class Head:
    """What is checked: a tree, the commit it is or grew from, and whether it is exactly that commit."""

    tree: Tree
    commit: str | None
    exact: bool


def head(place: Place, revision: str | None, staged: bool) -> Head:
    if revision is not None and staged:
        raise UsageError("--rev and --staged exclude each other", "give one of them")
    if revision is not None:
        commit = git.resolve(place.needed(), revision)
        return Head(snapshot(place, commit), commit, True)
    if place.repository is None:
        if staged:
            place.needed()
        return Head(Directory(place.top, None), None, False)
    tree = Snapshot(place.repository, git.index(place.repository)) if staged else Directory(place.top, place.repository)
    return Head(tree, git.head(place.repository), False)


def snapshot(place: Place, commit: str) -> Snapshot:
    repository = place.needed()
    return Snapshot(repository, git.tree(repository, commit))
