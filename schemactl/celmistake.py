"""What the CEL compiler says of an expression, in our words: what is wrong, exactly where, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from msgspec.json import encode

from schemactl.celtext import code, original
from schemactl.names import nearest
from schemactl.schema import schema

_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_ENDING = re.compile(r" \[[A-Z_]+\]$")
_EXPECTING = re.compile(r" expecting \{.*")
_CHAIN = re.compile(r"[\w.]+$")
_WORD = re.compile(r"\w+")
_METHODS = (
    "all", "charAt", "contains", "endsWith", "exists", "exists_one", "filter", "format", "getExt", "hasExt", "indexOf",
    "join", "lastIndexOf", "lowerAscii", "map", "matches", "replace", "size", "split", "startsWith", "substring",
    "trim", "upperAscii", "has", "int", "string", "proto", "google",
)  # fmt: skip


# Two words side by side, which only `in` can join.
_SENTENCE = re.compile(r"[^\W\d]\w*[,:;]?\s+(?!in\b)[`%A-Za-z]")
_LONGEST = 120


class Problem(NamedTuple):
    """A mistake and how many characters of the expression stand before it."""

    offset: int
    message: str


class Known(NamedTuple):
    """What an expression of a rule on the target may name: the variables of each target, and its functions."""

    target: str
    variables: Mapping[str, Collection[str]]
    functions: Collection[str]


def problems(said: str, text: str, known: Known) -> list[Problem]:
    found = [_problem(match, text, known) for match in _ERROR.finditer(said)]
    first = [problem for problem in found if "*error*" not in problem.message]  # the others follow from these
    return list(dict.fromkeys(first or found)) or [Problem(0, _ENDING.sub("", " ".join(said.split())))]


def of_prose(key: str, text: str, found: list[Problem]) -> list[Problem]:
    """What is wrong with a text that should have been an expression: words, and not the first two of them."""
    words = " ".join(text.split())
    bare = _WORD.fullmatch(words) and found[0].message == f"`{words}` is unknown"
    sentence = not words.startswith(("'", '"')) and ("`" in code(words) or _SENTENCE.match(words))
    if not words or not (bare or sentence):
        return found
    quote = '"' if "'" in words else "'"
    plain = len(words) <= _LONGEST and quote not in words and "\\" not in words
    example = f": {key}: {encode(f'{quote}{words}{quote}').decode()}" if plain else ""
    return [Problem(0, f"should be an expression: text in it has quotes of its own, inside of YAML's{example}")]


def _problem(match: re.Match[str], text: str, known: Known) -> Problem:
    offset = _offset(text, int(match[1]), int(match[2]))
    message = original(_ENDING.sub("", _EXPECTING.sub("", match[3])))
    for pattern, told in _TOLD.items():
        if found := pattern.fullmatch(message):
            return told(found, text, offset, known)
    return Problem(offset, message)


def _offset(text: str, line: int, column: int) -> int:
    """CEL ends lines at newlines only, and counts code points."""
    if line < 1:
        return 0
    before = text.split("\n")[: line - 1]
    return min(sum(len(each) + 1 for each in before) + column - 1, len(text))


def _no_field(found: re.Match[str], text: str, offset: int, known: Known) -> Problem:
    """CEL points at the dot."""
    name, struct = found[1], found[2]
    at = text.find(name, offset)
    message = f"`{struct.rpartition('.')[2]}` has no {'extension' if '.' in name else 'field'} `{name}`"
    return Problem(offset if at < 0 else at, f"{message}{_meant(name, _members(struct, name))}")


def _members(struct: str, name: str) -> Iterable[str]:
    pool: Any = schema().pool
    try:
        message = pool.FindMessageTypeByName(struct)
    except KeyError:
        return ()
    if "." in name:
        return (each.full_name for each in pool.FindAllExtensions(message))
    return tuple(message.fields_by_name)


def _unknown(found: re.Match[str], text: str, offset: int, known: Known) -> Problem:
    """CEL points at the last dot of a chain of names, or at the bracket behind the name of a function."""
    name = found[1]
    root = name.partition(".")[0]
    at = text.rfind(root, 0, offset + 1)
    at = offset if at < 0 else at
    if root in known.functions:
        return Problem(at, f"`{root}` takes another number of arguments")
    if root == "item":
        return Problem(at, "`item` is there in `require`, `message` and `help` of a rule with `each`")
    others = [target for target, variables in known.variables.items() if root in variables]
    if name.startswith("google."):
        return Problem(at, f"`{name}` is unknown")
    if root in ("option", "parent_option", "file_option"):
        return Problem(at, f"`{root}` is not there where the target is `{known.target}`")
    if others:
        targets = " or ".join(f"`{target}`" for target in others[:3])
        return Problem(at, f"`{root}` is there where the target is {targets}, not `{known.target}`")
    here = (*known.variables[known.target], *known.functions, *_METHODS)
    return Problem(at, f"`{root}` is unknown{_meant(root, here)}")


def _no_constant(found: re.Match[str], text: str, offset: int, known: Known) -> Problem:
    """CEL points at the dot between an enum and its value."""
    chain, name = _CHAIN.search(text[:offset]), _WORD.match(text, offset + 1)
    if not chain or not name:
        return Problem(offset, found[0])
    pool: Any = schema().pool
    values: list[str] = []
    for enum in (chain[0], f"google.protobuf.{chain[0]}"):
        with suppress(KeyError):
            values += pool.FindEnumTypeByName(enum).values_by_name
    return Problem(offset + 1, f"`{chain[0]}` has no `{name[0]}`{_meant(name[0], values)}")


def _no_overload(found: re.Match[str], text: str, offset: int, known: Known) -> Problem:
    operator = found[1].replace("_", "") if found[1].startswith("_") or found[1].endswith("_") else found[1]
    return Problem(offset, f"`{operator}` does not take ({found[2]})")


def _meant(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"; did you mean `{close}`?" if close else ""


_Told = Callable[[re.Match[str], str, int, Known], Problem]
_TOLD: dict[re.Pattern[str], _Told] = {
    re.compile(r"undefined field '(.+)' not found in struct '(.+)'"): _no_field,
    re.compile(r"expression of type 'type\(\*error\*\)' cannot .*"): _no_constant,
    re.compile(r"undeclared reference to '(.+)' \(in container '.*'\)"): _unknown,
    re.compile(r"found no matching overload for '(.+)' applied to '\((.*)\)'"): _no_overload,
}
