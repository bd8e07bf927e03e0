"""Versions: one semantic version, and what it is called in Python and in Go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

from schemactl.errors import UsageError

Level = Literal["major", "minor", "patch", "none"]
LEVELS: tuple[Level, ...] = ("major", "minor", "patch", "none")
# What a level counts as before 1.0.
EARLY: Mapping[Level, Level] = {"major": "minor", "minor": "patch", "patch": "patch", "none": "none"}
_NUMBER = r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})"
_STABLE = re.compile(_NUMBER, re.ASCII)
_ANY = re.compile(rf"{_NUMBER}(?:-(dev|alpha|beta|rc)\.(0|[1-9]\d{{0,8}}))?", re.ASCII)
_LABELS: Mapping[str, str] = {"dev": ".dev", "alpha": "a", "beta": "b", "rc": "rc"}  # in PEP 440, and in its order
_ORDER = (*_LABELS, "")


class Version(Struct, frozen=True):
    """`semantic` is `1.3.0` or `1.3.0-rc.1`; `python` as PEP 440 writes it; `go` with its `v`.

    A snapshot has no release behind it: `1.3.0.dev5` for Python, a pseudo-version for Go.
    """

    semantic: str
    python: str
    go: str
    snapshot: bool = False


class Number(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def raised(self, level: Level) -> Number:
        if level == "major":
            return Number(self.major + 1, 0, 0)
        if level == "minor":
            return Number(self.major, self.minor + 1, 0)
        return self._replace(patch=self.patch + 1) if level == "patch" else self

    def following(self, level: Level) -> Number:
        """Before 1.0 a break raises the minor version, and all else the patch."""
        return self.raised(level if self.major else EARLY[level])


class Semantic(NamedTuple):
    """A version as a person writes it; `label` is empty for a stable one."""

    number: Number
    label: str = ""
    serial: int = 0

    def __str__(self) -> str:
        return f"{self.number}-{self.label}.{self.serial}" if self.label else str(self.number)

    @property
    def key(self) -> tuple[Number, int, int]:
        return self.number, _ORDER.index(self.label), self.serial

    @property
    def python(self) -> str:
        return f"{self.number}{_LABELS[self.label]}{self.serial}" if self.label else str(self.number)

    @property
    def go(self) -> str:
        """A `dev` comes before every `alpha`, as it does for Python; Go sorts words, and numbers before them."""
        return f"v{self.number}-0.dev.{self.serial}" if self.label == "dev" else f"v{self}"

    @property
    def names(self) -> Version:
        return Version(str(self), self.python, self.go)


def number(text: str) -> Number | None:
    """Of a stable version."""
    found = _STABLE.fullmatch(text)
    return Number(*map(int, found.groups())) if found else None


def semantic(text: str) -> Semantic | None:
    """Of a version that both Python and Go can have."""
    if not (found := _ANY.fullmatch(text)):
        return None
    major, minor, patch, label, serial = found.groups()
    return Semantic(Number(int(major), int(minor), int(patch)), label or "", int(serial or 0))


def parsed(text: str) -> Version:
    if found := semantic(text):
        return found.names
    raise UsageError(
        f"`{text}` is not a version that Python and Go can have",
        "write it like 1.4.0, or 1.4.0-rc.1: `alpha`, `beta`, `rc` or `dev`, a dot and a number",
    )


def compatible_python(version: Version) -> str:
    """The versions that do for a package made beside this one: those up to the next that may break."""
    major, minor = version.python.split(".")[:2]
    return f">={version.python},<{f'0.{int(minor) + 1}' if major == '0' else int(major) + 1}"
