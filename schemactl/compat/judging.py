"""The whole verdict on two sides: Buf's findings with what they do to readers, and what only ours sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemactl import breaking
from schemactl.breaking import Play
from schemactl.compat import meanings, scope, topics, verdict
from schemactl.compat.change import Root
from schemactl.compat.contracts import Contracts
from schemactl.compat.findings import Findings, Prove
from schemactl.compat.reading import NO_LATER, Later
from schemactl.compat.types import Types
from schemactl.finding import Finding
from schemactl.side import Side


class Asked(NamedTuple):
    """`revision` is how a person calls the base; `source`: generated code counts as much; `later`: see reading.py."""

    contracts: Contracts
    revision: str
    source: bool = False
    evidence: bool = False
    later: Later = NO_LATER


def merged(of_buf: list[Finding], play: Play, new: Side, old: Side, asked: Asked) -> list[Finding]:
    """`of_buf` with severities and effects, and our own findings behind them."""
    ground = scope.ground(new, old, play.names, asked.contracts)
    play = breaking.more(play, new, old, ground.travelling)
    before, after = Types(play.old), Types(play.new)
    what, pairs = scope.scope(ground, before, after, new.judged, asked.contracts)
    changes = verdict.changes(before, after, what, asked.later)
    findings = Findings(before, after, asked.revision, _prove(play) if asked.evidence else None)
    return [
        *findings.merged(of_buf, changes, source=asked.source),
        *topics.told(pairs, asked.revision, asked.contracts.section, (before.element, after.element)),
        *_meanings(before, after, what.others, asked.revision),
    ]


def _prove(play: Play) -> Prove:
    from schemactl.compat.evidence import Evidences

    return Evidences(play.old, play.new).of


def _meanings(old: Types, new: Types, messages: Iterable[Root], revision: str) -> Iterator[Finding]:
    for root in messages:
        was, now = old.messages[root.was], new.messages[root.now]
        yield from meanings.meanings(was, now, old.file(was.place.file), new.file(now.place.file), revision)
