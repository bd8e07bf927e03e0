"""Which rules judge which files: the configuration and the command line, resolved against the rules that exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from msgspec import structs
from msgspec.structs import replace as changed

from schemactl import bufrules, names
from schemactl.bufyaml import Options
from schemactl.config import EVENTS, BreakingPolicy, Config, LintPolicy, governing
from schemactl.configfile import profile_rules
from schemactl.errors import ConfigError, UsageError
from schemactl.finding import Finding
from schemactl.packageversion import stability
from schemactl.repopath import contains
from schemactl.rule import Rule


@dataclass(frozen=True)
class Policy:
    """The rules of a run: those of each lint policy of the configuration, as it wants them, and Buf's `breaking` ids.

    `left` are the rules of Buf's that are configured and do not exist here.
    """

    config: Config
    by_policy: tuple[tuple[Rule, ...], ...]
    breaking: frozenset[str]
    ruled_by: str
    left: frozenset[str] = frozenset()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that is on somewhere."""
        return tuple({rule.id: rule for rules in reversed(self.by_policy) for rule in rules}.values())

    def index(self, path: str) -> int:
        """Which of `by_policy` judges the file."""
        return self._lint_of(path)

    def ignores_comments(self, path: str) -> bool:
        """Whether findings count although a comment says to ignore them."""
        return not self.config.lint[self.index(path)].comment_ignores

    def keeps(self, finding: Finding, packages: Collection[str] = ()) -> Finding | None:
        """The finding as the configuration of its file wants it; None if that leaves it out.

        `packages` are those of its files, where `asks_for_packages`.
        """
        if finding.source == "buf":
            paths = [place.path for place in (finding.location, finding.against) if place]
            return self._severe(finding) if self._breaks(finding.rule, paths, packages) else None
        if finding.source != "lint" or finding.location is None:
            return finding
        path = finding.location.path
        if not self._lints(finding.rule, path):
            return None
        if finding.suppressed and self.ignores_comments(path):
            return changed(finding, suppressed=None)
        return finding

    @cached_property
    def asks_for_packages(self) -> bool:
        return any(policy.ignore_unstable_packages for policy in self.config.breaking)

    def _severe(self, finding: Finding) -> Finding | None:
        setting = self.config.rules.get(finding.rule)
        if setting is None or setting.severity is None:
            return finding
        return None if setting.severity == "off" else changed(finding, severity=setting.severity)

    def _breaks(self, rule: str, paths: Sequence[str], packages: Collection[str]) -> bool:
        """Whether the policy of any place asks for it: what moves to a laxer module still leaves a stricter one."""
        policies = {id(policy): policy for policy in map(self._breaking_of, paths or ["."])}
        unstable = any(stability(package) == "unstable" for package in packages)
        return any(
            (self.ruled_by != _CONFIGURED or rule in policy.rules)
            and not (unstable and policy.ignore_unstable_packages)
            and not _ignored(paths, (*policy.ignore, *policy.ignore_only.get(rule, ())))
            for policy in policies.values()
        )

    def _lints(self, rule: str, path: str) -> bool:
        ignored = self._ignored_by_rule[self.index(path)].get(rule)
        return ignored is not None and not (ignored and _ignored((path,), ignored))

    @cached_property
    def _ignored_by_rule(self) -> list[dict[str, tuple[str, ...]]]:
        """For each policy the paths that each of its rules leaves out."""
        return [_left_out(policy, rules) for policy, rules in zip(self.config.lint, self.by_policy, strict=True)]

    @cached_property
    def _breaking_of(self) -> Callable[[str], BreakingPolicy]:
        return cache(governing(self.config.breaking))

    @cached_property
    def _lint_of(self) -> Callable[[str], int]:
        of = governing(self.config.lint)
        numbers = {id(policy): number for number, policy in enumerate(self.config.lint)}
        return cache(lambda path: numbers[id(of(path))])


