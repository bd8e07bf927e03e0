"""Which fixers there are for the findings of a rule; the first that proposes something is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from schemactl.finding import Finding
from schemactl.fix import envelope, imports, naming, reserving, zero
from schemactl.fix.edit import Fix, Fixer
from schemactl.fix.view import View

_FAMILIES: tuple[Mapping[str, Fixer], ...] = (
    naming.FIXERS,
    imports.FIXERS,
    zero.FIXERS,
    reserving.FIXERS,
    envelope.FIXERS,
)

# What lint does not ask for, since it sees no base: each fix with the finding that it answers.
UNASKED: tuple[Callable[[View], Iterable[tuple[Finding, Fix]]], ...] = reserving.UNASKED


def fixers(rule: str) -> list[Fixer]:
    return [family[rule] for family in _FAMILIES if rule in family]
