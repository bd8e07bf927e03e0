"""Which rules of the catalogue a configuration uses, as it wants them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from msgspec import structs

from schemactl import bufrules, compatrules
from schemactl.bufyaml import Options
from schemactl.config import EVENTS, Config, LintPolicy
from schemactl.configfile import profile_rules
from schemactl.errors import ConfigError
from schemactl.rule import Rule

CONFIGURED = ""  # who ruled, where the configuration did
LIST = "`schemactl rules list` lists them"


def chosen(
    policy: LintPolicy, rules: Iterable[Rule], select: set[str], ignore: set[str], raised: Collection[str]
) -> tuple[list[Rule], set[str]]:
    """The rules of one policy, and which of them it has only because they are `raised` by an override.

    Rules for what an event reaches look at every file where more than `events` names them. `select` replaces what the
    policy uses, `ignore` is left out in any case.
    """
    use, version = {*policy.use}, policy.version
    if select:
        use, version = {*select, *bufrules.lint_ids_of_any(select)}, "v2"
    out = set() if select else {*policy.except_}
    found, asleep = [], set()
    for rule in rules:
        wanted = named(rule, use, version) and not named(rule, out, version)
        if (wanted or rule.id in raised) and not named(rule, ignore, "v2"):
            everywhere = policy.names_events or not wanted or named(rule, use - {EVENTS}, version)
            found.append(replace(rule, scope="all") if everywhere and rule.scope == "reached" else rule)
            asleep |= set() if wanted else {rule.id}
    return [_with_options(rule, policy.options) for rule in found], asleep


def named(rule: Rule, names: Collection[str], version: bufrules.Version) -> bool:
    """Whether the names, as the version understands them, stand for the rule."""
    if rule.id in names or rule.id in bufrules.lint_ids(names, version):
        return True
    return any(category in names for category in rule.categories if not bufrules.is_known(category))


def _with_options(rule: Rule, options: Options) -> Rule:
    """The rule with what Buf's lint section says beside which rules: parameters are named like its options."""
    given = {name: value for name, value in structs.asdict(options).items() if value and name in rule.params}
    return replace(rule, params={**rule.params, **given}) if given else rule


def all_configured(
    chosen: Iterable[Iterable[Rule]],
    configuration: Config,
    with_params: Callable[[Rule, Mapping[str, Any], str], Rule],
    raised: Collection[str],
    wrong: list[str],
) -> tuple[tuple[Rule, ...], ...]:
    """Raises ConfigError for every mistake at once: those that are `wrong` already, and those in parameters."""
    mistakes, hints = dict.fromkeys(wrong), dict.fromkeys([LIST] if wrong else [])
    found = []
    for rules in chosen:
        configured: list[Rule] = []
        for rule in rules:
            try:
                configured += _configured(rule, configuration, with_params, raised)
            except ConfigError as error:
                mistakes[error.message], hints[error.hint] = None, None
        found.append(tuple(configured))
    if mistakes:
        raise ConfigError("\n".join(mistakes), "; ".join(hints))
    return tuple(found)


def _configured(
    rule: Rule,
    configuration: Config,
    with_params: Callable[[Rule, Mapping[str, Any], str], Rule],
    raised: Collection[str],
) -> list[Rule]:
    """The rule as it is set; nothing for one that is off everywhere."""
    setting = configuration.rules.get(rule.id)
    if setting is None:
        return [rule]
    severity = setting.severity
    if severity == "off" and rule.id not in raised:
        return []
    rule = _with_params(rule, setting.params, configuration, with_params)
    return [rule if severity is None or severity == "off" else replace(rule, severity=severity)]


def _with_params(
    rule: Rule,
    params: Mapping[str, Any],
    configuration: Config,
    with_params: Callable[[Rule, Mapping[str, Any], str], Rule],
) -> Rule:
    """One by one: each mistake is told where its parameter stands."""
    key, wrong, hint = f"rules.{rule.id}.params", [], ""
    for name, value in params.items():
        place = configuration.said.get(f"{key}.{name}", configuration.file)
        try:
            rule = with_params(rule, {name: value}, f"{place}: {key}")
        except ConfigError as error:
            wrong.append(error.message)
            hint = error.hint
    if wrong:
        raise ConfigError("\n".join(wrong), hint)
    return rule


def left(
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


def breaking(
    configuration: Config, select: Collection[str], ignore: Collection[str], profile: str | None, raised: frozenset[str]
) -> tuple[frozenset[str], str]:
    """The union of what the modules ask for, and who ruled; findings are judged per module afterwards."""
    without = bufrules.breaking_ids(ignore)
    if select:
        return frozenset(bufrules.breaking_ids(select) - without), "--select"
    if profile:
        return profile_rules(profile) - without, f"--profile {profile}"  # type: ignore[arg-type]
    union = frozenset(id for policy in configuration.breaking for id in policy.rules)
    union |= {id for id in raised if bufrules.is_known(id, "breaking")}
    return union - without, CONFIGURED


def compat(
    configuration: Config, select: Collection[str], profile: str | None, raised: frozenset[str]
) -> frozenset[str]:
    """Of our rules for changes those that are on somewhere."""
    if select:
        return compatrules.ids(select)
    if profile:
        return compatrules.IDS
    return compatrules.ids(raised).union(*(policy.compat for policy in configuration.breaking))
