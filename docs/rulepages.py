"""Writes docs/rules/, a page for each rule, and between its two marks the tables of docs/rules.md that link there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemactl import bufrules, catalogue, configfile, documented
from schemactl.documented import COMPAT, ENGINE, Known
from schemactl.rule import Rule

PAGE = Path(__file__).with_name("rules.md")
PAGES = Path(__file__).with_name("rules")
_FOOT = "\n[All rules](../rules.md)\n\n<!-- written by `python docs/rulepages.py` -->\n"
_START, _END = "<!-- written by `python docs/rulepages.py` -->\n", "<!-- to here -->"

# Buf's categories hold each other: a rule stands under the narrowest.
_CATEGORIES = {
    "MINIMAL": "`MINIMAL` of Buf (also in `BASIC` and `STANDARD`)",
    "BASIC": "`BASIC` of Buf (also in `STANDARD`)",
    "STANDARD": "`STANDARD` of Buf",
    "COMMENTS": "`COMMENTS` of Buf",
    "UNARY_RPC": "`UNARY_RPC` of Buf",
    "STYLE": "`STYLE`: how a file is written; on where it is named",
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


def pages() -> dict[str, str]:
    """Every page by its name: what `schemactl explain` says anywhere."""
    known: list[Known] = [*catalogue.catalogue().values(), *ENGINE.values(), *COMPAT.values(), *_of_buf()]
    return {f"{rule.id}.md": documented.text(rule) + _FOOT for rule in known}


def _of_buf() -> list[bufrules.BufRule]:
    table = bufrules.table()
    return [table[id] for id in sorted(table) if table[id].kind == "breaking" and not table[id].deprecated]


def _tables() -> str:
    groups: dict[str, list[Rule]] = {category: [] for category in _CATEGORIES}
    for rule in sorted(catalogue.catalogue().values(), key=lambda rule: rule.id):
        groups[next((each for each in _CATEGORIES if each in rule.categories), "")].append(rule)
    parts = [_section(_CATEGORIES[category], _lint(rules)) for category, rules in groups.items()]
    parts.append(_section("Always on", [("rule", "says that"), *_engine()]))
    parts.append(_section("Breaking changes, by what they do to readers", [("rule", "says that"), *_compat()]))
    parts.append(_section("Breaking changes, judged by Buf", [("rule", "profiles", "says that"), *_breaking()]))
    return "\n".join(parts)


def _section(title: str, rows: Iterable[_Row]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"### {title}\n", head, "|---" * (head.count("|") - 1) + "|", *body, ""])


def _lint(rules: Iterable[Rule]) -> list[_Row]:
    rows = [
        (_linked(rule.id), _graded(rule.title, rule.severity), ", ".join(map(_code, rule.params))) for rule in rules
    ]
    if any(params for _, _, params in rows):
        return [("rule", "says that", "parameters"), *rows]
    return [("rule", "says that"), *((id, title) for id, title, _ in rows)]


def _engine() -> Iterator[_Row]:
    return ((_linked(document.id), _graded(document.title, document.severity)) for document in ENGINE.values())


def _compat() -> Iterator[_Row]:
    return ((_linked(document.id), _graded(document.title, document.severity)) for document in COMPAT.values())


def _breaking() -> Iterator[_Row]:
    profiles = {name: configfile.profile_rules(name) for name in _PROFILES}
    for rule in _of_buf():
        names = [name for name, ids in profiles.items() if rule.id in ids]
        yield _linked(rule.id), ", ".join(map(_code, names)), documented.title(rule)


def _graded(title: str, severity: str) -> str:
    return title if severity == "error" else f"{title} ({severity})"


def _linked(id: str) -> str:
    return f"[`{id}`](rules/{id}.md)"


def _code(name: str) -> str:
    return f"`{name}`"


def write() -> None:
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
    PAGES.mkdir(exist_ok=True)
    wanted = pages()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, "utf-8")
    for path in PAGES.glob("*.md"):
        if path.name not in wanted:
            path.unlink()


if __name__ == "__main__":
    write()
