"""What git knows, read without running or fetching anything: files, revisions, trees, the index, ancestry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from schemactl import tools
from schemactl.errors import ToolError

UNSHALLOW = "run `git fetch --unshallow --tags` (GitHub Actions: `fetch-depth: 0`), or pass `--against none`"
_ALONE = Lock()
_LISTED = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_STAGED = re.compile(r"(\d+) (\w+) (\d)\t([^\0]+)\0")
_EMPTY_BLOB = ("e69de29bb2d1d6434b8b29ae", "473a0f4c3be8a93681a267e3")  # by sha1 and by sha256
_SAFE = dict(
    setting.split("=")
    for setting in f"""GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL={os.devnull} GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0
    GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none GIT_NO_REPLACE_OBJECTS=1 GIT_PYTHON_REFRESH=quiet GIT_CONFIG_COUNT=2
    GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0=false
    GIT_CONFIG_KEY_1=safe.bareRepository GIT_CONFIG_VALUE_1=explicit""".split()
)
_Env = Mapping[str, str] | None
# For the user's own ignore rules: they hide untracked files only, which no other clone has.
_PERSONAL = {"GIT_CONFIG_GLOBAL": ""}


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree: `root` is its top, `git_dir` its own git directory (elsewhere for worktrees and submodules)."""

    root: Path
    git_dir: Path


class Entry(NamedTuple):
    """A file of a tree or the index: '100644', '100755', '120000' (symlink) or '160000' (submodule), and its object."""

    mode: str
    oid: str


def discover(start: Path) -> Repository | None:
    """The working tree around `start`; None without one, in a bare repository, or where `.git` leads nowhere."""
    start = start.resolve()
    for root in (start, *start.parents):
        dot = root / ".git"
        if dot.is_file() or (dot / "HEAD").is_file():
            return Repository(root, git_dir) if (git_dir := _git_dir(dot)) else None
    return None


def working_paths(repo: Repository) -> list[str]:
    """What `git add .` would take or has taken; deleted files are still named."""
    listed = _text(repo, "ls-files", "--cached", "--others", "--exclude-standard", "-z", env=_PERSONAL)
    # An untracked repository inside this one is listed as a directory, with a slash.
    return sorted({path for path in listed.split("\0") if path and not path.endswith("/")})


