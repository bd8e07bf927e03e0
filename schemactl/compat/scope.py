"""What there is to judge between two sides: the files that changed, and the events that may be made of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from schemactl import events
from schemactl.compat.change import Root
from schemactl.compat.contract import either
from schemactl.compat.contracts import Contracts
from schemactl.compat.enumpairs import alike
from schemactl.compat.topics import Event, Pair, paired
from schemactl.compat.types import Types
from schemactl.compat.verdict import Scope
from schemactl.reach import Reach
from schemactl.side import Side

_ANY_FILE = "google/protobuf/any.proto"
_OPTIONS = re.compile(r"google\.protobuf\.\w+Options")
_DESCRIPTOR = "google/protobuf/descriptor.proto"  # what extends it says something of the schema, and never travels


class Ground(NamedTuple):
    """By import path: what `changed`, what is `around` it because it leads there, and who may travel of both.

    `extending` are those of them that may extend messages. `above` is what imports what changed.
    """

    changed: Collection[str]
    above: Collection[str]
    around: Collection[str]
    travelling: Collection[str]
    extending: Collection[str] = ()


def ground(new: Side, old: Side, changed: Collection[str], contracts: Contracts) -> Ground:
    """Without compiling anything: a file without events and entries in the configuration is not looked into."""
    reach = Reach(new, old, changed)
    above = reach.above(changed)
    around = {*changed, *above}
    events = {name for name in {*new.judged, *old.judged} if _travels(name, new, old, contracts)}
    if not events:
        return Ground(changed, above, around, ())
    # Only what imports something that travels can extend it; of google/protobuf nothing can be but options.
    travelling = {name for name in _imports(events, new, old) if not name.startswith("google/protobuf/")}
    near = travelling | reach.above(travelling)
    extending = {name for side in (new, old) for name in side.extending(around & near & side.contents.keys())}
    extended = _imports(extending, new, old) - {_DESCRIPTOR}
    around |= extended | reach.above(extended)
    # What carries an Any, be it by an extension, carries whatever changed.
    carrying = reach.above([_ANY_FILE])
    carriers = {name for side in (new, old) for name in side.extending(carrying & near & side.contents.keys())}
    carried = _imports(carriers, new, old) - {_DESCRIPTOR}
    carrying |= carried | reach.above(carried)
    if not carrying.isdisjoint(events) and any(name in side.judged for side in (new, old) for name in changed):
        around |= carrying
        extending |= carriers
    return Ground(changed, above, around, events & around, extending)


def _imports(names: Collection[str], new: Side, old: Side) -> set[str]:
    """The files, and all that they import."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [each for side in (new, old) if name in side.contents for each in side.imports(name)]
    return found


def _travels(name: str, new: Side, old: Side, contracts: Contracts) -> bool:
    for side in (new, old):
        if name not in side.judged:
            continue
        fact = side.facts.get(name)
        if fact is None or fact.event or contracts.of_package(side.package(name)):
            return True
    return False


def scope(
    ground: Ground, old: Types, new: Types, judged: Collection[str], contracts: Contracts, holders: Collection[str]
) -> tuple[Scope, list[Pair]]:
    """Whatever is `judged` and changed is judged, with its `holders`; what travels, with what it is made of."""
    for types in (old, new):
        types.read(sorted({*ground.changed, *ground.travelling, *ground.extending, *holders}))
    pairs = paired(*(list(_events(types, ground.travelling)) for types in (old, new)))
    whole = [(was or _still(now, old), now or _still(was, new)) for was, now in pairs]
    roots = [_root(was, now, contracts) for was, now in whole if was and now and not _gone(was, now, contracts)]
    topics = {each.element.full_name for pair in pairs for each in pair if each and each.option is not None}
    roots += (root for root in _of_packages(ground.travelling, old, new, contracts) if root.now not in topics)
    names = [name for name in (*ground.changed, *holders) if name in judged]
    shared = dict.fromkeys((*_shared(names, old, new), *_extended(old, new)))
    others = [Root(name, name, contracts.rest) for name in shared]
    return Scope(roots, others, ground.changed, ground.around), pairs


def _extended(old: Types, new: Types) -> Iterator[str]:
    """Messages that are extended by what was read: they are as others see them, wherever they stand."""
    for name, file in sorted(new.extended_from.items()):
        if name not in old.extended_from or _OPTIONS.fullmatch(name):
            continue
        if old.message(name, old.extended_from[name]) and new.message(name, file):
            yield name


def _still(event: Event | None, other: Types) -> Event | None:
    """The message of an event that does not exist on the other side: no change of its own takes it out of judgement."""
    message = other.messages.get(event.element.full_name) if event else None
    element = other.element(message.full_name) if message else None
    return Event(element, event.option if event else None) if element else None


def enums(old: Types, new: Types) -> set[str]:
    """Full names of the enums that changed, of what was read."""
    names = old.enums.keys() & new.enums.keys()
    return {name for name in names if not alike(old.enums[name], new.enums[name])}


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