def _left_out(policy: LintPolicy, rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    found = {}
    for rule in rules:
        only = [paths for name, paths in policy.ignore_only.items() if _named(rule, {name}, policy.version)]
        found[rule.id] = (*policy.ignore, *(path for paths in only for path in paths))
    return found


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
    wrong = [*_unknown_names(configuration, known), *_unruly(configuration, catalogue)]
    for option, given in (("--select", select), ("--ignore", ignore)):
        for name in given:
            if name not in known and not bufrules.is_known(name):
                raise UsageError(f"{option}: there is no rule or category `{name}`{_guess(name, known)}", _LIST)
    chosen = tuple(_chosen(policy, catalogue.values(), set(select), set(ignore)) for policy in configuration.lint)
    configured = _all_configured(chosen, configuration, with_params, wrong)
    breaking, ruled_by = _breaking(configuration, select, ignore, profile)
    left = _left(configuration, catalogue.keys(), set(select), set(ignore))
    return Policy(configuration, configured, breaking, ruled_by, left)


def _left(
    configuration: Config, known: Collection[str], select: Collection[str], ignore: Collection[str]
) -> frozenset[str]:
    """Buf's rules that are wanted somewhere and not known here."""
    if select:
        wanted = bufrules.lint_ids(select)
    else:
        wanted = {
            id
            for policy in configuration.lint
            for id in bufrules.lint_ids(policy.use, policy.version) - bufrules.lint_ids(policy.except_, policy.version)
        }
    return frozenset(wanted - bufrules.lint_ids(ignore) - {*known})


def _chosen(policy: LintPolicy, rules: Iterable[Rule], select: set[str], ignore: set[str]) -> list[Rule]:
    """The rules of one policy; rules for what an event reaches look at every file where more than `events` names them.

    `select` replaces what the policy uses, `ignore` is left out in any case.
    """
    use, version = {*policy.use}, policy.version
    if select:
        use, version = {*select, *bufrules.lint_ids_of_any(select)}, "v2"
    out = set() if select else {*policy.except_}
    found = []
    for rule in rules:
        if _named(rule, use, version) and not _named(rule, out, version) and not _named(rule, ignore, "v2"):
            everywhere = policy.names_events or _named(rule, use - {EVENTS}, version)
            found.append(replace(rule, scope="all") if everywhere and rule.scope == "reached" else rule)
    return [_with_options(rule, policy.options) for rule in found]


def _named(rule: Rule, names: Collection[str], version: bufrules.Version) -> bool:
    """Whether the names, as the version understands them, stand for the rule."""
    if rule.id in names or rule.id in bufrules.lint_ids(names, version):
        return True
    return any(category in names for category in rule.categories if not bufrules.is_known(category))


def _with_options(rule: Rule, options: Options) -> Rule:
    """The rule with what Buf's lint section says beside which rules: parameters are named like its options."""
    given = {name: value for name, value in structs.asdict(options).items() if value and name in rule.params}
    return replace(rule, params={**rule.params, **given}) if given else rule


_LIST = "`schemactl rules list` shows what there is"
_TOLD = 50  # mistakes of one kind, with their guesses


def _guess(name: str, known: Iterable[str]) -> str:
    close = names.nearest(name, {*known, *bufrules.known("lint"), *bufrules.known("breaking")})
    return f"; did you mean `{close}`?" if close else ""


def _unknown_names(configuration: Config, known: Collection[str]) -> list[str]:
    unknown = [each for each in configuration.names if each[0] not in known and not bufrules.is_known(each[0])]
    told = [f"{place}: there is no rule or category `{name}`{_guess(name, known)}" for name, place in unknown[:_TOLD]]
    return told + ([f"and {len(unknown) - _TOLD} more"] if len(unknown) > _TOLD else [])


def _unruly(configuration: Config, catalogue: Mapping[str, Rule]) -> list[str]:
    """Settings of what is a category, or has no parameters: nobody would ever read them."""
    told = []
    for name, setting in configuration.rules.items():
        where = f"{configuration.file}: rules.{name}"
        if name not in catalogue and name not in bufrules.table():
            if any(name in rule.categories for rule in catalogue.values()) or bufrules.is_known(name):
                told.append(f"{where}: `{name}` is a category; settings are for one rule each")
        elif name not in catalogue and setting.params:
            told.append(f"{where}.params: this rule has no parameters")
    return told


def _all_configured(
    chosen: Iterable[Iterable[Rule]],
    configuration: Config,
    with_params: Callable[[Rule, Mapping[str, Any], str], Rule],
    wrong: list[str],
) -> tuple[tuple[Rule, ...], ...]:
    """Raises ConfigError for every mistake at once: those that are `wrong` already, and those in parameters."""
    mistakes, hints = dict.fromkeys(wrong), dict.fromkeys([_LIST] if wrong else [])
    found = []
    for rules in chosen:
        configured = []
        for rule in rules:
            try:
                configured.append(_configured(rule, configuration, with_params))
            except ConfigError as error:
                mistakes[error.message], hints[error.hint] = None, None
        found.append(tuple(rule for rule in configured if rule is not None))
    if mistakes:
        raise ConfigError("\n".join(mistakes), "; ".join(hints))
    return tuple(found)


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
