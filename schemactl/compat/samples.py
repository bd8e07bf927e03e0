"""What a field may be set to, to see what readers make of it: a value for each way in which one can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any

from schemactl.compat import values
from schemactl.compat.dynamic import ANY, assign, is_map, value
from schemactl.compat.shape import KINDS

Filling = Callable[[Any], None]
_WELL_KNOWN = "google.protobuf."  # whose zero says little
_PLAIN: dict[str, tuple[Any, ...]] = dict.fromkeys(("float", "double"), (1.0, 0.5))  # what is tried first
_DEEP, _FIELDS, _VALUES, _TWO_BYTES = 2, 24, 100, 128


def scalars(kind: str) -> tuple[Any, ...]:
    """Values of the kind, those first that are seen every day; zero last, after one whose length takes two bytes."""
    long = {"string": ("x" * _TWO_BYTES,), "bytes": (b"x" * _TWO_BYTES,)}.get(kind, ())
    zero = (each for each in values.samples(kind, zero=True) if not each)
    return tuple(dict.fromkeys((*_PLAIN.get(kind, ()), *values.samples(kind), *long, *zero)))


def fillings(of: Any) -> Iterator[Filling]:
    """Ways to set a field, plain ones first; of a repeated one with one element, two, and one twice."""
    found = list(_entries(of) if is_map(of) else _elements(of))
    for each in found:
        yield putting(of, each)
    if of.is_repeated and len(found) > 1:
        yield putting(of, found[0], found[1])
        if not is_map(of):
            yield putting(of, found[0], found[0])


def of_number(of: Any, number: int) -> Filling:
    """Sets a field to one value of its enum."""
    return putting(of, (_first_key(of), number) if is_map(of) else number)


def putting(of: Any, *given: Any) -> Filling:
    return lambda message: _put(message, of, given)


def _put(message: Any, of: Any, given: Sequence[Any]) -> None:
    if is_map(of):
        _put_entries(value(message, of), of, given)
    elif of.message_type:
        for fill in given:
            fill(enter(message, of))
    elif of.is_repeated:
        value(message, of).extend(given)
    else:
        assign(message, of, given[0])


def _put_entries(held: Any, of: Any, given: Sequence[Any]) -> None:
    for key, each in given:
        if of.message_type.fields_by_name["value"].message_type:
            each(held[key])
        else:
            held[key] = each


def enter(message: Any, of: Any) -> Any:
    """The message that a field holds, or the first of those that it holds, there from now on."""
    if is_map(of):
        return value(message, of)[_first_key(of)]
    if of.is_repeated:
        return value(message, of).add()
    held = value(message, of)
    held.SetInParent()
    return held


def _first_key(of: Any) -> Any:
    return next(iter(_elements(of.message_type.fields_by_name["key"])))


def _entries(of: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    entry = of.message_type.fields_by_name
    keys, held = (list(_elements(entry[name], depth)) for name in ("key", "value"))
    yield from ((keys[0], each) for each in held)
    yield from ((key, held[0]) for key in keys[1:])


def _elements(of: Any, depth: int = 0) -> Iterator[Any]:
    if of.message_type:
        yield from _contents(of.message_type, depth)
    elif of.enum_type:
        numbers = [each.number for each in of.enum_type.values[:_VALUES]]
        yield from dict.fromkeys((*numbers[1:], numbers[0]))
    else:
        yield from scalars(KINDS[of.type])


def _contents(of: Any, depth: int) -> Iterator[Filling]:
    """Ways to fill a message: none, then one field at a time, each with one value, then each with the next."""
    alone: list[Iterator[Filling]] = []
    if of.full_name == ANY:
        alone = [iter([_packed(ANY)])]
    elif depth < _DEEP:
        alone = [_alone(each, depth + 1) for each in of.fields[:_FIELDS]]
    filled = (fill for several in zip_longest(*alone) for fill in several if fill)
    first = islice(filled, 1 if of.full_name.startswith(_WELL_KNOWN) else 0)
    return chain(first, [lambda message: None], filled)


def _alone(of: Any, depth: int) -> Iterator[Filling]:
    if is_map(of):
        yield putting(of, next(_entries(of, depth)))
    else:
        yield from (putting(of, each) for each in _elements(of, depth))


def any_of(of: Any, name: str) -> Filling:
    """Sets a field that holds any message to an empty one of that name."""
    return putting(of, (_first_key(of), _packed(name)) if is_map(of) else _packed(name))


def _packed(name: str) -> Filling:
    def fill(message: Any) -> None:
        message.type_url = f"type.googleapis.com/{name}"

    return fill
