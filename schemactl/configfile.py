"""What schemactl.yaml looks like, and which mistakes in it no type can say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct, field

from schemactl import repopath
from schemactl.bufrules import breaking_ids, is_known, known
from schemactl.bufyaml import Module, clash, clashes
from schemactl.repopath import contains, joined
from schemactl.yamlwalk import Keys, meant, shown

Profile = Literal["json", "binary", "both", "source"]
Level = Literal["error", "warning", "info", "off"]
Approvals = Literal["change", "base"]
Told = Iterator[tuple[Keys, str]]

# What WIRE and WIRE_JSON let pass: an event that nothing refers to may vanish whole.
_DELETIONS = (
    "PACKAGE_NO_DELETE",
    "PACKAGE_MESSAGE_NO_DELETE",
    "PACKAGE_ENUM_NO_DELETE",
    "PACKAGE_SERVICE_NO_DELETE",
    "PACKAGE_EXTENSION_NO_DELETE",
    "RPC_NO_DELETE",
)
_PACKAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_PROFILES: dict[Profile, tuple[str, ...]] = {
    "json": ("WIRE_JSON", *_DELETIONS),
    "binary": ("WIRE", *_DELETIONS),
    "both": ("WIRE_JSON", "WIRE", *_DELETIONS),
    "source": ("FILE",),
}


class RuleSetting(Struct, frozen=True):
    """What the file says about one rule; `params` are judged by the rule."""

    severity: Level | None = None
    params: dict[str, Any] = {}


class Override(Struct, frozen=True):
    """Other severities for some files: those at or below the paths, and those of the packages or of packages in them."""

    rules: dict[str, Level]
    paths: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class SuppressSection(Struct, frozen=True):
    """What a comment has to be to suppress a finding; without `comments` none does."""

    comments: bool = True
    reason: Literal["required", "optional"] = "required"


class Section(Struct, frozen=True):
    use: tuple[str, ...] = ()
    except_: tuple[str, ...] = field(name="except", default=())
    ignore: tuple[str, ...] = ()
    ignore_only: dict[str, tuple[str, ...]] = {}


class LintSection(Section, frozen=True):
    """`use` names rules, categories and packs such as `events`."""

    disallow_comment_ignores: bool = False


class BreakingSection(Section, frozen=True):
    profile: Profile | None = None
    ignore_unstable_packages: bool = False


class File(Struct, frozen=True):
    """schemactl.yaml; `approvals` says which approvals of breaking changes count: of the change too, or of its base."""

    extends: tuple[str, ...] = ()
    roots: tuple[str, ...] | None = None
    excludes: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    lint: LintSection | None = None
    breaking: BreakingSection | None = None
    rules: dict[str, RuleSetting | Level] = {}
    overrides: tuple[Override, ...] = ()
    suppress: SuppressSection | None = None
    approvals: Approvals | None = None


def settings(file: File) -> dict[str, RuleSetting]:
    """`RULE: warning` is short for its severity alone."""
    return {name: each if isinstance(each, RuleSetting) else RuleSetting(each) for name, each in file.rules.items()}


def profile_rules(name: Profile) -> frozenset[str]:
    """The breaking rules that a profile stands for."""
    return frozenset(breaking_ids(_PROFILES[name]))


def breaking_rules(section: BreakingSection) -> frozenset[str]:
    """The rules of a section; without `profile` and `use` they are those of `json`."""
    chosen = breaking_ids(section.use) if section.use else profile_rules(section.profile or "json")
    return frozenset(chosen) - breaking_ids(section.except_)


def modules(file: File, directory: str) -> tuple[Module, ...]:
    """The roots of the file, each with those excludes that lie in it."""
    roots = [joined(directory, written) for written in file.roots or ()]
    excludes = [joined(directory, written) for written in file.excludes]
    return tuple(
        Module(root, tuple(path for path in excludes if path != root and contains(root, path))) for root in roots
    )


def names(file: File) -> Iterator[tuple[Keys, str]]:
    """Names that only a catalogue of rules can judge, and where they stand."""
    if file.lint is not None:
        yield from _section_names(file.lint, "lint")
    yield from ((("rules", name), name) for name in file.rules)
    for index, override in enumerate(file.overrides):
        yield from ((("overrides", index, "rules", name), name) for name in override.rules)


def mistakes(file: File, directory: str, has_buf: bool) -> Told:
    """`directory` is where the file stands; `has_buf`: a buf.yaml beside it describes modules."""
    wrong = [*_path_mistakes(file, directory)]
    yield from wrong
    if not wrong:
        yield from _root_mistakes(file, directory)
    if file.roots == ():
        yield ("roots",), "`roots` should name a directory; leave it out and they are found from the imports"
    if file.roots is None and file.excludes and has_buf:
        yield ("excludes",), "`excludes` goes with `roots`; name these too, or exclude in buf.yaml"
    if file.breaking is not None:
        yield from _breaking_mistakes(file.breaking)
    yield from _override_mistakes(file.overrides)


def _path_mistakes(file: File, directory: str) -> Told:
    for name, listed in (("roots", file.roots or ()), ("excludes", file.excludes), ("packs", file.packs)):
        for index, written in enumerate(listed):
            yield from _path_mistake((name, index), written, directory)
    for index, written in enumerate(file.includes):
        yield from _path_mistake(("includes", index), written, None)
    for name, section in (("lint", file.lint), ("breaking", file.breaking)):
        for index, written in enumerate(section.ignore if section else ()):
            yield from _path_mistake((name, "ignore", index), written, directory)
        for rule, paths in (section.ignore_only if section else {}).items():
            for index, written in enumerate(paths):
                yield from _path_mistake((name, "ignore_only", rule, index), written, directory)
    for number, override in enumerate(file.overrides):
        for index, written in enumerate(override.paths):
            yield from _path_mistake(("overrides", number, "paths", index), written, directory)


def _path_mistake(keys: Keys, written: str, directory: str | None) -> Told:
    wrong = repopath.problem(written, directory)
    if not wrong and set(written) & set("*?["):
        wrong = "should be a file or a directory; patterns are not understood"
    if wrong:
        yield keys, f"`{shown(written)}` {wrong}"


def _root_mistakes(file: File, directory: str) -> Told:
    found = modules(file, directory)
    for outer, inner in clashes(found):
        yield ("roots", inner), clash(found[outer].root, found[inner].root)
    roots = {module.root for module in found}
    used = {path for module in found for path in module.excludes}
    for index, written in enumerate(file.excludes if roots else ()):
        path = joined(directory, written)
        if path not in used:
            is_root = "is a root itself; leave the root out instead" if path in roots else "lies in no root"
            yield ("excludes", index), f"`{shown(written)}` {is_root}"


def _breaking_mistakes(section: BreakingSection) -> Told:
    if section.profile and section.use:
        yield ("breaking", "use"), "`profile` and `use` do not go together; `except` takes rules out of a profile"
    unknown = [(keys, name) for keys, name in _section_names(section, "breaking") if not is_known(name, "breaking")]
    for keys, name in unknown:
        yield keys, f"`{shown(name)}` is no breaking rule or category of Buf{meant(name, known('breaking'))}"
    if not unknown and not breaking_rules(section):
        yield ("breaking",), "`breaking` leaves no rule; take something out of `except`"


def _override_mistakes(overrides: Iterable[Override]) -> Told:
    for index, override in enumerate(overrides):
        if not (override.paths or override.packages):
            yield ("overrides", index), "an override should name `paths` or `packages`; for all files there is `rules`"
        for number, package in enumerate(override.packages):
            if not _PACKAGE.fullmatch(package):
                problem = "is no package; one stands for itself and all packages in it, patterns are not understood"
                yield ("overrides", index, "packages", number), f"`{shown(package)}` {problem}"


def _section_names(section: Section, name: str) -> Iterator[tuple[Keys, str]]:
    for key, listed in (("use", section.use), ("except", section.except_)):
        yield from (((name, key, index), rule) for index, rule in enumerate(listed))
    yield from (((name, "ignore_only", rule), rule) for rule in section.ignore_only)
