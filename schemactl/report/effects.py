"""What a change does to readers, and the message that proves it, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import asdict

from schemactl.effect import HARM, Direction, Effect, Encoding, Evidence, Kind, Reading
from schemactl.finding import Finding

# In characters: of what is longer people see enough at its start; the `json` format has all of it.
_LONGEST = 300

_WHO: Mapping[Direction, str] = {"backward": "new readers of old data", "forward": "old readers of new data"}
_READER: Mapping[Direction, str] = {"backward": "head", "forward": "base"}
_ENCODING: Mapping[Encoding, str] = {"json": "JSON", "binary": "binary"}
_KIND: Mapping[Kind, str] = {"error": "error", "wrong": "a wrong value", "default": "the default"}
_FINE = Reading()


def told(effects: Iterable[Effect]) -> list[str]:
    """A line for each direction and encoding in which somebody is harmed."""
    cells: dict[tuple[Direction, Encoding], dict[str, Reading]] = {}
    for each in effects:
        if each.effect in HARM:
            found = cells.setdefault((each.direction, each.encoding), {})
            found[each.readers] = Reading(each.effect, each.values)
    said: dict[tuple[Direction, str], list[str]] = {}
    for (direction, encoding), by_reader in cells.items():
        said.setdefault((direction, _outcome(by_reader)), []).append(_ENCODING[encoding])
    return [
        f"{_WHO[direction]} ({direction}, {' and '.join(encodings)}): {outcome}"
        for (direction, outcome), encodings in said.items()
    ]


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


def _outcome(by_reader: Mapping[str, Reading]) -> str:
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
