"""Pages of the documentation that can be carried out: their blocks, what these do to files, and what must be printed.

A `console` block is typed into bash: `$ ` begins a command, `> ` goes on with it, everything else is what it prints;
a line `…` stands for any lines. A block with `title="FILE"` is that file, or, as `diff`, an edit of it. Commands in any
other block need a comment before it that says why nobody runs them: `<!-- not run: REASON -->`.
A comment `<!-- before:` … `-->` holds commands for bash that prepare what the reader of the page has already, and one
that says `<!-- needs PROGRAM -->` leaves the next block to those who have it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

OPENING = re.compile(r"^(```+)(\w*)(?: title=\"([^\"]+)\")?$")
ANY = "…"
COMMANDS = {"", "sh", "bash", "shell"}
VARYING = (
    (r"\b(?=[a-f]*[0-9])([0-9a-f]{40}|[0-9a-f]{12}|[0-9a-f]{7})\b", "<commit>"),
    (r"\b20\d\d-\d\d-\d\d\b", "<date>"),
    (r" +\d+(\.\d+)? k?B\b", " <size>"),
    (r"\b\d+(\.\d+)? m?s\b", "<duration>"),
    (r"\bprotobuf \d+\.\d+\.\d+", "protobuf <version>"),
)


@dataclass(frozen=True)
class Step:
    """One thing to do: a command with what it prints, or a file (`how` is `write` or `edit`)."""

    how: str
    line: int
    text: str
    prints: tuple[str, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    title: str
    body: tuple[str, ...]
    before: str


def steps(page: str) -> list[Step]:
    found = []
    for block in _blocks(page.splitlines()):
        needed = re.search(r"<!-- needs (\w+) -->", block.before)
        found += [replace(step, needs=needed[1] if needed else "") for step in _steps(block)]
    return found


def _blocks(lines: list[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        comment = re.match(r"<!-- before:$", lines[number])
        opened = OPENING.match(lines[number].strip())
        if not (comment or opened):
            number += 1
            continue
        closing = "-->" if comment else (opened[1] if opened else "")
        indent = len(lines[number]) - len(lines[number].lstrip())
        end = next(at for at in range(number + 1, len(lines)) if lines[at].strip() == closing)
        language, title = ("before", "") if opened is None else (opened[2], opened[3] or "")
        body = tuple(line[indent:] for line in lines[number + 1 : end])
        yield Block(number + 1, language, title, body, _paragraph(lines[:number]))
        number = end + 1


def _paragraph(lines: list[str]) -> str:
    """The text above a block, and the comments between the two."""
    above = ""
    for paragraph in reversed("\n".join(lines).rstrip().split("\n\n")):
        above = f"{paragraph}\n{above}"
        if not paragraph.startswith("<!--"):
            break
    return above


def _steps(block: Block) -> list[Step]:
    if "<!-- not run: " in block.before:
        return []
    if block.language == "before":
        return [Step("run", block.line, "\n".join(block.body))]
    if block.title:
        name = block.title.rpartition("/")[2]
        assert name in block.before, f"line {block.line}: a forge shows no titles: the text above should name `{name}`"
        how = "edit" if block.language == "diff" else "write"
        return [Step(how, block.line, block.title, block.body)]
    if block.language == "console":
        return list(_commands(block))
    untold = f"line {block.line}: nobody does this; say why: `<!-- not run: REASON -->`"
    assert block.language not in COMMANDS, untold
    return []


def _commands(block: Block) -> Iterator[Step]:
    command, at, prints = "", block.line, list[str]()
    for number, line in enumerate(block.body, block.line + 1):
        if line.startswith("$ "):
            if command:
                yield Step("run", at, command, tuple(prints))
            command, at, prints = line[2:], number, []
        elif line.startswith("> ") and not prints:
            command += "\n" + line[2:]
        else:
            assert command, f"line {number}: the block starts with no command"
            prints.append(line)
    yield Step("run", at, command, tuple(prints))


def written(where: Path, step: Step) -> str:
    """Does what the step does to its file, or says why it cannot."""
    file = where / step.text
    if step.how == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in step.prints), "utf-8")
        return ""
    text = file.read_text("utf-8")
    before, after = (_side(step, left_out) for left_out in "+-")
    found = f"\n{text}".count(f"\n{before}")
    if found != 1:
        return f"the edit fits at {found} places in {step.text}:\n{text}"
    file.write_text(f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:], "utf-8")
    return ""


def _side(step: Step, left_out: str) -> str:
    return "".join(f"{line[1:]}\n" for line in step.prints if line[:1] != left_out)


def difference(shown: tuple[str, ...], printed: list[str]) -> str:
    """Empty where what is shown is what was printed, but for what is another one in every run."""
    expected, got = _trimmed(list(shown)), _trimmed(printed)
    if re.fullmatch(_pattern(expected), "".join(f"{line}\n" for line in map(_settled, got))):
        return ""
    return "\n".join(difflib.unified_diff(expected, got, "shown", "printed", lineterm=""))


def _trimmed(lines: list[str]) -> list[str]:
    return "\n".join(line.rstrip() for line in lines).strip("\n").splitlines()


def _settled(line: str) -> str:
    for pattern, name in VARYING:
        line = re.sub(pattern, name, line)
    return line


def _pattern(lines: list[str]) -> str:
    return "".join(r"(?s:.*\n)?" if line == ANY else re.escape(f"{_settled(line)}\n") for line in lines)


def rewritten(page: str, printed: dict[int, list[str]]) -> str:
    """The page with what was really printed by the commands on these lines."""
    lines = page.splitlines()
    for step in sorted(steps(page), key=lambda step: -step.line):
        if step.line in printed:
            start = step.line + step.text.count("\n")
            lines[start : start + len(step.prints)] = _shortened(step.prints, printed[step.line])
    return "\n".join(lines) + "\n"


def _shortened(shown: tuple[str, ...], printed: list[str]) -> list[str]:
    """What was left out is left out again, as far as numbers of lines can tell."""
    if ANY not in shown:
        return printed
    first = shown.index(ANY)
    last = len(printed) - (len(shown) - first - 1)
    return [*printed[:first], ANY, *printed[last:]]
