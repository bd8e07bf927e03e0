"""Whether a hook, which has to run for every commit, finds nothing to judge in this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemactl import git, reading
from schemactl.against import in_pull_request
from schemactl.job import Request
from schemactl.place import Place, find
from schemactl.repopath import contains, joined
from schemactl.tree import MAX_READ, Snapshot

_JUDGED = (".proto", ".yaml", ".yml", "buf.lock", "schemactl-baseline.json", ".gitmodules")
_ORDINARY = {"000000", "100644", "100755"}  # a link or a submodule may bring schemas under any name


def is_needless(request: Request, environ: Mapping[str, str]) -> bool:
    """Whether the next commit changes something, but no schema and nothing that says how schemas are judged.

    Only where pre-commit asks for no more than that: it cannot be told to run a hook for deleted files.
    """
    if environ.get("PRE_COMMIT") != "1" or not _is_ordinary(request) or in_pull_request(environ):
        return False
    place = find(request.directory)
    changed = git.staged(place.needed())
    if not changed or any(path.endswith(_JUDGED) or not _ORDINARY.issuperset(changed[path]) for path in changed):
        return False
    named = _named(place)
    return not any(contains(each, path) for path in changed for each in named)


def _is_ordinary(request: Request) -> bool:
    """Whether nothing asks for another comparison, state or set of rules, or could ask for what is not there."""
    bare = Request(request.directory, staged=True, new=request.new, jobs=request.jobs, cached=request.cached)
    return request in (bare, replace(bare, breaking=False))


class _Noting(Snapshot):
    """Knows which files it was asked for, there or not."""

    def __init__(self, repository: git.Repository) -> None:
        super().__init__(repository, git.index(repository))
        self.asked: set[str] = set()

    def read(self, path: str, limit: int = MAX_READ) -> bytes | None:
        self.asked.add(path)
        return super().read(path, limit)


def _named(place: Place) -> set[str]:
    """What the configuration names, and may have any name: files to extend, packs, directories of imports."""
    tree = _Noting(place.needed())
    settings = reading.configuration(tree, place, None)
    return tree.asked | {*settings.packs, *(joined(settings.directory, each) for each in settings.includes)}
