"""Versions of packages: what the last word of a package's name says, as Buf reads it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Stability = Literal["stable", "alpha", "beta", "test"]

_NUMBER = r"0*([1-9][0-9]{0,9})"
_LARGEST = 2**31 - 1
# `v1` alone is a package without a name: nothing that could have a version.
_VERSION = re.compile(rf".+\.v{_NUMBER}(?:(test).*|(?:p{_NUMBER})?(alpha|beta)(?:{_NUMBER})?)?", re.DOTALL)


@lru_cache(maxsize=4096)
def stability(package: str) -> Stability | None:
    """Of the version that the package ends in (`v1`, `v1beta1`, `v1p2alpha`, `v1testing`); None where it has none."""
    found = _VERSION.fullmatch(package)
    if found is None:
        return None
    major, test, patch, channel, minor = found.groups()
    if any(number and int(number) > _LARGEST for number in (major, patch, minor)):
        return None
    return test or channel or "stable"


def is_stable(package: str) -> bool:
    return stability(package) == "stable"


def is_unstable(package: str) -> bool:
    return stability(package) not in (None, "stable")
