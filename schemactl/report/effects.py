"""What a change does to readers, and the message that proves it, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import asdict

from schemactl.effect import HARM, READERS, Direction, Effect, Encoding, Evidence, Kind, Readers, Reading
from schemactl.finding import Finding

# In characters: of what is longer people see enough at its start; the `json` format has all of it.
_LONGEST = 300

_WHO: Mapping[Direction, str] = {"backward": "new readers of old data", "forward": "old readers of new data"}
_READER: Mapping[Direction, str] = {"backward": "head", "forward": "base"}
_ENCODING: Mapping[Encoding, str] = {"json": "JSON", "binary": "binary"}
_KIND: Mapping[Kind, str] = {"error": "error", "wrong": "a wrong value", "default": "the default"}
_EITHER = "readers on either side"
_OUTSIDE = " (outside of the contract)"
_FINE = Reading()


def told(effects: Iterable[Effect]) -> list[str]:
    """A line for each direction and encoding in which somebody is harmed; what no contract covers comes last."""
    cells: dict[tuple[Direction, Encoding], list[Effect]] = {}
    for each in effects:
        if each.effect in HARM:
            cells.setdefault((each.direction, each.encoding), []).append(each)
    said: dict[tuple[bool, Direction, str], list[str]] = {}
    for (direction, encoding), found in cells.items():
        for covered, by_reader in _parted(found):
            said.setdefault((covered, direction, _outcome(by_reader)), []).append(_ENCODING[encoding])
    inside = [_line([way], encodings, outcome) for (covered, way, outcome), encodings in said.items() if covered]
    outside: dict[tuple[tuple[str, ...], str], list[Direction]] = {}
    for (covered, direction, outcome), encodings in said.items():
        if not covered:
            outside.setdefault((tuple(encodings), outcome), []).append(direction)
    return [*inside, *(f"{_line(ways, *what)}{_OUTSIDE}" for what, ways in outside.items())]


def _line(ways: Sequence[Direction], encodings: Iterable[str], outcome: str) -> str:
    who = _WHO[ways[0]] if len(ways) == 1 else _EITHER
    return f"{who} ({' and '.join(ways)}, {' and '.join(encodings)}): {outcome}"


def _parted(cells: Sequence[Effect]) -> Iterator[tuple[bool, Mapping[Readers, Reading]]]:
    """What each kind of reader sees: together where the contract is about all of them, or what all see the same."""
    readings = {each.readers: Reading(each.effect, each.values) for each in cells}
    covered = {each.readers for each in cells if each.covered}
    if len(readings) == len(READERS) and len(set(readings.values())) == 1:
        yield bool(covered), readings
        return
    for inside in (True, False):
        part = {readers: reading for readers, reading in readings.items() if (readers in covered) == inside}
        if part:
            yield inside, part


def proved(evidence: Evidence | str, quoted: Callable[[str], str] = str) -> str:
    """One line; `quoted` is how what a message says is set apart from our words. Why there is none is not escaped."""
    if isinstance(evidence, str):
        return f"none: {_cut(evidence)}"
    said = {part: quoted(_cut(text)) if text else "nothing" for part, text in asdict(evidence).items()}
    wire = said["wire"] + (" (hex)" if evidence.encoding == "binary" and evidence.wire else "")
    reads = ": " if evidence.effect == "error" else " reads "
    return (
        f"{said['wrote']} writes {wire} as {said['message']}; a reader of {_READER[evidence.direction]}"
        f"{reads}{said['read']} ({said['library']}, {evidence.readers})"
    )


def lines(finding: Finding) -> list[str]:
    """Both, each with what it is; not escaped."""
    evidence = [f"evidence: {proved(finding.evidence)}"] if finding.evidence else []
    return [*(f"effect: {line}" for line in told(finding.effects)), *evidence]


def _outcome(by_reader: Mapping[Readers, Reading]) -> str:
    tolerant, strict = by_reader.get("tolerant", _FINE), by_reader.get("strict", _FINE)
    if tolerant == strict:
        return _reading(strict)
    if tolerant == _FINE:
        return f"{_reading(strict)} where unknown names are refused"
    told = f"{_reading(tolerant)} where unknown names are ignored"
    return told if strict == _FINE else f"{_reading(strict)}, or {told}"


def _reading(reading: Reading) -> str:
    return _KIND[reading.effect] + (" for some values" if reading.values == "some" else "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
