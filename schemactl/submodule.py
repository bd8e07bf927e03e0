"""A submodule in a pull request of the repository around it: judged by the commit that the base has there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from schemactl import against, git
from schemactl.against import Base
from schemactl.errors import Missing, ToolError
from schemactl.git import Repository
from schemactl.repopath import contains

_GITLINK = "160000"


def pinned(repository: Repository | None, environ: Mapping[str, str]) -> Base | None:
    """None outside of a pull request, and for what is no submodule."""
    if repository is None or not against.in_pull_request(environ):
        return None
    commit = _before(repository, environ)
    if commit is None:
        return None
    if not git.present(repository, commit, "the submodule's commit before this pull request"):
        name = git.remote(repository) or "origin"
        remedy = f"run `git fetch --no-tags --depth=1 {name} {commit}` in the submodule"
        raise Missing(f"`{commit[:12]}`, the submodule's commit before this pull request, is not in this clone", remedy)
    return Base(commit[:12], commit, "submodule commit of the pull request's base")


def require_kept(repository: Repository, bases: Iterable[str], now: Collection[str]) -> None:
    """ToolError where `now`, the paths that are judged, lie in what is a submodule in one of the base commits."""
    for commit in dict.fromkeys(bases):
        for name, entry in git.tree(repository, commit).items():
            if entry.mode == _GITLINK and any(contains(name, path) for path in now):
                raise ToolError(
                    f"`{name}` is a submodule in the base and ordinary files now: what it had cannot be compared",
                    "merge its removal first and the files after it, or compare with an image: `--against image:FILE`",
                )


def _before(repository: Repository, environ: Mapping[str, str]) -> str | None:
    """The commit that the base of the pull request has there; a submodule of a submodule had one in that one's."""
    outer = git.discover(repository.root.parent) if repository.root != repository.root.parent else None
    name = _named(outer, repository) if outer else None
    if outer is None or name is None:
        return None
    outer = replace(outer, fetch=repository.fetch)
    base = _before(outer, environ) or _base(outer, environ)
    there = git.tree(outer, base).get(name) if base else None
    if there is None or there.mode != _GITLINK:
        raise ToolError(
            f"`{name}` is a submodule since this pull request: what it brings cannot be compared with what was there",
            "check the submodule's schemas in its own repository",
        )
    return there.oid


def _base(outer: Repository, environ: Mapping[str, str]) -> str | None:
    base = against.governing(outer, git.head(outer), environ)
    return base.commit if base else None


def _named(outer: Repository, inner: Repository) -> str | None:
    """The submodule's name in the repository around it, which may be in another case than the one it is found by."""
    path = inner.root.relative_to(outer.root).as_posix().casefold()
    modules = (name for name, entry in git.index(outer).items() if entry.mode == _GITLINK)
    return next((name for name in modules if name.casefold() == path), None)
