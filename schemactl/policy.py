"""Which rules judge which files: the configuration and the command line, resolved against the rules that exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec.structs import replace as changed

from schemactl import bufrules, config, names
from schemactl.config import Config
from schemactl.configfile import profile_rules
from schemactl.errors import ConfigError, UsageError
from schemactl.finding import Finding, fingerprint
from schemactl.repopath import contains
from schemactl.rule import Rule

_UNSTABLE = re.compile(r"v\d+(?:p\d+)?(?:alpha|beta)\d*|v\d+test\w*")


@dataclass(frozen=True)
class Policy:
    """The rules of a run: lint `rules` with their final severity and parameters, and Buf's `breaking` ids."""

    config: Config
    rules: tuple[Rule, ...]
    breaking: frozenset[str]
    ruled_by: str
    not_run: int

    def keeps(self, finding: Finding, package: Callable[[str], str] = lambda path: "") -> Finding | None:
        """The finding as the configuration of its file wants it; None if that leaves it out."""
        paths = [place.path for place in (finding.location, finding.against) if place]
        if finding.source == "compile":
            return finding
        if finding.source == "buf":
            if not self._breaks(finding.rule, paths, package):
                return None
            setting = self.config.rules.get(finding.rule)
            if setting and setting.severity == "off":
                return None
            return changed(finding, severity=setting.severity) if setting and setting.severity else finding
        return finding if self._lints(finding.rule, paths) else None

    def _breaks(self, rule: str, paths: Sequence[str], package: Callable[[str], str]) -> bool:
        here = config.governing(self.config.breaking)(paths[0] if paths else ".")
        if self.ruled_by == _CONFIGURED and rule not in here.rules:
            return False
        if here.ignore_unstable_packages and any(_UNSTABLE.fullmatch(names.short(package(path))) for path in paths):
            return False
        return not _ignored(paths, (*here.ignore, *here.ignore_only.get(rule, ())))

    def _lints(self, rule: str, paths: Sequence[str]) -> bool:
        here = config.governing(self.config.lint)(paths[0] if paths else ".")
        known = next((each for each in self.rules if each.id == rule), None)
        listed = {rule, *(known.categories if known else ())}
        only = [path for name, ignored in here.ignore_only.items() if name in listed for path in ignored]
        return not _ignored(paths, (*here.ignore, *only))


_CONFIGURED = ""


def _ignored(paths: Iterable[str], ignored: Collection[str]) -> bool:
    return any(contains(directory, path) for path in paths for directory in ignored)


def resolve(
    configuration: Config,
    catalogue: Mapping[str, Rule],
    with_params: Callable[[Rule, Mapping[str, Any], str], Rule],
    *,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    profile: str | None = None,
) -> Policy:
    """Raises ConfigError for names the configuration uses and nobody knows, UsageError for those of the options."""
    known = {*catalogue, *(name for rule in catalogue.values() for name in rule.categories)}
    _check_names(configuration, known)
    for option, given in (("--select", select), ("--ignore", ignore)):
        for name in given:
            if name not in known and not bufrules.is_known(name):
                raise UsageError(f"{option}: there is no rule or category `{name}`{_guess(name, known)}", _LIST)
    use = set(select) or {name for policy in configuration.lint for name in policy.use}
    out = set(ignore) | (set() if select else {name for policy in configuration.lint for name in policy.except_})
    chosen = [rule for rule in catalogue.values() if _named(rule, use) and not _named(rule, out)]
    rules = [_configured(rule, configuration, with_params) for rule in chosen]
    everywhere = any(policy.names_events for policy in configuration.lint)
    breaking, ruled_by = _breaking(configuration, select, ignore, profile)
    return Policy(
        configuration,
        tuple(_widened(rule, everywhere) for rule in rules if rule is not None),
        breaking,
        ruled_by,
        len(bufrules.lint_ids(use) - bufrules.lint_ids(out) - catalogue.keys()),
    )


_LIST = "`schemactl rules list` shows what there is"


def _guess(name: str, known: Iterable[str]) -> str:
    close = names.nearest(name, {*known, *bufrules.known("lint"), *bufrules.known("breaking")})
    return f"; did you mean `{close}`?" if close else ""


def _check_names(configuration: Config, known: Collection[str]) -> None:
    wrong = [
        f"{place}: there is no rule or category `{name}`{_guess(name, known)}"
        for name, place in configuration.names
        if name not in known and not bufrules.is_known(name)
    ]
    if wrong:
        raise ConfigError("\n".join(wrong), _LIST)


def _named(rule: Rule, wanted: Collection[str]) -> bool:
    return rule.id in wanted or any(category in wanted for category in rule.categories)


def _configured(
    rule: Rule, configuration: Config, with_params: Callable[[Rule, Mapping[str, Any], str], Rule]
) -> Rule | None:
    setting = configuration.rules.get(rule.id)
    if setting is None:
        return rule
    if setting.severity == "off":
        return None
    rule = with_params(rule, setting.params, f"{configuration.file}: rules.{rule.id}.params")
    return replace(rule, severity=setting.severity or rule.severity)


def _widened(rule: Rule, everywhere: bool) -> Rule:
    """Rules for what an event reaches look at every file once the configuration itself names `events`."""
    return replace(rule, scope="all") if everywhere and rule.scope == "reached" else rule


def _breaking(
    configuration: Config, select: Collection[str], ignore: Collection[str], profile: str | None
) -> tuple[frozenset[str], str]:
    """The union of what the modules ask for, and who ruled; findings are judged per module afterwards."""
    without = bufrules.breaking_ids(ignore)
    if select:
        return frozenset(bufrules.breaking_ids(select) - without), "--select"
    if profile:
        return profile_rules(profile) - without, f"--profile {profile}"  # type: ignore[arg-type]
    union = frozenset(id for policy in configuration.breaking for id in policy.rules)
    return union - without, _CONFIGURED


def unmatched(configuration: Config, paths: Collection[str]) -> list[Finding]:
    """A warning for every ignored path below which there is nothing: a slip, or left behind."""
    policies: tuple[config.LintPolicy | config.BreakingPolicy, ...] = (*configuration.lint, *configuration.breaking)
    listed = {
        path: policy.origin
        for policy in policies
        for path in (*policy.ignore, *(each for only in policy.ignore_only.values() for each in only))
    }
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
        for path, origin in listed.items()
        if not any(contains(path, each) for each in paths)
    ]


def notes(policy: Policy, compared: bool, linted: bool) -> tuple[str, ...]:
    """Lines for people: who ruled, and what a green report does not cover."""
    found = []
    if compared:
        origins = dict.fromkeys(each.origin for each in policy.config.breaking if each.rules)
        found.append(f"breaking changes judged by {policy.ruled_by or ', '.join(origins)}")
    if linted and policy.not_run:
        found.append(f"{policy.not_run} of Buf's lint rules are configured; this version leaves them to `buf lint`")
    return tuple(found)
