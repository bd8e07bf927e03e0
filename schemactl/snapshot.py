"""The version of a revision: that of the release it is, else one that says it is none, between two releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemactl import git, releasetags
from schemactl.advisor import Advice
from schemactl.git import Repository
from schemactl.releasetags import Scope, Tag, Tags, named
from schemactl.version import Number, Semantic, Version

FIRST = Number(0, 1, 0)


class Versioned(NamedTuple):
    """`tag` is the release itself, or the stable one before it; without any there was none."""

    version: Version
    tag: str | None
    notes: tuple[str, ...] = ()


def of(repository: Repository, commit: str, within: Scope, advice: Advice, asked: str = "") -> Versioned:
    """`advice` is asked only where there is a stable release before.

    Of several releases that the commit is, it is the one `asked` for by its tag, else the highest, and that is noted.
    """
    tags = releasetags.tags(repository, commit, within)
    if own := tags.at(commit):
        return _released(own, asked)
    stable = releasetags.stable(tags.releases)
    if stable is None:
        return Versioned(_snapshot(repository, commit, tags, None, FIRST), None, tags.notes)
    level, note = advice(stable)
    # What is not known to break nothing must not look like a fix, and nothing comes again under its old version.
    number = stable.version.number
    following = number.raised("minor") if level is None else number.following("patch" if level == "none" else level)
    made = _snapshot(repository, commit, tags, stable, following)
    return Versioned(made, stable.name, (*tags.notes, note) if note else tags.notes)


def meant(own: Sequence[Tag], asked: str) -> Tag:
    """Of several releases that a commit is, the one that was asked for, else the highest."""
    return next((each for each in own if asked in (each.name, f"refs/tags/{each.name}")), own[0])


def required(tags: Tags, commit: str) -> Tag | None:
    """The release of a package that one of this commit required of it: the first one there, others came after it."""
    own = tags.at(commit)
    final = [each for each in own if not each.version.label]
    return (final or own)[-1] if own else releasetags.stable(tags.releases)


def _released(own: Sequence[Tag], asked: str) -> Versioned:
    chosen = meant(own, asked)
    others = [each.name for each in own if each is not chosen]
    is_asked = asked in (chosen.name, f"refs/tags/{chosen.name}")
    told = f"this commit is {named([chosen.name, *others])}: built is {chosen.version}" if others else ""
    more = f"; `--rev {others[0]}` builds another" if others else ""
    return Versioned(chosen.version.names, chosen.name, (told + more,) if told and not is_asked else ())


def _snapshot(repository: Repository, commit: str, tags: Tags, stable: Tag | None, following: Number) -> Version:
    highest = next(iter(tags.releases), None)
    go = pseudo(highest.version if highest else None, git.committed(repository, commit), commit)
    if highest and highest.version.label and highest.version.number >= following:
        # It comes after that pre-release, and before the next.
        before = highest.version
        count = git.count(repository, highest.commit, commit)
        python = before._replace(serial=before.serial + 1).python
        return Version(f"{before}.dev.{count}", f"{python}.dev{count}", go, snapshot=True)
    count = git.count(repository, stable.commit if stable else None, commit)
    made = Semantic(following, "dev", count)
    return Version(str(made), made.python, go, snapshot=True)


def pseudo(before: Semantic | None, when: datetime, commit: str) -> str:
    """As Go calls a commit after the version `before`: higher than that, lower than the next."""
    if before is None:
        base = "v0.0.0-"
    elif before.label:
        base = f"{before.go}.0."
    else:
        base = f"v{before.number.raised('patch')}-0."
    digits = when.isoformat(timespec="seconds")[:19].translate({ord(each): None for each in "-T:"})
    return f"{base}{digits}-{commit[:12]}"
