"""Whose policy judges: that of the base in a pull request, else that of what is checked."""

from __future__ import annotations

from collections.abc import Callable
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
class Ruler:
    """The configuration of a run: modules of what is checked, under rules that are read in `tree`.

    `told` are findings about a policy that is not the one the change brings. `revision` names whose it is; None is what
    is checked itself.
    """

    config: Config
    tree: Tree
    told: tuple[Finding, ...] = ()
    revision: str | None = None


def ruler(place: Place, head: Head, own: Config, whose: Whose, base: Callable[[], Base | None]) -> Ruler:
    """A base without a configuration rules nothing: then, too, it is that of what is checked."""
    found = base() if whose == "base" else None
    if found is None or found.commit is None:
        return Ruler(own, head.tree)
    tree = snapshot(place, found.commit)
    try:
        before = reading.configuration(tree, place, None)
        policychange.baseline(before, tree)
    except ConfigError as error:
        return Ruler(own, head.tree, (policychange.unreadable(error.message, found.revision),))
    told = policychange.told((before, tree), (own, head.tree), found.revision, ruling="base")
    if before.file is None:
        return Ruler(own, head.tree, told)
    return Ruler(ruled(own, before), tree, told, found.revision)
