"""What differs between two sets of files: a tree of entries for each package, in an order of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from schemactl.diff.entry import UNREAD, Detail, Entry, Sign
from schemactl.diff.item import NAMES_OF, ONEOF, Item, Kind, Ranges, Taken, items
from schemactl.diff.pairing import Pair, along, pairs
from schemactl.file import File

_ORDER: tuple[Kind, ...] = (
    "file", "field", "oneof", "enum_value", "method", "message", "enum", "service", "extension", "extension_range",
    "reserved",
)  # fmt: skip
_MAX = {"message": 2**29, "enum": 2**31}
Named = Callable[[str], str]


def changes(old: Iterable[File], new: Iterable[File], named: Named) -> dict[str, tuple[Entry, ...]]:
    """By package; `named` says how an option is called that `options.said` gives only the number of."""
    before, after = _by_package(old), _by_package(new)
    found = {}
    for package in sorted({*before, *after}):
        differ = _Differ(named)
        if entries := differ.top(before.get(package, []), after.get(package, [])):
            found[package] = entries
    return found


def _by_package(files: Iterable[File]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for file in files:
        found.setdefault(file.package, []).extend(items(file))
    return found


class _Differ:
    def __init__(self, named: Named) -> None:
        self._named = named
        self._moved: Mapping[str, str] = {}
        self._along: set[str] = set()  # fields that are where they were, in a oneof that was renamed

    def top(self, old: Sequence[Item], new: Sequence[Item]) -> tuple[Entry, ...]:
        """Of one package: what moved with its file did not move by itself."""
        coupled = list(pairs(old, new))
        self._moved = _moved_files(coupled)
        return _sorted(filter(None, map(self._top_entry, coupled)))

    def _top_entry(self, pair: Pair) -> Entry | None:
        was, now = pair
        if pair.item.kind != "file":
            return self._entry(pair)
        if now is None and was and was.name in self._moved:
            return Entry("moved", "file", was, None, (Detail("file", was.name, self._moved[was.name]),))
        if was is None and now and now.name in self._moved.values():
            return None
        return self._entry(pair)

    def _entry(self, pair: Pair) -> Entry | None:
        was, now = pair
        kind = pair.item.kind
        if was is None or now is None:
            sign: Sign = "added" if was is None else "removed"
            return Entry(sign, kind, was, now)
        children = self._children(was, now)
        details = tuple(self._details(was, now))
        own = any(each.what not in ("file", "name") for each in details)
        sign = "changed" if own else ""
        sign = "renamed" if was.name != now.name else sign
        sign = "moved" if any(each.what == "file" for each in details) else sign
        return Entry(sign, kind, was, now, details, children) if sign or children else None

    def _children(self, was: Item, now: Item) -> tuple[Entry, ...]:
        coupled = list(pairs(was.children, now.children))
        self._along |= {name for pair in coupled for name in along(*pair)}
        gone = [pair.was for pair in coupled if pair.was and not pair.now]
        entries = [entry for pair in coupled if (entry := self._entry(pair))]
        retired = [_retired(entry, now) if entry.sign == "removed" else entry for entry in entries]
        return _sorted([*retired, *_ranges(was, now, gone)])

    def _details(self, was: Item, now: Item) -> Iterator[Detail]:
        top = len(now.path) == 2
        if top and was.file.name != now.file.name and self._moved.get(was.file.name) != now.file.name:
            yield Detail("file", was.file.name, now.file.name)
        if was.name != now.name:
            yield Detail("name", was.name, now.name)
        differing = {
            name: (was.facts.get(name), now.facts.get(name))
            for name in dict.fromkeys([*was.facts, *now.facts])
            if was.facts.get(name) != now.facts.get(name)
        }
        for name, (before, after) in differing.items():
            stayed = name == ONEOF and now.full_name in self._along
            if not stayed and not _follows(name, (before, after), differing):
                yield self._detail(name, before, after)

    def _detail(self, name: str, before: str | None, after: str | None) -> Detail:
        if not name.startswith("#"):
            return Detail(name, before, after)
        return Detail(self._named(name), before and UNREAD, after and UNREAD)


def _follows(name: str, values: tuple[str | None, str | None], differing: Collection[str]) -> bool:
    """Whether the property only goes with another that changed."""
    if name.startswith(NAMES_OF):
        return sorted((values[0] or "").split(", ")) != sorted((values[1] or "").split(", "))
    if name == "presence":
        return "required" not in values and not {"oneof", "type"}.isdisjoint(differing)
    return name in ("packed", "utf8_validation") and "type" in differing


def _moved_files(coupled: Iterable[Pair]) -> dict[str, str]:
    """Files all of whose declarations stand in one other file now, which is new."""
    coupled = list(coupled)
    gone = {pair.was.name for pair in coupled if pair.was and pair.was.kind == "file" and not pair.now}
    fresh = {pair.now.name for pair in coupled if pair.now and pair.now.kind == "file" and not pair.was}
    goals: dict[str, set[str | None]] = {}
    for was, now in coupled:
        if was and was.kind != "file" and was.file.name in gone:
            goals.setdefault(was.file.name, set()).add(now.file.name if now else None)
    single = {file: next(iter(goal)) for file, goal in goals.items() if len(goal) == 1}
    found = {file: goal for file, goal in single.items() if goal in fresh and goal is not None}
    twice = [goal for goal in found.values() if list(found.values()).count(goal) > 1]
    return {file: goal for file, goal in found.items() if goal not in twice}


def _retired(entry: Entry, owner: Item) -> Entry:
    """Of a removed field or value: what of it its owner keeps from coming back."""
    item = entry.item
    if item.kind not in ("field", "enum_value") or item.number is None:
        return entry
    kept = ["number"] if _within(item.number, owner.reserved.numbers) else []
    kept += ["name"] if item.name in owner.reserved.names else []
    details = (Detail("reserved", None, " and ".join(kept)),) if kept else ()
    return Entry("removed", entry.kind, entry.was, None, details)


def _within(number: int, ranges: Ranges) -> bool:
    return any(start <= number < end for start, end in ranges)


def _ranges(was: Item, now: Item, gone: Iterable[Item]) -> Iterator[Entry]:
    """Reservations and extension ranges that came or went, but for those of what is gone: they are told there."""
    told = [item for item in gone if item.number is not None]
    numbers = {item.number for item in told if item.number is not None}
    sides: tuple[tuple[Sign, Item, Item], ...] = (("added", now, was), ("removed", was, now))
    for sign, here, there in sides:
        expected = numbers if sign == "added" else set()
        names = {item.name for item in told} if sign == "added" else set()
        fresh = _less(_less(here.reserved.numbers, there.reserved.numbers), [(each, each + 1) for each in expected])
        named = tuple(n for n in here.reserved.names if n not in there.reserved.names and n not in names)
        if fresh or named:
            yield _range("reserved", sign, here, Taken(fresh, named))
        if more := _less(here.extensible.numbers, there.extensible.numbers):
            yield _range("extension_range", sign, here, Taken(more))


def _range(kind: Kind, sign: Sign, owner: Item, taken: Taken) -> Entry:
    highest = _MAX[owner.kind]
    texts = [_text(start, end, highest) for start, end in taken.numbers]
    texts += [f'"{name}"' for name in taken.names]
    item = Item(kind, ", ".join(texts), owner.full_name, owner.file, owner.path)
    return Entry(sign, kind, None if sign == "added" else item, item if sign == "added" else None)


def _text(start: int, end: int, highest: int) -> str:
    if end - start == 1:
        return str(start)
    return f"{start} to {'max' if end >= highest else end - 1}"


def _less(ranges: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> Ranges:
    """What of the ranges the others leave."""
    left = list(ranges)
    for start, end in others:
        left = list(chain.from_iterable(_cut(each, start, end) for each in left))
    return tuple(sorted(left))


def _cut(range: tuple[int, int], start: int, end: int) -> Iterator[tuple[int, int]]:
    if range[0] < min(start, range[1]):
        yield range[0], min(start, range[1])
    if max(end, range[0]) < range[1]:
        yield max(end, range[0]), range[1]


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By kind, then number, then name: wherever it stands in its file."""

    def key(entry: Entry) -> tuple[int, int, str, str]:
        number = entry.item.number
        return _ORDER.index(entry.kind), number if number is not None else -1, entry.item.name, entry.sign

    return tuple(sorted(entries, key=key))
