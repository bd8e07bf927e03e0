"""How a change is said: in words of which some are names or types, and what it does to readers in a phrase."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Literal, NamedTuple

from schemactl.compat.topicchange import length
from schemactl.diff.entry import UNREAD, Broken, Detail, Entry, Told
from schemactl.effect import DIRECTIONS, Direction, Effect, Kind
from schemactl.report.summary import counted

_KINDS = {"enum_value": "", "method": "rpc", "extension_range": "extensions"}
_COUNTED = {"enum_value": "value", "method": "rpc"}
_TYPES = ("type", "extends")
_WHOM: dict[Direction, str] = {"backward": "readers with the new schema", "forward": "readers with the old schema"}
_WORST: tuple[Kind, ...] = ("error", "wrong", "default")
_DONE: dict[tuple[Kind, str], str] = {
    ("error", "all"): "fail",
    ("error", "some"): "fail on some values",
    ("wrong", "all"): "read a wrong value",
    ("wrong", "some"): "read some values wrong",
    ("default", "all"): "do not see the value",
    ("default", "some"): "do not see some values",
}
_BROKEN: dict[Broken, str] = {
    "readers": "breaks readers ({})",
    "rules": "forbidden by configured rules ({}), though no reader notices it",
    "callers": "breaks callers ({})",
    "protection": "drops a protection ({})",
    "reuse": "its name or number may be taken again ({})",
    "code": "breaks generated code ({})",
}
_RETENTION = "topic.retention"


class Word(NamedTuple):
    """Names and types come from the schema: each format shows in its own way that they are no words of ours."""

    text: str
    kind: Literal["plain", "name", "type"] = "plain"
    after: str = ""


_ARROW, GAP = Word("→"), Word("")


def gathered(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Files to which the same happened are told as one: an option often changes in all of a package."""
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        alike = entry.kind == "file" and entry.sign == "changed"
        groups.setdefault(entry.details if alike else entry, []).append(entry)
    return list(groups.values())


def line(entry: Entry, name: str, package: str, number: int = 1) -> list[Word]:
    """The entry in one line, which may stand for a `number` of them.

    Its types go by the names that one may use in the package.
    """
    if number > 1:
        return [Word(counted(number, entry.kind)), GAP, *_rest(entry, package)]
    kind = _KINDS.get(entry.kind, entry.kind)
    words = [Word(kind)] if kind else []
    if entry.kind in ("reserved", "extension_range"):
        return [*words, Word(entry.item.name, "type")]
    words.append(Word(name, "name"))
    if entry.item.number is not None:
        words.append(Word(f"= {entry.item.number}"))
    rest = _rest(entry, package)
    return [*words, GAP, *rest] if rest else words


def _rest(entry: Entry, package: str) -> list[Word]:
    label = entry.item.label if entry.sign in ("added", "removed") else ""
    words = [Word(_short(label, package), "type")] if label else []
    words += _size(entry)
    for each in _said(entry, package):
        if words:
            words[-1] = words[-1]._replace(after=",")
        words += each
    return words


def short(name: str, package: str) -> str:
    return name.removeprefix(f"{package}.") if package else name


def _short(text: str, package: str) -> str:
    """Types as one may write them within the package."""
    return _outer(package).sub("", text) if package else text


@cache
def _outer(package: str) -> re.Pattern[str]:
    scopes = accumulate(package.split("."), "{}.{}".format)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(re.escape(f'{each}.') for each in reversed(list(scopes)))})")


def _size(entry: Entry) -> list[Word]:
    """What came or went with it."""
    if entry.sign not in ("added", "removed") or not entry.item.children:
        return []
    return [Word(_counts(each.kind for each in entry.item.children))]


def contents(entries: Iterable[Entry]) -> str:
    """Of a package that is gone: what it held, which nobody wants to read one by one."""
    return _counts(entry.kind for entry in entries)


def _counts(kinds: Iterable[str]) -> str:
    found = Counter(_COUNTED.get(kind, kind) for kind in kinds)
    return ", ".join(counted(number, kind) for kind, number in found.items())


def _said(entry: Entry, package: str) -> Iterator[list[Word]]:
    method = [each for each in entry.details if each.what in ("request", "response")]
    if method and entry.was and entry.now:
        labels = (Word(_short(each.label, package), "type") for each in (entry.was, entry.now))
        yield [next(labels), _ARROW, next(labels)]
    # The type first: it says most.
    for detail in sorted(entry.details, key=lambda each: each.what != "type"):
        if detail not in method:
            yield _detail(detail, package)


