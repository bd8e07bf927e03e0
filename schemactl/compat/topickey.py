"""What the key of a topic's records is made of: order, partitions and compaction hang on its bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from schemactl import events
from schemactl.compat.topicchange import Telling
from schemactl.element import Element

Types = Callable[[str], Element | None]  # a message by its full name

# The same numbers, however a field packs them.
_ALIKE = {"sint32": "int32", "sfixed32": "int32", "sint64": "int64", "sfixed64": "int64", "fixed32": "uint32",
          "fixed64": "uint64"}  # fmt: skip
_KEEP = "keep the key; for another one, create a topic beside this one and write both until all readers have moved"
_ORDER = "records of one thing go to other partitions than before, out of order, and compaction keeps the old ones too"


class Step(NamedTuple):
    """Where a key path leads: the fields' numbers, the type as it is written, and what decides the key's bytes."""

    numbers: tuple[int, ...]
    type: str
    kind: str


NOWHERE = Step((), "", "")


class Keyed(NamedTuple):
    """A message of a topic, and the path in it to the key of its records."""

    event: Element
    path: str
    types: Types

    def resolved(self) -> Step | None:
        """None where a type on the way is not known, so that nothing can be said."""
        message: Element | None = self.event
        numbers: list[int] = []
        found = NOWHERE
        for segment in self.path.split("."):
            if message is None:
                return None
            field = events.field_named(message, segment)
            if field is None or found.kind not in ("", "message"):
                return NOWHERE
            numbers.append(field.proto.number)
            found = _step(tuple(numbers), field.proto)
            message = self.types(events.type_of(field.proto)) if found.kind == "message" else message
        return found


def _step(numbers: tuple[int, ...], field: Any) -> Step:
    written = events.type_of(field)
    kind = {events.MESSAGE_TYPE: "message", events.GROUP_TYPE: "message", events.ENUM_TYPE: "enum"}.get(field.type)
    repeated = "repeated " if field.label == events.REPEATED else ""
    return Step(numbers, repeated + written, repeated + (kind or _ALIKE.get(written, written)))


def told(was: Keyed, now: Keyed) -> Telling | None:
    """What to say of the key of a topic that is declared on both sides."""
    before, after = was.path, now.path
    if before and not after:
        message = f"records have no key any more, and `{before}` before: what is about one thing is no longer in order"
        return Telling("error", message, f'bring `key: "{before}"` back', before, "")
    if after and not before:
        message = f"the key of records is `{after}`, and they had none: what was written before is in no order"
        return Telling("warning", message, "let readers read that to its end before they rely on the key", "", after)
    return _between(was, now, was.resolved(), now.resolved()) if before else None


def _between(was: Keyed, now: Keyed, old: Step | None, new: Step | None) -> Telling | None:
    before, after = was.path, now.path
    if NOWHERE in (old, new):
        return _lost(before, after, old, new)
    if old and new and old.kind != new.kind:
        message = f"the key of records, `{after}`, is `{new.type}` and was `{old.type}`: its bytes change, and {_ORDER}"
        return Telling("error", message, _KEEP, f"{before}: {old.type}", f"{after}: {new.type}")
    if before == after:
        return None
    if old and new and old.numbers == new.numbers and now._replace(path=before).resolved() == NOWHERE:
        message = f"the key of records is written `{after}` and was `{before}`: the field is the same, under a new name"
        return Telling("info", message, "tell those who read the key's path from the topic's option", before, after)
    return Telling("error", f"the key of records is `{after}` and was `{before}`: {_ORDER}", _KEEP, before, after)


def _lost(before: str, after: str, old: Step | None, new: Step | None) -> Telling | None:
    """Of paths at least one of which leads nowhere."""
    if old != NOWHERE:
        message = f"the key of records is `{after}`, and there is no such field; it was `{before}`"
        return Telling("error", message, "bring the field back: it is what order and compaction go by", before, after)
    if before == after and new == NOWHERE:
        return None
    message = f"the key of records is `{after}`; `{before}` led to no field"
    return Telling("warning", message, "make sure that writers used the same key before", before, after)
