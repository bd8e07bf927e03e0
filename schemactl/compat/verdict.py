"""The verdict on two schemas: every change of them, with what it does to what travels by each contract."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product

from schemactl.compat import enumpairs
from schemactl.compat.change import Change, Judged, Root
from schemactl.compat.pairs import Judge
from schemactl.compat.reading import NO_LATER, Later
from schemactl.compat.types import Body, Types
from schemactl.compat.walk import Uses, Walk
from schemactl.effect import DIRECTIONS, ENCODINGS, READERS, Effect


@dataclass(frozen=True)
class Scope:
    """What to judge: `roots` with all that they are made of, `others` by themselves.

    `names` are the files that may have changed; what is not `around` neither did, nor leads there. None: all there are.
    """

    roots: Collection[Root]
    others: Collection[Root] = ()
    names: Collection[str] | None = None
    around: Collection[str] | None = None


def changes(old: Types, new: Types, scope: Scope, later: Later = NO_LATER) -> list[Change]:
    """In the order of the new files' names; what did not change and is read as before is left out."""
    for types in (old, new):
        types.read(sorted(types.image.descriptors if scope.names is None else scope.names))
    judge, walk = Judge(old, new, later), Walk(old, new, scope.around)
    walk.follow(scope.roots)
    reached = {name for names in walk.uses.messages for name in names}
    _follow_any(walk, scope)
    walk.follow((root for root in scope.others if root.now not in reached), deep=False)
    uses = walk.uses
    found = [*_of_messages(judge, uses, scope), *_of_enums(judge, uses), *_of_any(judge, uses, scope)]
    return sorted(found, key=lambda change: (change.element, change.rule))


def _follow_any(walk: Walk, scope: Scope) -> None:
    """What carries an Any carries whatever message there is."""
    for contract in dict.fromkeys(use.root.contract for use in walk.uses.of_any):
        walk.follow((root._replace(contract=contract) for root in scope.others), deep=False)


def _of_messages(judge: Judge, uses: Uses, scope: Scope) -> Iterator[Change]:
    for (was, now), used in uses.messages.items():
        places = judge.old.messages[was].place.file, judge.new.messages[now].place.file
        old, new = judge.old.message(was, places[0]), judge.new.message(now, places[1])
        assert old
        assert new
        roots = {(use.root.was, use.root.now) for use in used}
        if (was != now and (was, now) not in roots) or not _in(scope, old, new):
            continue  # of another type it is told where the field is
        yield from judge.changes(old, new, used)


def _in(scope: Scope, old: Body, new: Body) -> bool:
    return scope.names is None or not {*old.files, *new.files}.isdisjoint(scope.names)


def _of_enums(judge: Judge, uses: Uses) -> Iterator[Change]:
    names = {(name, name) for name in judge.old.enums.keys() & judge.new.enums.keys()}
    for was, now in sorted({*names, *uses.enums}):
        old, new = judge.old.enums.get(was), judge.new.enums.get(now)
        if old and new and not enumpairs.alike(old, new):
            yield from enumpairs.changes(old, new, uses.enums.get((was, now), ()))


def _of_any(judge: Judge, uses: Uses, scope: Scope) -> Iterator[Change]:
    """Messages that are gone, and may be what an Any holds: its readers look for them by name."""
    if not uses.of_any:
        return
    by_contract = {use.root.contract: use for use in reversed(uses.of_any)}
    before, after = (set(_own(types, scope)) for types in (judge.old, judge.new))
    # Where there are others instead, writers may send it under its new name.
    cells = product(DIRECTIONS if after - before else DIRECTIONS[:1], ENCODINGS, READERS)
    effects = tuple(Effect(*cell, "error", "all") for cell in cells)
    for name in sorted(before - after):
        judged = tuple(Judged(use, effects) for use in by_contract.values())
        message = f"message `{name}` is gone: readers look for it by this name in a `google.protobuf.Any`"
        help = "keep the message under its name as long as data may hold it"
        yield Change("ANY_TYPE_REMOVED", "message", judge.old.messages[name], None, (None, None), message, help, judged)


def _own(types: Types, scope: Scope) -> Iterator[str]:
    """The messages of judged files that may have changed, without those behind maps."""
    known = set(types.image.targets) & {*(types.image.targets if scope.names is None else scope.names)}
    for name, message in types.messages.items():
        if message.place.file in known and not message.proto.options.map_entry:
            yield name
