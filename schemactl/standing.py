"""What the configuration here makes of a rule: on or off, how severe, and which line of which file says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from schemactl import bufrules, compatrules
from schemactl.bufrules import Version
from schemactl.catalogue import with_params
from schemactl.compatrules import Grade
from schemactl.config import DEFAULT, BreakingPolicy, Config, LintPolicy
from schemactl.configfile import Level, profile_rules
from schemactl.enginerules import RULES
from schemactl.policy import resolve
from schemactl.rule import Rule
from schemactl.written import Written

_Policy = TypeVar("_Policy", bound=LintPolicy | BreakingPolicy)
_Verdict = tuple[Level, str]


class Elsewhere(NamedTuple):
    """Where it stands otherwise: paths and packages."""

    severity: Level
    where: tuple[str, ...]
    said_by: str


class Standing(NamedTuple):
    """`said_by`: on whose word it is on or off; `severe_by`, `set_by`: on whose it has its severity and parameters.

    `idle` is a setting of a rule that is on nowhere.
    """

    severity: Level | Grade
    said_by: str
    severe_by: str = ""
    params: Mapping[str, Any] = {}
    set_by: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()
    idle: str = ""


class Standings:
    """The standing of each of `rules`, and of Buf's and the engine's; `config` has been accepted."""

    def __init__(self, config: Config, rules: Mapping[str, Rule], written: Written) -> None:
        self._config = config
        self._rules = rules
        self._written = written
        self._covered = cache(self._covered_by)

    def lint(self, rule: Rule) -> Standing:
        policies = _governing(self._config, self._config.lint)
        verdicts = [self._lints(rule, policy) for policy in policies]
        severity, said_by = next((each for each in verdicts if each[0] != "off"), verdicts[0])
        policy = policies[verdicts.index((severity, said_by))]
        wanted = self._wanted(rule, policy)
        changed = {name: value for name, value in wanted.params.items() if value != rule.params[name]}
        return Standing(
            severity if severity == "off" else wanted.severity,
            said_by,
            self._severe_by(rule.id) if severity != "off" else "",
            wanted.params,
            self._set_by(rule.id, changed, policy) if changed else "",
            (
                *self._others(policies, verdicts, (severity, said_by)),
                *self._ignoring(rule.id, policies, lambda name, version: rule.id in self._covered(name, version)),
                *self._overridden(rule.id),
            ),
            self._idle(rule.id, severity),
        )

    def breaking(self, id: str) -> Standing:
        policies = _governing(self._config, self._config.breaking)
        verdicts = [self._breaks(id, policy) for policy in policies]
        severity, said_by = next((each for each in verdicts if each[0] != "off"), verdicts[0])
        others = self._others(policies, verdicts, (severity, said_by))
        ignoring = self._ignoring(id, policies, lambda name, version: name == id)
        severe_by = self._severe_by(id) if severity != "off" else ""
        elsewhere = (*others, *ignoring, *self._overridden(id))
        return Standing(severity, said_by, severe_by, elsewhere=elsewhere, idle=self._idle(id, severity))

    def compat(self, id: str) -> Standing:
        """As for Buf's; `by effect` unless the configuration says how severe."""
        found = self.breaking(id)
        if found.severity == "off" or found.severe_by:
            return found
        return found._replace(severity=compatrules.RULES[id])

    def engine(self, id: str) -> Standing:
        rule, setting = RULES[id], self._config.rules.get(id)
        if rule.settable and setting and setting.severity:
            said_by = self._setting(id, "severity")
            return Standing(setting.severity, said_by, said_by if setting.severity != "off" else "")
        return Standing(rule.severity, "schemactl itself")

    def _lints(self, rule: Rule, policy: LintPolicy) -> _Verdict:
        if self._is_off(rule.id):
            return "off", self._setting(rule.id, "severity")
        name = self._named(rule.id, policy.use, policy.version)
        if name is None:
            return "off", f"`lint.use` in {policy.origin} does not name it" if policy.origin != DEFAULT else DEFAULT
        out = self._named(rule.id, policy.except_, policy.version)
        if out is not None:
            return "off", self._listed(policy.origin, "except", out)
        return self._severity(rule.id, rule.severity), self._listed(policy.origin, "use", name)

    def _breaks(self, id: str, policy: BreakingPolicy) -> _Verdict:
        if self._is_off(id):
            return "off", self._setting(id, "severity")
        ours = id in compatrules.RULES
        on = id in (policy.compat if ours else policy.rules)
        found = self._written.entry(
            policy.origin,
            "breaking",
            "use" if on else "except",
            lambda name: id in compatrules.ids([name]) or id in bufrules.breaking_ids([name], policy.version),
        )
        verdict: Level = self._severity(id, "error") if on else "off"
        if found:
            return verdict, f"`breaking.{'use' if on else 'except'}` in {found[1]} (`{found[0]}`)"
        if ours:
            return verdict, DEFAULT if on else f"`breaking.use` in {policy.origin} does not name it"
        if policy.profile:
            held = "" if id in profile_rules(policy.profile) else " does not hold it"
            place = None if _is_default(policy) else self._written.place(policy.origin, "breaking", "profile")
            said = (
                f"`breaking.profile: {policy.profile}` in {place}"
                if place
                else f"the default profile `{policy.profile}`"
            )
            return verdict, said + held
        return verdict, f"`breaking` in {policy.origin}" + ("" if on else " does not name it")

    def _is_off(self, id: str) -> bool:
        setting = self._config.rules.get(id)
        return setting is not None and setting.severity == "off"

    def _severity(self, id: str, default: Level) -> Level:
        setting = self._config.rules.get(id)
        return (setting.severity if setting else None) or default

    def _wanted(self, rule: Rule, policy: LintPolicy) -> Rule:
        """The rule with the severity and parameters that the configuration gives it, whether or not it is on."""
        setting = self._config.rules.get(rule.id)
        rules = {} if setting is None or setting.severity == "off" else {rule.id: setting}
        alone = LintPolicy(use=(rule.id,), options=policy.options)
        config = Config(file=self._config.file, rules=rules, lint=(alone,))
        return resolve(config, {rule.id: rule}, with_params).by_policy[0][0]

    def _severe_by(self, id: str) -> str:
        setting = self._config.rules.get(id)
        return self._setting(id, "severity") if setting and setting.severity else ""

    def _idle(self, id: str, severity: str) -> str:
        setting = self._config.rules.get(id)
        if severity != "off" or setting is None or setting.severity == "off":
            return ""
        raised = any(override.rules.get(id, "off") != "off" for override in self._config.overrides)
        return "" if raised else self._setting(id, "severity" if setting.severity else "params")

    def _set_by(self, id: str, changed: Iterable[str], policy: LintPolicy) -> str:
        setting = self._config.rules.get(id)
        if setting and {*changed} & setting.params.keys():
            return self._setting(id, "params")
        return f"`lint` in {self._of(policy.origin, 'lint')}"

    def _setting(self, id: str, key: str) -> str:
        return f"`rules.{id}` in {_line(self._config.said.get(f'rules.{id}.{key}', self._config.file or ''))}"

    def _listed(self, origin: str, key: str, name: str) -> str:
        """Which line of a list of `lint` names it; what is nowhere in a file that can be read is a default."""
        if said := self._config.said.get(f"lint.{key}.{name}"):
            return f"`lint.{key}` in {_line(said)} (`{name}`)"
        if found := self._written.entry(origin, "lint", key, lambda text: text == name):
            return f"`lint.{key}` in {found[1]} (`{name}`)"
        if origin == DEFAULT or self._written.is_read(origin):
            return f"{DEFAULT} (`{name}`)"
        return f"`lint.{key}` in {origin} (`{name}`)"

    def _named(self, id: str, names: Iterable[str], version: Version) -> str | None:
        """By which name the rule is meant: its own, if it is there."""
        names = list(names)
        return id if id in names else next((name for name in names if id in self._covered(name, version)), None)

    def _covered_by(self, name: str, version: Version) -> frozenset[str]:
        config = Config(lint=(LintPolicy(use=(name,), version=version),))
        return frozenset(rule.id for rule in resolve(config, self._rules, with_params).by_policy[0])

    def _others(
        self, policies: Iterable[LintPolicy | BreakingPolicy], verdicts: Iterable[_Verdict], main: _Verdict
    ) -> Iterator[Elsewhere]:
        """Roots whose policy says something else, or says it elsewhere."""
        found: dict[_Verdict, list[str]] = {}
        for policy, verdict in zip(policies, verdicts, strict=True):
            told = not _is_default(policy) or verdict[0] != main[0]
            if told and verdict != main:
                found.setdefault(verdict, []).extend(policy.roots)
        yield from (Elsewhere(severity, tuple(roots), said_by) for (severity, said_by), roots in found.items())

    def _ignoring(
        self, id: str, policies: Iterable[_Policy], meant: Callable[[str, Version], bool]
    ) -> Iterator[Elsewhere]:
        for policy in policies:
            section = "lint" if isinstance(policy, LintPolicy) else "breaking"
            if policy.ignore:
                yield Elsewhere(
                    "off", policy.ignore, f"`{section}.ignore` in {self._of(policy.origin, section, 'ignore')}"
                )
            only = [path for name, paths in policy.ignore_only.items() if meant(name, policy.version) for path in paths]
            if only:
                place = self._of(policy.origin, section, "ignore_only")
                yield Elsewhere("off", tuple(only), f"`{section}.ignore_only` in {place}")

    def _of(self, origin: str, *keys: str) -> str:
        return self._written.place(origin, *keys) or origin

    def _overridden(self, id: str) -> Iterator[Elsewhere]:
        for index, override in enumerate(self._config.overrides):
            if id in override.rules:
                place = _line(self._config.said.get(f"overrides.{index}.{id}", self._config.file or ""))
                yield Elsewhere(override.rules[id], (*override.paths, *override.packages), f"`overrides` in {place}")


def _line(place: str) -> str:
    """`FILE:LINE:COLUMN` without the column."""
    return place.rpartition(":")[0] if place.count(":") > 1 else place


def _is_default(policy: LintPolicy | BreakingPolicy) -> bool:
    return policy.origin.startswith(DEFAULT)


def _governing(config: Config, policies: Collection[_Policy]) -> list[_Policy]:
    """Those that can have a say, and what somebody wrote before what stands in for nothing."""
    written = [policy for policy in policies if not _is_default(policy)]
    roots = {root for policy in written for root in policy.roots}
    modules = config.modules or ()
    if modules and all(roots.issuperset(module.includes or (module.root,)) for module in modules):
        return written
    return [*written, *(policy for policy in policies if _is_default(policy))]
