"""What schemactl.yaml looks like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from schemactl import compatrules
from schemactl.bufrules import breaking_ids
from schemactl.bufyaml import Module
from schemactl.compatsection import CompatSection
from schemactl.packagessection import Packages, ThirdParty
from schemactl.releasesection import Publish, ReleaseSection
from schemactl.repopath import contains, joined
from schemactl.yamlwalk import Keys

Profile = Literal["json", "binary", "both", "source"]
Level = Literal["error", "warning", "info", "off"]
Approvals = Literal["change", "base"]

# What WIRE and WIRE_JSON let pass: an event that nothing refers to may vanish whole.
_DELETIONS = (
    "PACKAGE_NO_DELETE",
    "PACKAGE_MESSAGE_NO_DELETE",
    "PACKAGE_ENUM_NO_DELETE",
    "PACKAGE_SERVICE_NO_DELETE",
    "PACKAGE_EXTENSION_NO_DELETE",
    "RPC_NO_DELETE",
)
_PROFILES: dict[Profile, tuple[str, ...]] = {
    "json": ("WIRE_JSON", *_DELETIONS),
    "binary": ("WIRE", *_DELETIONS),
    "both": ("WIRE_JSON", "WIRE", *_DELETIONS),
    "source": ("FILE",),
}


class RuleSetting(Struct, frozen=True):
    """What the file says about one rule; `params` are judged by the rule."""

    severity: Annotated[Level | None, Meta(description="How severe its findings are; `off` turns the rule off.")] = None
    params: Annotated[
        dict[str, Any], Meta(description="Parameters of the rule; `schemactl explain RULE` shows them with defaults.")
    ] = {}


class Override(Struct, frozen=True):
    """Other severities for some files: those at or below its paths, and of its packages or of packages in them."""

    rules: Annotated[
        dict[str, Level],
        Meta(description="Severities by rule id. A rule that is off elsewhere is on here, by a severity."),
    ]
    paths: Annotated[
        tuple[str, ...], Meta(description="Files, and directories with all files below them, from this file.")
    ] = ()
    packages: Annotated[
        tuple[str, ...], Meta(description="Packages, each with all packages in it: `acme.users` holds `acme.users.v1`.")
    ] = ()


class SuppressSection(Struct, frozen=True):
    """What a comment has to be to suppress a finding; without `comments` none does."""

    comments: Annotated[bool, Meta(description="Whether comments may suppress findings at all.")] = True
    reason: Annotated[
        Literal["required", "optional"], Meta(description="Whether a comment that suppresses has to say why.")
    ] = "required"


_IGNORE = "Files and directories, from this file, that it says nothing about."
_IGNORE_ONLY = "The same for one rule or category each."


class LintSection(Struct, frozen=True):
    """Which rules lint."""

    use: Annotated[
        tuple[str, ...],
        Meta(
            description="Rule ids, categories, and packs such as `events`: the whole choice. Default: STANDARD, events."
        ),
    ] = ()
    except_: Annotated[
        tuple[str, ...], Meta(description="Rule ids and categories of `use` that do not lint after all.")
    ] = field(name="except", default=())
    ignore: Annotated[tuple[str, ...], Meta(description=_IGNORE)] = ()
    ignore_only: Annotated[dict[str, tuple[str, ...]], Meta(description=_IGNORE_ONLY)] = {}
    disallow_comment_ignores: Annotated[
        bool, Meta(description="Whether findings count in spite of `buf:lint:ignore` comments.")
    ] = False


class BreakingSection(Struct, frozen=True):
    """Which rules say what breaks: Buf's, and those of the compatibility verdict (`COMPAT`)."""

    use: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids and categories of Buf's breaking rules, in place of a profile. Of `COMPAT` all rules are "
            "on unless it names some of them."
        ),
    ] = ()
    except_: Annotated[
        tuple[str, ...], Meta(description="Ids and categories of `use` or of the profile that may break after all.")
    ] = field(name="except", default=())
    ignore: Annotated[tuple[str, ...], Meta(description=_IGNORE)] = ()
    ignore_only: Annotated[dict[str, tuple[str, ...]], Meta(description=_IGNORE_ONLY)] = {}
    profile: Annotated[
        Profile | None,
        Meta(
            description="What has to stay compatible: JSON (the default), the binary format, both, or generated code."
        ),
    ] = None
    ignore_unstable_packages: Annotated[
        bool, Meta(description="Whether packages such as `acme.v1alpha1` and `acme.v1beta1` may break.")
    ] = False


Section = LintSection | BreakingSection


