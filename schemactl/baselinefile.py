"""The file of a baseline: one line for each finding, so that it can be reviewed and merged, and quick to read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from schemactl.config import LARGEST_BASELINE
from schemactl.errors import ConfigError

VERSION = 1

_ANEW = "correct the line, or write the file anew with `schemactl lint --write-baseline`"
_FINGERPRINT = "^[0-9a-f]{16}$"
_CONFLICT = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})", re.MULTILINE)


class Entry(NamedTuple):
    """A finding that is known; `what` says to people what it is about, and of a file how to find it again."""

    rule: str
    what: str
    fingerprint: str


class _File(Struct, forbid_unknown_fields=True):
    schema_version: int
    findings: dict[str, dict[Annotated[str, Meta(pattern=_FINGERPRINT)], str]]


def text(entries: Iterable[Entry]) -> bytes:
    """Sorted by rule and by what they are about; no entry twice."""
    groups = groupby(sorted(set(entries)), key=lambda entry: entry.rule)
    blocks = [f"  {_quoted(rule)}: " + _object(map(_line, group), "  ") for rule, group in groups]
    return f'{{\n "schema_version": {VERSION},\n "findings": {_object(blocks, " ")}\n}}\n'.encode()


def _object(lines: Iterable[str], indentation: str) -> str:
    inside = ",\n".join(lines)
    return f"{{\n{inside}\n{indentation}}}" if inside else "{}"


def _line(entry: Entry) -> str:
    return f"   {_quoted(entry.fingerprint)}: {_quoted(entry.what)}"


def _quoted(text: str) -> str:
    # A path may hold bytes that are no text.
    return msgspec.json.encode(text.encode("utf-8", "backslashreplace").decode()).decode()


def parse(data: bytes, path: str) -> Mapping[str, Mapping[str, str]]:
    """What is known, by rule and fingerprint; ConfigError says what is wrong in which line. `path` names the file."""
    if len(data) > LARGEST_BASELINE:
        raise ConfigError(
            f"{path} is larger than {LARGEST_BASELINE >> 20} MiB",
            "turn off the rules that find the most, and write it anew with `schemactl lint --write-baseline`",
        )
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _mistake(data, path) or _wrong(path, 1, "this is not a baseline") from None
    # The decoder lets the last of two equal keys win.
    entries = sum(map(len, file.findings.values()))
    suspicious = file.schema_version != VERSION or data.count(b'": "') != entries
    if suspicious and (mistake := _mistake(data, path)):
        raise mistake
    return file.findings


class _TwiceError(Exception):
    """Says which key an object has twice."""


def _mistake(data: bytes, path: str) -> ConfigError | None:
    """The first mistake of a file that was not what it should be, found slowly."""
    if conflict := _CONFLICT.search(data):
        message = f"`{conflict[0].decode()}` is left from a merge conflict"
        return _wrong(
            path, _line_of(data, conflict.start()), message, "keep the lines of both sides, with a comma between them"
        )
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        return _wrong(path, _line_of(data, error.start), f"byte 0x{data[error.start]:02x} is not UTF-8")
    except json.JSONDecodeError as error:
        return _wrong(path, error.lineno, f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}")
    except RecursionError:
        return _wrong(path, 1, "it is nested too deeply")
    except _TwiceError as twice:
        return _wrong(path, _line_with(data, str(twice), last=True), f"`{twice}` is listed twice", "delete one of them")
    return next((_wrong(path, _line_with(data, key), *said) for key, *said in _unfit(value)), None)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _unfit(file: Any) -> Iterator[tuple[str, ...]]:
    """A key, what is wrong with it, and perhaps what to do."""
    if not isinstance(file, dict) or not isinstance(file.get("findings"), dict):
        yield "findings", "there should be an object `findings`"
        return
    if file.get("schema_version") != VERSION or isinstance(file["schema_version"], bool):
        message = f"`schema_version` should be {VERSION}, the one that this schemactl knows"
        yield (
            "schema_version",
            message,
            "use the schemactl that wrote it, or write it anew with `lint --write-baseline`",
        )
    for key in file.keys() - {"schema_version", "findings"}:
        yield key, f"`{key}` does not belong in a baseline"
    for rule, entries in file["findings"].items():
        if not isinstance(entries, dict):
            yield rule, f"`{rule}` should hold an object of fingerprints"
            continue
        for key, what in entries.items():
            if not re.search(_FINGERPRINT, key):
                yield key, f"`{key}` is not a fingerprint: these have 16 hexadecimal digits"
            elif not isinstance(what, str):
                yield key, f"`{key}` should be followed by what it is about, in quotes"


def _line_with(data: bytes, key: str, *, last: bool = False) -> int:
    written = _quoted(key).encode()
    return _line_of(data, data.rfind(written) if last else data.find(written))


def _line_of(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, max(at, 0)) + 1


def _wrong(path: str, line: int, message: str, hint: str = _ANEW) -> ConfigError:
    return ConfigError(f"{path}:{line}: {message}", hint)
