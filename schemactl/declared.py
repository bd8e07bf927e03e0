"""Rules declared in YAML: conventions in CEL over the descriptors, type-checked when they are loaded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

from msgspec import Struct, field

from schemactl import events, names, yamlfile
from schemactl.element import Element
from schemactl.errors import ToolError
from schemactl.finding import Severity
from schemactl.rule import Context, Hit, Rule, Scope
from schemactl.schema import schema
from schemactl.yamlwalk import Keys

_MESSAGES = {
    "file": "FileDescriptorProto", "message": "DescriptorProto", "field": "FieldDescriptorProto",
    "enum": "EnumDescriptorProto", "enum_value": "EnumValueDescriptorProto", "oneof": "OneofDescriptorProto",
    "service": "ServiceDescriptorProto", "method": "MethodDescriptorProto",
}  # fmt: skip
_RETURNS = {"when": "BOOL", "each": "LIST", "require": "BOOL", "message": "STRING", "help": "STRING"}
_PYTHON = {"BOOL": bool, "LIST": list, "STRING": str}
_MEND = "fix the rule's expression or parameters, or turn the rule off"
_KINDS = {"BOOL": "true or false", "LIST": "a list", "STRING": "a string"}
_ID = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_CEL_ERROR = re.compile(r"<input>:(\d+):(\d+): (.*)")


class Declaration(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it stands in YAML. `when`, `each`, `require`, `message` and `help` are CEL."""

    id: str
    target: Literal["file", "message", "field", "enum", "enum_value", "oneof", "service", "method"]
    title: str
    why: str
    require: str
    message: str
    bad: str
    good: str
    severity: Severity = "error"
    scope: Scope = "all"
    params: dict[str, Any] = field(default_factory=dict)
    when: str = "true"
    each: str = ""
    help: str = ""
    at: Literal["", "name", "topic", "package", "type", "number"] = ""