class File(Struct, frozen=True):
    """The configuration of schemactl: which schemas there are, and the policy that judges them."""

    extends: Annotated[
        tuple[str, ...],
        Meta(
            description="Policies that this one builds on: YAML files of the repository, from this file, and installed "
            "packages of rules. Later ones win over earlier ones, and this file over all."
        ),
    ] = ()
    roots: Annotated[
        tuple[str, ...] | None,
        Meta(description="Module roots: files are imported by their path below one. Default: found from the imports."),
    ] = None
    excludes: Annotated[
        tuple[str, ...], Meta(description="Directories below the roots that are never checked, and can be imported.")
    ] = ()
    includes: Annotated[
        tuple[str, ...],
        Meta(description="Directories that imports may come from; they may lie outside of the repository."),
    ] = ()
    packages: Packages = None
    third_party: ThirdParty = ()
    release: Annotated[ReleaseSection | None, Meta(description="How a release is called, and who hears of it.")] = None
    publish: Publish = None
    packs: Annotated[
        tuple[str, ...],
        Meta(
            description="Further rules: YAML files of the repository, from this file, and installed packages of rules."
        ),
    ] = ()
    lint: Annotated[LintSection | None, Meta(description="Which rules lint. Default: as buf.yaml says.")] = None
    breaking: Annotated[
        BreakingSection | None, Meta(description="Which changes are breaking ones. Default: as buf.yaml says.")
    ] = None
    compat: Annotated[
        CompatSection | None, Meta(description="How messages travel, and which readers have to understand them.")
    ] = None
    rules: Annotated[
        dict[str, RuleSetting | Level],
        Meta(description="Severity and parameters by rule id; `RULE: warning` is short for its severity."),
    ] = {}
    overrides: Annotated[
        tuple[Override, ...], Meta(description="Other severities for some files or packages; later ones win.")
    ] = ()
    suppress: Annotated[SuppressSection | None, Meta(description="What a comment has to be to suppress a finding.")] = (
        None
    )
    approvals: Annotated[
        Approvals | None,
        Meta(
            description="Which approvals of breaking changes count: those of the change too (`change`, the default), "
            "or only those of its base."
        ),
    ] = None


def settings(file: File) -> dict[str, RuleSetting]:
    """`RULE: warning` is short for its severity alone."""
    return {name: each if isinstance(each, RuleSetting) else RuleSetting(each) for name, each in file.rules.items()}


def profile_rules(name: Profile) -> frozenset[str]:
    """The breaking rules that a profile stands for."""
    return frozenset(breaking_ids(_PROFILES[name]))


def breaking_rules(section: BreakingSection) -> frozenset[str]:
    """Buf's rules of a section; without `profile` and `use` they are those of `json`."""
    chosen = breaking_ids(section.use) if section.use else profile_rules(section.profile or "json")
    return frozenset(chosen) - breaking_ids(section.except_)


def compat_rules(section: BreakingSection) -> frozenset[str]:
    """Those of the compatibility verdict: all of them where `use` names none, as one written for Buf does."""
    return (compatrules.ids(section.use) or compatrules.IDS) - compatrules.ids(section.except_)


def modules(file: File, directory: str) -> tuple[Module, ...]:
    """The roots of the file, each with those excludes that lie in it."""
    roots = [joined(directory, written) for written in file.roots or ()]
    excludes = [joined(directory, written) for written in file.excludes]
    return tuple(
        Module(root, tuple(path for path in excludes if path != root and contains(root, path))) for root in roots
    )


def is_path(entry: str) -> bool:
    """Whether an entry of `extends` or `packs` is a file of the repository, and not an installed package."""
    return "/" in entry or entry.endswith((".yaml", ".yml"))


def placed(file: File, directory: str) -> File:
    """The file with the paths of its policy from the top of the repository."""
    return replace(
        file,
        packs=tuple(joined(directory, each) if is_path(each) else each for each in file.packs),
        lint=file.lint and _section_placed(file.lint, directory),
        breaking=file.breaking and _section_placed(file.breaking, directory),
        overrides=tuple(replace(each, paths=_paths(directory, each.paths)) for each in file.overrides),
    )


_Section = TypeVar("_Section", LintSection, BreakingSection)


def _section_placed(section: _Section, directory: str) -> _Section:
    only = {name: _paths(directory, paths) for name, paths in section.ignore_only.items()}
    return replace(section, ignore=_paths(directory, section.ignore), ignore_only=only)


def _paths(directory: str, paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(joined(directory, written) for written in paths)


def names(file: File) -> Iterator[tuple[Keys, str]]:
    """Names that only a catalogue of rules can judge, and where they stand."""
    if file.lint is not None:
        yield from section_names(file.lint, "lint")
    yield from ((("rules", name), name) for name in file.rules)
    for index, override in enumerate(file.overrides):
        yield from ((("overrides", index, "rules", name), name) for name in override.rules)


def section_names(section: Section, name: str) -> Iterator[tuple[Keys, str]]:
    for key, listed in (("use", section.use), ("except", section.except_)):
        yield from (((name, key, index), rule) for index, rule in enumerate(listed))
    yield from (((name, "ignore_only", rule), rule) for rule in section.ignore_only)
