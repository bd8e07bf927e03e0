"""Where the Go modules of a build stand in a repository: the directory of each, and the tag of its version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import commonpath
from urllib.parse import urlsplit

from schemactl import gopath
from schemactl.errors import UsageError
from schemactl.publish.dist import File
from schemactl.target import Target

_SCP = re.compile(r"[\w.-]+@([\w.-]+):/*([^/].*)")
# Where the go command knows the repository by the path of a module, and need not ask the host.
_KNOWN = re.compile(r"((?:github\.com|bitbucket\.org)/[\w.-]+/[\w.-]+|[^/]+/.+?\.git)(?:/|\Z)", re.ASCII)
# What git does not take in the name of a branch or a tag, as `git check-ref-format` has it.
_UNFIT = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)[.]|^[-/]|(\.lock|\.)(/|$)|/$")


@dataclass(frozen=True)
class Place:
    """`directory` is empty for the module of the repository's top."""

    file: File
    directory: str

    @property
    def version(self) -> str:
        return self.file.version

    @property
    def name(self) -> str:
        """As the go command is asked for it."""
        return f"{self.file.module}@{self.version}"

    @property
    def tag(self) -> str:
        return f"{self.directory}/{self.version}" if self.directory else self.version

    @property
    def directory_of_major(self) -> str:
        """Where Go looks for a `/v2`, too; empty where it does not."""
        major = gopath.ending(self.file.module)
        return f"{self.directory}/v{major}".removeprefix("/") if major else ""


def places(files: Sequence[File], target: Target) -> list[Place]:
    """`files` are the modules' zips; UsageError where the repository cannot be the home of one of them."""
    if not files:
        return []
    root = root_of(files, target)
    found = [Place(each, _directory(each.module, root) or "") for each in files]
    _require_apart(found, target)
    for ref in (target.branch, *(each.tag for each in found)):
        if _UNFIT.search(ref):
            raise UsageError(
                f"git cannot have a branch or a tag `{ref}`", "give the branch, or the module, another name"
            )
    return found


def root_of(files: Sequence[File], target: Target) -> str:
    """The import path of the repository's top."""
    modules = [each.module for each in files]
    known = (target.root,) if target.root else derived(target.place)
    own = {_own_root(each) for each in modules}
    for each in known:
        if all(_directory(module, each) is not None for module in modules):
            _require_found(modules, each)
            return each
    # At another host a module's path may lead here: by a page there, or since this is a copy.
    elsewhere = not any(each.split("/")[0] == modules[0].split("/")[0] for each in known)
    if len(own) == 1 and not target.root and elsewhere:
        return own.pop()
    raise _nowhere(modules, known, target)


def _own_root(module: str) -> str:
    """What the path alone says: the repository's where it names one, else the module is all that the repository has."""
    found = _KNOWN.match(module)
    return found[1] if found else _without_major(module)


def _require_found(modules: Sequence[str], root: str) -> None:
    for module in modules:
        if (found := _KNOWN.match(module)) and found[1] != root:
            raise UsageError(
                f"Go looks for the module `{module}` in the repository `{found[1]}`, so `{root}` is not its top",
                f"say `root: {found[1]}`, or give the module another path",
            )


def derived(url: str) -> tuple[str, ...]:
    """The import paths that a repository's top can have by its URL; none for a directory."""
    if found := _SCP.fullmatch(url):
        host, path = found[1], found[2]
    else:
        split = urlsplit(url)
        host, path = (split.hostname or "", split.path) if split.scheme in ("https", "http", "ssh") else ("", "")
    path = path.strip("/")
    return tuple(dict.fromkeys(f"{host}/{each}" for each in (path.removesuffix(".git"), path) if host and each))


def _directory(module: str, root: str) -> str | None:
    """None where the module is not below the root; major versions share a directory."""
    for path in (module, _without_major(module)):
        if path == root:
            return ""
    path = _without_major(module)
    return path.removeprefix(f"{root}/") if path.startswith(f"{root}/") else None


def _without_major(module: str) -> str:
    return module.removesuffix(f"/v{major}") if (major := gopath.ending(module)) else module


def _nowhere(modules: Sequence[str], known: Sequence[str], target: Target) -> UsageError:
    stray = next((each for each in modules if not any(_directory(each, one) is not None for one in known)), modules[0])
    top = f"is `{known[0]}`" if known else "has no import path of its own"
    root = commonpath(map(_without_major, modules)) or "github.com/acme/protos-go"
    return UsageError(
        f"the Go module `{stray}` has no place in {target}, whose top {top}",
        f"name another repository, or the path of its top: `publish: [{{to: {target}, root: {root}}}]`",
    )


def _require_apart(found: Sequence[Place], target: Target) -> None:
    seen: dict[str, Place] = {}
    for each in found:
        if (other := seen.setdefault(each.directory, each)) is not each:
            raise UsageError(
                f"the Go modules `{other.file.module}` and `{each.file.module}` would share a directory in {target}",
                "release them one after the other, or rename one of them",
            )