def modified(repo: Repository, paths_ending: Iterable[str] = (".proto", ".yaml")) -> bool:
    """Whether the working tree or the index differs from HEAD in such files, untracked ones included."""
    flags = ("--porcelain", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
    return bool(_git(repo, "status", *flags, "--", *(f"*{ending}" for ending in paths_ending), env=_PERSONAL))


def lookup(repo: Repository, revision: str) -> str | None:
    """The full id of the commit that `revision` names, None when it names no commit of this clone, or several."""
    argv = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = "" if "\0" in revision else _text(repo, *argv, strict=False).removesuffix("\n")
    return found if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else None


def resolve(repo: Repository, revision: str) -> str:
    """The full id of the commit that `revision` names; a ToolError with the remedy when it names none."""
    if (found := lookup(repo, revision)) is None:
        raise ToolError(*_unresolved(repo, revision))
    return found


def head(repo: Repository) -> str | None:
    """What is checked out (unpeeled: a missing commit must not pass for an empty history), None before any commit."""
    return _text(repo, "rev-parse", "--verify", "--quiet", "HEAD", strict=False).strip() or None


def tree(repo: Repository, oid: str) -> dict[str, Entry]:
    """All files of a commit by path; `.gitattributes` has no say."""
    listed = _text(repo, "ls-tree", "-r", "-z", "--full-tree", oid)
    return {path: Entry(mode, blob) for mode, blob, path in _LISTED.findall(listed)}


def index(repo: Repository) -> dict[str, Entry]:
    """All files that the next commit would have; within a hook, those of the commit being made."""
    env = _index_of_a_hook(repo)
    entries = {}
    for mode, blob, stage, path in _STAGED.findall(_text(repo, "ls-files", "-s", "-z", env=env)):
        if stage != "0":
            raise ToolError(f"`{path}` has a merge conflict", f"resolve it and run `git add {path}`")
        entries[path] = Entry(mode, blob)
    if any(entry.oid.startswith(_EMPTY_BLOB) for entry in entries.values()):
        # `git add -N` lists a file as empty, yet a commit leaves it out.
        for path in _text(repo, "diff-files", "--name-only", "--diff-filter=A", "-z", env=env).split("\0"):
            entries.pop(path, None)
    return entries


def blobs(repo: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    wanted = list(dict.fromkeys(oids))
    out = _git(repo, "cat-file", "--batch", "--buffer", stdin="\n".join([*wanted, ""]).encode(), strict=False)
    found, at = {}, 0
    for oid in wanted:
        start = out.find(b"\n", at) + 1
        facts = out[at:start].split()
        if len(facts) != 3 or facts[1] != b"blob":
            raise ToolError(f"object {oid} is not in this clone", "run `git fetch --refetch --no-filter origin`")
        end = start + int(facts[2])
        found[oid], at = out[start:end], end + 1
    return found


def is_shallow(repo: Repository) -> bool:
    return _text(repo, "rev-parse", "--is-shallow-repository") == "true\n"


def merge_base(repo: Repository, a: str, b: str) -> str | None:
    """The newest commit that both have, None for unrelated histories; a ToolError where a shallow clone may lie."""
    with _opened(repo) as opened:
        base: str | None = next((commit.hexsha for commit in opened.merge_base(a, b)), None)
    if base in (a, b) or not is_shallow(repo):
        return base
    # Any commit whose parents were cut off may lead to a newer common one; below the found one it does not matter.
    if base is None or _git(repo, "rev-list", "--max-parents=0", a, b, f"^{base}"):
        raise ToolError("the history that leads to the merge-base is cut off: this clone is shallow", UNSHALLOW)
    return base


def parents(repo: Repository, oid: str) -> list[str]:
    """The parents as the commit itself names them: in a shallow clone they may be absent, but are not forgotten."""
    with _opened(repo) as opened:
        return [parent.hexsha for parent in opened.commit(oid).parents]


def ancestors(repo: Repository, oid: str, limit: int) -> list[str]:
    """First parent, its first parent, and so on, as far as this clone goes."""
    return _text(repo, "rev-list", "--first-parent", "--skip=1", f"--max-count={limit}", oid).split()


def tags(repo: Repository, merged_into: str) -> list[tuple[str, str]]:
    """(tag, commit) of each tag that is an ancestor of, or is, `merged_into`."""
    refs = _text(repo, "for-each-ref", f"--merged={merged_into}", "--format=%(refname)", "refs/tags").split("\n")[:-1]
    asked = "".join(f"{ref}^{{commit}}\n" for ref in refs).encode("utf-8", "surrogateescape")
    peeled = _text(repo, "cat-file", "--batch-check=%(objectname)", stdin=asked).split("\n")[:-1]
    return [(ref.removeprefix("refs/tags/"), oid) for ref, oid in zip(refs, peeled, strict=True)]


def remote(repo: Repository) -> str | None:
    """`origin`, else the only remote, None without one."""
    names = _text(repo, "remote").split("\n")[:-1]
    if len(names) > 1 and "origin" not in names:
        raise ToolError("no remote is called `origin`", "name the branch: `--against merge-base:REMOTE/BRANCH`")
    return "origin" if "origin" in names else next(iter(names), None)


def remote_default(repo: Repository) -> str | None:
    """The remote's default branch, like `origin/main`; None without a remote, or with one never fetched from."""
    top = f"refs/remotes/{remote(repo)}/"
    listed = _text(repo, "for-each-ref", "--format=%(refname) %(symref)", top).split("\n")[:-1]
    refs = dict(line.split(" ", 1) for line in listed)
    for ref in (refs.get(f"{top}HEAD"), f"{top}main", f"{top}master"):
        if ref in refs:
            return ref.removeprefix("refs/remotes/")
    if not refs:
        return None
    raise ToolError("the remote's default branch, likely `main`, is not in this clone", fetch_remedy(repo, "main"))


def fetch_remedy(repo: Repository, branch: str) -> str:
    name, deep = remote(repo) or "origin", "--unshallow " if is_shallow(repo) else ""
    return f"run `git fetch --no-tags {deep}{name} {branch}:refs/remotes/{name}/{branch}`"


def _unresolved(repo: Repository, revision: str) -> tuple[str, str]:
    if revision.startswith(("-", "^")) or ".." in revision:
        return f"`{revision}` is not one revision", "name one branch, tag or commit, or `merge-base:REVISION`"
    if lookup(repo, f"refs/remotes/origin/{revision}"):
        return f"there is no local branch `{revision}`", f"write `origin/{revision}`"
    if revision.startswith("origin/"):
        return f"`{revision}` is not in this clone", fetch_remedy(repo, revision.removeprefix("origin/"))
    if is_shallow(repo):
        return f"revision `{revision}` is not in this shallow clone", UNSHALLOW
    return f"there is no revision `{revision}`", "see `git branch --all` and `git tag`; `git fetch --tags` gets more"


def _git_dir(dot: Path) -> Path | None:
    if dot.is_file():
        dot = dot.parent / os.fsdecode(dot.read_bytes()[:4096]).partition("gitdir:")[2].strip()
    config = dot / "config"
    # The git directory of a worktree has no configuration of its own, and is never bare.
    bare = config.is_file() and re.search(rb"(?im)\bbare\s*=\s*(true|yes|on|1)\s*$", config.read_bytes())
    return dot.resolve() if (dot / "HEAD").is_file() and not bare else None


def _index_of_a_hook(repo: Repository) -> dict[str, str]:
    named = os.environ.get("GIT_INDEX_FILE", "")
    path = (repo.root / named).resolve()
    # Only next to the index: the index of a submodule or worktree lies deeper, that of another repository elsewhere.
    return {"GIT_INDEX_FILE": str(path)} if named and path.parent == repo.git_dir and path.is_file() else {}


def _environment(repo: Repository) -> dict[str, str]:
    return {**_SAFE, "GIT_DIR": str(repo.git_dir), "GIT_WORK_TREE": str(repo.root)}


def _git(repo: Repository, *argv: str, strict: bool = True, stdin: bytes = b"", env: _Env = None) -> bytes:
    known = {name: value for name, value in {**_environment(repo), **(env or {})}.items() if value}
    return tools.run(["git", *argv], ok=(0,) if strict else None, stdin=stdin, cwd=repo.root, env=known).stdout


def _text(repo: Repository, *argv: str, strict: bool = True, stdin: bytes = b"", env: _Env = None) -> str:
    return _git(repo, *argv, strict=strict, stdin=stdin, env=env).decode("utf-8", "surrogateescape")


@contextmanager
def _opened(repo: Repository) -> Iterator[Any]:
    """The repository by GitPython, which hands the whole of `os.environ` to git: for as long, that is the safe one."""
    with _ALONE:
        kept = dict(os.environ)
        _exchange(tools.environment(_environment(repo)))
        try:
            import git

            with git.Repo(repo.git_dir, expand_vars=False) as opened:
                yield opened
        except (git.GitError, git.ODBError, ValueError) as error:
            raise ToolError(f"the history in {repo.git_dir} cannot be read", "run `git fsck`") from error
        finally:
            _exchange(kept)


def _exchange(env: Mapping[str, str]) -> None:
    # Name by name: another thread that starts a process meanwhile must find PATH.
    for name in os.environ.keys() - env.keys():
        del os.environ[name]
    os.environ.update(env)
