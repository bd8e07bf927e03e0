"""Mistakes in an expression that are sure to show when it runs, whatever element it runs on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from schemactl import expression
from schemactl.celtext import DUMB, STRING, code
from schemactl.names import nearest

_PARAM = r"""params\s*(?:\.\s*(?P<param>\w+)(?!\w|\s*\()|\[\s*(?P<key>'[^'\\\n]*'|"[^"\\\n]*")\s*\])"""
_REGEX = rf"(?:\.\s*matches|(?P<words>\bregex))\s*\(\s*(?P<regex>{STRING})\s*\)"
_FORMAT = rf"(?P<format>{STRING})\s*\.\s*format\s*\(\s*\["
_TOKEN = re.compile(rf"{_REGEX}|{_FORMAT}|{DUMB}|\.\s*\w+|\b{_PARAM}|\w+", re.DOTALL)
_BOUND = re.compile(r"\(\s*params\s*,")  # as the variable of a macro
_CLAUSE = re.compile(r"%(?:%|(?:\.\d+)?(.?))", re.DOTALL)
_LETTERS = "sdfebxXo"


def mistakes(text: str, params: Collection[str]) -> Iterator[tuple[int, str]]:
    """Of an expression that compiles, each with its offset."""
    bare = code(text)
    for found in _TOKEN.finditer(text):
        name = found["param"] or (found["key"] or "")[1:-1]
        if (found["param"] or found["key"]) and name not in params and not _BOUND.search(bare):
            close = nearest(name, params)
            meant = f"; did you mean `{close}`?" if close else ": declare it there, with its default"
            offset = found.start("param") if found["param"] else found.start("key") + 1
            yield offset, f"`{name}` is not among the rule's `params`{meant}"
        elif found["regex"] and (wrong := _wrong_regex(found)):
            yield found.start("regex"), f"not a regular expression: {wrong}"
        elif found["format"] and (wrong := _wrong_format(found["format"], _listed(text, bare, found.end()))):
            yield found.start("format"), wrong


def _wrong_regex(found: re.Match[str]) -> str:
    literal = f"regex({found['regex']})" if found["words"] else found["regex"]
    program: Any = expression.compiled("package", f"''.matches({literal})", "BOOL")
    result = program.eval(expression.environment("package").Activation({}))
    return str(result.value()).rpartition("regular expression: ")[2] if result.type().name() == "ERROR" else ""


def _wrong_format(literal: str, listed: int | None) -> str:
    letters = [found[1] for found in _CLAUSE.finditer(literal) if found[0] != "%%"]
    wrong = next((letter for letter in letters if not letter or letter not in _LETTERS), None)
    if wrong is not None:
        return "`format` knows `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o`; a percent sign is `%%`"
    if listed is not None and len(letters) > listed:
        return f"`format` should be given {len(letters)} value{'s' if len(letters) > 1 else ''}, not {listed}"
    return ""


def _listed(text: str, bare: str, start: int) -> int | None:
    """How many items a list has whose bracket ends before `start`, if that list is the whole argument."""
    depth, count, at = 1, 0, start
    for at in range(start, len(bare)):
        depth += (bare[at] in "([{") - (bare[at] in ")]}")
        count += depth == 1 and bare[at] == ","
        if not depth:
            break
    if not bare[at + 1 :].lstrip().startswith(")"):
        return None
    last = text[max(text.rfind(",", start, at) + 1, start) : at]
    return count + bool(last.strip())
