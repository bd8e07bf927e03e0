"""Why a remote did not give what was asked for, in words without credentials, and what helps."""

from __future__ import annotations

import re
from typing import NamedTuple

from schemactl.errors import ToolError
from schemactl.git.asking import Absent
from schemactl.git.command import PLAIN, Repository
from schemactl.tools import Result

_AGAIN = "run again"
_ACCESS = "give git credentials for it: a credential helper, an ssh key, in GitHub Actions `persist-credentials: true`"
_GONE = re.compile(r"not our ref|couldn't find remote ref|unadvertised object")


class _Cause(NamedTuple):
    said: str
    means: str
    cure: str


# In this order: what a remote says of access is often followed by what git says of the connection.
_CAUSES = (
    _Cause(
        "dubious ownership",
        "the clone belongs to another user",
        "let git trust it: `git config --global --add safe.directory {root}`",
    ),
    _Cause(
        r"could not read (Username|Password)|Authentication failed|Permission denied \(|prompts disabled|error: 40[13]"
        r"|access denied|not authorized|HTTP Basic",
        "it wants credentials that git does not have",
        _ACCESS,
    ),
    _Cause(
        "Host key verification failed",
        "its host key is not known",
        "add the server's key to `~/.ssh/known_hosts`",
    ),
    _Cause(
        "transport .* not allowed",
        "its address is not one of https, http, ssh or file",
        "give it another one: `git remote set-url`",
    ),
    _Cause(
        "not found|not appear to be a git repo|does not exist",
        "there is no repository at its address, or not for these credentials",
        f"correct the address by `git remote set-url`, or {_ACCESS}",
    ),
    _Cause(
        "clobber existing tag|exists; cannot create",
        "a branch or tag of this clone is in the way of one with its name",
        "see `git fetch --tags`: it says which",
    ),
    _Cause(
        "error in object: (un)?shallow",
        "git cannot deepen this clone: its end is a commit that is not here, as `--shallow-since` may leave it",
        "clone it anew, whole or with `--depth`",
    ),
    _Cause(r"\.lock': File exists|shallow file has changed", "another git is at work in this clone", _AGAIN),
    _Cause(
        "No space left|Read-only file system|insufficient permission|cannot (open|create|lock)"
        "|unable to (write|create)|Permission denied$",
        "git cannot write to this clone",
        "free some disk space, and let the user that runs this write to its `.git`",
    ),
    _Cause(
        "could not resolve|unable to access|connect|timed out|unreachable|RPC failed|hung up|EOF",
        "it cannot be reached",
        f"see whether `git ls-remote` works here, and {_AGAIN}",
    ),
)
_NOISE = re.compile(r"(?i)warning:|hint:|remote:|fatal: Could not read from remote|fatal: the remote end hung|\s*$")
_LONGEST = 200


def refused(repo: Repository, remote: str, what: str, result: Result) -> ToolError:
    said = result.stderr.decode("utf-8", "backslashreplace")
    failed = f"`{remote}` does not give {what}"
    if _GONE.search(said):
        hint = "name what to compare with: `--against REV`"
        return Absent(f"{failed}: it does not have it, or no longer has it", hint)
    for cause in _CAUSES:
        if re.search(cause.said, said, re.IGNORECASE | re.MULTILINE):
            root = str(repo.root) if PLAIN.fullmatch(str(repo.root)) else "PATH"
            return ToolError(f"{failed}: {cause.means}", cause.cure.format(root=root))
    return ToolError(f"{failed}: {_first(said) or f'git ends with {result.code}'}", _AGAIN)


def _first(said: str) -> str:
    """The first line that is about the matter; addresses may hold passwords."""
    line = next((line for line in said.splitlines() if not _NOISE.match(line)), "")
    bare = re.sub(r"^(?:(?:fatal|error):\s*)+", "", line)
    return re.sub(r"\S*(?:://|@)\S*", "…", bare)[:_LONGEST]
