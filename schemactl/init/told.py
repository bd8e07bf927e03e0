"""What `init` says: what it found and is going to write, and in the end what to do next."""

from __future__ import annotations

import posixpath
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from schemactl.init.plan import Plan
from schemactl.init.quoting import is_plain
from schemactl.init.steps import New, There
from schemactl.init.surroundings import PIPELINE, PRE_COMMIT
from schemactl.report import Style
from schemactl.report.escape import lines, terminal

_BOLD, _GREEN, _FAINT = "1", "32", "2"
_GAP, _MANY = 2, 4


def proposed(plan: Plan, style: Style) -> str:
    """What is to come, and then every file with its text."""
    parts = [_found(plan, style), _listed(plan, style, "would write")]
    return "\n".join([*parts, *(_text(each, style) for each in plan.files if each.shown)])


def question(plan: Plan, style: Style) -> str:
    git = ["a git repository"] if plan.starts_git else []
    names = ", ".join([*git, *(terminal(each.path) for each in plan.files)])
    return "\n".join(_wrapped(f"write {names}? [y/N]", style, "", "  ")) + " "


def written(plan: Plan, style: Style) -> str:
    return "\n".join([_found(plan, style), done(plan, style)])


def done(plan: Plan, style: Style) -> str:
    """What was written, what is left to do by hand, and how to go on."""
    return "\n".join([_listed(plan, style, "wrote"), _next(plan, style)])


def _found(plan: Plan, style: Style) -> str:
    return _block([_painted("found", _BOLD, style), *_points(plan.facts, style)])


def _text(file: New, style: Style) -> str:
    head = _painted(terminal(file.path), _BOLD, style)
    return _block([head, *(f"  | {line}".rstrip() for line in lines(file.content.decode()))])


def _listed(plan: Plan, style: Style, verb: str) -> str:
    made = "made" if verb == "wrote" else "would make"
    git = [_painted(f"{made} a git repository", _GREEN, style)] if plan.starts_git else []
    new = [_painted(verb, _GREEN, style), *_table(plan.files, style, verb != "wrote")] if plan.files else []
    kept = [f"  {terminal(each.path)}: {each.why}" for each in plan.there if not each.lines]
    there = [_painted("stays as it is", _BOLD, style), *kept] if kept else []
    owed = [line for each in plan.there if each.lines for line in _owed(each)]
    by_hand = [_painted("for you to add", _BOLD, style), *owed] if owed else []
    nothing = [] if plan.files else ["nothing to write"]
    parts = [*git, *new, *there, *by_hand, *_points(plan.notes, style), *nothing]
    return _block([*parts, *(["", *_wrapped(terminal(plan.without_ci), style, "", "  ")] if plan.without_ci else [])])


def _table(files: Sequence[New], style: Style, counted: bool) -> Iterator[str]:
    paths = [terminal(each.path) for each in files]
    column = max(map(len, paths)) + _GAP
    for path, each in zip(paths, files, strict=True):
        count = f"; {_lines(each)}" if counted and each.shown else ""
        purpose = f"{terminal(each.purpose)}{count}"
        fits = style.width is None or 2 + column + len(purpose) <= style.width
        yield f"  {path:<{column}}{purpose}" if fits else f"  {path}"
        yield from () if fits else _wrapped(purpose, style, "      ", "      ")


def _lines(file: New) -> str:
    number = len(file.content.splitlines())
    return f"{number} line{'' if number == 1 else 's'}"


def _owed(file: There) -> Iterator[str]:
    yield f"  {terminal(file.path)}: {file.why}"
    yield from (f"      {terminal(line)}" for line in file.lines)


def _next(plan: Plan, style: Style) -> str:
    """Lines to be pasted: a path that a shell would take for more than a word stands in none of them."""
    if not plan.files:
        return ""
    paths = [each.path for each in plan.files]
    steps = [
        *_to_the_place(plan),
        *(["git init"] if plan.lacks_git else []),
        f"git add {_added(plan, paths)}",
        'git commit -m "Check the schemas with schemactl"',
        *(["pre-commit install  # and the hook runs before each commit"] if PRE_COMMIT in paths else []),
        *(
            [f"git push  # and open a {_request(paths)}: it has a check now"]
            if plan.is_hosted and plan.is_checked
            else []
        ),
        f"schemactl check{_where(plan)}{' --new' if plan.has_old_findings else ''}  # what it says of your next change",
    ]
    return _block([_painted("next", _BOLD, style), *(f"  {step}" for step in steps)])


def _to_the_place(plan: Plan) -> list[str]:
    if plan.start is not None:
        return []
    top = plan.top.as_posix()
    return [f"cd {top}" if is_plain(top.removeprefix("/")) else "# at the top of the repository:"]


def _added(plan: Plan, paths: Sequence[str]) -> str:
    written = [_from_here(plan, path) for path in paths]
    return " ".join(written) if len(paths) <= _MANY and all(map(is_plain, written)) and not plan.lacks_git else "--all"


def _from_here(plan: Plan, path: str) -> str:
    return posixpath.relpath(path, plan.start or ".")


def _request(paths: Sequence[str]) -> str:
    return "merge request" if PIPELINE in paths else "pull request"


def _where(plan: Plan) -> str:
    directory = _from_here(plan, plan.directory)
    return f" -C {directory}" if directory != "." and is_plain(directory) else ""


def _points(texts: Iterable[str], style: Style) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(terminal(text), style, "  ", "    ")


def _wrapped(text: str, style: Style, first: str, other: str) -> list[str]:
    if style.width is None:
        return [f"{first}{text}"]
    return textwrap.wrap(
        text, max(style.width, 40), initial_indent=first, subsequent_indent=other, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


def _block(parts: Iterable[str]) -> str:
    return "\n".join([*parts, ""])


def _painted(text: str, code: str, style: Style) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.color else text
