"""What the change does to data: by the contracts of topics and packages, and of the topics themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from schemactl import breaking
from schemactl.breaking import Play
from schemactl.compat import meanings, scope, topics, verdict
from schemactl.compat.change import Change
from schemactl.compat.contracts import Contracts
from schemactl.compat.types import Types
from schemactl.finding import Finding
from schemactl.job import Job
from schemactl.side import Side


class Wire(NamedTuple):
    """`findings` are about what no descriptor shows: topics, units."""

    changes: Sequence[Change]
    findings: Sequence[Finding]


NOTHING = Wire((), ())


def wire(job: Job, play: Play, new: Side, old: Side, revision: str) -> Wire:
    contracts = Contracts(job.config.compat, job.request.profile)
    ground = scope.ground(new, old, play.names, contracts)
    play = breaking.more(play, new, old, ground.travelling)
    before, after = Types(play.old), Types(play.new)
    what, pairs = scope.scope(ground, before, after, new.judged, contracts)
    found = [*topics.told(pairs, revision, contracts.section, (before.element, after.element))]
    for root in what.others:
        was, now = before.messages[root.was], after.messages[root.now]
        files = before.file(was.place.file), after.file(now.place.file)
        found += meanings.meanings(was, now, *files, revision)
    return Wire(verdict.changes(before, after, what), found)
