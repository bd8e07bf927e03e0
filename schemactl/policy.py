"""Which rules judge which files: the configuration and the command line, resolved against the rules that exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from msgspec.structs import replace as changed

from schemactl import bufrules, compatrules, enginerules, rulechoice
from schemactl.config import BreakingPolicy, Config, LintPolicy, governing
from schemactl.errors import UsageError
from schemactl.finding import Finding
from schemactl.packageversion import stability
from schemactl.policymistakes import guess, mistakes
from schemactl.repopath import contains
from schemactl.rule import Rule
from schemactl.severities import Overrides


@dataclass(frozen=True)
class Policy:
    """The rules of a run: those of each lint policy of the configuration, as it wants them, and for changes the ids of
    Buf's rules (`breaking`) and of ours (`compat`).

    `left` are the rules of Buf's that are configured and do not exist here. `dormant` are those of `by_policy`, by id,
    that are off but where an override says otherwise.
    """

    config: Config
    by_policy: tuple[tuple[Rule, ...], ...]
    breaking: frozenset[str]
    ruled_by: str
    left: frozenset[str] = frozenset()
    dormant: tuple[frozenset[str], ...] = ()
    compat: frozenset[str] = compatrules.IDS

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
        """The finding, whoever found it, as the configuration of its file wants it; None if that leaves it out.

        `packages` are those of its files, where `asks_for_packages`.
        """
        if (engine := enginerules.RULES.get(finding.rule)) is not None:
            if finding.source == "lint" and self._leaves_out(_paths(finding)):
                return None
            return self._graded(finding, _paths(finding), packages) if engine.settable else finding
        if finding.source == "compat" and finding.rule not in self.compat:
            return None
        if finding.source in ("buf", "compat"):
            # What is left out where a file stood: a file that moves there takes its readers along.
            stood = [finding.against.path] if finding.against else _paths(finding)
            asked = self._breaks(finding.rule, _paths(finding), stood, packages)
            return None if asked is None else self._graded(finding, stood, packages, on=asked)
        if finding.source != "lint" or finding.location is None:
            return finding
        path, number = finding.location.path, self.index(finding.location.path)
        if not self._lints(finding.rule, path):
            return None
        if finding.suppressed and self.ignores_comments(path):
            finding = changed(finding, suppressed=None)
        if not self.config.overrides:
            return finding
        return self._graded(finding, [path], packages, on=finding.rule not in self.dormant[number])

    def settled(self, finding: Finding) -> Finding | None:
        """A finding of the engine as `keeps` wants it; any other has been kept."""
        return self.keeps(finding) if finding.rule in enginerules.RULES else finding

    def _leaves_out(self, paths: Sequence[str]) -> bool:
        """Whether nothing at all is judged there."""
        return bool(paths) and _ignored(paths, self.config.lint[self.index(paths[0])].ignore)

    def judges(self, rule: str, path: str, packages: Collection[str] = ()) -> bool:
        """Whether a rule, of lint or about changes, is on for the file."""
        if rule in compatrules.RULES or (rule in bufrules.table() and bufrules.table()[rule].kind == "breaking"):
            on = rule in self.breaking or rule in self.compat
            return on and bool(self._breaks(rule, [path], [path], packages))
        asleep = bool(self.dormant) and rule in self.dormant[self.index(path)]
        level = self._overrides.level(rule, [path], packages) or ("off" if asleep else None)
        return self._lints(rule, path) and level != "off"

    @property
    def is_uneven(self) -> bool:
        """Whether a lint rule may be on for some files, and not for others."""
        exceptions = (policy.ignore or policy.ignore_only for policy in self.config.lint)
        return len(self.config.lint) > 1 or bool(self.config.overrides) or any(exceptions)

    def kept(self, findings: Iterable[Finding], packages: Callable[[], Mapping[str, str]]) -> list[Finding]:
        """What `keeps` leaves of lint's findings; `packages` by path are asked for if they matter."""
        by_path = packages() if self._overrides.asks_for_packages else {}
        of = {path: (package,) for path, package in by_path.items()}
        kept = (self.keeps(each, of.get(each.location.path, ()) if each.location else ()) for each in findings)
        return [finding for finding in kept if finding is not None]

    @cached_property
    def asks_for_packages(self) -> bool:
        return self._overrides.asks_for_packages or any(
            policy.ignore_unstable_packages for policy in self.config.breaking
        )

    @cached_property
    def _overrides(self) -> Overrides:
        return Overrides(self.config.overrides)

    def _graded(
        self, finding: Finding, paths: Collection[str], packages: Collection[str], *, on: bool = True
    ) -> Finding | None:
        """With the severity that `rules` and `overrides` give it, if they do; rules that are not `on` need one."""
        setting = self.config.rules.get(finding.rule)
        level = ((setting.severity if setting else None) or finding.severity) if on else "off"
        level = self._overrides.level(finding.rule, paths, packages) or level
        return None if level == "off" else changed(finding, severity=level)

    def _breaks(self, rule: str, paths: Sequence[str], stood: Sequence[str], packages: Collection[str]) -> bool | None:
        """Whether the policy of any place asks for it: what moves to a laxer module still leaves a stricter one.

        None where all of them leave out where it `stood`.
        """
        policies = {id(policy): policy for policy in map(self._breaking_of, paths or ["."])}
        unstable = any(stability(package) == "unstable" for package in packages)
        judging = [
            policy
            for policy in policies.values()
            if not (unstable and policy.ignore_unstable_packages)
            and not _ignored(stood, (*policy.ignore, *policy.ignore_only.get(rule, ())))
        ]
        if not judging:
            return None
        return self.ruled_by != rulechoice.CONFIGURED or any(
            rule in policy.rules or rule in policy.compat for policy in judging
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


def _paths(finding: Finding) -> list[str]:
    return [place.path for place in (finding.location, finding.against) if place]


def _left_out(policy: LintPolicy, rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    found = {}
    for rule in rules:
        only = [paths for name, paths in policy.ignore_only.items() if rulechoice.named(rule, {name}, policy.version)]
        found[rule.id] = (*policy.ignore, *(path for paths in only for path in paths))
    return found


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
    known = {*catalogue, *(name for rule in catalogue.values() for name in rule.categories), *compatrules.NAMES}
    for option, given in (("--select", select), ("--ignore", ignore)):
        for name in given:
            if name not in known and not bufrules.is_known(name):
                raise UsageError(
                    f"{option}: there is no rule or category `{name}`{guess(name, known)}", rulechoice.LIST
                )
    raised = Overrides(configuration.overrides).raised
    chosen = [
        rulechoice.chosen(policy, catalogue.values(), set(select), set(ignore), raised if not select else frozenset())
        for policy in configuration.lint
    ]
    wrong = list(mistakes(configuration, catalogue))
    configured = rulechoice.all_configured((rules for rules, _ in chosen), configuration, with_params, raised, wrong)
    off = {id for id, setting in configuration.rules.items() if setting.severity == "off"}
    dormant = tuple(frozenset(asleep | off & {rule.id for rule in rules}) for rules, asleep in chosen)
    breaking, ruled_by = rulechoice.breaking(configuration, select, ignore, profile, raised)
    left = rulechoice.left(configuration, catalogue.keys(), set(select), set(ignore))
    compat = rulechoice.compat(configuration, select, profile, raised) - compatrules.ids(ignore)
    return Policy(configuration, configured, breaking, ruled_by, left, dormant, compat)
