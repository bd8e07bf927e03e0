"""What else there is around the schemas: where the repository is hosted, its CI, its hooks, its releases."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemactl import git
from schemactl.errors import ToolError
from schemactl.git.command import PLAIN, text
from schemactl.git.worktree import Files
from schemactl.init import uses
from schemactl.releasetags import alike

Ci = Literal["github", "gitlab", "none"]

WORKFLOW, INCLUDED, PIPELINE = ".github/workflows/schemactl.yml", ".gitlab/schemactl.yml", ".gitlab-ci.yml"
WORKFLOWS = ".github/workflows/"
PRE_COMMIT = ".pre-commit-config.yaml"
_LEFTHOOK = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml")
_HUSKY = ".husky"
_OTHERS = (
    "Jenkinsfile", ".circleci/config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml",
    ".drone.yml", ".woodpecker.yml", ".buildkite/pipeline.yml",
)  # fmt: skip
_TOOL = b"schemactl"
_LARGEST = 1 << 20
_WORKFLOWS = 200  # that are looked into
_URL = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+)(?::[0-9]+(?=/))?[:/]+(?P<path>[^:]+)")


@dataclass(frozen=True)
class Remote:
    """Where the repository is hosted; its address may hold credentials, and is kept nowhere."""

    host: str
    owner: str


@dataclass(frozen=True)
class Hooks:
    """A file or directory that a manager of hooks reads, and whether it runs schemactl for the schemas at hand."""

    manager: Literal["pre-commit", "lefthook", "husky"]
    path: str
    used: bool


@dataclass(frozen=True)
class Surroundings:
    """`ci` is None where nothing tells; `used_in` is a file of the CI that runs schemactl for them, `other` one of
    a platform that nothing is written for.
    """

    remote: Remote | None = None
    branch: str = ""
    ci: Ci | None = None
    because: str = ""
    used_in: str | None = None
    hooks: tuple[Hooks, ...] = ()
    releases: int = 0
    latest: str = ""
    other: str = ""


def around(top: Path, repository: git.Repository | None, directory: str) -> Surroundings:
    """Of schemas that are configured at `directory`."""
    if repository is None:
        return Surroundings()
    files = Files(top)
    remote = _remote(repository)
    ci, because = _ci(top, remote)
    releases, latest = _releases(repository)
    return Surroundings(
        remote, _branch(repository), ci, because, next(_using(top, files, directory), None),
        tuple(_hooks(top, files, directory)), releases, latest,
        next((path for path in _OTHERS if (top / path).is_file()), ""),
    )  # fmt: skip


def _remote(repository: git.Repository) -> Remote | None:
    try:
        name = git.remote(repository)
    except ToolError:
        return None
    url = text(repository, "remote", "get-url", "--", name, strict=False).strip() if name else ""
    return read(url)


def read(url: str) -> Remote | None:
    """Of an address for git; None of a path on this machine."""
    match = _URL.fullmatch(url)
    if match is None or url.startswith((".", "/", "file:")) or "." not in match["host"]:
        return None
    owner, slash, _ = match["path"].strip("/").partition("/")
    return Remote(match["host"].lower(), owner if slash else "")


def _branch(repository: git.Repository) -> str:
    """The default branch: the remote's, else the one that is checked out; nothing where it cannot stand in a file."""
    try:
        found = (git.remote_default(repository) or "").partition("/")[2]
    except ToolError:
        found = ""
    found = found or text(repository, "symbolic-ref", "--short", "--quiet", "HEAD", strict=False).strip()
    return found if PLAIN.fullmatch(found) else ""


def _ci(top: Path, remote: Remote | None) -> tuple[Ci | None, str]:
    """What is in use wins over where it is hosted: a mirror is hosted elsewhere."""
    used: dict[Ci, str] = {"gitlab": PIPELINE, "github": ".github/workflows"}
    there: list[Ci] = [name for name, path in used.items() if (top / path).exists()]
    host = remote.host if remote else ""
    hosted: Ci | None = "github" if host == "github.com" else "gitlab" if "gitlab" in host else None
    if not there and any((top / path).is_file() for path in _OTHERS):
        return None, ""
    if hosted and (hosted in there or not there):
        return hosted, f"the remote is on {host}"
    if there:
        return there[0], f"there is `{used[there[0]]}`"
    return ("github", "there is `.github`") if (top / ".github").is_dir() else (None, host)


def _using(top: Path, files: Files, directory: str) -> Iterator[str]:
    """Files of the CI that check the directory; links are not followed."""
    pipeline = _content(files, PIPELINE)
    parts = [pipeline, *(_content(files, path) for path in uses.included(pipeline)[:_WORKFLOWS])]
    if any(_checks(text, directory) for text in parts):
        yield PIPELINE
    for path in (INCLUDED, *_below(top, files, ".github/workflows")):
        if _checks(_content(files, path), directory):
            yield path


def _checks(text: bytes, directory: str) -> bool:
    found = uses.in_yaml(text) if _TOOL in text else ()
    return directory in found or uses.ANY in found


def _below(top: Path, files: Files, directory: str) -> list[str]:
    if files.barrier(f"{directory}/x") is not None or not (top / directory).is_dir():
        return []
    with os.scandir(top / directory) as entries:
        names = sorted(each.name for each in entries if each.is_file(follow_symlinks=False))
    return [f"{directory}/{name}" for name in names[:_WORKFLOWS]]


def lines_of(top: Path, path: str) -> list[str]:
    return _content(Files(top), path).decode("utf-8", "replace").splitlines()


def _content(files: Files, path: str) -> bytes:
    """Nothing of what is no file of a sensible size."""
    if files.barrier(path) is not None or files.status(path) is None:
        return b""
    try:
        found = files.read(path, _LARGEST)
    except (ToolError, OSError):
        return b""
    return found if isinstance(found, bytes) else b""


def _hooks(top: Path, files: Files, directory: str) -> Iterator[Hooks]:
    if os.path.lexists(top / PRE_COMMIT):
        yield Hooks("pre-commit", PRE_COMMIT, _checks(_content(files, PRE_COMMIT), directory))
    for path in _LEFTHOOK:
        if os.path.lexists(top / path):
            yield Hooks("lefthook", path, _checks(_content(files, path), directory))
    if (top / _HUSKY).is_dir():
        path = f"{_HUSKY}/pre-commit"
        found = uses.in_script(_content(files, path).decode("utf-8", "replace"))
        yield Hooks("husky", path, bool(found & {directory, uses.ANY}))


def _releases(repository: git.Repository) -> tuple[int, str]:
    """How many tags of HEAD look like versions, and the highest one."""
    head = git.head(repository)
    found = {name: read.version for name, _ in git.tags(repository, head) if (read := alike(name))} if head else {}
    return len(found), max(found, key=lambda name: found[name].key, default="")
