"""Talks to a remote about one thing that the clone lacks, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from schemactl.errors import ToolError
from schemactl.git.command import Repository, text
from schemactl.tools import Result, Timeout

# What a user's configuration adds to a fetch is not meant here: other refs, tags, submodules, pruning, housekeeping.
_FETCH = (
    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance",
    "--no-write-commit-graph", "--no-prune", "--refmap=", "--stdin",
)  # fmt: skip
# As `git check-ref-format` has it: no option, no pattern, and no refspec that would write where it likes.
_NAME = re.compile(r"(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$))[^\0-\x20\x7f~^:?*\[\\/.+-][^\0-\x20\x7f~^:?*\[\\]*")


class Absent(ToolError):
    """The remote itself does not have it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """`what` is wanted of the `remote`, in words for people."""

    repo: Repository
    remote: str
    what: str

    def listed(self, *argv: str) -> str:
        """What `git ls-remote` says."""
        require_names(self.remote)
        return self.required(self._answer("ls-remote", *argv)).stdout.decode("utf-8", "surrogateescape")

    def fetch(self, *how: str, refs: Iterable[str], settings: Mapping[str, str] | None = None) -> Result:
        """Of any exit code. `refs` are names, ids and refspecs of such; by standard input there may be many."""
        require_names(self.remote)
        stdin = "".join(f"{ref}\n" for ref in refs).encode("utf-8", "surrogateescape")
        return self._answer(*_FETCH, *how, "--", self.remote, settings=settings, stdin=stdin)

    def required(self, result: Result) -> Result:
        if result.code:
            from schemactl.git.trouble import refused

            raise refused(self.repo, self.remote, self.what, result)
        return result

    @contextmanager
    def counted(self, *oids: str) -> Iterator[None]:
        """Around a fetch of history that leads to the commits: says how much it was."""
        if not is_shallow(self.repo):  # to count takes long there
            yield
            self.tell("fetched from", self.what)
            return
        before = _commits(self.repo, oids)
        yield
        self.tell(f"fetched {several(_commits(self.repo, oids) - before, 'commit')} of", self.what)

    def tell(self, did: str, what: str) -> None:
        if self.repo.fetch:
            self.repo.fetch(f"{did} `{self.remote}`: {what}")

    def _answer(self, *argv: str, settings: Mapping[str, str] | None = None, stdin: bytes = b"") -> Result:
        from schemactl.git.talking import talk

        try:
            return talk(self.repo, *argv, settings=settings, stdin=stdin)
        except Timeout as error:
            hint = "see whether it can be reached from here, and run again"
            raise ToolError(f"`{self.remote}` does not give {self.what}: {error.message}", hint) from error


def is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def require_names(*names: str) -> None:
    if odd := next((name for name in names if not is_name(name)), None):
        raise ToolError(
            f"`{odd}` is not the name of a branch, tag or commit", "see which option or variable it is from"
        )


def is_shallow(repo: Repository) -> bool:
    return text(repo, "rev-parse", "--is-shallow-repository") == "true\n"


def several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _commits(repo: Repository, oids: Iterable[str]) -> int:
    return int(text(repo, "rev-list", "--count", "--ignore-missing", "--all", *oids))
