"""What is to be told about the policy itself: entries that match nothing, who ruled, and what nobody checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from schemactl import bufrules, compatrules
from schemactl.config import BreakingPolicy, Config, LintPolicy, governing
from schemactl.configfile import Override
from schemactl.finding import Finding, fingerprint
from schemactl.policy import Policy
from schemactl.repopath import lineage

_PROTOVALIDATE = "PROTOVALIDATE"
_NO_FILE = "and no file is of it, or of one in it"


def unmatched(
    configuration: Config, paths: Collection[str], packages: Callable[[], Collection[str]] | None
) -> list[Finding]:
    """A warning for every exception, or entry of `compat`, for a path or a package that is not there: a slip, or old.

    `packages`, those of the files, are only asked for where the policy names some; None if they are not all known.
    """
    listed, overridden = _ignored_paths(configuration), list(_overridden(configuration))
    held = {directory for path in paths for directory in lineage(path)} if listed or overridden else set()
    travelling = list(_travelling(configuration))
    asked = packages if travelling or any(override.packages for _, override in overridden) else None
    within = None if asked is None else {name for package in asked() for name in _within(package)}
    found = [
        _finding(origin, f"ignores `{path}`, and there is nothing of that name", path)
        for (origin, path), places in listed.items()
        if held.isdisjoint(places)
    ]
    for origin, override in overridden:
        gone = [f"`{path}`, and there is nothing of that name" for path in override.paths if path not in held]
        gone += [
            f"the package `{name}`, {_NO_FILE}"
            for name in override.packages
            if within is not None and name not in within
        ]
        found += [_finding(origin, f"overrides severities for {each}", f"overrides {each}") for each in gone]
    found += [
        _finding(origin, f"says how the package `{name}` travels, {_NO_FILE}", f"compat {name}")
        for origin, name in travelling
        if within is not None and name not in within
    ]
    return found


def _finding(origin: str, said: str, key: str) -> Finding:
    return Finding(
        "IGNORE_MATCHES_NOTHING",
        "warning",
        "policy",
        f"{origin} {said}",
        None,
        None,
        "correct the name or delete the entry",
        fingerprint=fingerprint("IGNORE_MATCHES_NOTHING", origin, key),
    )


def _overridden(configuration: Config) -> Iterator[tuple[str, Override]]:
    """The overrides with their files, but for those of installed packages: these are meant for many repositories."""
    for index, override in enumerate(configuration.overrides):
        if (origin := _origin(configuration, f"overrides.{index}")) is not None:
            yield origin, override


def _travelling(configuration: Config) -> Iterator[tuple[str, str]]:
    """The packages that the section `compat` names, each with its file."""
    origin = _origin(configuration, "compat")
    if origin is not None:
        yield from ((origin, name) for entry in configuration.compat.packages for name in entry.packages)


def _origin(configuration: Config, key: str) -> str | None:
    """The file in which something stands; None for one of an installed package."""
    origin = configuration.said.get(key, "").rsplit(":", 2)[0] or configuration.file or ""
    return None if origin in {package.file for package in configuration.packages} else origin


def _within(package: str) -> Iterator[str]:
    """`acme.users.v1`, `acme.users` and `acme`."""
    while package:
        yield package
        package = package.rpartition(".")[0]


def _ignored_paths(configuration: Config) -> dict[tuple[str, str], set[str]]:
    """Where each entry (by origin and path) leads: one of v1beta1 is below every root, and may be meant for one."""
    policies: tuple[LintPolicy | BreakingPolicy, ...] = (*configuration.lint, *configuration.breaking)
    listed: dict[tuple[str, str], set[str]] = {}
    for policy in policies:
        root = policy.roots[0] if policy.version == "v1beta1" else "."
        for path in (*policy.ignore, *(each for only in policy.ignore_only.values() for each in only)):
            written = path if root == "." else path[len(root) :].lstrip("/")
            listed.setdefault((policy.origin, written), set()).add(path)
    return listed


def notes(policy: Policy, compared: bool, validated: bool, paths: Collection[str]) -> tuple[str, ...]:
    """Lines for people: who ruled over the files at `paths`, and what a green report does not cover.

    `validated`: something uses protovalidate.
    """
    found = []
    if compared:
        judge = policy.ruled_by or ", ".join(_origins(policy, paths))
        found.append(f"breaking changes judged by {judge}{_severities(policy, judge)}")
    if validated and _PROTOVALIDATE in policy.left:
        found.append(f"Buf's lint rule {_PROTOVALIDATE} is configured; schemactl leaves it to `buf lint`")
    return tuple(found)


def _severities(policy: Policy, judge: str) -> str:
    """Whose severities stand beside the policy that is named, unless it is that file's own."""
    known, rules = bufrules.known("breaking") | compatrules.IDS, policy.config.rules
    named = any(name in known and setting.severity for name, setting in rules.items())
    return f", with severities of {policy.config.file}" if named and policy.config.file != judge else ""


def _origins(policy: Policy, paths: Collection[str]) -> list[str]:
    """Whose policies govern a file, in the order they are written in; all of them where there is none."""
    policies = policy.config.breaking
    if len(policies) > 1:
        of = governing(policies)
        ruling = {id(of(path)) for path in paths}
        policies = tuple(each for each in policies if id(each) in ruling) or policies
    return list(dict.fromkeys(each.origin for each in policies if each.rules or each.compat))
