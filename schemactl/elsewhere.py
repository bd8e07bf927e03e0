"""What tags of commits that did not lead to a release say about it: that is what other branches released."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemactl import beginning, git, refusal, releasetags
from schemactl.advisor import Changed
from schemactl.git import Repository
from schemactl.product import Product
from schemactl.refusal import Case
from schemactl.releasetags import Scope, Tag, Tags
from schemactl.version import Semantic

_OID = re.compile(r"[0-9a-f]{40,64}")


class Wanted(NamedTuple):
    """What is to be released under a `tag`; a version `is_chosen` where it is a person's word."""

    product: Product
    within: Scope
    tags: Tags
    case: Case
    tag: str
    is_chosen: bool

    @property
    def group(self) -> str | None:
        return self.tags.prefix if self.tags.releases else None


@dataclass(frozen=True)
class Clone:
    """`known` are all tags, with the commit of each."""

    repository: Repository
    commit: str
    known: Mapping[str, str]

    def require(self, wanted: Wanted, compare: Callable[[Tag], Changed], *, allow_breaking: bool) -> None:
        """Rejected where the version is taken, is no first one, or breaks whoever has one of another branch."""
        product, within, case = wanted.product, wanted.within, wanted.case
        if case.last is None and not wanted.is_chosen:
            claims = beginning.claims(self.repository, product, within, self.known, wanted.group)
            beginning.require(product, within, claims, case.next, wanted.tag)
        own = releasetags.of_package(within, self.known, wanted.group)
        for name in (wanted.tag, *(each.name for each in own if each.version == case.next)):
            refusal.require_free(name, self.known, self.commit)
        for each in self._lower(own, wanted):
            refusal.require_kept(case, each, compare(each), allow_breaking=allow_breaking)

    def _lower(self, own: Sequence[Tag], wanted: Wanted) -> list[Tag]:
        """The last of each branch, as far as who has it takes the wanted version."""
        next_, led = wanted.case.next, {each.name for each in wanted.tags.releases}
        found = {
            each.commit: each
            for each in reversed(own)
            if each.name not in led and _OID.fullmatch(each.commit) and _takes(each, next_)
        }
        return [found[commit] for commit in git.independent(self.repository, found)] if found else []


def _takes(tag: Tag, version: Semantic) -> bool:
    """Whether who requires the final release of a tag gets the version, too, as soon as it is there."""
    number = tag.version.number
    return not tag.version.label and tag.version.key < version.key and version.number < number.following("major")
