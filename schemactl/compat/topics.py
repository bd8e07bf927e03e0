"""Changes of what a topic promises beside its messages: name, key, encoding, partitions, how long records stay."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from schemactl.compat import optionplace, topicchange, topickey
from schemactl.compat.contracts import Terms, declared, terms
from schemactl.compat.topicchange import Telling
from schemactl.compat.topickey import Keyed, Types
from schemactl.compatsection import CompatSection
from schemactl.element import NAME, Element
from schemactl.finding import Against, Finding, fingerprint

_NAME, _KEY, _ENCODING, _CLEANUP, _RETENTION, _PARTITIONS, _PARTITIONER, _COMPATIBILITY = range(1, 9)
_READERS, _JSON = 13, 14


class Event(NamedTuple):
    """A message that travels by itself; `option` is its schemactl.v1.Topic, which an envelope may lack."""

    element: Element
    option: Any | None

    @property
    def topic(self) -> str:
        return self.option.name if self.option is not None else ""


Pair = tuple[Event | None, Event | None]


def paired(old: Sequence[Event], new: Sequence[Event]) -> list[Pair]:
    """Each event as it was and as it is.

    A message is its own counterpart, unless its topic went over to another one: then records of that one are what the
    readers of the topic get from now on.
    """
    pairs: dict[int, Event] = {}
    left, free = list(old), list(new)
    for key in _KEYS:
        found: dict[Hashable, Event] = {}
        for each in reversed(free):
            found[key(each)] = each
        for event in left:
            match = found.pop(key(event), None) if key(event) else None
            if match is not None:
                pairs[id(event)] = match
        left = [each for each in left if id(each) not in pairs]
        taken = {id(each) for each in pairs.values()}
        free = [each for each in free if id(each) not in taken]
    return [*((event, pairs.get(id(event))) for event in old), *((None, event) for event in free)]


_KEYS: tuple[Callable[[Event], Hashable], ...] = (
    lambda event: (event.element.full_name, event.topic),
    lambda event: event.topic and event.element.full_name,
    lambda event: event.topic,
    lambda event: event.element.full_name,
)


def told(
    pairs: Iterable[Pair], revision: str, defaults: CompatSection, types: tuple[Types, Types]
) -> Iterator[Finding]:
    """Findings on what the old side has; `types` find messages of the old and of the new side."""
    pairs = list(pairs)
    carriers = {now.topic: now.element for _, now in pairs if now and now.topic}
    held = {now.topic: now.element.full_name for was, now in pairs if was and now and was.topic == now.topic != ""}
    for was, now in pairs:
        if was and _is_lost(was, now):
            yield _removed(was, now, revision, types[1])
        elif was and now:
            yield from _Changes(was, now, revision, defaults).told(types, carriers)
        if now and now.topic in held and (was is None or was.topic != now.topic):
            yield _shared(now, held[now.topic])


def _is_lost(was: Event, now: Event | None) -> bool:
    """A topic without a name is one by its option alone; an envelope stays what it is without."""
    return bool(was.topic and not (now and now.topic)) or (was.option is not None and now is None)


def _removed(was: Event, now: Event | None, revision: str, types: Types) -> Finding:
    here = now.element if now else types(was.element.full_name)
    name = was.element.full_name
    how = "is gone" if here is None else "no longer names a topic" if was.topic else "no longer belongs to a topic"
    lost = f"topic `{was.topic}` has lost `{name}`, which {how}" if was.topic else f"`{name}` was a topic's, and {how}"
    return Finding(
        "TOPIC_REMOVED",
        "error",
        "compat",
        f"{lost}: nothing more is written, and nobody judges what is there",
        here.file.location((*here.path, NAME)) if here else None,
        name,
        "bring it back; to end a topic, stop its writers, let all readers catch up, and approve its removal",
        optionplace.stood(was.element, _NAME, revision),
        change=name,
        fingerprint=fingerprint("TOPIC_REMOVED", name, was.topic),
    )


def _shared(now: Event, other: str) -> Finding:
    name = now.element.full_name
    return Finding(
        "TOPIC_SHARED",
        "error",
        "compat",
        f"topic `{now.topic}` carries `{other}`, and now `{name}` too: its readers take the one for the other",
        optionplace.place(now.element, _NAME),
        name,
        f"give `{name}` a topic of its own, or make it a part of `{other}`",
        change=f"{name}\0TOPIC_SHARED",
        fingerprint=fingerprint("TOPIC_SHARED", name, f"{now.topic}\0{other}"),
    )


def _named(message: Element, revision: str) -> Against:
    place = message.file.location((*message.path, NAME))
    return Against(revision, place.path, place.line, place.column)


class _Changes:
    """The changes of one topic, declared on both sides."""

    def __init__(self, was: Event, now: Event, revision: str, defaults: CompatSection) -> None:
        self._was, self._now, self._revision, self._defaults = was, now, revision, defaults

    def told(self, types: tuple[Types, Types], carriers: dict[str, Element]) -> Iterator[Finding]:
        was, now = self._was, self._now
        if was.topic and was.topic == now.topic and was.element.full_name != now.element.full_name:
            yield self._handed_over()
        if was.option is None:
            yield from self._declared()
            return
        # What a topic without a name says no more is as if it said nothing.
        old, new = was.option, type(was.option)() if now.option is None else now.option
        key = topickey.told(Keyed(was.element, old.key, types[0]), Keyed(now.element, new.key, types[1]))
        has_key = bool(old.key or new.key)
        for rule, part, telling in (
            ("TOPIC_RENAMED", _NAME, self._renamed(carriers)),
            ("TOPIC_KEY_CHANGED", _KEY, key),
            ("TOPIC_PARTITIONER_CHANGED", _PARTITIONER, topicchange.partitioner(old, new, has_key)),
            ("TOPIC_PARTITIONS_CHANGED", _PARTITIONS, topicchange.partitions(old, new, has_key)),
            ("TOPIC_CLEANUP_CHANGED", _CLEANUP, topicchange.cleanup(old, new)),
            ("TOPIC_RETENTION_CHANGED", _RETENTION, topicchange.retention(old, new)),
            *self._of_terms(),
        ):
            if telling:
                yield self._finding(rule, part, telling)

    def _handed_over(self) -> Finding:
        was, now, rule = self._was.element, self._now.element, "TOPIC_MESSAGE_CHANGED"
        return Finding(
            rule,
            "warning",
            "compat",
            f"topic `{self._now.topic}`: its records are `{now.full_name}` and were `{was.full_name}`: who looks for "
            "the type by its name (generated code, the subjects of a registry, an `Any`) no longer finds it",
            now.file.location((*now.path, NAME)),
            now.full_name,
            f"keep `{was.full_name}`; else make sure that nobody looks for that name before it is gone",
            _named(was, self._revision),
            change=f"{now.full_name}\0{rule}",
            fingerprint=fingerprint(rule, now.full_name, was.full_name),
        )

    def _declared(self) -> Iterator[Finding]:
        """Of an envelope that has become a topic: how it travelled was nobody's word."""
        if telling := topicchange.encoding(*self._terms(), said=False):
            yield self._finding("TOPIC_ENCODING_CHANGED", _ENCODING, telling)

    def _terms(self) -> tuple[Terms, Terms]:
        before, after = (
            declared(each.option, terms(self._defaults, each.element.file.package)) for each in (self._was, self._now)
        )
        return before, after

    def _of_terms(self) -> Iterator[tuple[str, int, Telling | None]]:
        before, after = self._terms()
        yield "TOPIC_ENCODING_CHANGED", _ENCODING, topicchange.encoding(before, after)
        yield "TOPIC_WRITERS_CHANGED", _JSON, topicchange.writers(before, after)
        yield "TOPIC_READERS_CHANGED", _READERS, topicchange.readers(before, after)
        yield "TOPIC_COMPATIBILITY_CHANGED", _COMPATIBILITY, topicchange.compatibility(before, after)

    def _renamed(self, carriers: dict[str, Element]) -> Telling | None:
        was, now = self._was.topic, self._now.topic
        if was in ("", now):
            return None
        other = carriers.get(was)
        taken = f"; `{was}` carries `{other.full_name}` now, which its readers take for this one" if other else ""
        return Telling(
            "error",
            f"it was `{was}`: readers of that get nothing more, and those of `{now}` nothing of what was written before"
            + taken,
            f"keep `{was}`; to rename it, declare `{now}` with a message of its own beside it, write both until all "
            "readers have moved, then end the old one",
            was,
            now,
        )

    def _finding(self, rule: str, part: int, telling: Telling) -> Finding:
        was, now = self._was.element, self._now.element
        return Finding(
            rule,
            telling.severity,
            "compat",
            f"topic `{self._now.topic or now.full_name}`: {telling.message}",
            optionplace.place(now, part),
            now.full_name,
            telling.help,
            optionplace.stood(was, part, self._revision),
            change=f"{now.full_name}\0{rule}",
            fingerprint=fingerprint(rule, now.full_name, f"{telling.was}\0{telling.now}"),
        )
