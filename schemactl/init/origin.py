"""Where others can get the schemactl that runs here: what CI and hooks are to install, if anybody can know it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from schemactl import git
from schemactl.errors import ToolError, UsageError
from schemactl.git.command import text

_HOME = Path(__file__).resolve().parents[2]
_ACTION = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)@([A-Za-z0-9][A-Za-z0-9._/-]*)")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_SCP = re.compile(r"(?:[^@/:]+@)?([^@/:]+):(?!//)(.+)")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True)
class Origin:
    """`action` is `OWNER/REPO@REF`, `repository` an address for git, `requirement` what pip takes; all of them are
    empty where nobody can know. `said` goes behind `CI and hooks install …`, or says why it is not known.

    A name alone would not do: whoever has it on a package index decides what it installs.
    """

    said: str
    requirement: str = ""
    action: str | None = None
    repository: str | None = None
    revision: str = ""
    label: str = ""  # what the revision is called, where that is more telling


def found(action: str | None) -> Origin:
    """By `--action`, else as this installation says of itself (PEP 610), else by the checkout that runs."""
    return _given(action) if action else of(_direct())


def _direct() -> Mapping[str, Any] | None:
    """Read from beside the code that runs: elsewhere on the search path may be what is checked. None: not installed."""
    from importlib.metadata import Distribution

    for each in Distribution.discover(name="schemactl", path=[str(_HOME)]):
        text = each.read_text("direct_url.json")
        loaded: Mapping[str, Any] = json.loads(text) if text else {}
        return loaded
    return None


def of(direct: Mapping[str, Any] | None) -> Origin:
    """`direct` is the content of direct_url.json, None of what runs from its checkout."""
    if direct is None:
        return _of_checkout(_HOME)
    url = str(direct.get("url", ""))
    if "dir_info" in direct and url.startswith("file:///"):
        return _of_checkout(Path(unquote(urlsplit(url).path)))
    vcs = direct.get("vcs_info", {})
    commit = str(vcs.get("commit_id", ""))
    if (address := _address(url)) and _COMMIT.fullmatch(commit):
        asked = str(vcs.get("requested_revision", ""))
        return _of_git(address, commit, asked, "where this one was installed from")
    return Origin("it was installed from a file or a package index, which does not say where its repository is")


def _of_checkout(directory: Path) -> Origin:
    """By the remote of a checkout, if that is known to have its commit."""
    repository = git.discover(directory)
    if repository is None or repository.root != directory.resolve():
        return Origin("it was installed from a directory that is not a checkout")
    try:
        commit = git.head(repository) or ""
        address = _address(text(repository, "remote", "get-url", "--", "origin", strict=False).strip())
        merged = ("for-each-ref", "--count=1", "--contains", commit, "refs/remotes/origin/")
        is_there = bool(address and commit and text(repository, *merged, strict=False))
    except ToolError:
        address, is_there = "", False
    if not address:
        return Origin("it runs from a checkout without a remote `origin` that others could reach")
    if not is_there:
        return Origin(
            f"it runs from a checkout whose commit `{commit[:12] or 'none'}` is not on a branch of its remote"
        )
    return _of_git(address, commit, "", "as the checkout says that this one is from")


def _given(action: str) -> Origin:
    match = _ACTION.fullmatch(action)
    if match is None or ".." in action:
        raise UsageError(
            f"--action: `{action}` should be like `acme/schemactl@v1.2.0`", "name owner, repository and a commit or tag"
        )
    moves = "" if _COMMIT.fullmatch(match[2]) else "; a tag can be moved, a commit cannot"
    return _on_github(match[1], match[2], "", f"`{action}`, as --action says{moves}")


def _of_git(address: str, commit: str, asked: str, why: str) -> Origin:
    label = asked if _LABEL.fullmatch(asked) and asked != commit else ""
    host, _, path = address.removeprefix("https://").partition("/")
    said = f"`{host}/{path}` at {label or commit[:12]}, {why}"
    if host == "github.com" and path.count("/") == 1:
        return _on_github(path, commit, label, said)
    return Origin(said, f"schemactl @ git+{address}@{commit}", None, address, commit, label)


def _on_github(name: str, revision: str, label: str, said: str) -> Origin:
    address = f"https://github.com/{name}"
    return Origin(said, f"schemactl @ git+{address}@{revision}", f"{name}@{revision}", address, revision, label)


def _address(url: str) -> str:
    """The address without credentials, as everybody may read it; nothing for what is not a host's."""
    if "://" not in url and (short := _SCP.fullmatch(url)):
        url = f"ssh://{short[1]}/{short[2].lstrip('/')}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host, path = parts.netloc.rpartition("@")[2], parts.path.removesuffix("/").removesuffix(".git")
    known = parts.scheme in ("https", "http", "ssh") and _HOST.fullmatch(host) and _PATH.fullmatch(path)
    if not known or ".." in path:
        return ""
    return f"https://{host if parts.scheme != 'ssh' else host.partition(':')[0]}{path}"
