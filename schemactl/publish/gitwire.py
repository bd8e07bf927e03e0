"""Talks to a git remote with its user's credentials, from a repository of its own that nobody else sees."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.git.talking import talking_environment, timeout
from schemactl.publish.gittrouble import trouble

BRANCH, TAG = "refs/heads/", "refs/tags/"
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
# Of the user's configuration, only what leads to the remote counts.
_SETTINGS = {
    "core.attributesFile": os.devnull,
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "push.followTags": "false",
    "color.ui": "false",
}
_FETCH = ("--quiet", "--depth=1", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head")
_PUSH = ("--porcelain", "--atomic", "--no-signed", "--no-follow-tags", "--no-recurse-submodules")


@dataclass(frozen=True)
class Wire:
    """`directory` is ours alone."""

    url: str
    directory: Path

    @property
    def repository(self) -> Path:
        return self.directory / "git"


@contextmanager
def opened(url: str) -> Iterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="schemactl-", ignore_cleanup_errors=True) as directory:
        yield Wire(url, Path(directory).resolve())


def environment(url: str, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Of git; further `settings` count more than any other."""
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    allowed = "https:ssh:file" + (":http" if scheme == "http" and host in _LOOPBACK else "")
    known = talking_environment({**_SETTINGS, **(settings or {})}, forge=scheme == "https")
    return {**known, "GIT_ALLOW_PROTOCOL": allowed, "GIT_ATTR_NOSYSTEM": "1"}


def configuration(url: str) -> bytes:
    """The settings that lead to the remote: its user's, and of no repository."""
    env = {**environment(url), "GIT_DIR": os.devnull}
    return tools.run(("git", "config", "--list", "-z"), ok=None, env=env).stdout


def refs(wire: Wire, branch: str) -> dict[str, str]:
    """What the remote has now: the branch and all tags, each with the commit that it names."""
    said = _remote(wire, "reach", "ls-remote", "--quiet", "--", wire.url, BRANCH + branch, f"{TAG}*")
    rows = [line.split("\t", 1) for line in said.decode("utf-8", "surrogateescape").split("\n") if "\t" in line]
    found = {name: commit for commit, name in rows}
    peeled = {name.removesuffix("^{}"): commit for name, commit in found.items() if name.endswith("^{}")}
    known = {name: peeled.get(name, commit) for name, commit in found.items() if not name.endswith("^{}")}
    return {name: commit for name, commit in known.items() if name == BRANCH + branch or name.startswith(TAG)}


def fetch(wire: Wire, names: Sequence[str]) -> dict[str, str]:
    """The commits of these refs, which are here now, with all that is in them; as they are by now."""
    if not names:
        return {}
    wanted = [f"+{name}:{_here(name)}" for name in names]
    _remote(wire, "read", "fetch", *_FETCH, "--", wire.url, *wanted)
    asked = "".join(f"{_here(name)}^{{commit}}\n" for name in names).encode()
    lines = local(wire, "cat-file", "--batch-check=%(objectname)", stdin=asked).decode().splitlines()
    if stray := next((name for name, line in zip(names, lines, strict=True) if " " in line), None):
        raise ToolError(f"`{stray}` in the repository is not a commit", "remove it, or name another repository")
    return dict(zip(names, lines, strict=True))


def push(wire: Wire, commit: str, names: Sequence[str]) -> ToolError | None:
    """All of these refs, or none; nothing is ever forced. What came in between is returned."""
    argv = ("push", *_PUSH, "--", wire.url, *(f"{commit}:{name}" for name in names))
    result = _run(wire, argv, {"GIT_DIR": str(wire.repository)})
    return trouble(wire.url, "push to", result, configuration(wire.url)) if result.code else None


def start(wire: Wire, example: str) -> None:
    """The repository of ours; an object id of the remote tells what kind it has to be."""
    kind = "sha256" if len(example) == 64 else "sha1"
    argv = ("init", "--quiet", "--bare", "--template=", "--initial-branch=none", f"--object-format={kind}")
    _run(wire, (*argv, str(wire.repository)), {}, strict=True)


def local(wire: Wire, *argv: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> bytes:
    """What git says that needs no remote."""
    env = {"GIT_DIR": str(wire.repository), "GIT_ALLOW_PROTOCOL": "none", **(extra or {})}
    return _run(wire, argv, env, stdin=stdin, strict=True).stdout


def blobs(wire: Wire, oids: Sequence[str]) -> Iterator[bytes]:
    """The contents of files, or commits, in their order."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    said, at = local(wire, "cat-file", "--batch", "--buffer", stdin=asked), 0
    for _ in oids:
        end = said.index(b"\n", at)
        start, size = end + 1, int(said[at:end].split()[2])
        at = start + size + 1
        yield said[start : start + size]


def _here(name: str) -> str:
    return f"refs/there/{name.removeprefix('refs/')}"


def _remote(wire: Wire, what: str, *argv: str) -> bytes:
    env = {"GIT_DIR": str(wire.repository)} if wire.repository.is_dir() else {}
    result = _run(wire, argv, env)
    if result.code:
        raise trouble(wire.url, what, result, configuration(wire.url))
    return result.stdout


def _run(
    wire: Wire, argv: Sequence[str], extra: Mapping[str, str], *, stdin: bytes = b"", strict: bool = False
) -> tools.Result:
    env = {**environment(wire.url), "GIT_CEILING_DIRECTORIES": str(wire.directory.parent), **extra}
    whole = ("git", *argv)
    try:
        result = tools.run(whole, ok=None, stdin=stdin, cwd=wire.directory, env=env, timeout=timeout(argv[0]))
    except tools.Timeout as error:
        what = f"{wire.url} does not answer: {error.message}"
        raise tools.Timeout(what, "see whether it can be reached, and run again") from None
    if strict and result.code:
        raise trouble(wire.url, f"`git {argv[0]}` for", result, configuration(wire.url))
    return result
