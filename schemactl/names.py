"""Names: cases, patterns and likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import zip_longest

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_PLACEHOLDER = re.compile(r"<(\w+)>")
_SYNTAX = re.compile(r"[\\^$*+?()\[\]{}|]")
_PARTS = re.compile(r"[-_]")
_AFTER_UNDERSCORE = re.compile(r"_+(.?)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGITS = re.compile(r"\d")
_LONGEST = 80
_BEGUN = 3  # characters that tell a name from all others


def words(name: str) -> list[str]:
    return _WORDS.findall(name)


def snake(name: str) -> str:
    """`userId` and `UserID` are both `user_id`; a number stays with the word before it."""
    return re.sub(r"_(?=\d)", "", "_".join(word.lower() for word in words(name)))


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:].lower() for word in words(name))


def lower_camel(name: str) -> str:
    """`user_id` and `UserID` are both `userId`."""
    found = pascal(name)
    return found[:1].lower() + found[1:]


def upper_snake(name: str) -> str:
    return snake(name).upper()


def regex(pattern: str) -> str:
    """The regular expression that a whole name must match: `ch.acme.<domain>.v<N>` is one in words.

    `<N>` stands for a number without leading zero, every other placeholder for one lower-case word.
    """
    if _SYNTAX.search(pattern):
        return f"^(?:{pattern})$"
    parts = _PLACEHOLDER.split(pattern)
    return "^" + "".join(_part(part, index % 2 == 1) for index, part in enumerate(parts)) + "$"


def _part(part: str, placeholder: bool) -> str:
    if not placeholder:
        return part.replace(".", r"\.")
    return "[1-9][0-9]*" if part == "N" else "[a-z][a-z0-9_-]*"


def camel(name: str) -> str:
    """The name in JSON that protoc gives a field: `event_uuid` is `eventUuid`."""
    return _AFTER_UNDERSCORE.sub(lambda found: found[1].upper(), name)


def is_identifier(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None


def kebab(name: str) -> str:
    return snake(name).replace("_", "-")


def short(full_name: str) -> str:
    return full_name.rpartition(".")[2]


def distance(one: str, other: str) -> int:
    """Edits (insert, delete, replace, swap neighbours) from one word to the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def alike(one: str, other: str) -> bool:
    """Whether one name may be a slip of the other: `uers` and `users` are, `created` and `updated` not."""
    if one == other or abs(len(one) - len(other)) > 2:
        return False
    ours, theirs = _parts(one), _parts(other)
    if "".join(ours) == "".join(theirs):
        return True
    different = [(a, b) for a, b in zip_longest(ours, theirs, fillvalue="") if a != b]
    return len(different) == 1 and _slip(*different[0])


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(_PARTS.split(name))


def _slip(one: str, other: str) -> bool:
    """Whoever slips gets the first letter right; another one is another word (`encoded`, `decoded`)."""
    shorter = min(len(one), len(other))
    if shorter < 4 or one[0] != other[0] or _DIGITS.sub("", one) == _DIGITS.sub("", other):
        return False
    if one.endswith("ed") and other.endswith("ed"):
        # Many verbs are one letter apart (`charged`, `changed`): only a letter lost, doubled or swapped is a slip.
        return within(one, other, 1) and (len(one) != len(other) or sorted(one) == sorted(other))
    return within(one, other, 1 if shorter < 6 else 2)


def within(one: str, other: str, edits: int) -> bool:
    """Whether so few edits lead from one word to the other; `distance` would take the product of their lengths."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if not one or not other or not edits:
        return len(one) + len(other) <= edits
    if abs(len(one) - len(other)) > edits:
        return False
    rest = [(one[1:], other), (one, other[1:]), (one[1:], other[1:])]
    if len(one) > 1 < len(other) and one[:2] == other[1::-1]:
        rest.append((one[2:], other[2:]))
    return any(within(a, b, edits - 1) for a, b in rest)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant; what is longer than any name was not meant to be one."""
    if len(name) > _LONGEST:
        return None
    known = list(known)
    close = sorted((distance(name.lower(), other.lower()), other) for other in known)
    if close and close[0][0] <= max(1, len(name) // 4):
        return close[0][1]
    begun = [other for other in known if len(name) >= _BEGUN and other.lower().startswith(name.lower())]
    return begun[0] if len(begun) == 1 else None
