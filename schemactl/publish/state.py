"""What a target has of a build: each file, and whether it is there, missing, or another one under the same name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from schemactl.errors import Rejected

# `published` by this run; `same` bytes were there before; `unknown` where the target does not show what it has.
State = Literal["missing", "same", "different", "published", "unknown"]


class Seen(NamedTuple):
    """`path` is that in the build; `why` says of a different one what is there instead."""

    path: str
    state: State
    why: str = ""


def require_same(found: Iterable[Seen], where: str) -> None:
    """Rejected where another file is there: what was published under a version stays what it is."""
    other = [each for each in found if each.state == "different"]
    if other:
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        what = f"`{other[0].path}`{more} is in {where} already, with other content"
        raise Rejected(
            f"{what}: {other[0].why}" if other[0].why else what,
            "a release of this version was published from another commit: check that one out and run again, or"
            " release under a higher version by tagging HEAD with that",
        )
