"""How long records stay on the topics of a schema, and so which releases' data can still be read there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from schemactl.compat import topicchange
from schemactl.element import walk
from schemactl.events import topic
from schemactl.side import Side

_COMPACTED = (2, 3)  # of the enum Cleanup


class Longest(NamedTuple):
    """How long any record stays; None: there may be one that never goes, and `why`."""

    time: timedelta | None
    why: str = ""


def longest(sides: Iterable[Side]) -> Longest:
    """Over all topics of the sides: what one has taken back, the records of its time still go by."""
    options = [option for side in sides for option in _topics(side)]
    if not options:
        return Longest(None, "no topic is declared")
    kept = [(stays(option), option) for option in options]
    for time, option in kept:
        if time.time is None:
            return Longest(None, f"topic `{option.name}` {time.why}")
    return max((time for time, _ in kept), key=lambda each: each.time or timedelta())


def stays(option: Any) -> Longest:
    """How long a record of the topic stays; `option` is its schemactl.v1.Topic."""
    if option.cleanup in _COMPACTED or (not option.cleanup and "compact" in option.config.get("cleanup.policy", "")):
        return Longest(None, "is compacted")
    seconds = topicchange.kept(option)
    if seconds is None:
        return Longest(None, "declares no retention")
    try:
        return Longest(timedelta(seconds=seconds))
    except OverflowError:
        return Longest(None, "keeps its records for ever")


def _topics(side: Side) -> Iterator[Any]:
    names = [name for name in side.judged if not side.facts or side.facts[name].event]
    image = side.compile(names) if names else None
    for file in image.files(sorted(names)) if image else ():
        for message in walk(file, ("message",)):
            if (option := topic(message)) is not None and option.name:
                yield option


def note(longest: Longest, left_out: Sequence[str]) -> str:
    """What a person is told of the choice of releases."""
    if longest.time is None:
        return f"data of every release may still be read: {longest.why}"
    days = longest.time / timedelta(days=1)
    kept = f"no topic keeps records for longer than {days:g} days"
    if not left_out:
        return f"data of every release may still be read, although {kept}"
    named = left_out[0] if len(left_out) == 1 else f"{left_out[0]} and {len(left_out) - 1} before it"
    return f"{named} not compared: {kept}"
