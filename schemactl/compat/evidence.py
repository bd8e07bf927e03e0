"""Evidence: a message that one side writes and the other misreads, found by trying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from schemactl.compat.change import Change, Judged, Thing, Use, Value
from schemactl.compat.dynamic import Side, Unloadable, said
from schemactl.compat.reading import Way
from schemactl.compat.samples import Filling, any_of, fillings, of_number
from schemactl.compat.shape import Field, Message
from schemactl.compat.trial import Path, Result, Trial
from schemactl.effect import Effect, Evidence, Kind
from schemactl.image import Image

_TRIES, _USES, _STEPS, _COMPANIONS = 64, 3, 50, 8
_BUDGET = 4_000_000  # fields written and read in vain in one comparison: some five seconds
_RANK: dict[Kind, int] = {"ok": 0, "skip": 0, "default": 1, "wrong": 2, "error": 3}
_UNREACHED = "the change is met through no field of a message that travels"


class _Try(NamedTuple):
    fill: Filling | None
    beside: tuple[object, ...] = ()


class Evidences:
    """Of one comparison: what was loaded of either side for one change serves the next."""

    def __init__(self, old: Image, new: Image) -> None:
        self._images = old, new
        self._sides: tuple[Side, Side] | None = None
        self._left = _BUDGET

    def of(self, change: Change, effects: Sequence[Effect]) -> Evidence | str:
        """Evidence of the worst of the effects that can be shown; or the reason why there is none."""
        reasons = []
        for effect in sorted(effects, key=_order):
            for use, way in islice(_ways(change, effect), _USES):
                found = self._search(change, effect, use, way)
                if isinstance(found, Evidence):
                    return found
                reasons.append(found)
        return reasons[0] if reasons else _UNREACHED

    def _search(self, change: Change, effect: Effect, use: Use, way: Way) -> Evidence | str:
        try:
            trial = self._trial(change, effect, use, way)
            if isinstance(trial, str):
                return trial
            size = 1 + sum(len(owner.fields) for owner in change.owners if isinstance(owner, Message))
            if self._left < size * _TRIES:
                return "too many messages were tried for other changes already"
            result = _tried(trial, change, effect)
            self._left -= size * _TRIES if isinstance(result, str) else size
        except Unloadable as error:
            return str(error)
        except Exception as error:  # a schema under review may be anything; it never stops the verdict
            return f"the messages cannot be tried: {said(error)}"
        return result if isinstance(result, str) else _told(result, effect, trial)

    def _trial(self, change: Change, effect: Effect, use: Use, way: Way) -> Trial | str:
        if len(use.steps) > _STEPS:
            return f"what changed lies {len(use.steps)} messages deep, which no library reads"
        if change.kind != "field" and not use.steps:
            return _UNREACHED
        paths = _path(change, use, 0), _path(change, use, 1)
        if self._sides is None:
            self._sides = Side(self._images[0], "base"), Side(self._images[1], "head")
        for index, side in enumerate(self._sides):
            side.load(_files(change, use, index))
        one, other = (0, 1) if effect.direction == "backward" else (1, 0)
        return Trial(
            self._sides[one],
            self._sides[other],
            paths[one],
            paths[other],
            way,
            effect.readers == "tolerant",
            _words(change),
            change.rule.endswith("_REUSED"),
        )


def _order(effect: Effect) -> tuple[bool, int, bool, bool]:
    return effect.values != "all", -_RANK[effect.effect], effect.readers != "tolerant", effect.encoding != "json"


def _ways(change: Change, effect: Effect) -> Iterator[tuple[Use, Way]]:
    """The uses that the effect was found in, with all that writers may print there."""
    for judged in change.judged:
        if _has(judged, effect):
            for printed in judged.use.root.contract.writers[: 1 if effect.encoding == "binary" else None]:
                yield judged.use, Way(effect.direction, effect.encoding, printed)


def _has(judged: Judged, effect: Effect) -> bool:
    cell = effect.direction, effect.encoding, effect.readers, effect.effect
    return any((each.direction, each.encoding, each.readers, each.effect) == cell for each in judged.effects)


def _path(change: Change, use: Use, side: int) -> Path:
    root, steps = (use.root.was, use.root.now)[side], tuple(step[side] for step in use.steps)
    if change.kind != "field":
        return Path(root, steps[:-1], steps[-1])
    target = (change.was, change.now)[side]
    return Path(root, steps, target if isinstance(target, Field) else None)


def _files(change: Change, use: Use, side: int) -> list[str]:
    """All that has to be loaded for the messages, and for the extensions that lie on the way."""
    things = [*(step[side] for step in use.steps), change.owners[side], (change.was, change.now)[side]]
    return list(dict.fromkeys(each.place.file for each in things if each))


def _words(change: Change) -> tuple[str, ...]:
    """What an error about the change mentions."""
    words = []
    for each in (change.was, change.now):
        if isinstance(each, Field):
            words += [f'"{each.name}"', f'"{each.json_name}"', f" {each.name} field", f" {each.json_name} field"]
        elif isinstance(each, Value):
            words += [f" value {each.name} "]
    return tuple(words)


def _tried(trial: Trial, change: Change, effect: Effect) -> Result | str:
    """The first message that shows just this effect, else the first that shows a worse one."""
    if change.kind == "message" and _written(change, effect) is None:
        return f"the {trial.writer.word} has no `{change.element}`, and nothing tells what it writes instead"
    tries = _tries(trial, change, effect)
    others: list[Result] = []
    useless: list[str] = []
    for fill, beside in islice(tries, _TRIES):
        result = trial.run(fill, beside)
        if isinstance(result, str):
            useless.append(result)
        elif result.effect == effect.effect:
            return result
        else:
            others.append(result)
    worse = (each for each in others if _RANK[each.effect] > _RANK[effect.effect])
    return next(worse, None) or _nothing(trial, others, useless, next(tries, None) is not None)


def _tries(trial: Trial, change: Change, effect: Effect) -> Iterator[_Try]:
    target = trial.target
    if target is not None:
        found = list(islice(_values(trial, change, effect), _TRIES + 1))
        if found:
            yield from (_Try(found[0], (each,)) for each in islice(trial.companions(), _COMPANIONS))
        yield from (_Try(each) for each in found)
    yield _Try(None)


def _written(change: Change, effect: Effect) -> Thing | None:
    return change.was if effect.direction == "backward" else change.now


def _values(trial: Trial, change: Change, effect: Effect) -> Iterator[Filling]:
    thing = _written(change, effect)
    if isinstance(thing, Value):
        yield of_number(trial.target, thing.number)
    elif isinstance(thing, Message):
        yield any_of(trial.target, thing.full_name)
    elif change.kind == "enum":
        yield from chain(fillings(trial.target), _unknown(trial))
    elif isinstance(thing, Field):
        yield from fillings(trial.target)


def _unknown(trial: Trial) -> Iterator[Filling]:
    """A number that the enum has no name for."""
    value = trial.target.message_type.fields_by_name["value"] if trial.target.message_type else trial.target
    if value.enum_type:
        yield of_number(trial.target, max(each.number for each in value.enum_type.values) % (2**31 - 1) + 1)


def _nothing(trial: Trial, others: list[Result], useless: list[str], more: bool) -> str:
    if trial.target is None:
        return f"the {trial.writer.word} has no such field: what wrote it is neither of the two"
    if not others:
        return useless[0]
    milder = max((each.effect for each in others), key=_RANK.__getitem__)
    tried = "one message was" if len(others) == 1 else f"{len(others)} messages were"
    found = f" (the worst is `{milder}`)" if _RANK[milder] else ""
    rest = "; there are more to try" if more else "; readers in other languages may show it"
    return f"{tried} tried, and Python's reader shows it for none{found}{rest}"


def _told(result: Result, effect: Effect, trial: Trial) -> Evidence:
    from google import protobuf

    return Evidence(
        effect.direction, effect.encoding, effect.readers, result.effect, trial.written.root, trial.writer.word,
        result.wire, result.read, f"Python protobuf {protobuf.__version__}",
    )  # fmt: skip
