"""The whole verdict on two sides: Buf's findings with what they do to readers, and what only ours sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemactl import breaking
from schemactl.breaking import Play
from schemactl.compat import meanings, scope, topics, verdict
from schemactl.compat.change import Change, Root
from schemactl.compat.contracts import Contracts
from schemactl.compat.findings import Findings, Grade, Prove, severity
from schemactl.compat.reading import NO_LATER, Later
from schemactl.compat.scope import Ground
from schemactl.compat.types import Types
from schemactl.finding import Finding
from schemactl.side import Side


class Found(NamedTuple):
    """`told` are findings about what no descriptor shows to Buf: topics, units. `play` is as far as was compiled."""

    play: Play
    sides: tuple[Types, Types]
    changes: list[Change]
    told: list[Finding]


class Asked(NamedTuple):
    """`revision` is how a person calls the base; `source`: generated code counts as much; `grade`: see findings.py.

    `settled` are elements of which the configuration left nothing that Buf found.
    """

    revision: str
    grade: Grade
    settled: frozenset[str | None] = frozenset()
    source: bool = False
    evidence: bool = False


def found(play: Play, new: Side, old: Side, contracts: Contracts, revision: str, later: Later = NO_LATER) -> Found:
    """All that changed, and what it does by the contracts."""
    ground = scope.ground(new, old, play.names, contracts)
    holders = _holders(ground, play, new)
    play = breaking.more(play, new, old, {*ground.travelling, *ground.extending, *holders})
    for side in (new, old):
        side.load([name for name in ground.travelling if name in side.contents])
    before, after = Types(play.old), Types(play.new)
    what, pairs = scope.scope(ground, before, after, new.judged, contracts, holders)
    changes = verdict.changes(before, after, what, later)
    told = list(topics.told(pairs, revision, contracts.section, (before.element, after.element)))
    return Found(play, (before, after), changes, [*told, *_meanings(before, after, what.others, revision)])


def _holders(ground: Ground, play: Play, new: Side) -> set[str]:
    """Files that did not change, and may have fields of an enum that did."""
    before, after = Types(play.old), Types(play.new)
    for types in (before, after):
        types.read(sorted(ground.changed))
    words = {name.rpartition(".")[2] for name in scope.enums(before, after)}
    names = [name for name in ground.above if name not in ground.changed and name in new.judged] if words else []
    return new.using(dict.fromkeys(names, words))


def merged(of_buf: list[Finding], found: Found, new: Side, old: Side, asked: Asked) -> list[Finding]:
    """`of_buf` with severities and effects, and our own findings behind them."""
    for side, places in ((new, _places(found.changes, 1)), (old, _places(found.changes, 0))):
        side.load([name for name in places if name in side.contents])
    prove = _prove(found.play) if asked.evidence else None
    findings = Findings(*found.sides, asked.revision, asked.grade, prove)
    told = filter(None, map(asked.grade, found.told))
    changes = [each for each in found.changes if each.element not in asked.settled or severity(each) != "info"]
    return [*findings.merged(of_buf, changes, source=asked.source), *told]


def _places(changes: Iterable[Change], side: int) -> set[str]:
    """Files in which what is told of stands, on the old side (0) or the new one (1)."""
    told = [change for change in changes if severity(change)]
    things = [thing for each in told for thing in ((each.was, each.now)[side], each.owners[side]) if thing]
    return {thing.place.file for thing in things}


def _prove(play: Play) -> Prove:
    from schemactl.compat.evidence import Evidences

    return Evidences(play.old, play.new).of


def _meanings(old: Types, new: Types, messages: Iterable[Root], revision: str) -> Iterator[Finding]:
    for root in messages:
        was, now = old.messages[root.was], new.messages[root.now]
        yield from meanings.meanings(was, now, old.file(was.place.file), new.file(now.place.file), revision)
