"""From what a person or a CI platform calls a commit to the commit."""

from __future__ import annotations

import re

from schemactl.errors import Missing, ToolError
from schemactl.git import fetching
from schemactl.git.asking import is_name, is_shallow
from schemactl.git.command import Repository, text
from schemactl.git.remotes import DEEPEN, fetch_remedy, remote, remotes
from schemactl.names import nearest

_PARTS = re.compile(r"(.+?)((?:[~^]\d*)*)", re.DOTALL)
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def lookup(repo: Repository, revision: str) -> str | None:
    """The full id of the commit that `revision` names, None when it names no commit of this clone, or several."""
    argv = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = "" if "\0" in revision else text(repo, *argv, strict=False).removesuffix("\n")
    return found if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else None


def resolve(repo: Repository, revision: str) -> str:
    """The full id of the commit that `revision` names; a ToolError with the remedy when it names none."""
    if found := lookup(repo, revision) or _fetched(repo, revision):
        return found
    raise _unresolved(repo, revision)


def present(repo: Repository, oid: str, what: str, branch: str = "*") -> bool:
    """Whether the commit is in the clone, or is now; the `branch` of the remote leads to it."""
    if not lookup(repo, oid) and repo.fetch and (name := remote(repo)):
        fetching.commit(repo, name, oid, what, branch)
    return lookup(repo, oid) is not None


def tip(repo: Repository, branch: str, what: str) -> tuple[str, str] | None:
    """The commit and the name of a branch of the remote, as the clone knows it, or does now."""
    name = remote(repo) or "origin"
    if found := lookup(repo, f"refs/remotes/{name}/{branch}"):
        return found, f"{name}/{branch}"
    if not (repo.fetch and remote(repo)):
        return None
    there = fetching.named(repo, name, [f"refs/heads/{branch}"], what)
    if there is None:
        raise ToolError(f"`{name}` has no branch `{branch}`: {what}", "name what to compare with: `--against REV`")
    return resolve(repo, there[1]), f"{name}/{branch}"


def _fetched(repo: Repository, revision: str) -> str | None:
    """The commit after what its name says was fetched: a branch, a tag, a commit, and what led there."""
    parts = _PARTS.fullmatch(revision)
    name = remote(repo) if repo.fetch and parts else None
    if name is None or parts is None:
        return None
    start = lookup(repo, parts[1]) or _start(repo, name, parts[1])
    if start is None:
        return None
    wanted = start + parts[2]
    fetching.deepen(
        repo,
        name,
        lambda: [] if lookup(repo, wanted) else fetching.cut(repo, start),
        f"the history of `{parts[1]}`",
    )
    return lookup(repo, wanted)


def _start(repo: Repository, remote: str, name: str) -> str | None:
    what = f"`{name}`"
    if _OID.fullmatch(name):
        fetching.commit(repo, remote, name, what)
        return lookup(repo, name)
    if not is_name(name):
        return None
    there = fetching.named(repo, remote, _full_names(remote, name), what)
    return lookup(repo, there[1]) if there else None


def _full_names(remote: str, name: str) -> list[str]:
    """What a remote may call it, in git's order."""
    if name.startswith("refs/") and not name.startswith("refs/remotes/"):
        return [name]
    own = name.removeprefix("refs/").removeprefix("remotes/")
    if own.startswith(f"{remote}/"):
        return [f"refs/heads/{own.removeprefix(f'{remote}/')}"]
    return [f"refs/tags/{name}", f"refs/heads/{name}"]


def _unresolved(repo: Repository, revision: str) -> ToolError:
    if revision.startswith(("-", "^")) or ".." in revision:
        hint = "name one branch, tag or commit, or `merge-base:REVISION`"
        return ToolError(f"`{revision}` is not one revision", hint)
    if repo.fetch and (name := remote(repo)):
        hint = f"see `git ls-remote {name}`; a commit that it has is fetched by its full id"
        return ToolError(f"`{revision}` is neither in this clone nor a branch or tag of `{name}`", hint)
    if lookup(repo, f"refs/remotes/origin/{revision}"):
        return ToolError(f"there is no local branch `{revision}`", f"write `origin/{revision}`")
    if revision.startswith("origin/"):
        remedy = fetch_remedy(repo, revision.removeprefix("origin/"))
        return Missing(f"`{revision}` is not in this clone", remedy)
    if is_shallow(repo):
        return Missing(f"revision `{revision}` is not in this shallow clone", DEEPEN)
    hint = "see `git branch --all` and `git tag`; `git fetch --tags` gets more"
    what = f"there is no revision `{revision}`{_close(repo, revision)}"
    return (Missing if remotes(repo) else ToolError)(what, hint)


def _close(repo: Repository, revision: str) -> str:
    """The branch or tag that was meant, if one is called nearly so."""
    if revision == "latest":
        return "; did you mean `tag:latest`?"
    named = text(repo, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    close = nearest(revision, ["HEAD", *named.split("\n")[:-1]])
    return f"; did you mean `{close}`?" if close else ""
