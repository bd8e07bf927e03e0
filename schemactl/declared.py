"""Rules declared in YAML: conventions in CEL over the descriptors, type-checked when they are loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct, field

from schemactl import celmistake, declaredcheck, declaredfiles, expression, foregone, optionnames, yamlfile
from schemactl.declaredcheck import RETURNS, Places, Texts
from schemactl.expression import BadExpression
from schemactl.finding import Severity
from schemactl.rule import Rule, Scope
from schemactl.yamlfile import Within
from schemactl.yamlwalk import Keys

_DEFAULTS = {"when": "true", "each": "", "help": ""}
_ID = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


class Declaration(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it stands in YAML. `when`, `each`, `require`, `message` and `help` are CEL."""

    id: str
    target: Literal["file", "package", "message", "field", "enum", "enum_value", "oneof", "service", "method"]
    title: str
    why: str
    require: bool | str
    message: str
    bad: str
    good: str
    severity: Severity = "error"
    scope: Scope = "all"
    params: dict[str, Any] = field(default_factory=dict)
    when: bool | str = "true"
    each: str = ""
    help: str = ""
    at: Literal["", "name", "topic", "package", "type", "number", "input", "output", "item"] = ""


class Pack(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    rules: list[Declaration]


def load(text: bytes, origin: str, *, lazy: bool = False) -> list[Rule]:
    """The rules of one YAML file; ConfigError tells every mistake in it with file, line and column.

    `lazy` leaves the expressions until they run: for packs that have been checked before, as ours are by their tests.
    """
    check = _nothing if lazy else _mistakes
    document = yamlfile.read(text, origin, Pack, check=check)
    rules = document.value.rules
    places = [{key: document.place("rules", index, key) for key in _texts(each)} for index, each in enumerate(rules)]
    return [_rule(*each, document.value.name, origin) for each in zip(rules, places, strict=True)]


def _nothing(pack: Pack) -> Iterable[tuple[Keys, str]]:
    return ()


def _mistakes(pack: Pack) -> Iterator[tuple[Keys, str] | Within]:
    counted = Counter(declaration.id for declaration in pack.rules)
    for index, declaration in enumerate(pack.rules):
        keys = ("rules", index)
        if not _ID.fullmatch(declaration.id):
            yield (*keys, "id"), f"`{declaration.id}` should be written in capitals, like `MY_RULE`"
        if counted[declaration.id] > 1:
            yield (*keys, "id"), f"`{declaration.id}` is declared {counted[declaration.id]} times here"
        yield from _misplaced(declaration, keys)
        item = _item(declaration)
        for key, text in _texts(declaration).items():
            for offset, message in _of_expression(declaration, key, text, declaredcheck.item_of(key, item)):
                yield Within((*keys, key), f"{declaration.id}: `{key}`: {message}", offset)


def _misplaced(declaration: Declaration, keys: Keys) -> Iterator[tuple[Keys, str]]:
    known = ("", *declaredcheck.AT[declaration.target])
    if declaration.at not in known:
        can = " or ".join(f"`{name}`" for name in known[1:]) or "nothing"
        yield (*keys, "at"), f"{declaration.id}: `at` of a rule on `{declaration.target}` can be {can}"
    elif declaration.at == "item" and not declaration.each:
        yield (*keys, "at"), f"{declaration.id}: `at: item` needs `each`, which lists the items"
    if declaration.target == "package" and declaration.scope != "all":
        yield (*keys, "scope"), f"{declaration.id}: `scope` of a rule on `package` can only be `all`"


def _item(declaration: Declaration) -> str:
    try:
        return expression.item_type(declaration.target, declaration.each)
    except BadExpression:
        return "dyn"


def _of_expression(declaration: Declaration, key: str, text: str, item: str) -> Iterator[tuple[int, str]]:
    try:
        expression.compiled(declaration.target, text, RETURNS[key], item)
    except BadExpression as error:
        yield from celmistake.of_prose(key, text, error.problems) if RETURNS[key] == "STRING" else error.problems
    else:
        yield from optionnames.mistakes(declaration.target, text)
        yield from foregone.mistakes(text, declaration.params)


def _rule(declaration: Declaration, places: Places, pack: str, origin: str) -> Rule:
    texts, target = _texts(declaration), declaration.target
    if target == "package":
        checks: dict[str, Any] = {"files_check": declaredfiles.of_package(texts, places)}
    else:
        check, screen = declaredcheck.of_element(target, texts, declaration.at, places)
        checks = {"check": check, "screen": screen}
    return Rule(
        id=declaration.id,
        target="files" if target == "package" else target,
        title=declaration.title,
        why=declaration.why,
        bad=declaration.bad,
        good=declaration.good,
        severity=declaration.severity,
        scope=declaration.scope,
        categories=(pack,),
        params=declaration.params,
        origin=origin,
        reads_options=any(map(optionnames.reads, texts.values())),
        options=tuple(sorted({name for text in texts.values() for name in optionnames.named(text)})),
        **checks,
    )


def _texts(declaration: Declaration) -> Texts:
    """The expressions that say something, by their keys."""
    values = {key: getattr(declaration, key) for key in RETURNS}
    texts = {key: str(value).lower() if isinstance(value, bool) else value for key, value in values.items()}
    return {key: text for key, text in texts.items() if text != _DEFAULTS.get(key)}
