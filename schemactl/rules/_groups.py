"""Files in groups, and lists of names, for rules over several files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter

from schemactl.outline import Outline

# Each of a thousand files tells the list: what nobody reads to the end is cut.
_LISTED = 5
_LONGEST = 100


package: Callable[[Outline], str] = attrgetter("package")


def grouped(files: Iterable[Outline], key: Callable[[Outline], str]) -> Mapping[str, list[Outline]]:
    groups: dict[str, list[Outline]] = defaultdict(list)
    for file in files:
        groups[key(file)].append(file)
    return groups


def directory(file: Outline) -> str:
    """Of the import path: where the file is below its root."""
    return file.name.rpartition("/")[0] or "."


def lasting(name: str, file: Outline | None = None) -> str:
    """What an import keeps when the file that it names moves: a finding about it is known by that."""
    return f"{file.package if file else ''}:{name.rpartition('/')[2]}"


def listed(names: Collection[str], *others: str) -> str:
    """`` `a`, `b` and 7 more``; `others` stand behind the names as they are."""
    told = [*map(quoted, sorted(names)[:_LISTED]), *others]
    told += [f"{len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))


def quoted(name: str) -> str:
    return f"`{name}`" if len(name) <= _LONGEST else f"`{name[:_LONGEST]}…`"
