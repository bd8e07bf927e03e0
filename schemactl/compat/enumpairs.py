"""Changes of the values of an enum: what each does to the fields that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from schemactl.compat import enums
from schemactl.compat.change import Change, Judged, Use, Value
from schemactl.compat.contract import Contract
from schemactl.compat.pairs import ways
from schemactl.compat.reading import Way
from schemactl.compat.shape import Enum, Place
from schemactl.effect import DIRECTIONS, ENCODINGS, OK, READERS, Effect, Outcome, both, joined, worst
from schemactl.element import ENUM_VALUE

_UNSPECIFIED = "_UNSPECIFIED"


class Held(NamedTuple):
    """How a field holds an enum: one value or several, its zero written or not; `bare`: unset, it is the first."""

    use: Use
    single: bool = True
    zero: bool = False
    bare: bool = False


class _Twin(NamedTuple):
    rule: str
    was: tuple[str, int] | None
    now: tuple[str, int] | None


def alike(old: Enum, new: Enum) -> bool:
    return (old.values, old.closed) == (new.values, new.closed)


def changes(old: Enum, new: Enum, holders: Iterable[Held]) -> Iterator[Change]:
    """`holders` are of any contract; one stands for several of a kind."""
    held = list(holders)
    places = tuple({value: index for index, value in enumerate(enum.values)} for enum in (old, new))
    for twin in _twins(old, new):
        judged = tuple(_judged(twin, old, new, group) for group in _by_contract(held))
        was, now = _value(old, twin.was, places[0]), _value(new, twin.now, places[1])
        yield Change(twin.rule, "enum_value", was, now, (old, new), _message(twin, new), _help(twin, old, new), judged)
    yield from _of_enum(old, new, held)


def _twins(old: Enum, new: Enum) -> Iterator[_Twin]:
    """Values by name; of what is left by number: renamed, gone, new, or a second name."""
    before, after, printed, was_printed = old.names, new.names, new.printed, old.printed
    kept = {after[name] for name in before if name in after}
    fresh = {number: name for name, number in reversed(new.values) if name not in before}
    renamed = set()
    for name, number in old.values:
        if name in after:
            if after[name] != number:
                yield _Twin("ENUM_VALUE_RENUMBERED", (name, number), (name, after[name]))
        elif number in fresh and number not in kept and number not in renamed:
            renamed.add(number)
            yield _Twin("ENUM_VALUE_RENAMED", (name, number), (fresh[number], number))
        else:
            yield _Twin("ENUM_VALUE_REMOVED", (name, number), None)
    for number, name in fresh.items():
        if number not in was_printed:
            yield _Twin("ENUM_VALUE_ADDED", None, (name, number))
        elif number not in renamed and printed[number] == name:
            yield _Twin("ENUM_ALIAS_ORDER", None, (name, number))


def _by_contract(held: list[Held]) -> Iterator[list[Held]]:
    groups: dict[Contract, list[Held]] = {}
    for each in held:
        groups.setdefault(each.use.root.contract, []).append(each)
    yield from groups.values()


def _judged(twin: _Twin, old: Enum, new: Enum, group: list[Held]) -> Judged:
    found = []
    for way in ways(group[0].use.root.contract):
        backward = way.direction == "backward"
        value = twin.was if backward else twin.now
        sides = (old, new) if backward else (new, old)
        outcome = worst(_read(*sides, value, way, held) for held in group) if value else OK
        found += [Effect(way.direction, way.encoding, each, *getattr(outcome, each)) for each in READERS]
    plain = all(held.bare for held in group)  # one value, and the enum's first where it is not set
    soft = twin.rule == "ENUM_VALUE_ADDED" and plain and _is_open_ended(old) and not old.closed
    worst_held = next((held for held in group if not held.single), group[0])
    return Judged(worst_held.use, joined(found), soft)


def _is_open_ended(enum: Enum) -> bool:
    """Whether readers can tell what they do not know from all that they do."""
    return enum.printed.get(0, "").endswith(_UNSPECIFIED)


def _read(writer: Enum, reader: Enum, value: tuple[str, int], way: Way, held: Held) -> Outcome:
    if value[1] == 0 and not held.zero:
        # Where it is printed all the same, readers that do not know it are left with what it is.
        printed = enums.read_value(writer, reader, value, way.encoding, way.printed)
        return Outcome(OK.tolerant, printed.strict) if way.printed.print_defaults and not way.binary else OK
    return enums.read_value(writer, reader, value, way.encoding, way.printed)


def _of_enum(old: Enum, new: Enum, held: list[Held]) -> Iterator[Change]:
    if old.closed != new.closed:
        judged = tuple(_of_openness(old, group) for group in _by_contract(held))
        word = "closed" if new.closed else "open"
        message = f"enum `{new.full_name}` is {word} now: what readers make of numbers they do not know changes with it"
        help = "keep it as it was: a closed enum drops numbers that it does not know, an open one keeps them"
        yield Change("ENUM_OPENNESS_CHANGED", "enum", old, new, (old, new), message, help, judged)
    (was, first), (now, then) = old.values[0], new.values[0]
    if first != then and was != now:
        groups = _by_contract([each for each in held if each.bare])
        judged = tuple(Judged(group[0].use, _everywhere(both("wrong"))) for group in groups)
        message = f"enum `{new.full_name}` begins with `{now}` instead of `{was}`: that is what unset fields are"
        help = f"keep `{was}` the first value"
        yield Change("ENUM_DEFAULT_CHANGED", "enum", old, new, (old, new), message, help, judged)


def _of_openness(old: Enum, group: list[Held]) -> Judged:
    """Writers with an open enum may hold any number; readers with a closed one drop it, or refuse it in JSON."""
    direction = "forward" if old.closed else "backward"
    found = [each for each in _everywhere(both("default", "some")) if each.direction == direction]
    strict = [Effect(e.direction, e.encoding, e.readers, "error", "some") if e.encoding == "json" else e for e in found]
    return Judged(group[0].use, tuple(strict))


def _everywhere(outcome: Outcome) -> tuple[Effect, ...]:
    cells = product(DIRECTIONS, ENCODINGS, READERS)
    return tuple(Effect(*cell, *getattr(outcome, cell[-1])) for cell in cells)


def _value(enum: Enum, value: tuple[str, int] | None, places: Mapping[tuple[str, int], int]) -> Value | None:
    if value is None:
        return None
    place = Place(enum.place.file, (*enum.place.path, ENUM_VALUE, places[value]))
    return Value(f"{enum.full_name}.{value[0]}", place, *value)


def _message(twin: _Twin, new: Enum) -> str:
    was, now = twin.was or ("", 0), twin.now or ("", 0)
    name = new.full_name
    return {
        "ENUM_VALUE_RENUMBERED": f"value `{now[0]}` of `{name}` has number {now[1]} instead of {was[1]}",
        "ENUM_VALUE_RENAMED": f"value {was[1]} of `{name}` is called `{now[0]}` instead of `{was[0]}`",
        "ENUM_VALUE_REMOVED": f"value `{was[0]}` = {was[1]} was removed from `{name}`",
        "ENUM_VALUE_ADDED": f"value `{now[0]}` = {now[1]} was added to `{name}`",
        "ENUM_ALIAS_ORDER": f"`{now[0]}` stands before other names of {now[1]} in `{name}`: writers print the first",
    }[twin.rule]


def _help(twin: _Twin, old: Enum, new: Enum) -> str:
    was, now = twin.was or ("", 0), twin.now or ("", 0)
    if twin.rule == "ENUM_VALUE_RENUMBERED":
        return f"give `{was[0]}` its number back: {was[1]}"
    if twin.rule == "ENUM_VALUE_RENAMED":
        behind = f"put `{now[0]} = {was[1]};` behind it, with `option allow_alias = true;` (lint's ENUM_NO_ALLOW_ALIAS "
        behind += "then wants a `// schemactl:ignore` that says why); swap them once every reader knows both"
        return f"keep `{was[0]} = {was[1]};` first and {behind}"
    if twin.rule == "ENUM_VALUE_REMOVED":
        back = "bring it back, and remove it once no data holds it: `// schemactl:ignore` it then, and say so"
        lines = _reserved(was, new)
        return f"{back}; paste into enum `{new.full_name.rpartition('.')[2]}`:\n" + "\n".join(lines) if lines else back
    if twin.rule == "ENUM_ALIAS_ORDER":
        return f"put it behind `{old.printed[now[1]]}` until every reader knows it, then swap them"
    return "let every reader know the value before anybody writes it: release the readers first"


def _reserved(was: tuple[str, int], new: Enum) -> list[str]:
    taken = was[1] in new.printed or any(a <= was[1] < b for a, b in new.reserved_ranges)
    lines = [] if taken else [f"reserved {was[1]};"]
    return lines + ([f'reserved "{was[0]}";'] if was[0] not in new.reserved_names else [])
