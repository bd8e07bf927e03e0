"""The steps of a plan: a file to write, or one that stays as it is; and what all of them follow from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemactl.config import BASELINE
from schemactl.init.origin import Origin
from schemactl.init.placing import is_there
from schemactl.init.surroundings import Ci, Surroundings
from schemactl.init.survey import Survey


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    directory: Path = Path()
    baseline: bool = False
    options: bool = False
    ci: Literal["auto"] | Ci = "auto"
    hook: bool = True
    project: str | None = None
    action: str | None = None


@dataclass(frozen=True)
class New:
    """A file to write; `path` is from the top. What is not `shown` is told by `purpose` alone."""

    path: str
    purpose: str
    content: bytes
    shown: bool = True


@dataclass(frozen=True)
class There:
    """A file that is there and stays as it is; `lines` are for its owner to add."""

    path: str
    why: str
    lines: tuple[str, ...] = ()


Step = New | There


@dataclass(frozen=True)
class Sight:
    """All that a plan follows from."""

    request: Request
    survey: Survey
    around: Surroundings
    origin: Origin
    ci: Ci

    @property
    def top(self) -> Path:
        return self.survey.place.top

    @property
    def has_baseline(self) -> bool:
        return self.request.baseline or is_there(self.top, self.beside(BASELINE))

    def new(self, path: str, purpose: str, content: bytes, shown: bool = True) -> Step:
        return There(path, "is there") if is_there(self.top, path) else New(path, purpose, content, shown)

    @property
    def has_old_findings(self) -> bool:
        return bool(self.survey.findings.total) and not self.has_baseline

    def beside(self, name: str) -> str:
        return self.survey.beside(name)
