"""Rules of an installed package, in Python and declared: what it may get wrong ends without a verdict, never worse."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, get_args

from schemactl import declared
from schemactl.element import Element
from schemactl.errors import Failure, ToolError
from schemactl.finding import SEVERITIES
from schemactl.outline import Outline, Statement
from schemactl.packed import unpack
from schemactl.rule import FileHit, Hit, Rule, Scope, Target
from schemactl.rulepackage import Package

_ID = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_CHECKS = {"module": "module_check", "files": "files_check"}
_PLAIN = (bool, int, float, str)
_MEND = "report it to the owners of the package, or take it out of schemactl.yaml"


def load(package: Package, *, lazy: bool = False) -> list[Rule]:
    """All rules of a package, each also in the category of its name; `lazy` as in `declared.load`."""
    rules = _python(package)
    for origin, text in package.packs.items():
        rules += declared.load(text.encode("utf-8"), origin, lazy=lazy)
    return [replace(rule, categories=tuple(dict.fromkeys((*rule.categories, package.name)))) for rule in rules]


def _python(package: Package) -> list[Rule]:
    with _Telling(package, "cannot be loaded"):
        module = _imported(package)
        given = list(getattr(module, "RULES", ()))
    mistakes = [
        f"{package.distribution}: RULES[{n}]: {wrong}" for n, each in enumerate(given) for wrong in _wrong(each)
    ]
    if mistakes:
        raise ToolError("\n".join(mistakes), _MEND)
    return [_guarded(replace(rule, origin=package.distribution), package) for rule in given]


class _Telling:
    """Around code of a package: whatever it raises is told as the package's, in one line with its place."""

    def __init__(self, package: Package, what: str) -> None:
        self._package, self._what = package, what
        self._stdout = redirect_stdout(sys.stderr)  # standard output carries the report

    def __enter__(self) -> None:
        self._stdout.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._stdout.__exit__(kind, error, trace)
        if isinstance(error, Exception | SystemExit) and not isinstance(error, Failure):
            said = traceback.format_exception_only(error)[-1].strip()
            package = self._package
            raise ToolError(f"{package.distribution} {self._what}: {said}{_place(package, error)}", _MEND) from error


def _place(package: Package, error: BaseException) -> str:
    """The last line of the package's own that was running."""
    frames = [(each.filename, each.lineno) for each in traceback.extract_tb(error.__traceback__)]
    frames += [(error.filename or "", error.lineno)] if isinstance(error, SyntaxError) else []
    top = Path(package.directory)
    own = [(Path(file), line) for file, line in frames if Path(file).is_relative_to(top)]
    return f" ({own[-1][0].relative_to(top.parent).as_posix()}:{own[-1][1]})" if own else ""


def _imported(package: Package) -> Any:
    """From where it was found, whatever else has its name."""
    start = Path(package.directory, "__init__.py")
    known = sys.modules.get(package.module)
    if known is not None and known.__file__ and Path(known.__file__).resolve() == start:
        return known
    spec = spec_from_file_location(package.module, start, submodule_search_locations=[package.directory])
    assert spec
    assert spec.loader
    module = sys.modules[package.module] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[package.module]
        raise
    return module


def _wrong(rule: object) -> Iterator[str]:
    if not isinstance(rule, Rule):
        yield f"should be a `schemactl.rule.Rule`, not {_kind(rule)}"
        return
    if not isinstance(rule.id, str) or not _ID.fullmatch(rule.id):
        yield f"id {rule.id!r} should be written in capitals, like `MY_RULE`"
    for name, allowed in (("target", get_args(Target)), ("severity", SEVERITIES), ("scope", get_args(Scope))):
        if getattr(rule, name) not in allowed:
            yield f"{rule.id}: `{name}` should be one of {', '.join(allowed)}, not {getattr(rule, name)!r}"
    for name in ("title", "why", "bad", "good"):
        if not isinstance(getattr(rule, name), str) or not getattr(rule, name).strip():
            yield f"{rule.id}: `{name}` should be text"
    yield from _wrong_checks(rule)
    if not isinstance(rule.params, dict) or not _is_plain(rule.params):
        yield f"{rule.id}: `params` should be plain data: text, numbers, true and false, lists and mappings of these"
    if not isinstance(rule.categories, tuple) or not all(isinstance(each, str) for each in rule.categories):
        yield f"{rule.id}: `categories` should be a tuple of texts"


