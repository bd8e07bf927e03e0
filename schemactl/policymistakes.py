"""What is wrong with the names in a configuration, once it is known which rules there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from schemactl import bufrules, compatrules, enginerules, names
from schemactl.config import Config
from schemactl.rule import Rule

_TOLD = 50  # mistakes of one kind, with their guesses


def mistakes(configuration: Config, catalogue: Mapping[str, Rule]) -> Iterator[str]:
    categories = {name for rule in catalogue.values() for name in rule.categories}
    yield from _unknown_names(configuration, {*catalogue, *categories, *enginerules.RULES, *compatrules.NAMES})
    yield from _unruly(configuration, catalogue, categories)
    yield from _engine_chosen(configuration)


def guess(name: str, known: Iterable[str]) -> str:
    close = names.nearest(name, {*known, *bufrules.known("lint"), *bufrules.known("breaking"), *compatrules.NAMES})
    return f"; did you mean `{close}`?" if close else ""


def _unknown_names(configuration: Config, known: Collection[str]) -> list[str]:
    unknown = [each for each in configuration.names if each[0] not in known and not bufrules.is_known(each[0])]
    told = [f"{place}: there is no rule or category `{name}`{guess(name, known)}" for name, place in unknown[:_TOLD]]
    return told + ([f"and {len(unknown) - _TOLD} more"] if len(unknown) > _TOLD else [])


def _unruly(configuration: Config, catalogue: Mapping[str, Rule], categories: Collection[str]) -> Iterator[str]:
    """Settings of what is a category, has no parameters or is not to be set: nobody would ever read them."""
    rules, said = configuration.rules, configuration.said
    for name, key in _set(configuration):
        if name in catalogue:
            continue
        places = (said.get(each) for each in (key, f"{key}.severity", f"{key}.params"))
        where = next(filter(None, places), f"{configuration.file}: {key}")
        engine = enginerules.RULES.get(name)
        if engine is not None and not engine.settable:
            yield f"{where}: `{name}` is always on, and always {_an(engine.severity)}"
        elif engine is None and _is_category(name, categories):
            yield f"{where}: `{name}` is a category; settings are for one rule each"
        elif key.startswith("rules.") and rules[name].params:
            first = next(iter(rules[name].params))
            yield f"{said.get(f'{key}.params.{first}', where)}: {key}.params: this rule has no parameters"


def _is_category(name: str, categories: Collection[str]) -> bool:
    if name in bufrules.table() or name in compatrules.RULES:
        return False
    return name in categories or name == compatrules.CATEGORY or bufrules.is_known(name)


def _set(configuration: Config) -> Iterator[tuple[str, str]]:
    """Each rule that is set somewhere, and by which key of `Config.said`."""
    yield from ((name, f"rules.{name}") for name in configuration.rules)
    for index, override in enumerate(configuration.overrides):
        yield from ((name, f"overrides.{index}.{name}") for name in override.rules)


def _an(severity: str) -> str:
    return f"an {severity}" if severity[0] in "ei" else f"a {severity}"


def _engine_chosen(configuration: Config) -> Iterator[str]:
    for policy in configuration.lint:
        for key, listed in (("use", policy.use), ("except", policy.except_)):
            for name in listed:
                if name in enginerules.RULES:
                    where = configuration.said.get(f"lint.{key}.{name}", policy.origin)
                    more = "; set its severity under `rules:`" if enginerules.RULES[name].settable else ""
                    yield f"{where}: `{name}` is not a lint rule, and is on without being named{more}"
