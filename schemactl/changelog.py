"""A release in Markdown: for its notes, for the message of its tag, and as a section of a changelog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from schemactl.report.inline import code, inline
from schemactl.upcoming import Step

LONGEST = 60_000  # a forge takes about twice as much for the notes of a release
_SHOWN = 5
_TITLE = "# Changelog\n"
_BOM = "\ufeff"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_PART = re.compile(r"(?m)^(?=## )")
_HASHED = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")
_WORDY = re.compile(r" {0,3}[\w\[(]")
_FENCE = re.compile(r" {0,3}(?:(`{3,})[^`]*|(~{3,})[^\n]*\n?)")
_LINK = re.compile(r" {0,3}\[[^\]\n]+\]:")
_WORD = re.compile(r"[^\s\[\]()`*:,]+")
_VERSION = re.compile(r"(?<![\d.])\d+\.\d+\.\d+")
_COMING = re.compile(r"(?!.*\d{4}-\d\d-\d\d)(?:\W*(?:upcoming|next|dev)(?![\w-])|.*\bunreleased\b)", re.IGNORECASE)


def text(steps: Sequence[Step], day: date, longest: int = LONGEST) -> str:
    """A section for each package that is released; `day` is that of the commit."""
    released = [step for step in steps if step.next]
    return "\n".join(_section(step, day, longest // len(released)) for step in released)


def _section(step: Step, day: date, longest: int) -> str:
    assert step.next
    heading = f"## {inline(step.name)} {step.next.semantic} ({day.isoformat()})\n"
    lines, left = [], longest - len(heading)
    wanted = [f"{_reasons(step)}\n", *step.changes.rstrip("\n").split("\n")]
    for line in wanted:
        left -= len(line) + 1
        if left < len("\nand 1,000,000 more\n"):
            break
        lines.append(line)
    if len(lines) < len(wanted):
        lines = _cut(lines, sum(line.startswith("- ") for line in wanted[len(lines) :]))
    return "\n".join([heading, *lines]).rstrip("\n") + "\n"


def _cut(lines: Sequence[str], left: int) -> list[str]:
    """No title is left without what was below it."""
    end = len(lines)
    while end and (not lines[end - 1] or lines[end - 1].startswith("#")):
        end -= 1
    gap = [""] if end else []
    return [*lines[:end], *([*gap, f"and {left:,} more"] if left else [])]


def _reasons(step: Step) -> str:
    if step.last is None:
        return "First release."
    opening = "Since"
    if step.breaking:
        opening = "**Breaking** since" if step.level else "**May break** what there was since"
    more = f" and {len(step.why) - _SHOWN:,} more" if len(step.why) > _SHOWN else ""
    told = "; ".join(map(inline, step.why[:_SHOWN])) + more
    return f"{opening} {code(step.since or step.last)}" + (f": {told}" if told else "")


def inserted(existing: str | None, section: str, tags: Sequence[str] = ()) -> str:
    """The changelog with the sections that it does not have: the newest first, below what is not released yet.

    `tags` are those of the sections, in their order: where one is a heading, its section is there.
    """
    whole = existing or ""
    if not whole.strip(f"{_BOM} \t\r\n"):
        whole += _TITLE
    headings = [match[2] for line in _LINE.findall(whole.lstrip(_BOM)) if (match := _HASHED.match(line))]
    parts = [part.strip("\n") for part in _PART.split(section) if part.strip()]
    paired = zip_longest(parts, tags[: len(parts)], fillvalue="")
    new = [part for part, tag in paired if not any(_is_of(heading, part, tag) for heading in headings)]
    return _with(whole, "\n\n".join(new)) if new else whole


def _is_of(heading: str, part: str, tag: str) -> bool:
    _, name, version, *_ = part.split(maxsplit=3)
    words = _WORD.findall(heading)
    return words[:1] == [tag] or (name in words and not {version, f"v{version}"}.isdisjoint(words))


def _with(whole: str, new: str) -> str:
    """Nothing of the text is changed but what stands at the seams."""
    newline = "\r\n" if "\r\n" in whole else "\n"
    place = _place(whole)
    before, after = whole[:place], whole[place:]
    gap = "" if not before.strip(f"{_BOM}\r\n") or before.endswith(newline * 2) else newline
    if gap and not before.endswith("\n"):
        gap *= 2
    end = newline * (1 if after.startswith(("\r", "\n")) or (not after and whole.endswith("\n")) else 2 * bool(after))
    return before + gap + new.replace("\n", newline) + end + after


class _Heading(NamedTuple):
    place: int
    level: int
    title: str


def _place(whole: str) -> int:
    """Before the first release, else at the end."""
    coming = False
    for heading in _headings(whole):
        if not coming and heading.level < 3 and _COMING.match(heading.title):
            coming = True
        elif heading.level == 2 or (heading.level == 1 and (coming or _VERSION.search(heading.title))):
            return heading.place
    place = len(whole)
    for line in reversed(_LINE.findall(whole)):  # definitions of links stay last
        if not (_LINK.match(line) or not line.strip()):
            break
        place -= len(line)
    return place if _LINK.match(whole[place:].lstrip()) else len(whole)


def _headings(whole: str) -> Iterator[_Heading]:
    """Those that are no comment, no code and no front matter."""
    place, before, until = 0, "", None
    lines = _LINE.findall(whole)
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        shown = line.lstrip(_BOM) if place == 0 else line
        if until is not None:
            until = None if until.match(shown) else until
        elif (until := _opened(shown, first=place == 0)) is None:
            bom = len(line) - len(shown)
            if match := _HASHED.match(shown):
                yield _Heading(place + bom, len(match[1]), match[2])
            elif not before.strip() and _WORDY.match(shown) and (match := _UNDERLINE.fullmatch(following)):
                yield _Heading(place + bom, 1 if match[1][0] == "=" else 2, shown.strip())
        place, before = place + len(line), shown


def _opened(line: str, *, first: bool) -> re.Pattern[str] | None:
    """What a line begins that has no headings: the pattern of the line that ends it."""
    if first and line.rstrip() == "---":
        return re.compile(r"---\s*\Z")
    if fence := _FENCE.fullmatch(line):
        ticks = fence[1] or fence[2]
        return re.compile(rf" {{0,3}}{ticks}{ticks[0]}*\s*\Z")
    if re.match(r" {0,3}<!--", line) and "-->" not in line:
        return re.compile(r".*-->")
    return None
