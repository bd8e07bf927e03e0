"""What keeps a version from being released: a break, a version that says less than the change, a tag that is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from schemactl.advisor import Changed
from schemactl.errors import Rejected
from schemactl.releasetags import Tag
from schemactl.version import Number, Semantic

_SHOWN = 3
_OID = re.compile(r"[0-9a-f]{40,64}")
_VERSION = re.compile(r"(.+\.v)(\d{1,9})\w*", re.ASCII)


class Case(NamedTuple):
    """A package whose changes since its `last` release ask for something; `module` is Go's, if any, without version."""

    name: str
    last: Tag | None
    changed: Changed
    next: Semantic
    module: str

    @property
    def breaks(self) -> bool:
        return self.changed.level in ("major", None)

    @property
    def asked(self) -> Number | None:
        """What the changes ask for at least."""
        level = "patch" if self.changed.level == "none" else self.changed.level
        return self.last.version.number.following(level or "major") if self.last else None


def require_free(tag: str, known: Mapping[str, str], commit: str) -> None:
    at = known.get(tag, commit)
    if at != commit:
        where = f"commit {at[:12]}" if _OID.fullmatch(at) else "something that is not a commit"
        raise Rejected(
            f"the tag `{tag}` is at {where}, which is not in the history of what is released",
            "merge that first; or tag this commit with a higher version, if it has all that that one has",
        )


def require_kept(case: Case, tag: Tag, changed: Changed, *, allow_breaking: bool) -> None:
    """Rejected for what breaks a lower version that another branch has: who requires that one gets this one."""
    if changed.level not in ("major", None) or (changed.level is None and allow_breaking):
        return
    enough = tag.version.number.following("major")
    hint = f"merge that first, or tag this commit with a version from {enough} on"
    breaks, why = "breaks" if changed.level else "may break", _reasons(case._replace(changed=changed))
    raise Rejected(
        f"`{case.name}` {case.next} {breaks} whoever has `{tag.name}`, which did not lead to what is released: {why}",
        hint if changed.level else f"{hint}; or, if you know that nothing broke, `--allow-breaking`",
    )


def require_safe(case: Case) -> None:
    """Rejected for a break of what is stable, and for what might be one."""
    if case.last is None or not case.breaks:
        return
    if case.changed.level is None:
        raise Rejected(f"`{case.name}`: {_reasons(case)}: it may break whoever uses it", _unknown_hint(case))
    if case.last.version.number.major:
        what = f"what changed since `{case.last.name}` breaks `{case.name}` {case.last.version}: {_reasons(case)}"
        raise Rejected(what, _hint(case, f"`--allow-breaking` makes it {case.asked}"))


def require_enough(case: Case, tag: str, highest: Tag | None, *, tagged: bool, allow_breaking: bool) -> None:
    """Rejected where a version that somebody chose is not after the last one, or says less than the changes do."""
    said = f"the tag `{tag}`" if tagged else f"the version {case.next}"
    # What is tagged counts as released: the next version would follow from it.
    gone = f"; and delete this tag, here and where it was pushed: `git tag --delete {tag}`" if tagged else ""
    before = highest if case.next.label else case.last
    if before and case.next.key <= before.version.key:
        what = f"{said} of `{case.name}` is not higher than `{before.name}`, which came before"
        raise Rejected(what, _higher(case) + gone)
    if case.asked is None or case.next.number >= case.asked or (case.changed.level is None and allow_breaking):
        return
    since = case.last.name if case.last else ""
    if case.changed.level is None:
        raise Rejected(
            f"{said} of `{case.name}` is too low, unless nothing broke: {_reasons(case)}", _judged(case) + gone
        )
    what = f"{said} of `{case.name}` is too low: what changed since `{since}` asks for {case.asked}: {_reasons(case)}"
    stable = case.breaks and case.asked.major > 1
    hint = _hint(case, f"or choose a version from {case.asked} on") if stable else _higher(case)
    raise Rejected(what, hint + gone)


def _reasons(case: Case) -> str:
    why = case.changed.why
    return ", ".join(why[:_SHOWN]) + (f" and {len(why) - _SHOWN:,} more" if len(why) > _SHOWN else "")


def _higher(case: Case) -> str:
    number = case.asked or case.next.number
    return f"choose a version from {number} on; of several tags of a commit the highest counts"


def _judged(case: Case) -> str:
    return f"choose a version from {case.asked} on; or, if you know that nothing broke, `--allow-breaking`"


def _unknown_hint(case: Case) -> str:
    return f"make that comparison possible, or count it as a break: `--allow-breaking`, {case.asked}"


def _hint(case: Case, otherwise: str) -> str:
    """/v2 is what users do not expect: both versions in one program register the same files."""
    words = f"bring it back, or put it into {_beside(case.changed.broken)}; {otherwise}"
    if not (case.module and case.asked and case.asked.major > 1):
        return words
    major = case.asked.major - 1
    before = f"{case.module}/v{major}" if major > 1 else case.module
    return f"{words}, and no program can use its Go module `{case.module}/v{case.asked.major}` beside `{before}`"


def _beside(package: str) -> str:
    found = _VERSION.fullmatch(package)
    return f"the new Protobuf package `{found[1]}{int(found[2]) + 1}`" if found else "a new Protobuf package"
