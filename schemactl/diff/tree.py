"""The `text` format of a difference: a tree for people, as wide as the terminal, plain in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemactl.diff.entry import Advice, Diff, Entry, Package, Told
from schemactl.diff.summary import summary
from schemactl.diff.wording import Word, contents, gathered, harm, line
from schemactl.report import Style
from schemactl.report.escape import terminal
from schemactl.report.excerpt import cells
from schemactl.version import Level

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
_COLUMN = 40  # where notes start, unless what they are about is longer
_HANG = 2

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
    yield from _beside(title, _advice(package.advice), ("", ""), style)
    if package.sign == "removed":
        yield f"└─ {contents(package.entries)}"
    else:
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


def _entries(
    entries: Sequence[Entry], package: Package, lead: str, style: Style, *, quiet: bool = False
) -> Iterator[str]:
    groups = gathered(entries)
    for index, group in enumerate(groups):
        last, entry = index == len(groups) - 1, group[0]
        turn, under = ("└─ ", "   ") if last else ("├─ ", "│  ")
        note = "" if quiet else _harm(entry, package)
        shared = "" if note else _shared(entry, package)
        words = _words(terminal(note or shared), _CARE)
        below = f"{lead}{under}" + ("│  " if entry.children else "")
        yield from _beside(_line(group, package), words, (lead + turn, below), style)
        yield from _entries(entry.children, package, lead + under, style, quiet=bool(shared))


def _harm(entry: Entry, package: Package) -> str:
    return harm(package.told.get(entry, Told()))


def _shared(entry: Entry, package: Package) -> str:
    """What is to be said of each change in it, as of the new values of an enum, is said once."""
    notes = {_harm(child, package) if not child.children else "" for child in entry.children}
    return f"each: {notes.pop()}" if len(notes) == 1 and len(entry.children) > 1 and notes != {""} else ""


def _line(group: Sequence[Entry], package: Package) -> list[_Painted]:
    sign, color = _SIGNS[group[0].sign]
    told = [(sign, color)] if sign else []
    words = line(group[0], group[0].item.name, package.name, len(group))
    return [*told, *(_painted(word, bool(sign), color) for word in words)]


def _painted(word: Word, changed: bool, color: str) -> _Painted:
    shown = terminal(word.text)
    quoted = f"`{shown}`" if word.kind == "name" and changed else shown
    return quoted + word.after, color if word.kind == "name" else ""


def _words(text: str, color: str = "") -> list[_Painted]:
    return [(word, color) for word in text.split(" ") if word]


def _beside(left: list[_Painted], right: list[_Painted], leads: tuple[str, str], style: Style) -> Iterator[str]:
    """A note to the right of what it is about, else below it."""
    (first, below), hang = leads, " " * _HANG
    start = cells(first) + _width(left)
    spare = style.width - start - _width(right) if style.width is not None else 2
    gap = min(max(2, _COLUMN - start), spare)
    if not right:
        yield from _wrapped(left, first, below + hang, style)
    elif gap >= 2:
        yield _shown(left, first, style) + " " * gap + _shown(right, "", style)
    else:
        yield from _wrapped(left, first, below + hang, style)
        indent = below + hang * 2
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
    return (guide + " ".join(_paint(text, color, style) for text, color in words)).rstrip(" ")


def _paint(text: str, color: str, style: Style) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color and color else text
