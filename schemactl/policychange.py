"""Tells when a change also changes who judges it: the rules, severities and exceptions of the configuration."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from schemactl.config import BreakingPolicy, Config, LintPolicy
from schemactl.finding import Against, Finding, Location, Severity, fingerprint
from schemactl.tree import Tree

Policies = Collection[LintPolicy] | Collection[BreakingPolicy]


def told(base: tuple[Config, Tree], head: tuple[Config, Tree], revision: str) -> tuple[Finding, ...]:
    """One finding if the policy of the head is not that of the base; `revision` is how a person calls the base."""
    (was, before), (now, after) = base, head
    if (
        _alike(was.lint, now.lint)
        and _alike(was.breaking, now.breaking)
        and (was.rules, _packs(was, before)) == (now.rules, _packs(now, after))
    ):
        return ()
    file = now.file or was.file or ""
    place = Location(file, 1, 1, 1, 1) if file in after.paths else None
    stood = Against(revision, was.file, 1, 1) if was.file and was.file in before.paths else None
    if was.file is None:
        message = f"{file} is the first to say which rules judge; {revision} had no configuration"
        return (_finding("POLICY_INTRODUCED", "info", message, place, None, file),)
    message = f"the rules, severities or exceptions in {file} are not those of {revision}"
    return (_finding("POLICY_CHANGED", "warning", message, place, stood, file),)


def _finding(
    rule: str, severity: Severity, message: str, place: Location | None, stood: Against | None, file: str
) -> Finding:
    help = "read its diff first: this report is by the new policy, and passes what that lets pass"
    return Finding(
        rule, severity, "policy", message, place, None, help, stood, fingerprint=fingerprint(rule, None, file)
    )


def _alike(old: Policies, new: Policies) -> bool:
    """Whether roots in both are judged alike, and no policy came or went; where a policy is written is no matter."""
    was, now = ({root: _bare(each) for each in policies for root in each.roots} for policies in (old, new))
    if any(was[root] != now[root] for root in was.keys() & now.keys()):
        return False
    known, wanted = list(was.values()), list(now.values())
    return all(each in known for each in wanted) and all(each in wanted for each in known)


def _bare(policy: LintPolicy | BreakingPolicy) -> LintPolicy | BreakingPolicy:
    return replace(policy, roots=(), origin="")


def _packs(config: Config, tree: Tree) -> dict[str, bytes | None]:
    return {path: tree.read(path) for path in config.packs}
