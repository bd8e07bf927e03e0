"""What one run learns of the past: facts about files, commits that are no schemas, and what was compared already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemactl.compat.presence import Releases
from schemactl.fact import Memory
from schemactl.judged import state
from schemactl.texts import Sources

_NAMED = 2  # releases in a note


class Past:
    """Many releases are alike, and most of their files are: what is known of one is known of all.

    `releases` are those that were compared so far, where there are several.
    """

    def __init__(self, memory: Memory, releases: Releases | None) -> None:
        self.memory = memory
        self.releases = releases
        self._refused: dict[str, str] = {}
        self._seen: set[bytes] = set()

    def refuse(self, commit: str, why: str) -> None:
        self._refused[commit] = why

    def refused(self, commit: str) -> str | None:
        """Why the commit is no schema, if that is known."""
        return self._refused.get(commit)

    def knows(self, sources: Sources) -> bool:
        """Whether a state with these very files was compared."""
        return state(sources, None) in self._seen

    def learn(self, sources: Sources) -> None:
        self._seen.add(state(sources, None))


class Replaced(NamedTuple):
    """A revision that is no schema, why, and the ancestor of it that was compared instead."""

    revision: str
    why: str
    ancestor: str


def notes(replaced: Iterable[Replaced]) -> list[str]:
    """What a person is told of them, those together that share reason and ancestor."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in replaced:
        groups.setdefault((each.why, each.ancestor), []).append(each.revision)
    return [_note(revisions, *group) for group, revisions in groups.items()]


def _note(revisions: list[str], why: str, ancestor: str) -> str:
    if len(revisions) == 1:
        return f"{revisions[0]} cannot be read ({why}); compared with its ancestor {ancestor} instead"
    return f"{_named(revisions)} cannot be read ({why}); compared with their ancestor {ancestor} instead"


def borrowing(revisions: list[str]) -> list[str]:
    """What a person is told of revisions without a configuration whose imports could start from several roots."""
    if not revisions:
        return []
    verb = "has" if len(revisions) == 1 else "have"
    why = f"{verb} no configuration, and imports that are found below several directories"
    return [f"{_named(revisions)} {why}: read with the roots that are configured now"]


def _named(revisions: list[str]) -> str:
    more = len(revisions) - _NAMED
    return ", ".join(revisions[:_NAMED]) + f" and {more} more" if more > 0 else " and ".join(revisions)
