"""A module's directory is the module's alone: what a release did not put there, no release takes away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from schemactl.errors import Rejected
from schemactl.publish import gittree, gitwire
from schemactl.publish.gitcommit import WHO, Module
from schemactl.publish.gitplaces import Place
from schemactl.publish.gittree import Tree
from schemactl.publish.gitwire import TAG, Wire
from schemactl.target import Target

_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_MANY = 200  # tags at once: a command line has no room for all that there may be
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?", re.ASCII)


def require(wire: Wire, target: Target, module: Module, tree: Tree, refs: Mapping[str, str]) -> None:
    """Rejected where the directory has files of others: Go would take them for the module's."""
    _require_home(wire, target, module.place, tree, refs)
    directory = module.place.directory
    foreign = gittree.inside(tree, directory).keys() - module.files.keys()
    released = iter(_released(module.place, refs))
    size = 1  # the last release mostly tells enough
    while foreign and (names := list(islice(released, size))):
        for commit in _ours(wire, gitwire.fetch(wire, names).values()):
            foreign -= gittree.inside(gittree.read(wire, commit), directory).keys()
        size = _MANY
    if foreign:
        raise _refused(target, module, sorted(foreign))


def _require_home(wire: Wire, target: Target, place: Place, tree: Tree, refs: Mapping[str, str]) -> None:
    """Rejected where modules of another root are released from here: Go would not look for this one in this place."""
    own = place.file.module.split("/")[: -1 if place.directory_of_major else None]
    root = "/".join(own[: len(own) - len(place.directory.split("/"))] if place.directory else own)
    marks = [path for path in tree if path.rpartition("/")[2] == "go.mod"]
    for path, content in zip(marks, gitwire.blobs(wire, [tree[path].oid for path in marks]), strict=True):
        directory = path.rpartition("/")[0]
        top = TAG + (f"{directory}/v" if directory else "v")
        named = _MODULE.search(content.decode("utf-8", "replace"))
        if (named and f"{named[1]}/".startswith(f"{root}/")) or not any(name.startswith(top) for name in refs):
            continue
        raise Rejected(
            f"`{place.file.module}` has no place in {target}: `{named[1] if named else path}` is released from there, "
            f"which is not below `{root}`",
            "name the repository of this module, or its `root:` if it is that one",
        )


def _released(place: Place, refs: Mapping[str, str]) -> list[str]:
    """The tags of the directory's versions, the highest first, and of each commit one."""
    top = TAG + (f"{place.directory}/" if place.directory else "")
    found = {name: _VERSION.fullmatch(name.removeprefix(top)) for name in refs if name.startswith(top)}
    known = {name: tuple(map(int, each.groups())) for name, each in found.items() if each}
    commits: dict[str, str] = {}
    for name in sorted(known, key=lambda name: known[name], reverse=True):
        commits.setdefault(refs[name], name)
    return list(commits.values())


def _ours(wire: Wire, commits: Iterable[str]) -> Iterator[str]:
    unique = list(dict.fromkeys(commits))
    for commit, content in zip(unique, gitwire.blobs(wire, unique), strict=True):
        if f"\ncommitter {WHO} ".encode() in content:
            yield commit


def _refused(target: Target, module: Module, foreign: Sequence[str]) -> Rejected:
    more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
    place = module.place
    where = f"directory `{place.directory}`" if place.directory else "top"
    return Rejected(
        f"`{module.path(foreign[0])}`{more} would be in Go's `{place.name}`: it stands in the {where} of {target}",
        f"remove it from `{target.branch}`, name another branch by `branch:`, or give the module a path below its root",
    )
