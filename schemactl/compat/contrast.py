"""What a reader made of a message, in words that show the difference to what was written."""

from __future__ import annotations

import json
from typing import Any

from schemactl.compat.dynamic import is_set, said, short
from schemactl.compat.sameness import Pair, hidden, shown, text
from schemactl.compat.shape import KINDS


def told(wire: str, root: Any, got: Any, pair: Pair | None) -> str:
    """What the reader prints, and what the writer meant, where one cannot see it from the JSON that was sent.

    `pair` is the field that was misread, or None.
    """
    read = printed(got)
    if pair is None:
        return read
    unseen = hidden(pair)
    meant = printed(root, defaults=unseen)
    if read == meant:
        return f"{read} {_apart(pair)}"
    plain = wire.startswith("{") and wire != read and not unseen
    return read if plain else f"{read} instead of {meant}"


def printed(message: Any, *, defaults: bool = False) -> str:
    try:
        return short(json.dumps(shown(message, defaults=defaults), separators=(",", ":"), ensure_ascii=False))
    except Exception as error:  # an Any whose message is unknown there
        return said(error)


def _apart(pair: Pair) -> str:
    written, read = pair.written, pair.read
    if written.number != read.number:
        return f"in field {read.number} instead of {written.number}"
    if not (written.message_type or read.message_type) and not is_set(pair.reader, read):
        return f"where {read.name} is {_unset(read)} instead of {_unset(written)}"
    return f"as {_type(read)} instead of {_type(written)}"


def _unset(of: Any) -> str:
    return text(of.default_value, of)


def _type(of: Any) -> str:
    named = of.message_type or of.enum_type
    return str(named.full_name) if named else KINDS[of.type]
