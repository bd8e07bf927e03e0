"""Versions of packages: what the last word of a package's name says, as Buf reads it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Stability = Literal["stable", "unstable"]

_NUMBER = r"0*([1-9][0-9]{0,9})"
_LARGEST = 2**31 - 1
# `v1` alone is a name, not the version of one.
_VERSION = re.compile(rf".+\.v{_NUMBER}(test.*|(?:p{_NUMBER})?(?:alpha|beta)(?:{_NUMBER})?)?", re.DOTALL)


@lru_cache(maxsize=4096)
def stability(package: str) -> Stability | None:
    """Of the version that the package ends in; None where it ends in none.

    `v1` is stable; `v1alpha`, `v1beta1`, `v1p2beta3` and `v1testing` are not.
    """
    found = _VERSION.fullmatch(package)
    if found is None:
        return None
    major, channel, patch, minor = found.groups()
    if any(number and int(number) > _LARGEST for number in (major, patch, minor)):
        return None
    return "unstable" if channel else "stable"
