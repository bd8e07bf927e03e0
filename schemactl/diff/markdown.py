"""The `markdown` format of a difference: a section of a changelog for each package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemactl.diff.entry import Advice, Diff, Entry, Package, Told
from schemactl.diff.summary import state, version
from schemactl.diff.wording import GAP, Word, contents, gathered, harm, line, short
from schemactl.report.inline import code, inline

_SECTIONS = ("Breaking", "Added", "Changed", "Deprecated", "Removed")


class _Change(NamedTuple):
    entry: Entry
    told: Told
    number: int = 1


def render(diff: Diff) -> str:
    old = code(state(diff.old)) if diff.old else "nothing"
    title = f"## From {old} to {code(state(diff.new))}\n"
    if not diff.packages:
        return "\n".join([title, "Nothing changed.\n"])
    head = [title, f"Version: {inline(version(diff.packages))}\n"]
    notes = [f"note: {inline(note)}\n" for note in diff.notes]
    return "\n".join([*head, sections(diff.packages), *notes])


def sections(packages: Sequence[Package]) -> str:
    """What changed of each of them, without a title."""
    return "\n".join(map(_package, packages))


def _package(package: Package) -> str:
    name = code(package.name) if package.name else "(no package)"
    word = {"added": " (new)", "removed": " (gone)", "": ""}[package.sign]
    head = [f"### {name}{word}\n", f"{_advice(package.advice)}\n"]
    if package.sign == "removed":
        return "\n".join([*head, f"#### Removed\n\n- {contents(package.entries)}\n"])
    sections: dict[str, list[_Change]] = {}
    for change in _flat(package.entries, package):
        sections.setdefault(_section(change), []).append(change)
    for title in _SECTIONS:
        if title in sections:
            head += [f"#### {title}\n", *(_item(change, package) for change in sections[title]), ""]
    return "\n".join(head)


def _advice(advice: Advice) -> str:
    early = f" ({advice.early} below 1.0)" if advice.now is None and advice.early != advice.level else ""
    own = f", {advice.now} → {advice.next}" if advice.tag and "/" in advice.tag else ""
    more = f" and {advice.more:,} more" if advice.more else ""
    return f"**{advice.counts}**{early}{own}: {inline(advice.reason)}{more}"


def _flat(entries: Sequence[Entry], package: Package) -> Iterator[_Change]:
    """What changed, or is told of although it only holds what did."""
    for entry, *others in gathered(entries):
        told = package.told.get(entry, Told())
        if entry.sign or told.is_news:
            yield _Change(entry, told, len(others) + 1)
        yield from _flat(entry.children, package)


def _section(change: _Change) -> str:
    """What was retired in good order stands under Removed: its readers were told before."""
    entry, told = change.entry, change.told
    if told.refused or (told.breaks and entry.sign != "removed"):
        return "Breaking"
    if entry.deprecates:
        return "Deprecated"
    return {"added": "Added", "removed": "Removed"}.get(entry.sign, "Changed")


def _item(change: _Change, package: Package) -> str:
    """No line starts with text that is not ours."""
    entry = change.entry
    owner = entry.kind in ("reserved", "extension_range")
    name = entry.item.name if entry.kind == "file" or owner else short(entry.item.full_name, package.name)
    words = line(entry, name, package.name, change.number)
    if owner:
        gone = [Word("no longer")] if entry.sign == "removed" else []
        words = [Word(short(entry.item.full_name, package.name), "name"), GAP, *gone, *words]
    elif entry.sign == "removed" and _section(change) == "Breaking":
        words = [Word("removed"), *words]
    told = "".join(map(_word, words)).strip(" ")
    note = harm(change.told)
    return f"- {told}" + (f"; {inline(note)}" if note else "")


def _word(word: Word) -> str:
    if word is GAP:
        return ":"
    return f" {word.text if word.kind == 'plain' else code(word.text)}{word.after}"
