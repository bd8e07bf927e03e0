"""The `text` format of a difference: a tree for people, as wide as the terminal, plain in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemactl.diff.entry import Advice, Diff, Entry, Level, Package, Told
from schemactl.diff.summary import summary
from schemactl.diff.wording import Word, harm, line
from schemactl.report import Style
from schemactl.report.escape import terminal
from schemactl.report.excerpt import cells

_BOLD, _QUIET, _CARE = "1", "94", "33"
_SIGNS = {
    "added": ("+", "32"),
    "removed": ("-", "31"),
    "changed": ("~", "33"),
    "renamed": ("~", "33"),
    "moved": (">", "36"),
    "": ("", ""),
}
_LEVELS: dict[Level, str] = {"major": "1;31", "minor": "1;33", "patch": "1;32", "none": ""}
_COLUMN = 44  # where notes start, unless what they are about is longer
_HANG = 4

_Painted = tuple[str, str]  # a word and its colour


def render(diff: Diff, style: Style) -> str:
    """One block for each package; the last line is the summary."""
    blocks = ["\n".join([*_package(package, style), ""]) for package in diff.packages]
    notes = ["\n".join(_wrapped([(f"note: {terminal(note)}", "")], "", "", style)) for note in diff.notes]
    closing = _wrapped(_words(terminal(summary(diff)), _BOLD), "", "  ", style)
    return "\n".join([*blocks, *notes, *closing, ""])


def _package(package: Package, style: Style) -> Iterator[str]:
    sign, color = _SIGNS[package.sign]
    name = terminal(package.name or "(no package)")
    start: list[_Painted] = [(sign, color)] if sign else []
    title = [*start, (name, _BOLD)]
    yield from _beside(title, _advice(package.advice), ("", "  "), style)
    yield from _entries(package.entries, package, "", style)


def _advice(advice: Advice) -> list[_Painted]:
    level = advice.counts
    grade = f"{level}:"
    if advice.now is None and advice.early != advice.level:
        grade = f"{level} ({advice.early} below 1.0):"
    elif advice.tag and "/" in advice.tag:
        grade = f"{level}, {advice.now} → {advice.next}:"
    more = f" and {advice.more:,} more" if advice.more else ""
    return [(word, _LEVELS[level]) for word in grade.split()] + _words(terminal(f"{advice.reason}{more}"))


def _entries(entries: Sequence[Entry], package: Package, lead: str, style: Style) -> Iterator[str]:
    for index, entry in enumerate(entries):
        last = index == len(entries) - 1
        turn, under = ("└─ ", "   ") if last else ("├─ ", "│  ")
        told = package.told.get(entry, Told())
        below = f"{lead}{under}" + ("│  " if entry.children else "   ")
        yield from _beside(_line(entry, package), _words(terminal(harm(told)), _CARE), (lead + turn, below), style)
        yield from _entries(entry.children, package, lead + under, style)


def _line(entry: Entry, package: Package) -> list[_Painted]:
    sign, color = _SIGNS[entry.sign]
    told = [(sign, color)] if sign else []
    name = entry.item.name
    return [*told, *(_painted(word, bool(sign), color) for word in line(entry, name, package.name))]


def _painted(word: Word, changed: bool, color: str) -> _Painted:
    shown = terminal(word.text)
    quoted = f"`{shown}`" if word.kind == "name" and changed else shown
    return quoted + word.after, color if word.kind == "name" else ""


def _words(text: str, color: str = "") -> list[_Painted]:
    return [(word, color) for word in text.split(" ") if word]


def _beside(left: list[_Painted], right: list[_Painted], leads: tuple[str, str], style: Style) -> Iterator[str]:
    """A note to the right of what it is about, else below it."""
    first, below = leads
    start = cells(first) + _width(left)
    gap = max(2, _COLUMN - start) if style.width is not None else 2
    if not right:
        yield from _wrapped(left, first, below, style)
    elif style.width is None or start + gap + _width(right) <= style.width:
        yield _shown(left, first, style) + " " * gap + _shown(right, "", style)
    else:
        yield from _wrapped(left, first, below, style)
        indent = below + " " * _HANG
        yield from _wrapped(right, indent, indent, style)


def _width(words: Sequence[_Painted]) -> int:
    return sum(cells(text) for text, _ in words) + max(0, len(words) - 1)


def _wrapped(words: Sequence[_Painted], first: str, below: str, style: Style) -> list[str]:
    """Lines of whole words; one that is longer runs over the edge."""
    lines: list[list[_Painted]] = [[]]
    used = cells(first)
    for word in words:
        size = cells(word[0])
        if lines[-1] and style.width is not None and used + 1 + size > style.width:
            lines.append([])
            used = cells(below)
        used += size + bool(lines[-1])
        lines[-1].append(word)
    return [_shown(each, below if index else first, style) for index, each in enumerate(lines)]


def _shown(words: Sequence[_Painted], lead: str, style: Style) -> str:
    guide = _paint(lead, _QUIET, style) if lead.strip() else lead
    return guide + " ".join(_paint(text, color, style) for text, color in words)


def _paint(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color and color else text
