"""What there is to judge between two sides: the files that changed, and the events that may be made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from schemactl import events
from schemactl.compat.change import Root
from schemactl.compat.contract import either
from schemactl.compat.contracts import Contracts
from schemactl.compat.topics import Event, Pair, paired
from schemactl.compat.types import Types
from schemactl.compat.verdict import Scope
from schemactl.reach import Reach
from schemactl.side import Side


class Ground(NamedTuple):
    """By import path: what `changed`, what is `around` it because it leads there, and who may travel of both."""

    changed: Collection[str]
    around: Collection[str]
    travelling: Collection[str]


def ground(new: Side, old: Side, changed: Collection[str], contracts: Contracts) -> Ground:
    """Without compiling anything: a file without events and entries in the configuration is not looked into."""
    above = Reach(new, old, changed).above(changed)
    around = {*changed, *above}
    return Ground(changed, around, {name for name in around if _travels(name, new, old, contracts)})


def _travels(name: str, new: Side, old: Side, contracts: Contracts) -> bool:
    for side in (new, old):
        if name not in side.judged:
            continue
        fact = side.facts.get(name)
        if fact is None or fact.event or contracts.of_package(side.package(name)):
            return True
    return False


def scope(
    ground: Ground, old: Types, new: Types, judged: Collection[str], contracts: Contracts
) -> tuple[Scope, list[Pair]]:
    """Whatever is `judged` on a side and changed is judged; what travels, with what it is made of."""
    for types in (old, new):
        types.read(sorted({*ground.changed, *ground.travelling}))
    pairs = paired(*(list(_events(types, ground.travelling)) for types in (old, new)))
    roots = [_root(was, now, contracts) for was, now in pairs if was and now and not _gone(was, now, contracts)]
    roots += _of_packages(ground.travelling, old, new, contracts)
    names = [name for name in ground.changed if name in judged]
    others = [Root(name, name, contracts.rest) for name in _shared(names, old, new)]
    return Scope(roots, others, ground.changed, ground.around), pairs


def _events(types: Types, names: Iterable[str]) -> Iterator[Event]:
    for name in sorted(names):
        if name in types.image.descriptors:
            yield from (Event(each, events.topic(each)) for each in types.of_file(name) if events.is_event(each))


def _root(was: Event, now: Event, contracts: Contracts) -> Root:
    sides = [contracts.of_topic(event.option, event.element.file.package) for event in (was, now)]
    return Root(was.element.full_name, now.element.full_name, either(sides))


def _gone(was: Event, now: Event, contracts: Contracts) -> bool:
    """By what the topic says on both sides: what is shortened now, data from before may outlive."""
    return all(each.option is not None and contracts.gone(each.option) for each in (was, now))


def _of_packages(names: Collection[str], old: Types, new: Types, contracts: Contracts) -> Iterator[Root]:
    for name in _shared(names, old, new):
        found = new.messages[name].place.file
        if contract := contracts.of_package(new.file(found).package):
            yield Root(name, name, contract)


def _shared(names: Iterable[str], old: Types, new: Types) -> Iterator[str]:
    """Messages of the new side's files that both sides have."""
    for name in sorted(names):
        if name in new.image.descriptors:
            yield from (each.full_name for each in new.of_file(name) if each.full_name in old.messages)