def _wrong_checks(rule: Rule) -> Iterator[str]:
    wanted = _CHECKS.get(rule.target, "check")
    for name in ("check", "module_check", "files_check"):
        given = getattr(rule, name)
        if (given is not None) != (name == wanted) or not (given is None or callable(given)):
            yield f"{rule.id}: a rule with the target `{rule.target}` should have a `{wanted}` and no other check"
            return
    if rule.target == "module" and rule.scope == "all":
        yield f"{rule.id}: a rule over the module should have the scope `events`; over all files there is `files`"
    if rule.target == "files" and rule.scope != "all":
        yield f"{rule.id}: a rule over the files should have the scope `all`"


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    return all(map(_is_plain, value)) if isinstance(value, list) else isinstance(value, _PLAIN)


def _kind(value: object) -> str:
    return f"a value of type `{type(value).__name__}`"


def _guarded(rule: Rule, package: Package) -> Rule:
    """The rule with checks that raise nothing but Failure, and yield nothing but hits."""
    name = _CHECKS.get(rule.target, "check")
    fits = {"check": _fits, "module_check": _fits_module, "files_check": _fits_files}[name]
    changes: dict[str, Any] = {name: _checked(getattr(rule, name), package, fits)}
    if rule.suspect is not None:
        changes["suspect"] = _suspecting(rule.suspect, rule, package)
    if rule.screen is not None:
        changes["screen"] = _screening(rule.screen, rule, package)
    return replace(rule, **changes)


def _checked(
    check: Callable[[Any, Any], Iterable[Any]], package: Package, fits: Callable[[Any], bool]
) -> Callable[[Any, Any], Iterable[Any]]:
    def checked(subject: Any, context: Any) -> list[Any]:
        with _Telling(package, "failed"):
            hits = list(check(subject, context))
        for hit in hits:
            if not fits(hit):
                raise ToolError(f"{package.distribution}: its check should not yield {_described(hit)}", _MEND)
        return hits

    return checked


_Suspect = Callable[[Any], bool]
_Screen = Callable[[Mapping[str, Any]], _Suspect]


def _screening(screen: _Screen, rule: Rule, package: Package) -> _Screen:
    def screening(params: Mapping[str, Any]) -> _Suspect:
        with _Telling(package, f"failed: `screen` of rule {rule.id}"):
            return _suspecting(screen(params), rule, package)

    return screening


def _suspecting(suspect: _Suspect, rule: Rule, package: Package) -> _Suspect:
    def suspecting(proto: Any) -> bool:
        try:
            return bool(suspect(proto))
        except (Exception, SystemExit):
            with _Telling(package, f"failed: `suspect` of rule {rule.id}"):
                raise

    return suspecting


def _described(hit: object) -> str:
    return f"the hit {hit!r:.200}" if isinstance(hit, Hit | FileHit) else _kind(hit)


def _fits(hit: object) -> bool:
    return (
        isinstance(hit, Hit)
        and _is_told(hit)
        and (
            hit.at is None
            or (isinstance(hit.at, tuple) and all(isinstance(each, int) and each >= 0 for each in hit.at))
        )
        and (hit.element is None or isinstance(hit.element, Element))
    )


def _fits_module(hit: object) -> bool:
    return isinstance(hit, Hit) and _fits(hit) and hit.element is not None


def _fits_files(hit: object) -> bool:
    return (
        isinstance(hit, FileHit)
        and _is_told(hit)
        and isinstance(hit.file, Outline)
        and isinstance(hit.at, Statement)
        and len(unpack(hit.at.span)) in (0, 3, 4)
        and isinstance(hit.name, str)
    )


def _is_told(hit: Hit | FileHit) -> bool:
    return bool(hit.message) and all(map(_is_text, (hit.message, hit.help, hit.key)))


def _is_text(value: object) -> bool:
    """Half of a surrogate pair is none: no report could be written."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)
