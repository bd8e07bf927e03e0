"""Looks for files that may declare what others newly declare: too many rather than too few, the compiler decides."""

from __future__ import annotations

from collections.abc import Collection

from schemactl import scan
from schemactl.symbols import Difference
from schemactl.texts import Sources


def of(added: Difference, sources: Sources) -> set[str]:
    """Files with the same names, with a package of such a name, or with extensions of the same messages."""
    by_package: dict[str, list[str]] = {}
    for name, each in sources.facts.items():
        by_package.setdefault(each.package, []).append(name)
    found = {files[0] for package, files in by_package.items() if _within(package, added.names)}
    wanted: dict[str, set[str]] = {}
    for full in {*added.names, *added.packages}:
        package, _, symbol = full.rpartition(".")
        wanted.setdefault(package, set()).add(symbol)
    for package, symbols in wanted.items():
        found |= _declaring(symbols, by_package.get(package, ()), sources)
    if added.extended:
        found |= _extending(added.extended, sources)
    return found


def _within(package: str, names: Collection[str]) -> bool:
    parts = package.split(".")
    return any(".".join(parts[:end]) in names for end in range(1, len(parts) + 1))


def _declaring(symbols: set[str], files: Collection[str], sources: Sources) -> set[str]:
    sources.load(files)
    return {name for name in files if not symbols.isdisjoint(scan.declared(sources.everything[name]))}


def _extending(messages: set[str], sources: Sources) -> set[str]:
    sources.load(sources.facts)
    texts, wanted = sources.everything, [message.encode() for message in messages]
    return {name for name in texts if b"extend" in texts[name] and any(each in texts[name] for each in wanted)}
