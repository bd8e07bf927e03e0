"""Which thing of the new state is which thing of the old one: by number, by name, or by what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from schemactl.diff.item import Item


class Pair(NamedTuple):
    """A thing as it was and as it is; None for what is new or gone."""

    was: Item | None
    now: Item | None

    @property
    def item(self) -> Item:
        found = self.now or self.was
        assert found
        return found


Key = Callable[[Item], Hashable]


def pairs(old: Sequence[Item], new: Sequence[Item]) -> Iterator[Pair]:
    """Of what stands in one scope. Fields go by their number first, as they do on the wire and for Buf."""
    gone, fresh = list(old), list(new)
    for key in (_field_number, _name, _value_number, _essence):
        yield from _matched(gone, fresh, key)
    yield from _renamed_oneofs(gone, fresh)
    yield from (Pair(item, None) for item in gone)
    yield from (Pair(None, item) for item in fresh)


def _matched(gone: list[Item], fresh: list[Item], key: Key) -> list[Pair]:
    """Those that one key means on both sides, taken out of the lists."""
    if not (gone and fresh):
        return []
    known = _unique(gone, key)
    found = [Pair(known[at], item) for at, item in _unique(fresh, key).items() if at in known]
    taken = {item for pair in found for item in pair}
    gone[:] = [item for item in gone if item not in taken]
    fresh[:] = [item for item in fresh if item not in taken]
    return found


def _renamed_oneofs(gone: list[Item], fresh: list[Item]) -> Iterator[Pair]:
    """Those all of whose members went along to one that was not there, and not together with those of another."""
    for now in [item for item in fresh if item.kind == "oneof"]:
        came = [was for was in gone if was.kind == "oneof" and was.members and was.members.keys() <= now.members.keys()]
        if len(came) == 1:
            gone.remove(came[0])
            fresh.remove(now)
            yield Pair(came[0], now)


def along(was: Item | None, now: Item | None) -> set[str]:
    """The fields, by their names now, that went with a oneof which was renamed."""
    if was is None or now is None or was.name == now.name:
        return set()
    return {name for number, name in now.members.items() if number in was.members}


def _unique(items: Iterable[Item], key: Key) -> dict[Hashable, Item]:
    keyed = [(key(item), item) for item in items]
    counts = Counter(at for at, _ in keyed)
    return {at: item for at, item in keyed if at is not None and counts[at] == 1}


def _field_number(item: Item) -> Hashable:
    return (item.kind, item.number) if item.kind == "field" else None


def _value_number(item: Item) -> Hashable:
    return (item.kind, item.number) if item.kind == "enum_value" else None


def _name(item: Item) -> Hashable:
    return item.kind, item.name


def _essence(item: Item) -> Hashable:
    """All that a renamed message, enum, service or extension keeps; methods are often alike without being the same."""
    return None if item.kind in ("file", "field", "oneof", "enum_value", "method") else essence(item, item.full_name)


def essence(item: Item, name: str) -> Hashable:
    """What the item is but for its name, in which its own parts may mention it."""

    def facts(of: Item) -> tuple[tuple[str, str], ...]:
        return tuple((key, value.replace(name, "\0")) for key, value in of.facts.items())

    held = tuple((each.name, essence(each, name)) for each in item.children)
    # Without anything in them all are alike.
    return (item.kind, facts(item), held, item.reserved, item.extensible) if held or item.facts else None
