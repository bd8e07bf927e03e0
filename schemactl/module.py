"""Judges what no single file shows: files beside their neighbours, events, their topics, and the files they reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemactl import events, lint
from schemactl.element import Element, Module
from schemactl.finding import Finding
from schemactl.image import EMPTY, Image
from schemactl.outline import Files, Outline
from schemactl.rule import BUILT_IN, Rule
from schemactl.texts import Sources


@dataclass(frozen=True)
class Schema:
    """What is judged: its own files by name, what it was made of (if from text), and the means to see more of it.

    `image` compiles at least the files that are asked for.
    """

    targets: Collection[str]
    sources: Sources | None
    image: Callable[[Collection[str]], Image]


NOTHING = Schema((), None, lambda names: EMPTY)


def judge_files(
    outlines: Mapping[str, Outline],
    targets: Iterable[str],
    policy: Callable[[str], int],
    rules: Sequence[Iterable[Rule]],
) -> Iterator[Finding]:
    """Findings of the rules over several files; the files below one root, of one policy, are one module as for Buf."""
    modules: dict[tuple[int, str], list[Outline]] = {}
    for name in sorted(targets):
        outline = outlines[name]
        modules.setdefault((policy(outline.path), outline.path.removesuffix(name)), []).append(outline)
    known = dict(outlines)
    for (number, _), judged in modules.items():
        files = Files(tuple(judged), known)
        for rule in rules[number]:
            yield from lint.judge_files(rule, files)


def judge_events(schema: Schema, rules: Iterable[Rule]) -> list[Finding]:
    """Findings of the rules whose scope is events or what they reach, and of the module's own."""
    rules = [rule for rule in rules if of_events(rule)]
    module = _module(schema) if rules else Module(())
    if not events.events(module):
        return []
    module = _with_enums(module, schema, {rule.params["name"] for rule in rules if _segments(rule)})
    found = events.events(module)
    envelopes = {event.full_name for event in found}
    reached = events.reached(module, found)
    alone = [rule for rule in rules if rule.scope == "events" and rule.check]
    around = [rule for rule in rules if rule.scope == "reached" and rule.check]
    findings = [finding for rule in rules if rule.module_check for finding in lint.judge_module(rule, module)]
    of_event = lint.judging(alone, lambda element: _message_of(element) in envelopes)
    of_reached = lint.judging(around)
    for file in module.files:
        findings += of_event(file)
        if file.name in reached:
            findings += of_reached(file)
    return findings


def _segments(rule: Rule) -> bool:
    """Whether it reads parts of topics as an enum: a rule of somebody else's may call a parameter anything."""
    return "segment" in rule.params and rule.origin == BUILT_IN


def of_events(rule: Rule) -> bool:
    """Whether it judges events and what they reach; the others judge each file, or several."""
    return rule.scope != "all"


def _message_of(element: Element) -> str:
    """The message an element is, or directly belongs to."""
    owner = element if element.kind == "message" else element.parent
    return owner.full_name if owner else ""


def _module(schema: Schema) -> Module:
    """The files that may hold an event, with everything these import; nothing else is compiled."""
    names = _event_files(schema.targets, schema.sources) if schema.sources else None
    image = schema.image(names or ())
    if names is None:
        names = set(image.descriptors)
    targets = set(schema.targets)
    return Module(
        tuple(image.files(sorted(names & targets))),
        tuple(image.files(sorted(name for name in names - targets if name in image.descriptors))),
    )


def _event_files(targets: Iterable[str], sources: Sources) -> set[str]:
    return sources.closure([name for name in targets if sources.facts[name].event])


def _with_enums(module: Module, schema: Schema, names: Collection[str]) -> Module:
    """The module, also knowing the files that may declare an enum of these names, for whoever should use it."""
    if schema.sources is None or not names:
        return module
    known = {file.name for file in (*module.files, *module.imports)}
    texts = schema.sources.everything
    schema.sources.load(schema.targets)
    enum = re.compile(rf"\benum\s+(?:{'|'.join(map(re.escape, sorted(names)))})\b".encode())
    declaring = [name for name in schema.targets if name not in known and enum.search(texts[name])]
    if not declaring:
        return module
    return Module(module.files, (*module.imports, *schema.image(declaring).files(declaring)))
