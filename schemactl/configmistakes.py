"""Which mistakes in schemactl.yaml no type can say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from schemactl import compatrules, packagemistakes, releasemistakes, repopath
from schemactl.bufrules import is_known, known, table
from schemactl.bufyaml import Module, clash, clashes
from schemactl.compatsection import CompatSection
from schemactl.configfile import (
    BreakingSection,
    File,
    LintSection,
    Override,
    breaking_rules,
    compat_rules,
    is_path,
    modules,
    section_names,
)
from schemactl.repopath import joined
from schemactl.yamlfile import Said
from schemactl.yamlwalk import Keys, meant, shown

Told = Iterator[tuple[Keys, str]]

_PACKAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_OURS = frozenset(("events", "STYLE"))
_ENTRY_POINT = re.compile(r"[A-Za-z]\w*([.-]\w+)*", re.ASCII)


def of_own(file: File, directory: str, described: Sequence[Module]) -> Iterator[Said]:
    """`directory` is where the file stands; `described` are the modules of a buf.yaml beside it."""
    wrong = [*_structure_mistakes(file, directory), *_path_mistakes(file, directory)]
    yield from wrong
    if not wrong:
        yield from _root_mistakes(file, directory)
    if file.roots == ():
        yield ("roots",), "`roots` should name a directory; leave it out to have them found from the imports"
    if file.roots is None and file.excludes and described:
        yield ("excludes",), _roots_to_add(file, directory, described)
    yield from packagemistakes.of_packages(file.packages, directory) if file.packages is not None else ()
    yield from packagemistakes.of_third_party(file.third_party)
    yield from releasemistakes.of_release(file.release, len(file.packages or ())) if file.release else ()
    yield from releasemistakes.of_publish(file.publish or (), directory)
    yield from _policy_mistakes(file)


def _roots_to_add(file: File, directory: str, described: Sequence[Module]) -> str:
    """The same modules as buf.yaml has, less what is excluded."""
    roots = [posixpath.relpath(module.root, directory) for module in described]
    theirs = (posixpath.relpath(path, directory) for module in described for path in module.excludes)
    excludes = dict.fromkeys([*theirs, *file.excludes])
    lines = [f"  roots: [{', '.join(roots)}]", f"  excludes: [{', '.join(map(shown, excludes))}]"]
    said = "`excludes` goes with `roots`, which otherwise are those of buf.yaml: exclude there, or write both"
    return "\n".join([said, *lines])


def of_extended(file: File, directory: str | None) -> Told:
    """Of a file that another one extends; without `directory` it is one of an installed package."""
    for name in ("roots", "excludes", "includes", "packages", "third_party", "release", "publish"):
        if getattr(file, name):
            yield (name,), f"`{name}` belongs in the schemactl.yaml that extends this one, which holds policy only"
    if directory is not None:
        yield from _path_mistakes(file, directory)
    else:
        for keys, written in _paths(file):
            yield keys, f"`{shown(written)}` is a path, and a package cannot know those of what extends it"
        for name, listed in (("extends", file.extends), ("packs", file.packs)):
            for index, entry in enumerate(listed):
                yield from _packaged_mistake((name, index), entry)
    yield from _policy_mistakes(file)


def _policy_mistakes(file: File) -> Told:
    if file.lint is not None:
        yield from _lint_mistakes(file.lint)
    if file.breaking is not None:
        yield from _breaking_mistakes(file.breaking)
    if file.compat is not None:
        yield from _compat_mistakes(file.compat)
    yield from _override_mistakes(file.overrides)


def _structure_mistakes(file: File, directory: str) -> Told:
    for name, listed in (("roots", file.roots or ()), ("excludes", file.excludes)):
        for index, written in enumerate(listed):
            yield from _path_mistake((name, index), written, directory)
    for index, written in enumerate(file.includes):
        yield from _path_mistake(("includes", index), written, None)
    for number, section in enumerate(file.packages or ()):
        for index, written in enumerate(section.paths):
            yield from _path_mistake(("packages", number, "paths", index), written, directory)
    if file.release is not None and file.release.changelog is not None:
        yield from _path_mistake(("release", "changelog"), file.release.changelog, directory)


def _path_mistakes(file: File, directory: str) -> Told:
    for name, listed in (("extends", file.extends), ("packs", file.packs)):
        for index, entry in enumerate(listed):
            if is_path(entry):
                yield from _path_mistake((name, index), entry, directory)
            else:
                yield from _entry_mistake((name, index), entry)
    for keys, written in _paths(file):
        yield from _path_mistake(keys, written, directory)


def _paths(file: File) -> Iterator[tuple[Keys, str]]:
    """The paths of its policy, but for those of other files of configuration."""
    for name, section in (("lint", file.lint), ("breaking", file.breaking)):
        for index, written in enumerate(section.ignore if section else ()):
            yield (name, "ignore", index), written
        for rule, paths in (section.ignore_only if section else {}).items():
            for index, written in enumerate(paths):
                yield (name, "ignore_only", rule, index), written
    for number, override in enumerate(file.overrides):
        for index, written in enumerate(override.paths):
            yield ("overrides", number, "paths", index), written


def _path_mistake(keys: Keys, written: str, directory: str | None) -> Told:
    wrong = repopath.problem(written, directory)
    if not wrong and set(written) & set("*?["):
        wrong = "should be a file or a directory; patterns are not supported"
    if wrong:
        yield keys, f"`{shown(written)}` {wrong}"


def _packaged_mistake(keys: Keys, entry: str) -> Told:
    if not is_path(entry):
        yield from _entry_mistake(keys, entry)
    elif keys[0] == "packs":
        yield keys, f"`{shown(entry)}` is a path; all files `rules/*.yaml` of a package are packs without being named"
    else:
        yield keys, f"`{shown(entry)}` is a path; a package can extend other packages only"


def _entry_mistake(keys: Keys, entry: str) -> Told:
    if is_known(entry) or entry in _OURS or entry in compatrules.NAMES:
        yield keys, f"`{entry}` is the name of rules that come with schemactl; a package cannot have it"
    elif not _ENTRY_POINT.fullmatch(entry):
        yield keys, f"`{shown(entry)}` should be a path of a YAML file, or the name of an installed package of rules"


def _root_mistakes(file: File, directory: str) -> Told:
    found = modules(file, directory)
    for outer, inner in clashes(found):
        yield ("roots", inner), clash(found[outer].root, found[inner].root)
    roots = {module.root for module in found}
    used = {path for module in found for path in module.excludes}
    for index, written in enumerate(file.excludes if roots else ()):
        path = joined(directory, written)
        if path not in used:
            is_root = "is a root itself; leave the root out instead" if path in roots else "lies outside every root"
            yield ("excludes", index), f"`{shown(written)}` {is_root}"


def _lint_mistakes(section: LintSection) -> Told:
    for keys, name in section_names(section, "lint"):
        if name in compatrules.NAMES:
            yield keys, f"`{name}` is about changes; it belongs under `breaking:`"
        elif is_known(name, "breaking") and not is_known(name, "lint"):
            kind = "rule" if name in table() else "category"
            yield keys, f"`{name}` is a {kind} of Buf for breaking changes; it belongs under `breaking:`"


def _breaking_mistakes(section: BreakingSection) -> Told:
    if section.profile and section.use:
        yield ("breaking", "use"), "`profile` and `use` do not go together; `except` takes rules out of a profile"
    there_are = known("breaking") | compatrules.NAMES
    unknown = [(keys, name) for keys, name in section_names(section, "breaking") if name not in there_are]
    for keys, name in unknown:
        yield keys, f"`{shown(name)}` is not a rule or category for breaking changes{meant(name, there_are)}"
    ours = compat_rules(section) if compatrules.ids(section.use) else ()
    if not unknown and not (breaking_rules(section) or ours):
        yield ("breaking",), "`breaking` leaves no rule; take something out of `except`"


def _override_mistakes(overrides: Iterable[Override]) -> Told:
    for index, override in enumerate(overrides):
        if not (override.paths or override.packages):
            yield ("overrides", index), "an override should name `paths` or `packages`; for all files there is `rules`"
        yield from _package_mistakes(("overrides", index, "packages"), override.packages)


def _compat_mistakes(section: CompatSection) -> Told:
    for index, entry in enumerate(section.packages):
        keys: Keys = ("compat", "packages", index, "packages")
        if not entry.packages:
            yield keys, "an entry should name its packages; write what holds for all in `compat` itself"
        yield from _package_mistakes(keys, entry.packages)


def _package_mistakes(keys: Keys, packages: Iterable[str]) -> Told:
    for number, package in enumerate(packages):
        if not _PACKAGE.fullmatch(package):
            problem = "is not a package; a package covers all packages in it, and patterns are not supported"
            yield (*keys, number), f"`{shown(package)}` {problem}"
