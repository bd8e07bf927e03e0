"""What a command line asks for and there is not: said in one line, with one line of what to do, as all else is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from schemactl.errors import UsageError
from schemactl.exits import INTERRUPTED, NO_VERDICT
from schemactl.helptext import Group
from schemactl.shell import complained

_VALUE = re.compile(r"'?(.*?)'? (?:is not|does not match)\b", re.DOTALL)
_EXTRA = re.compile(r"argument(?:\(s\)|s)? \((.*)\)$", re.DOTALL)
_SHORT = 2  # such as `-x`, which is like all others
_DRY = {"init": "--yes", "release": "--execute"}


class Root(Group):
    def main(self, *args: Any, **more: Any) -> Any:
        alone = more.pop("standalone_mode", True)
        more["standalone_mode"] = False
        if not alone:
            return super().main(*args, **more)
        try:
            code = super().main(*args, **more)
        except UsageError as failure:
            complained(failure)
            code = NO_VERDICT
        except Exception as error:
            code = _ended(error)
        sys.exit(code or 0)


def _ended(error: Exception) -> int:
    """The exit code of what Typer raises, which has no public name for most of it."""
    kind = type(error).__name__
    if kind == "Abort":
        return INTERRUPTED
    if not hasattr(error, "format_message"):
        raise error
    if kind == "NoArgsIsHelpError":
        error.show()  # type: ignore[attr-defined]
    else:
        complained(_said(error, kind))
    return NO_VERDICT


def _said(error: Any, kind: str) -> UsageError:
    command = _command(error.ctx)
    help = f"`{command} --help` shows what it takes"
    if kind == "NoSuchOption":
        return _option(error, command)
    if kind == "BadParameter":
        return _value(error, help)
    if kind == "MissingParameter":
        return UsageError(f"`{command}` needs `{error.param.make_metavar(error.ctx).strip('{}')}`", help)
    if kind == "BadOptionUsage":
        takes = "takes no value" if "does not take" in error.message else "needs a value"
        return UsageError(f"`{error.option_name}` {takes}", help)
    if found := _EXTRA.search(error.message):
        return UsageError(f"`{command}` has no place for `{found[1]}`", help)
    return UsageError(f"{command}: {error.format_message()}", help)


def _option(error: Any, command: str) -> UsageError:
    name = error.option_name
    known = [written for each in error.ctx.command.get_params(error.ctx) for written in each.opts] if error.ctx else []
    what = f"`{command}` has no option `{name}`"
    done = _DRY.get(command.rpartition(" ")[2])
    if name == "--dry-run" and done:
        return UsageError(what, f"leave it out: that is what it does without `{done}`")
    return UsageError(f"{what}{_meant(name, known)}", f"`{command} --help` lists its options")


def _value(error: Any, help: str) -> UsageError:
    name = error.param.opts[0] if error.param.param_type_name == "option" else error.param.make_metavar(error.ctx)
    given = found[1] if (found := _VALUE.match(error.message)) else ""
    if choices := [str(each) for each in getattr(error.param.type, "choices", ())]:
        return UsageError(f"`{name}` cannot be `{given}`{_meant(given, choices)}", f"use one of {', '.join(choices)}")
    if error.param.type.name == "datetime":
        return UsageError(f"`{name}` cannot be `{given}`", "write a day such as 2027-01-31")
    if error.param.type.name.startswith("int"):
        least = error.param.type.min or 0
        return UsageError(f"`{name}` cannot be `{given}`", f"write a whole number, at least {least}")
    return UsageError(f"`{name}`: {error.message}", help)


def _command(context: Any) -> str:
    """However it was started."""
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return " ".join(["schemactl", *names])


def _meant(name: str, known: Iterable[str]) -> str:
    from schemactl.names import nearest

    close = nearest(name, known) if len(name) > _SHORT else None
    return f"; did you mean `{close}`?" if close else ""
