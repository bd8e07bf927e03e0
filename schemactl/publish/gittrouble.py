"""What git said when it failed, in one line, without secrets, and what helps against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.publish.secrets import HIDDEN, hide, redacted

AGAIN = "run again: what is there stays"
_ACCESS = (
    "git has no credentials that are good for it: it looks into its credential helpers, the ssh agent and GIT_ASKPASS"
)
_NO_ACCESS = re.compile(
    r"could not read (Username|Password)|Authentication failed|Permission denied|terminal prompts disabled"
    r"|returned error: 40[13]|Invalid username|access denied|not authorized",
    re.IGNORECASE,
)
_NO_WAY = re.compile(
    r"could not resolve|unable to access|connect|timed out|unreachable|RPC failed|hung up|EOF", re.IGNORECASE
)
_CURES = {
    _NO_ACCESS: _ACCESS,
    re.compile(r"Host key verification failed"): "add the server's key to `~/.ssh/known_hosts`, and run again",
    re.compile(r"transport .* not allowed"): "name the repository by https, by ssh or by its path",
    re.compile(r"does not support --atomic"): "its server takes one ref at a time: name a repository on another one",
    re.compile(r"dubious ownership"): "let git trust it: `git config --global --add safe.directory PATH`",
    re.compile(r"repository .*not found|not appear to be a git repo|repository .*does not exist", re.IGNORECASE): (
        f"make the repository, or correct its address; some servers hide one from who has no access: {_ACCESS}"
    ),
    _NO_WAY: f"see whether it can be reached from here, and {AGAIN}",
    re.compile(r"hook declined|protected|prohibited|GH00\d", re.IGNORECASE): (
        f"the server refuses it: let its rules take this branch and these tags of you, and {AGAIN}"
    ),
    re.compile(r"No space left|unpacker error"): f"free some disk space, and {AGAIN}",
}
_NOISE = re.compile(
    r"fatal: Could not read from remote|Please make sure you have|and the repository exists|hint:|To \S|Done$"
    r"|error: failed to push some refs|warning:|Warning:|remote:\s*(error:)?\s*$|fatal: the remote end hung up"
)
_REFUSED = re.compile(r"^!\t\S+:(\S+)\t\[[^]]*\](?: \((.*)\))?$", re.MULTILINE)
_GENERAL = re.compile(r"atomic")  # the ref that was refused since another one was
_LOGIN = re.compile(r"://(?:[^/?#\s:@]*:(?=[^/?#\s]+@)|(?=[^/?#\s:@]{20,}@))([^/?#\s]+)@")  # a long name is a token
_HEADER = re.compile(
    r"http\.(?:.*\.)?extraheader\n[^:]*(?:auth|token|key|secret|cookie)[^:]*:.*?(\S{8,})\s*", re.I | re.S
)
# `name:password`, as a server may repeat it: what a credential helper gave is known to git alone. No port, no line.
_PAIR = re.compile(r"([^\s:'\"`]+):(?!//|\d{1,5}(?!\w))[^\s'\"`]{4,}")


def trouble(url: str, what: str, result: tools.Result, configuration: bytes) -> ToolError:
    """`what` was to be done with the remote; the configuration is that of `without_secrets`."""
    said = _said(result)
    cure = next((cure for cause, cure in _CURES.items() if cause.search(said)), AGAIN)
    return ToolError(f"git could not {what} {redacted(url)}: {without_secrets(said, configuration)}", cure)


def without_secrets(said: str, configuration: bytes) -> str:
    """What git or the remote said, which may be a login that only git knew.

    The configuration is what `git config --list -z` says there: the addresses in it may hold passwords.
    """
    for secret in _configured(configuration):
        hide(secret, unquote(secret))
    return _PAIR.sub(rf"\1:{HIDDEN}", redacted(said))


def _configured(listed: bytes) -> Iterator[str]:
    for setting in listed.decode("utf-8", "surrogateescape").split("\0"):
        yield from _LOGIN.findall(setting)
        if header := _HEADER.fullmatch(setting):
            yield header[1]


def says_nothing(said: str) -> bool:
    """Whether it is about the way to a repository, and not about what is there."""
    return bool(_NO_ACCESS.search(said) or _NO_WAY.search(said))


def _said(result: tools.Result) -> str:
    words = result.stderr.decode("utf-8", "backslashreplace").splitlines()
    lines = [" ".join(line.split()) for line in words if line.strip()]
    useful = [line for line in lines if not _NOISE.match(line)]
    refused = _refused(result.stdout.decode("utf-8", "backslashreplace"))
    if refused:
        told = next((line for line in useful if line.startswith("remote:")), "")
        return f"{refused}; {told}" if told else refused
    fatal = next((line for line in useful if line.startswith(("fatal:", "error:"))), "")
    if fatal or useful:
        return fatal or useful[-1]
    return lines[-1] if lines else f"it does not say why (exit {result.code})"


def _refused(porcelain: str) -> str:
    found = [(name.split("/", 2)[-1], why or "refused") for name, why in _REFUSED.findall(porcelain)]
    first = next((each for each in found if not _GENERAL.search(each[1])), next(iter(found), None))
    return f"`{first[0]}` was refused: {first[1]}" if first else ""
