"""What ends the making of code and packages with a verdict: the schema is not fit for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemactl.finding import Finding


class Refused(Exception):
    """`findings` say why nothing is made; `files` were looked at, and `sources` shows them by path."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].message)
        self.findings = tuple(findings)
        self.files = 0
        self.sources: Callable[[str], bytes | None] = lambda path: None
