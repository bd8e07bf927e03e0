"""A suppression: a comment that says which findings of an element, or of a line, are to be left out, and why."""

from __future__ import annotations

from msgspec import Struct

from schemactl.finding import Location


class Suppression(Struct, frozen=True, array_like=True, gc=False):
    """One comment as it was written; nobody has judged yet whether it counts.

    `at` is where it stands, `covers` what it is about: an element with all in it, or one line. `element` is the full
    name of that element, or of what is around it. `until` is an ISO date, the last day it counts, or empty.
    `problem` says what is wrong with the way it is written.
    """

    rules: tuple[str, ...]
    at: Location
    covers: Location
    element: str = ""
    until: str = ""
    reason: str = ""
    problem: str = ""
