"""The target `git:`: a repository of Go modules, which `go get` takes from their directories and tags."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from schemactl.errors import ToolError
from schemactl.publish import gitcommit, gitowned, gittree, gitwire
from schemactl.publish.dist import Dist, File
from schemactl.publish.gitcommit import Module
from schemactl.publish.gitplaces import places
from schemactl.publish.gittree import Tree
from schemactl.publish.gittrouble import AGAIN
from schemactl.publish.gitwire import BRANCH, TAG, Wire
from schemactl.publish.state import Seen, require_same
from schemactl.target import Target

_TRIES = 8
_PAUSE = 0.2  # lets another one finish
_BUSY = re.compile(r"(cannot|failed to|unable to) lock|\.lock'|old value|already exists|fetch first", re.IGNORECASE)


@dataclass
class _Remote:
    """What is known of it by now."""

    wire: Wire
    branch: str
    refs: Mapping[str, str]

    @property
    def example(self) -> str:
        """An object id of the kind that it has."""
        return next(iter(self.refs.values()), "0" * 40)

    def fetched(self, names: Sequence[str]) -> Mapping[str, str]:
        return gitwire.fetch(self.wire, [each for each in names if each in self.refs])

    def looked_again(self) -> bool:
        """Whether it has changed."""
        before, self.refs = self.refs, gitwire.refs(self.wire, self.branch)
        return self.refs != before


def wanted(dist: Dist) -> list[File]:
    """What else a module has, its go.mod and the time of its commit, is in the zip and in the commit."""
    return [each for each in dist.files if each.kind == "go-zip"]


def look(dist: Dist, target: Target) -> list[Seen]:
    """Rejected where what is missing would be refused: the commit is made here as it would be there."""
    modules = _modules(dist, target)
    with _opened(target) as remote:
        seen = _look(remote, modules)
        missing = _missing(modules, seen)
        if missing and not any(each.state == "different" for each in seen):
            _commit(remote, dist, target, missing)
        return seen


def put(dist: Dist, target: Target, say: Callable[[str], None]) -> list[Seen]:
    """One commit with all that is missing: the branch and the tags move together, or not at all."""
    modules = _modules(dist, target)
    with _opened(target) as remote:
        for _ in range(_TRIES):
            seen = _look(remote, modules)
            require_same(seen, str(target))
            missing = _missing(modules, seen)
            if not missing:
                return seen
            commit = _commit(remote, dist, target, missing)
            say(f"pushing {', '.join(f'`{each.place.tag}`' for each in missing)} to {target}")
            if _pushed(remote, commit, missing):
                return [each._replace(state="published") if each.state == "missing" else each for each in seen]
    raise ToolError(f"{target} changed each time that it was pushed to", AGAIN)


def _modules(dist: Dist, target: Target) -> list[Module]:
    return [gitcommit.module(dist, each) for each in places(wanted(dist), target)]


@contextmanager
def _opened(target: Target) -> Iterator[_Remote]:
    with gitwire.opened(target.place) as wire:
        remote = _Remote(wire, target.branch, gitwire.refs(wire, target.branch))
        gitwire.start(wire, remote.example)
        yield remote


def _look(remote: _Remote, modules: Sequence[Module]) -> list[Seen]:
    there = remote.fetched([TAG + each.place.tag for each in modules])
    return [_seen(remote, each, there.get(TAG + each.place.tag)) for each in modules]


def _missing(modules: Sequence[Module], seen: Sequence[Seen]) -> list[Module]:
    return [each for each, found in zip(modules, seen, strict=True) if found.state == "missing"]


def _seen(remote: _Remote, module: Module, commit: str | None) -> Seen:
    path = module.place.file.path
    if commit is None:
        return Seen(path, "missing")
    why = gitcommit.wrong(remote.wire, commit, gittree.read(remote.wire, commit), module)
    if not why:
        return Seen(path, "same")
    source = gitcommit.source(remote.wire, commit)
    whose = f", released from commit {source[:7]}," if source else ""
    return Seen(path, "different", f"at its tag `{module.place.tag}`{whose} {why}")


def _commit(remote: _Remote, dist: Dist, target: Target, missing: Sequence[Module]) -> str:
    parent = remote.fetched([BRANCH + remote.branch]).get(BRANCH + remote.branch, "")
    tree: Tree = gittree.read(remote.wire, parent) if parent else {}
    for each in missing:
        gitowned.require(remote.wire, target, each, tree, remote.refs)
    return gitcommit.written(remote.wire, dist, missing, parent, tree, remote.example)


def _pushed(remote: _Remote, commit: str, missing: Sequence[Module]) -> bool:
    """False where it has to be tried again, since the repository is another one by now."""
    tags = [TAG + each.place.tag for each in missing]
    trouble = gitwire.push(remote.wire, commit, [BRANCH + remote.branch, *tags])
    if trouble is None:
        return True
    if not (changed := remote.looked_again()) and not _BUSY.search(trouble.message):
        raise trouble
    if not changed:
        time.sleep(_PAUSE)
    # The connection may have ended after all was done.
    return all(remote.refs.get(each) == commit for each in tags)