class Pack(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    rules: list[Declaration]


def load(text: bytes, origin: str, *, lazy: bool = False) -> list[Rule]:
    """The rules of one YAML file; ConfigError tells every mistake in it with file, line and column.

    `lazy` leaves the expressions until they run: for packs that have been checked before, as ours are by their tests.
    """
    check = _nothing if lazy else _mistakes
    pack = yamlfile.read(text, origin, Pack, check=check).value
    return [_rule(declaration, pack.name, origin) for declaration in pack.rules]


def _nothing(pack: Pack) -> Iterable[tuple[Keys, str]]:
    return ()


def _mistakes(pack: Pack) -> Iterator[tuple[Keys, str]]:
    counted = Counter(declaration.id for declaration in pack.rules)
    for index, declaration in enumerate(pack.rules):
        if not _ID.fullmatch(declaration.id):
            yield ("rules", index, "id"), f"`{declaration.id}` should be written in capitals, like `MY_RULE`"
        if counted[declaration.id] > 1:
            yield ("rules", index, "id"), f"`{declaration.id}` stands here {counted[declaration.id]} times"
        for key in _written(declaration):
            try:
                _expression(declaration, key)
            except _BadExpression as error:
                yield ("rules", index, key), f"{declaration.id}: `{key}`: {error}"


class _BadExpression(Exception):
    """Says what is wrong with an expression."""


def _rule(declaration: Declaration, pack: str, origin: str) -> Rule:
    return Rule(
        id=declaration.id,
        target=declaration.target,
        title=declaration.title,
        why=declaration.why,
        bad=declaration.bad,
        good=declaration.good,
        check=_check(declaration),
        severity=declaration.severity,
        scope=declaration.scope,
        categories=(pack,),
        params=declaration.params,
        origin=origin,
    )


def _written(declaration: Declaration) -> list[str]:
    return [key for key in _RETURNS if getattr(declaration, key)]


def _check(declaration: Declaration) -> Callable[[Element, Context], Iterable[Hit]]:
    @cache
    def compiled() -> tuple[dict[str, Any], set[str]]:
        keys = _written(declaration)
        used = {word for key in keys for word in _IDENTIFIER.findall(getattr(declaration, key))}
        return {key: _expression(declaration, key) for key in keys}, used

    def check(element: Element, context: Context) -> Iterator[Hit]:
        expressions, used = compiled()
        at = _place(declaration.at)
        values = {name: read(element, context) for name, read in _VARIABLES.items() if name in used}
        values[declaration.target] = element.proto
        if not _value(expressions, "when", values):
            return
        told = set()
        for item in _value(expressions, "each", values) if "each" in expressions else [None]:
            values["item"] = item
            if not _value(expressions, "require", values):
                message = _value(expressions, "message", values)
                if message not in told:
                    told.add(message)
                    help = _value(expressions, "help", values) if "help" in expressions else ""
                    yield Hit(message, help, at, key=message if "each" in expressions else "")

    return check


def _place(at: str) -> tuple[int, ...] | None:
    if at == "topic":
        return events.topic_path()
    return {"": None, "name": (1,), "package": (2,), "type": (6,), "number": (3,)}[at]


# What an expression can see beside the element itself; computed only if it is named.
_VARIABLES: dict[str, Callable[[Element, Context], Any]] = {
    "file": lambda element, context: element.file.proto,
    "path": lambda element, context: element.file.path,
    "parent": lambda element, context: element.parent.proto if element.parent else None,
    "full_name": lambda element, context: element.full_name,
    "comment": lambda element, context: element.comment,
    "params": lambda element, context: dict(context.params),
    "event": lambda element, context: _event(element) is not None,
    "topic": lambda element, context: _topic(element),
    "has_topic": lambda element, context: (event := _event(element)) is not None and events.topic(event) is not None,
}


def _event(element: Element) -> Element | None:
    owner = element if element.kind == "message" else element.parent
    return owner if owner and owner.kind == "message" and events.is_event(owner) else None


def _topic(element: Element) -> Any:
    event = _event(element)
    return (events.topic(event) if event else None) or schema().Topic()


def _value(expressions: Mapping[str, Any], key: str, values: Mapping[str, Any]) -> Any:
    """What the expression is here; ToolError for anything but a value of the right kind, which is no verdict."""
    try:
        result = expressions[key].eval(data=values)
        value = result.value() if result.type().name() == "ERROR" else result.plain_value()
    except Exception as error:  # the runtime's limits on steps and memory have no class of their own
        raise ToolError(
            f"`{key}`: {str(error).splitlines()[0] if str(error) else type(error).__name__}", _MEND
        ) from None
    if not isinstance(value, _PYTHON[_RETURNS[key]]):
        failed = result.type().name() == "ERROR"
        raise ToolError(f"`{key}`: {value}" if failed else f"`{key}` should be {_KINDS[_RETURNS[key]]}", _MEND)
    return value


def _expression(declaration: Declaration, key: str) -> Any:
    text, returns = getattr(declaration, key), _RETURNS[key]
    try:
        expression = _environment(declaration.target).compile(text)
    except RuntimeError as error:
        raise _BadExpression(_told(str(error), text)) from None
    name = expression.return_type().name()
    if name != "DYN" and not name.startswith(returns):
        raise _BadExpression(f"should be {_KINDS[returns]}, and is of type {name.lower()}")
    return expression


def _told(error: str, text: str) -> str:
    found = _CEL_ERROR.search(error)
    if not found:
        return error
    line, column = int(found[1]), int(found[2])
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    return f"{found[3]}\n    {source}\n    {' ' * (column - 1)}^"


@cache
def _environment(target: str) -> Any:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_proto, ext_strings

    kind = cel.Type
    variables = {
        "file": kind("google.protobuf.FileDescriptorProto"),
        "path": kind.STRING,
        "parent": kind.DYN,
        "full_name": kind.STRING,
        "comment": kind.STRING,
        "params": kind.Map(kind.STRING, kind.DYN),
        "event": kind.BOOL,
        "topic": kind("schemactl.v1.Topic"),
        "has_topic": kind.BOOL,
        "item": kind.DYN,
        target: kind(f"google.protobuf.{_MESSAGES[target]}"),
    }
    text = [kind.STRING]
    functions = [
        _function(cel, "snake", text, names.snake),
        _function(cel, "pascal", text, names.pascal),
        _function(cel, "short", text, names.short),
        _function(cel, "regex", text, names.regex),
        _function(cel, "written", [kind.STRING, kind.STRING], events.written),
        _function(cel, "type_of", [kind("google.protobuf.FieldDescriptorProto")], events.type_of),
    ]
    extensions = [ext_strings.ExtStrings(), ext_proto.ExtProto()]
    return cel.NewEnv(schema().pool, variables=variables, extensions=extensions, functions=functions)


def _function(cel: Any, name: str, parameters: list[Any], implementation: Callable[..., str]) -> Any:
    id = f"{name}({len(parameters)})"
    overload = cel.Overload(id, return_type=cel.Type.STRING, parameters=parameters, impl=implementation)
    return cel.FunctionDecl(name, [overload])
