"""Writes the tables of docs/rules.md from the rules themselves: everything between its two marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemactl import bufrules, catalogue, configfile
from schemactl.documented import ENGINE
from schemactl.rule import Rule

PAGE = Path(__file__).with_name("rules.md")
_START, _END = "<!-- written by `python docs/rules.py` -->\n", "<!-- to here -->"

# Buf's categories hold each other: a rule stands under the narrowest.
_CATEGORIES = {
    "MINIMAL": "`MINIMAL` of Buf (also in `BASIC` and `STANDARD`)",
    "BASIC": "`BASIC` of Buf (also in `STANDARD`)",
    "STANDARD": "`STANDARD` of Buf",
    "COMMENTS": "`COMMENTS` of Buf",
    "UNARY_RPC": "`UNARY_RPC` of Buf",
    "": "In no category of Buf's v2: on where their id is named",
    "events": "`events`: conventions of this tool",
}
_PROFILES: tuple[configfile.Profile, ...] = ("json", "binary", "source")
_Row = tuple[str, ...]


def filled(page: str) -> str:
    """The page with its tables as they should be."""
    before, _, rest = page.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n{_tables()}\n{_END}{after}"


def _tables() -> str:
    groups: dict[str, list[Rule]] = {category: [] for category in _CATEGORIES}
    for rule in sorted(catalogue.catalogue().values(), key=lambda rule: rule.id):
        groups[next((each for each in _CATEGORIES if each in rule.categories), "")].append(rule)
    parts = [_section(_CATEGORIES[category], _lint(rules)) for category, rules in groups.items()]
    parts.append(_section("Always on", [("rule", "says that"), *_engine()]))
    parts.append(_section("Breaking changes, judged by Buf", [("rule", "profiles", "checks that"), *_breaking()]))
    return "\n".join(parts)


def _section(title: str, rows: Iterable[_Row]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"### {title}\n", head, "|---" * (head.count("|") - 1) + "|", *body, ""])


def _lint(rules: Iterable[Rule]) -> list[_Row]:
    rows = [(f"`{rule.id}`", _graded(rule.title, rule.severity), ", ".join(map(_code, rule.params))) for rule in rules]
    if any(params for _, _, params in rows):
        return [("rule", "says that", "parameters"), *rows]
    return [("rule", "says that"), *((id, title) for id, title, _ in rows)]


def _engine() -> Iterator[_Row]:
    return ((_code(document.id), _graded(document.title, document.severity)) for document in ENGINE.values())


def _breaking() -> Iterator[_Row]:
    profiles = {name: configfile.profile_rules(name) for name in _PROFILES}
    for id, rule in sorted(bufrules.table().items()):
        if rule.kind == "breaking" and not rule.deprecated:
            names = [name for name, ids in profiles.items() if id in ids]
            yield _code(id), ", ".join(map(_code, names)), rule.purpose.removeprefix("Checks that ").removesuffix(".")


def _graded(title: str, severity: str) -> str:
    return title if severity == "error" else f"{title} ({severity})"


def _code(name: str) -> str:
    return f"`{name}`"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
