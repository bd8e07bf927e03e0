"""A rule: one convention as a value, with the reason, the examples that test it, and the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct, structs

from schemactl.element import Element, Module
from schemactl.finding import Severity
from schemactl.outline import Files, Outline, Statement

Target = Literal["file", "message", "field", "enum", "enum_value", "oneof", "service", "method", "module", "files"]

# Which elements a rule looks at: events only, the files that an event reaches, or everything.
Scope = Literal["events", "reached", "all"]

BUILT_IN = "built in"

Check = Callable[[Element, "Context"], Iterable["Hit"]]
ModuleCheck = Callable[[Module, "Context"], Iterable["Hit"]]
FilesCheck = Callable[[Files, "Context"], Iterable["FileHit"]]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check yields: the rest of the finding (id, severity, element, place) is the engine's.

    `at` is a descriptor path below the element (`(1,)` is its name); `key` tells apart several hits of one
    rule on one element; `element` is given by module checks, which look at many.
    """

    message: str
    help: str = ""
    at: tuple[int, ...] | None = None
    key: str = ""
    element: Element | None = None


@dataclass(frozen=True, slots=True)
class FileHit:
    """What a check over several files yields; `name` is the element's full name where it is not the file itself."""

    file: Outline
    message: str
    at: Statement
    help: str = ""
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know beside its element: its own parameters."""

    params: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rule; `bad` and `good` are whole proto files whose lines ending in `// error` are the findings.

    `suspect` says quickly of a raw descriptor whether `check` has to look at its element at all; `screen` makes one
    of the parameters. Where the target is `files`, `files_check` sees the outlines of one of Buf's modules, or of all
    files below one root. `reads_options`: it asks for custom options by name, and `options` are those names it holds.
    """

    id: str
    target: Target
    title: str
    why: str
    bad: str
    good: str
    check: Check | None = None
    module_check: ModuleCheck | None = None
    files_check: FilesCheck | None = None
    suspect: Callable[[Any], bool] | None = None
    screen: Callable[[Mapping[str, Any]], Callable[[Any], bool]] | None = None
    reads_options: bool = False
    options: tuple[str, ...] = ()
    severity: Severity = "error"
    scope: Scope = "all"
    categories: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    origin: str = BUILT_IN


class Setting(Struct, frozen=True):
    """One rule as a run wants it, in plain data."""

    id: str
    severity: Severity
    params: Mapping[str, Any]
    scope: Scope = "all"


class Card(Struct, frozen=True):
    """What has to be known of a rule before anything is judged: all but its checks and its examples."""

    id: str
    target: Target
    title: str
    why: str
    severity: Severity
    scope: Scope
    categories: tuple[str, ...]
    params: dict[str, Any]
    origin: str

    def rule(self) -> Rule:
        """A rule that can be chosen and configured, and judges nothing."""
        return Rule(bad="", good="", **structs.asdict(self))


def card(rule: Rule) -> Card:
    return Card(**{name: getattr(rule, name) for name in Card.__struct_fields__})
