"""Tells when a change also changes who judges it: rules, severities, exceptions, or which files are judged at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from schemactl import source
from schemactl.config import BASELINE, LARGEST_BASELINE, BreakingPolicy, Config, LintPolicy, bare, governing
from schemactl.finding import Against, Finding, Location, Severity, fingerprint
from schemactl.repopath import contains, joined
from schemactl.tree import Tree

Policies = Collection[LintPolicy] | Collection[BreakingPolicy]

_RULED = {
    "head": "read its diff first: this report is by the new policy, and passes what that lets pass",
    "base": "this report is by the policy of the base; the new one is in force once the change is merged "
    "(`--policy head` shows what it says)",
}
_NAMED = 3  # files in a message


def told(
    base: tuple[Config, Tree], head: tuple[Config, Tree], revision: str, *, ruling: Literal["base", "head"] = "head"
) -> tuple[Finding, ...]:
    """Findings if the policy of the head is not that of the base; `revision` is how a person calls the base."""
    return tuple(_told(base, head, revision, _RULED[ruling]))


def baseline(config: Config, tree: Tree) -> set[tuple[str, str, str]]:
    """What is known by rule and fingerprint, and of files by what they declare: fewer of these are no weaker policy."""
    path = joined(config.policy_directory, BASELINE)
    data = tree.read(path, LARGEST_BASELINE)
    if data is None:
        return set()
    from schemactl import baselinefile
    from schemactl.baseline import symbol

    entries = baselinefile.parse(data, path)
    return {(rule, key, symbol(what)) for rule, group in entries.items() for key, what in group.items()}


def unreadable(problem: str, revision: str) -> Finding:
    """The base's configuration is none, so that the change's own has to rule."""
    message = f"the configuration of {revision} cannot be read, so this change is judged by its own: {problem}"
    return _finding("POLICY_CHANGED", "warning", message, None, None, "", _RULED["head"])


def _told(base: tuple[Config, Tree], head: tuple[Config, Tree], revision: str, ruled: str) -> Iterator[Finding]:
    (was, before), (now, after) = base, head
    file = now.file or was.file or ""
    place = Location(file, 1, 1, 1, 1) if file in after.paths else None
    stood = Against(revision, was.file, 1, 1) if was.file and was.file in before.paths else None
    left_out = _left_out(was, now, after)
    changed = [*_changed(base, head)]
    recorded = len(baseline(now, after)) if "baseline" in changed else 0
    if was.file is None and not (recorded and baseline(was, before)):
        if changed or left_out:
            more = f"; it leaves out {_listed(left_out)}" if left_out else ""
            more += f"; its baseline lets {recorded} finding{'' if recorded == 1 else 's'} pass" if recorded else ""
            message = f"{file or BASELINE} is the first to say what is judged; {revision} had no configuration{more}"
            yield _finding("POLICY_INTRODUCED", "info", message, place, None, file, _RULED["head"])
        return
    if changed:
        message = f"the policy in {file or BASELINE} differs from that of {revision}: {', '.join(changed)}"
        yield _finding("POLICY_CHANGED", "warning", message, place, stood, file, ruled)
    if left_out:
        message = f"{_listed(left_out)} would be checked by the configuration of {revision}, and {file} leaves them out"
        help = "ask those who own the policy; roots, excludes and includes are each revision's own"
        yield _finding("FILES_LEFT_OUT", "warning", message, place, stood, file, help)


def _finding(
    rule: str, severity: Severity, message: str, place: Location | None, stood: Against | None, file: str, help: str
) -> Finding:
    return Finding(
        rule, severity, "policy", message, place, None, help, stood, fingerprint=fingerprint(rule, None, file)
    )


def _changed(base: tuple[Config, Tree], head: tuple[Config, Tree]) -> Iterator[str]:
    """The parts of a policy that are not the same, as they are called in schemactl.yaml."""
    (was, before), (now, after) = base, head
    for name in ("lint", "breaking"):
        if not _alike(getattr(was, name), getattr(now, name)):
            yield name
    for name in ("compat", "rules", "overrides", "suppress", "approvals"):
        if getattr(was, name) != getattr(now, name):
            yield name
    if _packs(was, before) != _packs(now, after):
        yield "packs"
    if not baseline(now, after) <= baseline(was, before):
        yield "baseline"


def _alike(old: Policies, new: Policies) -> bool:
    """Whether every root is judged as before, or as a root that went; where a policy is written is no matter."""
    was, now = ({root: bare(each) for each in policies for root in each.roots} for policies in (old, new))
    before = governing(old)
    went = [was[root] for root in was.keys() - now.keys()]
    judged = ((now[root], bare(before(root))) for root in now)
    return all(mine == theirs or mine in went for mine, theirs in judged) and all(each in now.values() for each in went)


def _packs(config: Config, tree: Tree) -> dict[str, bytes | None]:
    return {package.name: None for package in config.packages} | {path: tree.read(path) for path in config.packs}


def _left_out(was: Config, now: Config, after: Tree) -> list[str]:
    """Files of the head that the base's modules hold, and its own do not."""
    if (was.modules, was.excludes) == (now.modules, now.excludes):
        return []
    return [path for path in after.paths if path.endswith(".proto") and _held(was, path) and not _held(now, path)]


def _held(config: Config, path: str) -> bool:
    if config.modules is None:
        return not any(contains(directory, path) for directory in config.excludes)
    return any(source.holds(module, path) for module in config.modules)


def _listed(paths: Collection[str]) -> str:
    first = [f"`{path}`" for path in sorted(paths)[:_NAMED]]
    more = len(paths) - len(first)
    return " and ".join([", ".join(first), *([f"{more} more"] if more else [])])
