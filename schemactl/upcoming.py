"""The next release of each package of a commit: which version it gets, and why; or why it may not be released."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from msgspec import Struct

from schemactl import elsewhere, git, gopath, refusal, releasetags, snapshot
from schemactl.advisor import Advisor, Changed
from schemactl.elsewhere import Wanted
from schemactl.errors import Rejected, ToolError
from schemactl.git import Repository
from schemactl.product import Plan, ordered
from schemactl.releasetags import Scope, Tag, Tags
from schemactl.version import LEVELS, Level, Semantic, Version

_BROKEN = ("major", None)
_RANKS: Sequence[Level | None] = (None, *LEVELS)


class Step(Struct, frozen=True):
    """One package's part in a release.

    `last` is the tag of its last stable release, and `was` that version. The `level` is None where it cannot be told.
    Without `next` there is nothing to release. `tagged`: the commit carries the `tag` already. `why` has the worst
    first, and `changes` are markdown. `since` is the tag that the commit of `last` had first.
    """

    name: str
    last: str | None
    was: str
    level: Level | None
    next: Version | None
    tag: str
    tagged: bool
    why: tuple[str, ...]
    changes: str
    breaking: bool
    since: str = ""


@dataclass(frozen=True)
class Subject:
    """One commit with its packages; `needs` are those that each one imports from, `asked` the revision as written.

    `beside` tells what changed beside the schema and its packages since a commit, which is noticed in all of them.
    """

    repository: Repository
    commit: str
    plan: Plan
    scopes: Mapping[str, Scope]
    needs: Mapping[str, Sequence[str]]
    advisor: Advisor
    beside: Callable[[str], Sequence[Changed]]
    asked: str = ""


def steps(subject: Subject, given: Semantic | None = None, *, allow_breaking: bool = False) -> tuple[Step, ...]:
    """Of all packages, what others need first; Rejected where one may not be released like that.

    `given` is the version that somebody chose for all of them.
    """
    _require_possible(subject, given)
    planned = _Planned(subject, given)
    for name, part in planned.parts.items():
        if part.next is None:
            continue
        case = refusal.Case(name, part.last, part.changed, part.next, planned.module(name))
        if part.is_chosen:
            refusal.require_enough(case, part.tag, part.highest, tagged=not given, allow_breaking=allow_breaking)
        elif not allow_breaking:
            refusal.require_safe(case)
        planned.require_alone(name, case, allow_breaking=allow_breaking)
    return tuple(_step(name, part, planned) for name, part in planned.parts.items())


def _require_possible(subject: Subject, given: Semantic | None) -> None:
    for product in subject.plan.products:
        if not product.declared:
            raise Rejected(
                f"`{product.name}` is only a default name, and a release needs a chosen one",
                f"write it, or a better one, in schemactl.yaml: `packages: [{{name: {product.name}}}]`",
            )
    if given and given.label == "dev":
        raise Rejected(
            f"`{given}` is not the version of a release", "leave out `--version`, or write it like 1.4.0-rc.1"
        )
    if git.is_shallow(subject.repository):
        what = "this clone is shallow: the next version follows from tags and commits, and some may be missing"
        raise ToolError(what, git.DEEPEN)


class _Part(NamedTuple):
    """`last` and `highest`, which may be a pre-release, are of the commits before; some versions a person chose."""

    last: Tag | None
    highest: Tag | None
    changed: Changed
    next: Semantic | None
    tag: str
    tagged: bool
    is_chosen: bool


class _Planned:
    """`parts` by name, what others need first; `everywhere` are all tags of the clone."""

    def __init__(self, subject: Subject, given: Semantic | None) -> None:
        self._subject = subject
        self._given = given
        self._products = {each.name: each for each in subject.plan.products}
        self._tags = cache(self._read)
        self._changed = cache(self._compare)
        self.everywhere = dict(git.tags(subject.repository))
        self.of_tags = given is None and any(self._own(name) for name in self._products)
        self.parts: dict[str, _Part] = {}
        order = ordered(subject.needs)
        for _ in (*order, ""):  # packages that need each other take more than one turn
            before = dict(self.parts)
            for name in order:
                self.parts[name] = self._part(name)
            if self.parts == before:
                break

    def module(self, name: str) -> str:
        """Of Go, if there is one, without a version."""
        go = self._products[name].go
        return gopath.without_major(go.module) if go else ""

    def require_alone(self, name: str, case: refusal.Case, *, allow_breaking: bool) -> None:
        """Rejected for what other branches have released."""
        subject, part = self._subject, self.parts[name]
        tags = self._tags(name, subject.commit)
        wanted = Wanted(self._products[name], subject.scopes[name], tags, case, part.tag, part.is_chosen)
        clone = elsewhere.Clone(subject.repository, subject.commit, self.everywhere)
        clone.require(wanted, partial(self._changed, name), allow_breaking=allow_breaking)

    def since(self, name: str, last: Tag) -> Tag:
        """What its commit was released as first: a tag that came later changes nothing that is said of a release."""
        own = (each for each in self._tags(name, last.commit).at(last.commit) if not each.version.label)
        return min(own, key=lambda each: each.version.key, default=last)

    def _read(self, name: str, commit: str) -> Tags:
        return releasetags.tags(self._subject.repository, commit, self._subject.scopes[name])

    def _compare(self, name: str, tag: Tag) -> Changed:
        return self._subject.advisor.changed(self._products[name], self.since(name, tag))

    def _own(self, name: str) -> Tag | None:
        """The release that the commit is."""
        commit = self._subject.commit
        found = self._tags(name, commit).at(commit)
        if self._given:
            return next((each for each in found if each.version == self._given), None)
        return snapshot.meant(found, self._subject.asked) if found else None

    def _part(self, name: str) -> _Part:
        tags, own = self._tags(name, self._subject.commit), self._own(name)
        before = tags.before(self._subject.commit)
        last, highest = releasetags.stable(before), next(iter(before), None)
        changed = self._changed(name, last) if last else Changed("minor", ("first release",))
        if self.of_tags and own is None:
            return _Part(last, highest, changed, None, "", False, False)
        if last:
            changed = _together([changed, *self._subject.beside(last.commit), *self._needed(name, last)])
        version = own.version if own else self._given or _following(changed.level, last, highest)
        tag = own.name if own else self._called(version, name) if version else ""
        tagged = self.everywhere.get(tag) == self._subject.commit
        return _Part(last, highest, changed, version, tag, tagged, bool(own or self._given))

    def _called(self, version: Semantic, name: str) -> str:
        commit = self._subject.commit
        tags = self._tags(name, commit)
        others = [self._tags(each, commit) for each in self._products if each != name]
        alone = not any(each.releases and each.prefix == tags.prefix for each in others)
        return releasetags.called(version, next(iter(tags.releases), None), self._subject.scopes[name], alone=alone)

    def _needed(self, name: str, last: Tag) -> Iterable[Changed]:
        """What versions of the packages that it needs ask of it: its last release does without those beyond a break."""
        for need in self._subject.needs[name]:
            part = self.parts.get(need)
            version = (part.next or (part.last and part.last.version)) if part else None
            known = snapshot.required(self._tags(need, last.commit), last.commit)
            if part and version and known and is_beyond(version, known.version):
                moved = self.module(name) and self.module(need) and _is_another(version, known.version)
                breaks = (part.next and part.changed.level in _BROKEN) or self._changed(need, last).level in _BROKEN
                more = ", which breaks" if breaks else ", another module of Go" if moved else ""
                yield Changed("major" if breaks or moved else "patch", (f"needs `{need}` {version}{more}",))


def is_beyond(version: Semantic, known: Semantic) -> bool:
    """Whether what requires the known version does not take this one."""
    return version.number >= known.number.following("major")


def _is_another(version: Semantic, known: Semantic) -> bool:
    """For Go, which has the major version in the path."""
    return version.number.major > max(1, known.number.major)


def _together(found: Sequence[Changed]) -> Changed:
    ranked = sorted(found, key=lambda each: _RANKS.index(each.level))
    why = tuple(reason for each in ranked for reason in each.why)
    return found[0]._replace(level=ranked[0].level, why=why)


def _following(level: Level | None, last: Tag | None, highest: Tag | None) -> Semantic | None:
    """After a pre-release of something higher comes that."""
    if level == "none":
        return None
    number = last.version.number.following(level or "major") if last else snapshot.FIRST
    return Semantic(max(number, highest.version.number) if highest and highest.version.label else number)


def _step(name: str, part: _Part, planned: _Planned) -> Step:
    why, last = part.changed.why, part.last
    if part.changed.level == "none" and last:
        why = (f"unchanged since `{last.name}`",)
    elif part.next is None:
        why = ("this commit carries no release tag of it",)
    return Step(
        name,
        last.name if last else None,
        str(last.version) if last else "",
        part.changed.level,
        part.next.names if part.next else None,
        part.tag,
        part.tagged,
        why,
        part.changed.markdown,
        part.changed.level in _BROKEN,
        planned.since(name, last).name if last else "",
    )
