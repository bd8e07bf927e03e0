"""Applies rules to a schema: file by file where that is enough, and to the module as a whole where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec import Struct

from schemactl.element import Element, Module, walk
from schemactl.errors import Failure, ToolError
from schemactl.file import File
from schemactl.finding import Finding, fingerprint
from schemactl.outline import Files
from schemactl.packed import is_ignored, placed, unpack
from schemactl.rule import Context, FileHit, Hit, Rule, Setting
from schemactl.rulepackage import Package

# Where a finding on an element is shown, when its rule does not say: the name of a block, the whole of a line.
_AT = {"message": (1,), "enum": (1,), "oneof": (1,), "service": (1,), "method": (1,)}


class Plan(Struct, frozen=True):
    """Rules as plain data, to be handed to another process: `packs` are the texts of declared rules by origin.

    `policies` are sets of rules: which one a file is judged by, is said with the file.
    """

    policies: tuple[tuple[Setting, ...], ...] = ((),)
    packs: Mapping[str, str] = {}
    packages: tuple[Package, ...] = ()


NO_RULES = Plan()
Suspect = Callable[[Any], bool]


@dataclass(frozen=True)
class Judge:
    """A function from a file and its policy to its findings; `reads_options`: these need what the file imports."""

    policies: Sequence[Callable[[File], list[Finding]]] = ()
    reads_options: bool = False

    def __call__(self, file: File, policy: int) -> list[Finding]:
        return self.policies[policy](file) if self.policies else []


def judge(plan: Plan) -> Judge:
    """A judge by the rules that need to see nothing but one file."""
    if not any(plan.policies):
        return Judge()
    from schemactl import catalogue

    policies = [catalogue.configured(settings, plan.packs, plan.packages) for settings in plan.policies]
    reads_options = any(rule.reads_options for rules in policies for rule in rules)
    return Judge([judging(rules) for rules in policies], reads_options)


def options(plan: Plan) -> list[tuple[str, str]]:
    """The custom options that the plan's rules name, each with the rule."""
    texts = [text for text in plan.packs.values() if "option" in text]
    asking = [
        each
        for settings in plan.policies
        for each in settings
        if plan.packages or any(each.id in text for text in texts)
    ]
    if not asking:
        return []
    from schemactl import catalogue

    rules = catalogue.configured(asking, plan.packs, plan.packages)
    return sorted({(rule.id, name) for rule in rules for name in rule.options})


def _everything(element: Element) -> bool:
    return True


def judging(rules: Iterable[Rule], only: Callable[[Element], bool] = _everything) -> Callable[[File], list[Finding]]:
    """A function from a file to what the rules find on those of its elements that are wanted."""
    by_kind: dict[str, list[tuple[Rule, Suspect | None]]] = {}
    for rule in rules:
        suspect = rule.suspect or (rule.screen(rule.params) if rule.screen else None)
        by_kind.setdefault(rule.target, []).append((rule, suspect))
    suspects = _suspects(by_kind)
    return lambda file: [
        finding
        for element in walk(file, by_kind.keys(), suspects)
        if only(element)
        for rule, suspect in by_kind[element.kind]
        if suspect is None or suspect(element.proto)
        for finding in judge_element(rule, element)
    ]


def judge_file(file: File, rules: Iterable[Rule]) -> list[Finding]:
    return judging(rules)(file)


def _suspects(by_kind: Mapping[str, list[tuple[Rule, Suspect | None]]]) -> dict[str, Suspect]:
    """What any rule of a kind suspects, for the kinds all of whose rules say."""
    found = {}
    for kind, rules in by_kind.items():
        suspects = [suspect for _, suspect in rules if suspect]
        if len(suspects) == len(rules):
            found[kind] = suspects[0] if len(suspects) == 1 else _any(suspects)
    return found


def _any(suspects: list[Suspect]) -> Suspect:
    def suspect(proto: Any) -> bool:
        for each in suspects:  # noqa: SIM110  (`any` with a generator takes three times as long)
            if each(proto):
                return True
        return False

    return suspect


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


def judge_files(rule: Rule, files: Files) -> Iterator[Finding]:
    check, context = rule.files_check, Context(rule.params)
    assert check
    for hit in _guarded(rule, "the files", lambda: check(files, context)):
        file = hit.file
        yield Finding(
            rule.id,
            rule.severity,
            "lint",
            hit.message,
            placed(file.path, unpack(hit.at.span)),
            hit.name or file.package or None,
            hit.help or None,
            fingerprint=fingerprint(rule.id, hit.name or _of_file(file.package, file.path), hit.key),
            suppressed=suppressed(rule.id) if is_ignored(file.ignores, hit.at.path, rule.id) else None,
        )


def suppressed(rule: str) -> str:
    """Why a finding is suppressed that a comment of Buf's kind names."""
    return f"buf:lint:ignore {rule}"


_Hit = TypeVar("_Hit", Hit, FileHit)


def _guarded(rule: Rule, where: str, check: Callable[[], Iterable[_Hit]]) -> list[_Hit]:
    """A rule that fails while it runs gives no verdict, never a good one."""
    try:
        return list(check())
    except Failure as failure:
        raise ToolError(f"rule {rule.id} failed on {where}: {failure.message}", failure.hint) from failure


def _finding(rule: Rule, element: Element, hit: Hit) -> Finding:
    file, at = element.file, _AT.get(element.kind, ()) if hit.at is None else hit.at
    path = (*element.path, *at)
    name = element.full_name if element.kind != "file" else _of_file(file.package, file.path)
    return Finding(
        rule.id,
        rule.severity,
        "lint",
        hit.message,
        file.location(path),
        element.full_name or None,
        hit.help or None,
        fingerprint=fingerprint(rule.id, name, hit.key),
        suppressed=suppressed(rule.id) if file.ignored(path, rule.id) else None,
    )


def _of_file(package: str, path: str) -> str:
    """What a file keeps when it moves."""
    return f"{package}:{path.rpartition('/')[2]}"


def settings(rules: Iterable[Rule]) -> tuple[Setting, ...]:
    return tuple(Setting(rule.id, rule.severity, rule.params, rule.scope) for rule in rules)
