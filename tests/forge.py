"""A forge on this machine: a bare repository that is pushed to, pull requests in it, and the runners that it starts."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repositories import Repo, init
from workflow_actions import RUN, Place
from workflows import ROOT, Runner

_NUMBERS = itertools.count(1)
_Files = Mapping[str, str | None]


@dataclass(frozen=True)
class Forge:
    """`server` is the address below which the repository `acme/protos` is; `author` a clone to commit in."""

    root: Path
    author: Repo
    server: str

    @property
    def bare(self) -> Path:
        return self.root / "server" / "acme" / "protos"

    def place(self, event_name: str, ref: str, sha: str, event: Mapping[str, Any], **more: str) -> Place:
        """A machine for one job."""
        root = self.root / f"runner {next(_NUMBERS)}"
        for name in ("work", "_temp"):
            (root / name).mkdir(parents=True)
        whole = {"repository": {"full_name": "acme/protos", "default_branch": "main"}, **event}
        return Place(root, self.root / "kept", self.server, event_name, ref, sha, whole, **more)

    def pull_request(self, change: _Files, *, branch: str = "feature", owner: str = "acme", number: int = 1) -> Place:
        """One change on a branch, merged with its base as the forge does."""
        author = self.author
        author.git("checkout", "--quiet", "-B", branch, "main")
        head = author.commit(change)
        author.git("checkout", "--quiet", "--detach", "main")
        author.git("merge", "--quiet", "--no-ff", "--no-edit", head)
        merge = author.git("rev-parse", "HEAD")
        author.git(
            "push",
            "--quiet",
            "--force",
            "origin",
            f"{merge}:refs/pull/{number}/merge",
            f"{head}:refs/pull/{number}/head",
        )
        author.git("checkout", "--quiet", "main")
        told = {"number": number, "pull_request": {"head": {"sha": head, "repo": {"full_name": f"{owner}/protos"}}}}
        return self.place("pull_request", f"refs/pull/{number}/merge", merge, told, base_ref="main", head_ref=branch)

    def push(self, *changes: _Files, branch: str = "main") -> Place:
        """Commits on a branch, pushed at once."""
        author = self.author
        author.git("checkout", "--quiet", branch)
        before = author.git("rev-parse", "HEAD")
        for change in changes:
            author.commit(change)
        author.git("push", "--quiet", "origin", branch)
        told = {"before": before, "after": author.git("rev-parse", "HEAD")}
        return self.place("push", f"refs/heads/{branch}", told["after"], told)


def forge(root: Path, *commits: _Files) -> Forge:
    return of(init(root / "author", *commits))


def of(author: Repo) -> Forge:
    """A forge beside the clone, with its branch `main`."""
    bare = author.root.parent / "server" / "acme" / "protos"
    bare.mkdir(parents=True)
    Repo(bare).git("init", "--quiet", "--bare")
    author.git("remote", "add", "origin", bare.as_uri())
    author.git("push", "--quiet", "origin", "main")
    return Forge(author.root.parent, author, bare.parents[1].as_uri())


def runner(
    place: Place, *, source: Path = ROOT, home: str = "schemactl", python: str = sys.executable, **more: Any
) -> Runner:
    """A machine on which `source` is installed already, where the action wants it, as the schemactl of these tests.

    To install it takes a quarter of a minute, and a test of its own. `python` is the one that is asked to do it.
    """
    (place.temp / home).mkdir(exist_ok=True)
    (place.temp / home / "tool").symlink_to(sys.prefix)
    (place.temp / home / "tool.ready").write_text(f"{source} {python} {RUN}\n")
    return Runner(place, mine={"acme/schemactl": ROOT}, **more)
