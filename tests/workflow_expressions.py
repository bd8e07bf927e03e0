"""The expressions of GitHub's workflows, as far as ours use them: names, strings, comparisons, a few functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Context = Mapping[str, Any]

_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_][\w.-]*)|(\d+)|(&&|\|\||==|!=|[!(),]))")
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
# What an event holds differs from event to event: there a name that is not there is nothing.
_OPEN = ("github.event.",)


class Unsupported(Exception):
    """Something of GitHub's that this executor does not do: it must not be taken for done."""


def condition(text: object, context: Context) -> bool:
    """Whether a step with this `if:` runs; without a status function it needs that nothing failed before."""
    if not isinstance(text, str):
        raise Unsupported(f"if: {text!r}")
    text = text or "success()"
    whole = _EMBEDDED.fullmatch(text.strip())
    inner = whole[1] if whole else text
    holds = _truth(evaluate(inner, context))
    asks = re.search(r"\b(always|success|failure|cancelled)\(\)", inner)
    return holds and (bool(asks) or bool(context["functions"]["success"]()))


def interpolated(value: object, context: Context) -> str:
    """The text of a value in a workflow, with its `${{ }}` put in."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _EMBEDDED.sub(lambda found: shown(evaluate(found[1], context)), str(value))


def evaluate(text: str, context: Context) -> Any:
    reader = _Reader(text, context)
    value = reader.either()
    if reader.tokens:
        raise Unsupported(f"{text!r}: {reader.tokens[0]!r}")
    return value


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int)):
        return str(value)
    raise Unsupported(f"{type(value).__name__} as text")


class _Reader:
    def __init__(self, text: str, context: Context) -> None:
        self.context, self.tokens, place = context, list[str](), 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if not found:
                raise Unsupported(f"{text!r} at {text[place:]!r}")
            self.tokens.append(found[0].strip())
            place = found.end()

    def take(self, *wanted: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and (not wanted or self.tokens[0] in wanted) else None

    def either(self) -> Any:
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value if _truth(value) else other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self.take("&&"):
            other = self.compared()
            value = other if _truth(value) else value
        return value

    def compared(self) -> Any:
        value = self.single()
        while sign := self.take("==", "!="):
            value = _same(value, self.single()) == (sign == "==")
        return value

    def single(self) -> Any:
        token = self.take()
        if token is None:
            raise Unsupported("an expression that ends early")
        if token == "!":
            return not _truth(self.single())
        if token == "(":
            value = self.either()
            self.expect(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        return int(token) if token.isdigit() else self.called(token) if self.take("(") else self.named(token)

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise Unsupported(f"no {token!r} where one has to be")

    def called(self, name: str) -> Any:
        functions: Mapping[str, Callable[..., Any]] = self.context["functions"]
        if name not in functions:
            raise Unsupported(f"{name}()")
        given = []
        while not self.take(")"):
            given.append(self.either())
            self.take(",")
        return functions[name](*given)

    def named(self, name: str) -> Any:
        if name in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[name]
        value: Any = self.context
        for part in name.split("."):
            if not isinstance(value, Mapping) or part not in value:
                if name.startswith(_OPEN):
                    return None
                raise Unsupported(f"`{name}`: nothing is known of `{part}`")
            value = value[part]
        return value


def _truth(value: Any) -> bool:
    return value not in (None, "", 0, False)


def _same(one: Any, other: Any) -> bool:
    """Texts whatever their case; what is not there equals an empty one. Other kinds would become numbers."""
    if not all(value is None or isinstance(value, str) for value in (one, other)):
        raise Unsupported(f"{one!r} compared with {other!r}")
    return shown(one).lower() == shown(other).lower()
