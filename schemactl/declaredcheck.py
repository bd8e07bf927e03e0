"""The checks of declared rules: their expressions on an element, and before that on its raw descriptor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, cached_property
from typing import Any, NamedTuple

from schemactl import events, expression, variables
from schemactl.celtext import code, identifiers
from schemactl.element import Element, children
from schemactl.expression import ASKED, OPTIONS, VARIABLES, BadExpression, Kind
from schemactl.rule import Check, Context, Hit

RETURNS: Mapping[str, Kind] = {"when": "BOOL", "each": "LIST", "require": "BOOL", "message": "STRING", "help": "STRING"}
# The descriptor paths that `at` can name, below an element of each kind.
AT: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "file": {"package": (2,), "item": ()},
    "package": {"package": (2,)},
    "message": {"name": (1,), "topic": (), "item": ()},
    "field": {"name": (1,), "type": (6,), "number": (3,)},
    "enum": {"name": (1,), "item": ()},
    "enum_value": {"name": (1,), "number": (2,)},
    "oneof": {"name": (1,)},
    "service": {"name": (1,), "item": ()},
    "method": {"name": (1,), "input": (2,), "output": (3,)},
}
_SCALAR_TYPE = (5,)
_BINDING = re.compile(r"&&|\|\||[?()\[\]{}]")

Texts = Mapping[str, str]
Places = Mapping[str, str]
Suspect = Callable[[Any], bool]
Screen = Callable[[Mapping[str, Any]], Suspect]


class Verdict(NamedTuple):
    """What a rule says of one item; without `each` there is one, which is None."""

    message: str
    help: str
    item: Any


class Expressions:
    """The expressions of one rule, compiled when they are first needed; what fails there is told with its place."""

    def __init__(self, target: str, texts: Texts, places: Places) -> None:
        self._target = target
        self._texts = texts
        self._where = {key: f"{places[key]}: `{key}`" for key in texts}
        self.used = identifiers("\n".join(texts.values()))

    @cached_property
    def _compiled(self) -> tuple[Any, dict[str, Any]]:
        item = expression.item_type(self._target, self._texts.get("each", ""))
        found = {
            key: expression.compiled(self._target, text, RETURNS[key], item_of(key, item))
            for key, text in self._texts.items()
        }
        return expression.environment(self._target, item), found

    def verdicts(self, values: dict[str, Any]) -> Iterator[Verdict]:
        """What is wrong with what the values describe."""
        environment, _ = self._compiled
        now = environment.Activation(values)
        if not self._value("when", now, True):
            return
        for item in self._value("each", now, [None]):
            if "each" in self._texts:
                now = environment.Activation({**values, "item": item})
            if not self._value("require", now):
                yield Verdict(self._value("message", now), self._value("help", now, ""), item)

    def _value(self, key: str, activation: Any, default: Any = None) -> Any:
        _, found = self._compiled
        return expression.value(found[key], activation, self._where[key], RETURNS[key]) if key in found else default


def _topic(message: Element) -> str:
    """The name of its topic: whatever is found on one is nothing known of another."""
    option = events.topic(message)
    return option.name if option is not None else ""


def item_of(key: str, item: str) -> str:
    """What an expression sees of the type of what `each` lists."""
    return "" if key in ("when", "each") else item


def of_element(target: str, texts: Texts, at: str, places: Places) -> tuple[Check, Screen | None]:
    expressions = Expressions(target, texts, places)
    values, each = variables.reader(expressions.used), "each" in texts
    asks = not expressions.used.isdisjoint(OPTIONS)

    def check(element: Element, context: Context) -> Iterable[Hit]:
        ASKED.answer = variables.options(element) if asks else None
        try:
            verdicts = list(expressions.verdicts(values(element, context)))
        finally:
            ASKED.answer = None
        told: dict[tuple[str, tuple[int, ...]], Hit] = {}
        for message, help, item in verdicts:
            child = _child(element, item) if at == "item" else None
            key = message if each else _topic(element) if at == "topic" else ""
            hit = Hit(message, help, None if child else _place(element, at), key, child)
            told.setdefault((message, child.path if child else ()), hit)
        return told.values()

    return check, _screen(target, texts, expressions.used)


def _child(element: Element, item: Any) -> Element | None:
    """The element that the item is the descriptor of, if it stands in this one."""
    return next((child for child in children(element) if child.proto == item), None)


def _place(element: Element, at: str) -> tuple[int, ...] | None:
    if at == "item":
        return None
    if at == "topic":
        return events.topic_path()
    if at == "type" and not element.proto.type_name:
        return _SCALAR_TYPE
    return AT[element.kind][at] if at else None


class _Last:
    """The values of the descriptor that was looked at last: several rules look at each."""

    proto: Any = None
    activation: Any = None


def _screen(target: str, texts: Texts, used: set[str]) -> Screen | None:
    """Says of a raw descriptor whether the rule, which may need more, could find something there.

    What is missing is an error to CEL, and an error decides nothing: only what holds whatever else there is, holds.
    """
    when = texts.get("when", "")
    rest = f"size(\n{texts['each']}\n) == 0" if "each" in texts else texts["require"]
    deciding = [*_conjuncts(when)] if when else [rest]
    if not any(_names(text, target) <= {target, "params"} for text in deciding):
        return None
    text = f"(\n{when or 'true'}\n) ? (\n{rest}\n) : true"

    @cache
    def program() -> Any:
        with suppress(BadExpression):  # too long, where each of its parts is not
            return expression.compiled(target, text, "BOOL")

    def screen(params: Mapping[str, Any]) -> Suspect:
        return _suspect(target, program, dict(params) if "params" in used else None)

    return screen


def _conjuncts(text: str) -> Iterator[str]:
    """The parts of `a && b`; nothing where something binds less."""
    bare = code(text)
    depth, start = 0, 0
    for found in _BINDING.finditer(bare):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0 and found[0] in ("||", "?"):
            return
    for found in _BINDING.finditer(bare):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0 and found[0] == "&&":
            yield bare[start : found.start()]
            start = found.end()
    yield bare[start:]


def _names(text: str, target: str) -> set[str]:
    """The variables and the functions of an element that a text may name."""
    return identifiers(code(text)) & {*VARIABLES[target], *OPTIONS}


def _suspect(target: str, program: Callable[[], Any], params: dict[str, Any] | None) -> Suspect:
    environment = expression.environment(target)

    def suspect(proto: Any) -> bool:
        if params is not None:
            now = environment.Activation({target: proto, "params": params})
        else:
            if _Last.proto is not proto:
                _Last.proto, _Last.activation = proto, environment.Activation({target: proto})
            now = _Last.activation
        try:
            return program().eval(now).value() is not True
        except Exception:  # whatever it is, the check will tell
            return True

    return suspect
