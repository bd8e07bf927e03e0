"""Tests rules by their own examples: the bad one is wrong in exactly the marked lines, the good one in none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from schemactl.errors import Failure
from schemactl.examples import Provide, compiled, judge, line_of, marked, split
from schemactl.finding import Finding
from schemactl.rule import Rule
from schemactl.tools import memory_limit

Which = Literal["bad", "good"]


class Difference(NamedTuple):
    """What differs, in words; `line` counts from the start of the example, 0 is none of its lines."""

    example: Which
    said: str
    line: int = 0
    text: str = ""


class Tested(NamedTuple):
    rule: Rule
    differences: tuple[Difference, ...]


def tested(rules: Iterable[Rule], workspace: Path, more: Provide) -> Iterator[Tested]:
    """Each rule with what differs, if anything; `more` finds imports that do not come with the tool."""
    for rule in rules:
        with memory_limit():
            yield Tested(rule, (*_of(rule, "bad", workspace, more), *_of(rule, "good", workspace, more)))


def _of(rule: Rule, which: Which, workspace: Path, more: Provide) -> list[Difference]:
    example = rule.bad if which == "bad" else rule.good
    try:
        files = split(example)
        done = compiled(files, workspace, more)
        if done.problems:
            return [_at(example, which, f"does not compile: {each.message}", each) for each in done.problems]
        return list(_compared(example, which, marked(files), judge(done, [rule])))
    except Failure as failure:
        return [Difference(which, failure.message)]


def _compared(
    example: str, which: Which, marks: set[tuple[str, int]], findings: Iterable[Finding]
) -> Iterator[Difference]:
    found: dict[tuple[str, int], list[str]] = {}
    for finding in findings:
        if finding.location:
            found.setdefault((finding.location.path, finding.location.line), []).append(finding.message)
    if which == "bad" and not marks:
        yield Difference(which, "no line ends in `// error`: mark those that the rule should find")
    nothing = "nothing is found here" if which == "bad" else "nothing is found here, and `good` has nothing to mark"
    for path, line in sorted(marks ^ found.keys()):
        messages = found.get((path, line), [])
        for said in [f"found and not marked: {message}" for message in messages] or [nothing]:
            yield _line(example, which, said, path, line)


def _at(example: str, which: Which, said: str, finding: Finding) -> Difference:
    place = finding.location
    return _line(example, which, said, place.path, place.line) if place else Difference(which, said)


def _line(example: str, which: Which, said: str, path: str, line: int) -> Difference:
    at = line_of(example, path, line)
    lines = example.split("\n")
    return Difference(which, said, at, lines[at - 1] if 0 < at <= len(lines) else "")
