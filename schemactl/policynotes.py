"""What is to be told about the policy itself: entries that match nothing, who ruled, and what nobody checks."""

from __future__ import annotations

from collections.abc import Collection

from schemactl import bufrules
from schemactl.config import BreakingPolicy, Config, LintPolicy, governing
from schemactl.finding import Finding, fingerprint
from schemactl.policy import Policy
from schemactl.repopath import lineage

_PROTOVALIDATE = "PROTOVALIDATE"


def unmatched(configuration: Config, paths: Collection[str]) -> list[Finding]:
    """A warning for every ignored path below which there is nothing: a slip, or left behind."""
    listed = _ignored_paths(configuration)
    held = {directory for path in paths for directory in lineage(path)} if listed else set()
    return [
        Finding(
            "IGNORE_MATCHES_NOTHING",
            "warning",
            "policy",
            f"{origin} ignores `{path}`, and there is nothing of that name",
            None,
            None,
            "fix the path or delete the entry",
            fingerprint=fingerprint("IGNORE_MATCHES_NOTHING", origin, path),
        )
        for (origin, path), places in listed.items()
        if held.isdisjoint(places)
    ]


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
    known, rules = bufrules.known("breaking"), policy.config.rules
    named = any(name in known and setting.severity for name, setting in rules.items())
    return f", with severities of {policy.config.file}" if named and policy.config.file != judge else ""


def _origins(policy: Policy, paths: Collection[str]) -> list[str]:
    """Whose policies govern a file, in the order they are written in; all of them where there is none."""
    policies = policy.config.breaking
    if len(policies) > 1:
        of = governing(policies)
        ruling = {id(of(path)) for path in paths}
        policies = tuple(each for each in policies if id(each) in ruling) or policies
    return list(dict.fromkeys(each.origin for each in policies if each.rules))
