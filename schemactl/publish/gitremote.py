"""The remotes of the user's own clone, each address by itself: which tags are there, and pushing some."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from schemactl.errors import ToolError
from schemactl.git import Repository
from schemactl.git.talking import talk
from schemactl.publish.gittrouble import without_secrets
from schemactl.publish.secrets import redacted
from schemactl.tools import Result, Timeout

_LISTED = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\trefs/tags/(.+?)(\^\{\})?")
_NOISE = re.compile(r"(?i)warning:|hint:|error: failed to push some refs|(?:remote:)?\s*$")
_LONGEST = 300  # of what git says
_REACH = "see whether `git ls-remote` works here, and run again"
_WAY = frozenset(("proxy", "proxyauthmethod", "receivepack", "serveroption", "uploadpack", "vcs"))


@dataclass(frozen=True)
class Remote:
    """One address: git knows it by `name`, with the `settings`; `told` is what its user calls it."""

    repo: Repository
    name: str
    told: str
    settings: Mapping[str, str] = field(default_factory=dict)
    takes: bool = True  # whether tags are pushed there

    def tags(self, hint: str = _REACH) -> dict[str, str]:
        """The commit of each tag there."""
        result = self.asked(hint, "ls-remote", "--tags", "--", self.name)
        if result.code:
            raise ToolError(f"{self.told} does not say which tags it has: {said(self.repo, result)}", hint)
        lines = result.stdout.decode("utf-8", "surrogateescape").split("\n")
        found = [match.groups() for line in lines if (match := _LISTED.fullmatch(line))]
        tags = {name: oid for oid, name, peeled in found if not peeled}
        return tags | {name: oid for oid, name, peeled in found if peeled}

    def push(self, names: Collection[str], hint: str) -> Result:
        """Of exactly these, and over none: what the user's configuration pushes along is not meant here."""
        only = ("push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
        refs = ("--", self.name, *(f"refs/tags/{name}:refs/tags/{name}" for name in names))
        if len(names) > 1:
            result = self.asked(hint, *only, "--atomic", *refs)
            if b"not support --atomic" not in result.stderr:
                return result
        return self.asked(hint, *only, *refs)

    def asked(self, hint: str, *argv: str) -> Result:
        try:
            return talk(self.repo, *argv, settings=self.settings)
        except Timeout as error:
            raise ToolError(f"{self.told} does not answer: {error.message}", hint) from error


def remotes(repo: Repository, name: str) -> list[Remote]:
    """That which tags are fetched from, first, and all that they are pushed to: mostly it is one."""
    own = Remote(repo, name, f"`{name}`")
    _require_trusted(own)
    fetched, pushed = _addresses(own)[:1], _addresses(own, "--push")
    if not fetched or pushed == fetched:
        return [own]
    pushed.sort(key=lambda url: [url] != fetched)
    extra = _settings(own)
    found = [_at(own, url, number, extra) for number, url in enumerate(dict.fromkeys(pushed))]
    return found if pushed[:1] == fetched else [replace(own, takes=False), *found]


def _addresses(own: Remote, *which: str) -> list[str]:
    """As git uses them, with the user's rules applied."""
    result = own.asked(_REACH, "remote", "get-url", "--all", *which, "--", own.name)
    return result.stdout.decode("utf-8", "surrogateescape").splitlines()


def _at(own: Remote, url: str, number: int, extra: Mapping[str, str]) -> Remote:
    """By settings, not by argument: an address may hold a password."""
    name = f"schemactl-push-{number}"
    way = {f"remote.{name}.{key}": value for key, value in {**extra, "url": url, "pushurl": url}.items()}
    told = f"{own.told} at {redacted(url)}"
    # The rules are applied already: the longest one counts, which is this one.
    return Remote(own.repo, name, told, {**way, f"url.{url}.insteadOf": url})


def _settings(own: Remote) -> dict[str, str]:
    """How the remote is reached, be it a proxy or a program there."""
    top, found = f"remote.{own.name}.", {}
    for setting in configuration(own.repo).decode("utf-8", "surrogateescape").split("\0"):
        key, _, value = setting.partition("\n")
        if key.startswith(top) and key.removeprefix(top) in _WAY:
            found[key.removeprefix(top)] = value
    return found


def _require_trusted(own: Remote) -> None:
    """Git itself works in no clone of somebody else: its configuration names programs that would run."""
    result = own.asked(_REACH, "rev-parse", "--git-dir")
    if result.code:
        raise ToolError(
            f"git does not work in {own.repo.root}: {said(own.repo, result)}",
            "run it as the owner of that clone, or add the directory to git's `safe.directory`",
        )


def configuration(repo: Repository) -> bytes:
    return talk(repo, "config", "--list", "-z").stdout


def said(repo: Repository, result: Result) -> str:
    """The first that git, ssh or the remote says of the matter, in a line without secrets."""
    words, table = (text.decode("utf-8", "backslashreplace").splitlines() for text in (result.stderr, result.stdout))
    refused = [line.rpartition("\t")[2] for line in table if line.startswith("!")]
    told = next((line for line in (*words, *refused) if not _NOISE.match(line)), f"exit code {result.code}")
    bare = re.sub(r"(?:(?:fatal|error|remote):\s*)*", "", told, count=1).strip()
    return without_secrets(bare, configuration(repo))[:_LONGEST]
