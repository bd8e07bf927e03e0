"""What a reader made of a message, in words that show the difference to what was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from schemactl.compat.dynamic import is_set, said, short
from schemactl.compat.sameness import Pair, hidden, shown, text
from schemactl.compat.shape import KINDS, Field


class Ends(NamedTuple):
    """The whole message as it was written and as it is read, with the fields that lead to what changed in either."""

    root: Any
    got: Any
    written: Sequence[Field]
    read: Sequence[Field]


def told(wire: str, ends: Ends, pair: Pair | None) -> str:
    """What the reader prints, and what the writer meant, where one cannot see it from the JSON that was sent.

    `pair` is the field that was misread, or None.
    """
    if pair is None:
        return printed(ends.got)
    if hidden(pair):
        return f"{_alone(ends.got, ends.read, pair.read)} instead of {_alone(ends.root, ends.written, pair.written)}"
    read, meant = printed(ends.got), printed(ends.root)
    if read == meant or _is_elsewhere(pair):
        return f"{read} {_apart(pair)}"
    plain = wire.startswith("{") and wire != read
    return read if plain else f"{read} instead of {meant}"


def printed(message: Any) -> str:
    try:
        return _json(shown(message))
    except Exception as error:  # an Any whose message is unknown there
        return said(error)


def _json(value: Any) -> str:
    return short(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def _alone(message: Any, steps: Sequence[Field], of: Any) -> str:
    """No more of the message than the way to the field, with the default that does not show."""
    names = [*((each.json_name, each.cardinality == "map") for each in steps), (of.json_name, False)]
    try:
        return _json(_cut(shown(message, defaults=True), names))
    except Exception as error:  # as above
        return said(error)


def _cut(value: Any, names: Sequence[tuple[str, bool]]) -> Any:
    if not names or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        return [_cut(each, names) for each in value]
    (name, is_map), rest = names[0], names[1:]
    if name not in value:
        return {}
    held = value[name]
    return {name: {key: _cut(each, rest) for key, each in held.items()} if is_map else _cut(held, rest)}


def _is_elsewhere(pair: Pair) -> bool:
    """Whether it is found in what is another field by its number: the same text means something else there."""
    return pair.written.number != pair.read.number and is_set(pair.reader, pair.read)


def _apart(pair: Pair) -> str:
    written, read = pair.written, pair.read
    if written.number != read.number:
        if written.name != read.name:
            return f"as {read.name} instead of {written.name}"
        return f"in field {read.number} instead of {written.number}"
    if not (written.message_type or read.message_type) and not is_set(pair.reader, read):
        return f"where {read.name} is {_unset(read)} instead of {_unset(written)}"
    return f"as {_type(read)} instead of {_type(written)}"


def _unset(of: Any) -> str:
    return text(of.default_value, of)


def _type(of: Any) -> str:
    named = of.message_type or of.enum_type
    return str(named.full_name) if named else KINDS[of.type]
