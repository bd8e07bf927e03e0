"""Where a run happens: the repository, the tree to check, and paths as the user writes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from schemactl import cache, git, links
from schemactl.against import Base, in_pull_request
from schemactl.errors import ToolError, UsageError
from schemactl.git.command import PLAIN
from schemactl.repopath import contains
from schemactl.tree import Directory, Snapshot, Tree

_TO_COMPARE = "to compare with"
_HOW = "run it inside a clone, compare with an image, `--against image:FILE`, or skip the comparison, `--against none`"
_CONFIGS = ("schemactl.yaml", "buf.work.yaml", "buf.yaml")


@dataclass(frozen=True)
class Place:
    """`top` is what all paths start from; `start` is where the user stands, below it (`.` is the top).

    `pinned` is what the base of a pull request has in this place, where that is a submodule of it.
    """

    top: Path
    start: str
    repository: git.Repository | None
    pinned: Base | None = None

    def path(self, written: Path) -> str:
        """A path of the command line as one from the top."""
        full = Path(os.path.normpath(self.top / self.start / written))
        if written.is_absolute() and not full.is_relative_to(self.top):
            full = full.parent.resolve() / full.name  # the top is known by its real path
        if not full.is_relative_to(self.top):
            raise UsageError(f"`{written}` lies outside of `{self.top.name}`", "give paths below the repository's top")
        return full.relative_to(self.top).as_posix()

    def needed(self, what: str = _TO_COMPARE, how: str = _HOW) -> git.Repository:
        """The repository; a ToolError with `what` is missing without one, and `how` to get on."""
        if self.repository is None:
            raise ToolError(f"there is no git repository here {what}", how)
        return self.repository


def find(directory: Path, fetch: Callable[[str], None] | None = None) -> Place:
    """The place around a directory; without git its top is the nearest directory with a configuration.

    What a clone lacks may be fetched if there is a `fetch`, which is told of it.
    """
    start = directory.resolve()
    if not start.is_dir():
        raise UsageError(f"`{directory}` is not a directory", "name a directory: `-C DIR`")
    _require_unlinked(directory)
    repository = git.discover(start)
    if repository and fetch:
        repository = replace(repository, fetch=fetch)
    if repository is None:
        above = (parent for parent in (start, *start.parents) if any((parent / name).is_file() for name in _CONFIGS))
        top = next(above, start)
    else:
        top = repository.root
    place = Place(top, start.relative_to(top).as_posix(), repository)
    _require_checked_out(place)
    return place


def _require_checked_out(place: Place) -> None:
    """ToolError in a submodule that is not there yet: what would be judged is the repository around it."""
    if place.repository is None or place.start == ".":
        return
    start = place.start.casefold()
    if name := next((each for each in git.gitlinks(place.repository) if contains(each.casefold(), start)), None):
        only = f" {name}" if PLAIN.fullmatch(name) else ""
        remedy = f"run `git submodule update --init{only}` at the top of the repository"
        raise ToolError(f"`{name}` is a submodule that is not checked out", remedy)


def _require_unlinked(directory: Path) -> None:
    """UsageError where a link of a repository decides which directory it is: a change may point it to another one.

    Outside of a pull request a link that git does not track is the user's own.
    """
    pulled = in_pull_request(os.environ)
    for link in links.through(_standing() / directory):
        repository = git.discover(link.parent)
        if repository and (pulled or _tracked(repository, link)):
            name = link.relative_to(repository.root).as_posix()
            raise UsageError(
                f"`{name}` is a symbolic link of the repository: what it leads to is another directory",
                "name the directory itself: `-C DIR`",
            )


def _standing() -> Path:
    """Where the process stands; in a pull request by the way that a shell has gone there."""
    here, way = Path.cwd(), Path(os.environ.get("PWD", ""))
    with suppress(OSError, ValueError):
        if way.is_absolute() and in_pull_request(os.environ) and way.samefile(here):
            return way
    return here


def require_own_cache(place: Place) -> None:
    """ToolError where a repository brings the cache: who committed it would decide what is found, and what is run."""
    directory = cache.directory()
    if directory is None:
        return
    for link in links.through(directory):
        if link.is_relative_to(place.top) or any(_tracked(repository, link) for repository in _around(link.parent)):
            raise _planted(directory, f"is behind the symbolic link `{link}`, which a repository may point anywhere")
    for written in {Path(os.path.abspath(directory)), directory.resolve()}:  # noqa: PTH100  (as it is written)
        if place.repository is None and written.is_relative_to(place.top):
            raise _planted(written, "lies in what is checked, and no git tells who brought it")
        if any(_tracked(repository, written) for repository in _around(written)):
            raise _planted(written, "is tracked by git: whoever committed it would decide what is found here")


def _around(path: Path) -> Iterator[git.Repository]:
    """Every repository that the path is in; what cannot be looked into is no cache of this user's either."""
    with suppress(OSError):
        while (found := git.discover(path)) is not None:
            yield found
            if found.root == found.root.parent:
                return
            path = found.root.parent


def _tracked(repository: git.Repository, path: Path) -> bool:
    inside = path.relative_to(repository.root).as_posix() if path.is_relative_to(repository.root) else ""
    if not inside:
        return False
    # Windows and macOS find a file by its name in other case as well.
    inside, tracked = inside.casefold(), map(str.casefold, git.index(repository))
    return any(contains(inside, each) or contains(each, inside) for each in tracked)


def _planted(directory: Path, why: str) -> ToolError:
    return ToolError(f"the cache `{directory}` {why}", "set SCHEMACTL_CACHE_DIR to a directory of your own")


@dataclass(frozen=True)
class Head:
    """What is checked: a tree, the commit it is or grew from, and whether it is exactly that commit."""

    tree: Tree
    commit: str | None
    exact: bool


def head(place: Place, revision: str | None, staged: bool) -> Head:
    if revision is not None and staged:
        raise UsageError("`--rev` and `--staged` cannot be used together", "give one of them")
    if revision is not None:
        repository = place.needed(
            f"that could hold the revision `{revision}`", "leave out `--rev`, or run it in a clone"
        )
        commit = git.resolve(repository, revision)
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
