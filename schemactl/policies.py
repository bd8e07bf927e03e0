"""What lints and what breaks below which roots, as plain data, out of sections of Buf's files and of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from schemactl import compatrules, configfile
from schemactl.bufrules import Version, breaking_ids, is_known
from schemactl.bufyaml import Module, Options, Workspace
from schemactl.configfile import Profile, profile_rules
from schemactl.errors import ConfigError
from schemactl.repopath import lineage

EVENTS = "events"
DEFAULT = "default"
_EVERYWHERE = (".",)


class LintPolicy(Struct, frozen=True):
    """Which rules lint the files below `roots`; names mean what they mean in `version` of buf.yaml."""

    roots: tuple[str, ...] = _EVERYWHERE
    origin: str = DEFAULT
    version: Version = "v2"
    use: tuple[str, ...] = ("STANDARD", EVENTS)
    except_: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = {}
    options: Options = Options()
    comment_ignores: bool = True
    names_events: bool = False


class BreakingPolicy(Struct, frozen=True):
    """Which rules judge changes of the files below `roots`: Buf's, and `compat` ours; `ignore_only` is by rule id."""

    roots: tuple[str, ...] = _EVERYWHERE
    origin: str = f"{DEFAULT} profile json"
    version: Version = "v2"
    profile: Profile | None = "json"
    rules: frozenset[str] = field(default_factory=lambda: profile_rules("json"))
    compat: frozenset[str] = compatrules.IDS
    ignore: tuple[str, ...] = ()
    ignore_only: Mapping[str, tuple[str, ...]] = {}
    ignore_unstable_packages: bool = False


Policy = TypeVar("Policy", bound=LintPolicy | BreakingPolicy)


def bare(policy: Policy) -> Policy:
    """What a policy says, wherever it is written and whatever it is about."""
    return replace(policy, roots=(), origin="")


def governing(policies: Iterable[Policy]) -> Callable[[str], Policy]:
    """Finds the policy of a path: the one with the deepest root above it."""
    by_root = {root: policy for policy in policies for root in policy.roots}
    return lambda path: next(by_root[directory] for directory in lineage(path) if directory in by_root)


def _covering(default: Policy, policies: list[Policy]) -> list[Policy]:
    """With the default for files that no policy is about."""
    return policies if any("." in policy.roots for policy in policies) else [default, *policies]


def _by_rule(listed: Mapping[str, Sequence[str]], version: Version) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, paths in listed.items():
        for id in breaking_ids([name], version) | compatrules.ids([name]):
            found[id] = (*found.get(id, ()), *paths)
    return found


def lint(section: configfile.LintSection, origin: str) -> LintPolicy:
    return LintPolicy(
        origin=origin,
        use=section.use or LintPolicy().use,
        except_=section.except_,
        ignore=section.ignore,
        ignore_only=section.ignore_only,
        comment_ignores=not section.disallow_comment_ignores,
        names_events=EVENTS in section.use,
    )


def breaking(section: configfile.BreakingSection, origin: str) -> BreakingPolicy:
    return BreakingPolicy(
        origin=origin,
        profile=None if section.use else section.profile or "json",
        rules=configfile.breaking_rules(section),
        compat=configfile.compat_rules(section),
        ignore=section.ignore,
        ignore_only=_by_rule(section.ignore_only, "v2"),
        ignore_unstable_packages=section.ignore_unstable_packages,
    )


def buf_lint(modules: Iterable[Module]) -> tuple[LintPolicy, ...]:
    """Buf's lint section governs Buf's rules only: the events pack stays on beside it."""
    return tuple(_covering(LintPolicy(), [_buf_lint_policy(module) for module in modules]))


def _buf_lint_policy(module: Module) -> LintPolicy:
    section, roots = module.lint, module.includes or (module.root,)
    if section is None or section.disable_builtin:
        return LintPolicy(roots)
    return LintPolicy(
        roots=roots,
        origin=section.origin,
        version=section.version,
        use=(*(name for name in section.use or ("STANDARD",) if is_known(name, "lint")), EVENTS),
        except_=tuple(name for name in section.except_ if is_known(name, "lint")),
        ignore=section.ignore,
        ignore_only={name: paths for name, paths in section.ignore_only.items() if is_known(name, "lint")},
        options=section.options,
        comment_ignores=section.comment_ignores,
    )


def buf_breaking(buf: Workspace | None) -> tuple[BreakingPolicy, ...]:
    modules = buf.modules if buf else ()
    return tuple(_covering(BreakingPolicy(), [_buf_breaking_policy(module) for module in modules]))


def _buf_breaking_policy(module: Module) -> BreakingPolicy:
    section, roots = module.breaking, module.includes or (module.root,)
    if section is None or section.disable_builtin:
        return BreakingPolicy(roots)
    version = section.version
    rules = breaking_ids(section.use or ("FILE",), version) - breaking_ids(section.except_, version)
    if not rules:
        raise ConfigError(
            f"{section.origin}: `breaking` leaves no rule of Buf's own",
            "say in schemactl.yaml what breaks, for example `breaking: {{profile: json}}`",
        )
    return BreakingPolicy(
        roots=roots,
        origin=section.origin,
        version=version,
        profile=None,
        rules=frozenset(rules),
        ignore=section.ignore,
        ignore_only=_by_rule(section.ignore_only, version),
        ignore_unstable_packages=section.ignore_unstable_packages,
    )
