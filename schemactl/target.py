"""Targets: where a release is published, as it is written in schemactl.yaml and behind `--to`."""

from __future__ import annotations

import re
from typing import Literal, get_args
from urllib.parse import urlsplit

from msgspec import Struct

from schemactl.errors import UsageError

Kind = Literal["dir", "index", "git"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_SCP = re.compile(r"[\w.-]+@[\w.-]+:[\w./~-]+", re.ASCII)  # git@github.com:acme/events-go.git
_SSH = re.compile(r"ssh://[\w.-]+@[^@]*", re.ASCII)
HOW = "write it like dir:../packages, index:https://pypi.acme.example/legacy/ or git:https://github.com/acme/events-go"


class Target(Struct, frozen=True):
    """`place` is a directory, or the URL that is uploaded or pushed to.

    `simple` is the URL at which consumers find what an index has, `root` the import path of a Go repository's top;
    where they are empty, they follow from `place`.
    """

    kind: Kind
    place: str
    simple: str = ""
    root: str = ""
    branch: str = "main"

    def __str__(self) -> str:
        return f"{self.kind}:{self.place}"


def parsed(text: str) -> Target:
    if wrong := mistake(text):
        raise UsageError(f"--to: {wrong}", HOW)
    kind, _, place = text.partition(":")
    return next(Target(each, place) for each in KINDS if each == kind)


def mistake(text: str) -> str:
    """What is wrong with it; what may hold a password is not repeated."""
    kind, _, place = text.partition(":")
    if kind not in KINDS or not place or not place.isprintable() or place.startswith("-"):
        return "the target may hold a password, and is not shown" if "@" in text else f"`{text}` is not a target"
    if kind == "dir":
        return ""
    return url_mistake(place, git=kind == "git")


def url_mistake(url: str, *, git: bool = False) -> str:
    """Of an address that credentials go to: it is encrypted, or on this machine, and holds none itself."""
    if not url.isprintable() or " " in url:
        return "an address has no blanks or control characters"
    if git and (_SCP.fullmatch(url) or url.startswith("/")):
        return ""
    if "@" in url and not (git and (_SSH.fullmatch(url) or url.startswith("file:///"))):
        # Where a login ends is a matter of opinion once a password has a `/`, a `#` or a `?`.
        return "an address with an `@` may hold a password: credentials belong in the environment"
    try:
        found = urlsplit(url)
        host, _ = found.hostname or "", found.port
    except ValueError:
        return "an address should be a URL, and its port a number up to 65535"
    if git and found.scheme in ("file", "ssh"):
        return ""
    if found.scheme not in ("https", "http") or not host:
        return f"`{url}` should be an https:// address"
    if found.scheme == "http" and host not in _LOOPBACK:
        return f"`{url}` should be https:// since credentials go there"
    return f"`{url}` should have no query and no fragment" if found.query or found.fragment else ""
