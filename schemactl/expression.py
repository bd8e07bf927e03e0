"""CEL expressions over descriptors: what they may name, compiled with every mistake told, and their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, Literal

from schemactl import events, names
from schemactl.celmistake import Known, Problem, problems
from schemactl.celtext import compilable, stand_in
from schemactl.errors import ToolError
from schemactl.schema import schema

Kind = Literal["BOOL", "LIST", "STRING"]

MESSAGES = {
    "file": "FileDescriptorProto", "message": "DescriptorProto", "field": "FieldDescriptorProto",
    "enum": "EnumDescriptorProto", "enum_value": "EnumValueDescriptorProto", "oneof": "OneofDescriptorProto",
    "service": "ServiceDescriptorProto", "method": "MethodDescriptorProto",
}  # fmt: skip
PARENTS = {
    "message": "message", "enum": "message", "field": "message", "oneof": "message", "enum_value": "enum",
    "method": "service", "service": "file",
}  # fmt: skip
OPTIONS = ("option", "parent_option", "file_option")
_PYTHON = {"BOOL": bool, "LIST": list, "STRING": str}
_KINDS = {"BOOL": "true or false", "LIST": "a list", "STRING": "a string"}
_MEND = "fix the rule's expression or parameters, or turn the rule off"
_ITEM = re.compile(r"LIST<([\w.]+)>")
_LONGEST = 4_096
_DESCRIPTORS = "google.protobuf"


class Asked:
    """Answers `option('…')` for the element that is being judged; what cannot be answered ends the run.

    CEL would let an error be absorbed by `||`.
    """

    def __init__(self) -> None:
        self.answer: Callable[[str, str], Any] | None = None
        self.failed: ToolError | None = None

    def __call__(self, function: str, name: str) -> Any:
        if self.answer is None:
            raise LookupError("no element is being judged")
        try:
            return self.answer(function, name)
        except ToolError as error:
            self.failed = error
            raise


ASKED = Asked()


def _variables(target: str) -> dict[str, str]:
    """What an expression of a rule on this target may name, and the type of each."""
    every = {"package": "string", "full_name": "string", "params": "map<string, dyn>"}
    if target == "package":
        return every | {"files": "list<schemactl.File>"}
    every |= {"file": f"{_DESCRIPTORS}.FileDescriptorProto", "path": "string", "comment": "string", "event": "bool"}
    every |= {"topic": "schemactl.v1.Topic", "has_topic": "bool", target: f"{_DESCRIPTORS}.{MESSAGES[target]}"}
    if target in PARENTS:
        every["parent"] = f"{_DESCRIPTORS}.{MESSAGES[PARENTS[target]]}"
    return every


VARIABLES = {target: _variables(target) for target in (*MESSAGES, "package")}


def _bounded(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """The runtime counts its own steps, not what a function does with a long text."""

    @lru_cache(maxsize=4096)  # every field of a message asks for the same of it
    def bounded(text: str) -> Any:
        if len(text) > _LONGEST:
            raise ValueError(f"a text of {len(text):,} characters is not a name")
        return function(text)

    return bounded


# Name → parameters, result and what it does.
_TEXT = {
    "snake": names.snake, "camel": names.lower_camel, "pascal": names.pascal, "kebab": names.kebab,
    "upper_snake": names.upper_snake, "short": names.short, "regex": names.regex,
}  # fmt: skip
FUNCTIONS: dict[str, tuple[tuple[str, ...], str, Callable[..., Any]]] = {
    **{name: (("string",), "string", _bounded(function)) for name, function in _TEXT.items()},
    "words": (("string",), "list<string>", _bounded(names.words)),
    "is_identifier": (("string",), "bool", names.is_identifier),
    "written": (("string", "string"), "string", events.written),
    "type_of": ((f"{_DESCRIPTORS}.FieldDescriptorProto",), "string", events.type_of),
    **{name: (("string",), "dyn", partial(ASKED, name)) for name in OPTIONS},
}


def functions(target: str) -> list[str]:
    absent = {"package": OPTIONS, "file": ("parent_option",)}.get(target, ())
    return [name for name in FUNCTIONS if name not in absent]


class BadExpression(Exception):
    """What is wrong with an expression, each with its offset there."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in found))
        self.problems = found


def compiled(target: str, text: str, returns: Kind, item: str = "") -> Any:
    """Raises BadExpression; `item` is the type of the variable of that name, if there is one."""
    try:
        expression = environment(target, item).compile(compilable(text))
    except RuntimeError as error:
        known = Known(target, VARIABLES, functions(target))
        raise BadExpression(problems(str(error), text, known)) from None
    name = expression.return_type().name()
    if name != "DYN" and not name.startswith(returns):
        raise BadExpression([Problem(0, f"should be {_KINDS[returns]}, and is of type {name.lower()}")])
    return expression


def value(expression: Any, activation: Any, where: str, returns: Kind) -> Any:
    """What the expression is here; ToolError for anything but a value of the right kind, which is no verdict."""
    try:
        result = expression.eval(activation)
        found = result.plain_value() if returns == "LIST" and result.type().name() != "ERROR" else result.value()
    except Exception as error:  # the runtime's limits on steps and memory have no class of their own
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ToolError(f"{where}: {said}", _MEND) from None
    finally:
        refused, ASKED.failed = ASKED.failed, None
    if refused:
        raise ToolError(f"{where}: {refused.message}", refused.hint)
    if not isinstance(found, _PYTHON[returns]) or (returns == "STRING" and result.type().name() != "STRING"):
        failed = result.type().name() == "ERROR"  # whose value is its text
        raise ToolError(f"{where}: {found}" if failed else f"{where} should be {_KINDS[returns]}", _MEND)
    return found


def item_type(target: str, each: str) -> str:
    """The type of what `each` lists, as far as it is known; without it there is none."""
    if not each:
        return ""
    found = _ITEM.fullmatch(compiled(target, each, "LIST").return_type().name())
    return (found[1] if "." in found[1] else found[1].lower()) if found else "dyn"


@cache
def environment(target: str, item: str = "") -> Any:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_proto, ext_strings

    types = VARIABLES[target] | ({"item": item} if item else {})
    variables = {stand_in(name): cel.Type(type) for name, type in types.items()}
    extensions = [ext_strings.ExtStrings(), ext_proto.ExtProto()]
    known = [_function(cel, name, *FUNCTIONS[name]) for name in functions(target)]
    return cel.NewEnv(
        schema().pool, variables=variables, extensions=extensions, functions=known, container=_DESCRIPTORS
    )


def _function(cel: Any, name: str, parameters: tuple[str, ...], result: str, do: Callable[..., Any]) -> Any:
    types = [cel.Type(each) for each in parameters]
    overload = cel.Overload(f"{name}({len(types)})", return_type=cel.Type(result), parameters=types, impl=do)
    return cel.FunctionDecl(name, [overload])
