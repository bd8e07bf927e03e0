"""Whose policy judges: that of the base in a pull request, else that of what is checked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from schemactl import policychange, reading
from schemactl.against import Base
from schemactl.config import Config, ruled
from schemactl.errors import ConfigError
from schemactl.finding import Finding
from schemactl.place import Head, Place, snapshot
from schemactl.tree import Tree

Whose = Literal["base", "head"]


@dataclass(frozen=True)
class Bases:
    """Whose policy rules, and what the change grew from: what differs from that is the change's doing."""

    ruling: Base
    grown_from: Base


@dataclass(frozen=True)
class Ruler:
    """The configuration of a run: modules of what is checked, under rules that are read in `tree`.

    `told` are findings about a policy that is not the one the change brings. `revision` names whose it is; None is what
    is checked itself. `baseline` is the tree whose baseline counts, and `asked` whether a base was to rule.
    """

    config: Config
    tree: Tree
    baseline: Tree
    told: tuple[Finding, ...] = ()
    revision: str | None = None
    asked: bool = False


def ruler(place: Place, head: Head, own: Config, bases: Bases | None) -> Ruler:
    """A base without a configuration rules nothing: then, too, it is that of what is checked."""
    if bases is None or bases.ruling.commit is None:
        return Ruler(own, head.tree, head.tree)
    base = bases.ruling
    tree = snapshot(place, bases.ruling.commit)
    try:
        before = reading.configuration(tree, place, None)
        recorded = policychange.baseline(before, tree)
    except ConfigError as error:
        return given_up(own, head, error.message, base.revision)
    told = _told(place, head, own, bases, (before, tree))
    kept = tree if recorded or before.file is not None else head.tree
    if before.file is None:
        return Ruler(own, head.tree, kept, told, asked=True)
    return Ruler(ruled(own, before), tree, kept, told, base.revision, asked=True)


def given_up(own: Config, head: Head, problem: str, revision: str) -> Ruler:
    """What is checked rules itself, since its base's policy is none."""
    return Ruler(own, head.tree, head.tree, (policychange.unreadable(problem, revision),), asked=True)


def _told(place: Place, head: Head, own: Config, bases: Bases, ruling: tuple[Config, Tree]) -> tuple[Finding, ...]:
    revision, since = bases.ruling.revision, ruling
    if bases.grown_from.commit and bases.grown_from.commit != bases.ruling.commit:
        tree = snapshot(place, bases.grown_from.commit)
        with suppress(ConfigError):
            before = reading.configuration(tree, place, None), tree
            policychange.baseline(*before)
            since = before
    return policychange.told(since, (own, head.tree), revision, ruling="base")
