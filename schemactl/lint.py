"""Applies rules to a schema: file by file where that is enough, and to the module as a whole where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from schemactl.element import Element, Module, walk
from schemactl.errors import Failure, ToolError
from schemactl.finding import Finding, fingerprint
from schemactl.image import File
from schemactl.rule import Context, Hit, Rule, Setting

# Where a finding on an element is shown, when its rule does not say: the name of a block, the whole of a line.
_AT = {"message": (1,), "enum": (1,), "oneof": (1,), "service": (1,), "method": (1,)}


class Plan(Struct, frozen=True):
    """Rules as plain data, to be handed to another process: `packs` are the texts of declared rules by origin."""

    settings: tuple[Setting, ...] = ()
    packs: Mapping[str, str] = {}


def judge(plan: Plan) -> Callable[[File], list[Finding]]:
    """A function from a file to its findings, by the plan's rules that need to see nothing else."""
    if not plan.settings:
        return lambda file: []
    from schemactl import catalogue

    rules = catalogue.configured(plan.settings, plan.packs)
    return lambda file: judge_file(file, rules)


def judge_file(file: File, rules: Iterable[Rule], only: Callable[[Element], bool] = lambda _: True) -> list[Finding]:
    by_kind: dict[str, list[Rule]] = {}
    for rule in rules:
        by_kind.setdefault(rule.target, []).append(rule)
    return [
        finding
        for element in walk(file, by_kind.keys())
        if only(element)
        for rule in by_kind[element.kind]
        for finding in judge_element(rule, element)
    ]


def judge_element(rule: Rule, element: Element) -> Iterator[Finding]:
    check, context = rule.check, Context(rule.params)
    assert check
    for hit in _guarded(rule, element.full_name or element.file.path, lambda: check(element, context)):
        yield _finding(rule, hit.element or element, hit)


def judge_module(rule: Rule, module: Module) -> Iterator[Finding]:
    check, context = rule.module_check, Context(rule.params)
    assert check
    for hit in _guarded(rule, "the module", lambda: check(module, context)):
        assert hit.element
        yield _finding(rule, hit.element, hit)


def _guarded(rule: Rule, where: str, check: Callable[[], Iterable[Hit]]) -> list[Hit]:
    """A rule that fails while it runs gives no verdict, never a good one."""
    try:
        return list(check())
    except Failure as failure:
        raise ToolError(f"rule {rule.id} failed on {where}: {failure.message}", failure.hint) from failure


def _finding(rule: Rule, element: Element, hit: Hit) -> Finding:
    at = _AT.get(element.kind, ()) if hit.at is None else hit.at
    name = (
        element.full_name
        if element.kind != "file"
        else f"{element.file.package}:{element.file.path.rpartition('/')[2]}"
    )
    return Finding(
        rule.id,
        rule.severity,
        "lint",
        hit.message,
        element.file.location((*element.path, *at)),
        element.full_name or None,
        hit.help or None,
        fingerprint=fingerprint(rule.id, name, hit.key),
    )


def plan(rules: Iterable[Rule], packs: Mapping[str, str]) -> Plan:
    return Plan(tuple(Setting(rule.id, rule.severity, rule.params) for rule in rules), packs)
