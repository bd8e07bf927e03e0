"""The remotes of a clone, and what to run to have more of them."""

from __future__ import annotations

from schemactl.errors import Missing, ToolError
from schemactl.git import fetching
from schemactl.git.asking import is_shallow
from schemactl.git.command import PLAIN, Repository, text

DEEPEN = "run `git fetch --unshallow --tags` (GitHub Actions: `fetch-depth: 0`)"
UNSHALLOW = f"{DEEPEN}, or pass `--against none`"


def remotes(repo: Repository) -> list[str]:
    return text(repo, "remote").split("\n")[:-1]


def remote(repo: Repository) -> str | None:
    """`origin`, else the only remote, None without one."""
    names = remotes(repo)
    if len(names) > 1 and "origin" not in names:
        raise ToolError("no remote is called `origin`", "name the branch: `--against merge-base:REMOTE/BRANCH`")
    return "origin" if "origin" in names else next(iter(names), None)


def remote_default(repo: Repository) -> str | None:
    """The remote's default branch, like `origin/main`; None without a remote, or with one never fetched from."""
    top = f"refs/remotes/{remote(repo)}/"
    listed = text(repo, "for-each-ref", "--format=%(refname) %(symref)", top).split("\n")[:-1]
    refs = dict(line.split(" ", 1) for line in listed)
    for ref in (refs.get(f"{top}HEAD"), f"{top}main", f"{top}master"):
        if ref in refs:
            return ref.removeprefix("refs/remotes/")
    if not refs:
        return None
    if default := _fetched_default(repo):
        return default
    raise Missing("the remote's default branch, likely `main`, is not in this clone", fetch_remedy(repo, "main"))


def fetch_remedy(repo: Repository, branch: str) -> str:
    # A clone that is no longer shallow passes for one that has all tags.
    name, how = remote(repo) or "origin", "--unshallow --tags" if is_shallow(repo) else "--no-tags"
    if not (PLAIN.fullmatch(name) and PLAIN.fullmatch(branch)):
        # It comes from the repository or the pull request, and is meant to be pasted into a shell.
        return "fetch that branch, quoting its name for the shell"
    return f"run `git fetch {how} {name} {branch}:refs/remotes/{name}/{branch}`"


def _fetched_default(repo: Repository) -> str | None:
    if repo.fetch is None or (name := remote(repo)) is None:
        return None
    branch = fetching.default_branch(repo, name)
    there = branch and fetching.named(repo, name, [f"refs/heads/{branch}"], "its default branch")
    return f"{name}/{branch}" if there else None