def _detail(detail: Detail, package: str) -> list[Word]:
    what, before, after = _spoken(detail)
    if what in ("name", "file"):
        return _moved(detail)
    if what == "reserved":
        return [Word("reserved" if after == "number and name" else f"only its {after} reserved")]
    if what == "oneof":
        return _oneof(before, after)
    if "true" in (before, after) and {before, after} <= {"true", "false", None}:
        return [_named(what)] if after == "true" else [Word("no longer"), _named(what)]
    head = [] if what == "type" else [_named(what)]
    if before == after:  # both are something that cannot be read
        return [*head, Word("changed")]
    said = [
        Word(_short(each, package) if what in _TYPES else each, "type") if each else None for each in (before, after)
    ]
    if said[0] and said[1]:
        return [*head, said[0], _ARROW, said[1]]
    value = said[0] or said[1]
    verb = Word("set to" if after else "no longer")
    return [*head, verb, value] if value and value.text != UNREAD else [*head, Word("set" if after else "unset")]


def _spoken(detail: Detail) -> Detail:
    """A topic's properties as one speaks of them."""
    what, before, after = detail
    if what == _RETENTION:
        before, after = (each and _lasting(each) for each in (before, after))
    return Detail(_property(what), before, after)


def _property(what: str) -> str:
    return "topic" if what == "topic.name" else what.removeprefix("topic.")


def _lasting(duration: str) -> str:
    """Of what JSON has for a duration; less than none is for ever, to Kafka."""
    seconds = float(duration.removesuffix("s"))
    return length(seconds) if seconds >= 0 else "for ever"


def _named(what: str) -> Word:
    return Word(what, "plain" if what.isidentifier() else "type")


def _moved(detail: Detail) -> list[Word]:
    if detail.what == "name":
        return [Word("was"), Word(detail.before or "", "name")]
    return [Word("moved from"), Word(detail.before or "", "type"), Word("to"), Word(detail.after or "", "type")]


def _oneof(before: str | None, after: str | None) -> list[Word]:
    out = [Word("out of oneof"), Word(before, "name")] if before else []
    return out + ([Word("into oneof"), Word(after, "name")] if after else [])


def happened(entry: Entry, name: str) -> str:
    """As a reason: "`User.age` changed its type"."""
    if entry.kind in ("reserved", "extension_range"):
        what = "reservation" if entry.kind == "reserved" else "extension range"
        return f"`{name}` has a new {what}" if entry.sign == "added" else f"`{name}` lost a {what}"
    if entry.sign == "added":
        return f"`{name}` is new"
    if entry.sign == "removed":
        return f"`{name}` is gone"
    if entry.sign == "moved":
        moved = entry.detail("file")
        return f"`{name}` moved to `{moved.after if moved else ''}`"
    if entry.sign == "renamed":
        return f"`{entry.was.name if entry.was else ''}` is called `{name}` now"
    if entry.deprecates:
        return f"`{name}` is deprecated"
    whats = [_property(each.what) for each in entry.details if each.what != "presence"] or ["presence"]
    return f"`{name}` changed {_enumerated(whats)}" if entry.details else f"`{name}` changed"


def _enumerated(whats: list[str]) -> str:
    told = [f"its {what}" if what.isidentifier() else f"`{what}`" for what in whats[:3]]
    more = [f"{len(whats) - 3} more"] if len(whats) > 3 else []
    *others, last = [*told, *more]
    return f"{', '.join(others)} and {last}" if others else last


def harm(told: Told) -> str:
    """What readers must expect, else why it counts as breaking; empty where it breaks nothing."""
    if told.covered:
        return effects(told.covered)
    if told.broken:
        return _BROKEN[told.broken].format(", ".join(told.because))
    rules = dict.fromkeys(each.rule for each in told.warnings)
    return f"readers should know ({', '.join(rules)})" if rules else ""


def effects(found: Iterable[Effect]) -> str:
    """`readers with the old schema read some values wrong (binary), fail (JSON)`."""
    found = list(found)
    said = {way: _outcome([each for each in found if each.direction == way]) for way in DIRECTIONS}
    if said["backward"] == said["forward"]:
        return f"readers with either schema {said['backward']}" if said["backward"] else ""
    return "; ".join(f"{_WHOM[way]} {text}" for way, text in said.items() if text)


def _outcome(found: Iterable[Effect]) -> str:
    cells: dict[tuple[Kind, str], list[str]] = {}
    readers: dict[tuple[str, Kind, str], set[str]] = {}
    for each in found:
        readers.setdefault((each.encoding, each.effect, each.values), set()).add(each.readers)
    for (encoding, effect, values), who in readers.items():
        strict = "strict " if who == {"strict"} and encoding == "json" else ""
        cells.setdefault((effect, values), []).append(strict + {"json": "JSON"}.get(encoding, encoding))
    ranked = sorted(cells.items(), key=lambda cell: (_WORST.index(cell[0][0]), cell[0][1]))
    return ", ".join(f"{_DONE[cell]} ({' and '.join(where)})" for cell, where in ranked)
