"""Buf's own rules as a table: which exist, what they are for, and what its categories stand for in each version."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

Kind = Literal["lint", "breaking"]
KINDS: tuple[Kind, ...] = ("lint", "breaking")
Version = Literal["v1beta1", "v1", "v2"]

# Buf maps these when it reads a file; no rule of its listings names them as its category.
_RENAMED = {"DEFAULT": "STANDARD", "STYLE_DEFAULT": "STYLE_STANDARD"}


class BufRule(Struct, frozen=True):
    """`categories` has an entry for each version of buf.yaml that knows the rule."""

    id: str
    kind: Kind
    purpose: str
    categories: Mapping[str, tuple[str, ...]]
    deprecated: bool
    replacements: tuple[str, ...]


@functools.cache
def table() -> Mapping[str, BufRule]:
    """Every rule of Buf by its id, deprecated ones too."""
    data = msgspec.json.decode(Path(__file__).with_name("buf_rules.json").read_bytes())
    return {id: _rule(id, entry) for id, entry in data.items()}


def lint_ids(names: Iterable[str], version: Version = "v2") -> set[str]:
    """The ids that these ids and categories stand for; a name that Buf does not know adds nothing."""
    return _expanded("lint", names, version)


def lint_ids_of_any(names: Iterable[str]) -> set[str]:
    """The same, of each name in the newest version that knows it: categories went with v1beta1."""
    versions: tuple[Version, ...] = ("v2", "v1", "v1beta1")
    expanded = ([lint_ids([name], version) for version in versions] for name in names)
    return {id for each in expanded for id in next(filter(None, each), set())}


def breaking_ids(names: Iterable[str], version: Version = "v2") -> set[str]:
    """The ids that these ids and categories stand for; a name that Buf does not know adds nothing."""
    return _expanded("breaking", names, version)


def is_known(name: str, kind: Kind | None = None) -> bool:
    """Whether some version of Buf has a rule or category of this name (of this kind)."""
    return any(name in known(of) for of in KINDS if kind in (None, of))


@functools.cache
def known(kind: Kind) -> frozenset[str]:
    """All ids and categories of any version."""
    rules = [rule for rule in table().values() if rule.kind == kind]
    categories = {name for rule in rules for names in rule.categories.values() for name in names}
    return frozenset({rule.id for rule in rules} | categories | (set(_RENAMED) if kind == "lint" else set()))


def _expanded(kind: Kind, names: Iterable[str], version: Version) -> set[str]:
    members = _members(kind, version)
    return {id for name in names for id in members.get(_RENAMED.get(name, name), ())}


@functools.cache
def _members(kind: Kind, version: Version) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for rule in table().values():
        if rule.kind == kind:
            found.setdefault(rule.id, set()).update(rule.replacements if rule.deprecated else (rule.id,))
            for category in rule.categories.get(version, ()):
                found.setdefault(category, set()).add(rule.id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _rule(id: str, entry: dict[str, Any]) -> BufRule:
    return BufRule(
        id=id,
        kind=entry["kind"],
        purpose=entry["purpose"],
        categories={version: tuple(names) for version, names in entry["categories"].items()},
        deprecated="replacements" in entry,
        replacements=tuple(entry.get("replacements", ())),
    )
