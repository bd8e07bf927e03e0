"""Judges what no single file shows: events, their topics, and the files they reach."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from schemactl import events, lint, scan
from schemactl.build import closure
from schemactl.element import Element, Module
from schemactl.finding import Finding
from schemactl.image import Image
from schemactl.rule import Rule


def judge(image: Image, rules: Iterable[Rule]) -> list[Finding]:
    """Findings of the rules whose scope is events or what they reach, and of the module's own."""
    rules = [rule for rule in rules if rule.scope != "all"]
    module = _module(image) if rules else Module(())
    if not events.events(module):
        return []
    module = _with_enums(module, image, {rule.params["name"] for rule in rules if "segment" in rule.params})
    found = events.events(module)
    envelopes = {event.full_name for event in found}
    reached = events.reached(module, found)
    alone = [rule for rule in rules if rule.scope == "events" and rule.check]
    around = [rule for rule in rules if rule.scope == "reached" and rule.check]
    findings = [finding for rule in rules if rule.module_check for finding in lint.judge_module(rule, module)]
    for file in module.files:
        findings += lint.judge_file(file, alone, lambda element: _message_of(element) in envelopes)
        if file.name in reached:
            findings += lint.judge_file(file, around)
    return findings


def _message_of(element: Element) -> str:
    """The message an element is, or directly belongs to."""
    owner = element if element.kind == "message" else element.parent
    return owner.full_name if owner else ""


def _module(image: Image) -> Module:
    """The files that may hold an event, with everything these import; nothing else is parsed."""
    if image.sources:
        candidates = [name for name in image.targets if scan.may_hold_event(image.sources[name])]
        names = closure(image.sources, candidates)
    else:
        names = set(image.descriptors)
    targets = set(image.targets)
    return Module(
        tuple(image.files(sorted(names & targets))),
        tuple(image.files(sorted(name for name in names - targets if name in image.descriptors))),
    )


def _with_enums(module: Module, image: Image, names: Collection[str]) -> Module:
    """The module, also knowing the files that may declare an enum of these names, for whoever should use it."""
    known = {file.name for file in (*module.files, *module.imports)}
    others = (path for path in image.targets if path not in known and path in image.sources)
    enum = re.compile(rf"\benum\s+(?:{'|'.join(map(re.escape, sorted(names)))})\b".encode())
    declaring = [path for path in others if names and enum.search(image.sources[path])]
    return Module(module.files, (*module.imports, *image.files(declaring))) if declaring else module
