"""Every rule there is: those in schemactl.rules, the packs that ship with the tool, and the repository's own packs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from schemactl import bufrules, compatrules, enginerules, rules, yamlfile
from schemactl.cache import Cache, decoded
from schemactl.errors import ConfigError, ToolError
from schemactl.names import nearest
from schemactl.rule import BUILT_IN, Card, Rule, Setting, card
from schemactl.rulepackage import Package
from schemactl.stamp import stamp
from schemactl.yamlwalk import shown

_HERE = Path(__file__).parent
_NAMING = "give your rule or pack another name; severity and params of a rule are set under `rules:`"
_NO_PACKS: Mapping[str, str] = {}
_NO_PACKAGES: tuple[Package, ...] = ()


def texts(
    packs: Iterable[str], read: Callable[[str], bytes | None], said: Mapping[str, str] = _NO_PACKS
) -> dict[str, str]:
    """The repository's packs by their path; `said` as in `Config`."""
    found = {path: read(path) for path in packs}
    places = {path: f"{place}: " for path in found if (place := said.get(f"packs.{path}"))}
    gone = [path for path, data in found.items() if data is None]
    missing = [f"{places.get(path, '')}there is no pack `{path}` in what is checked" for path in gone]
    if missing:
        raise ConfigError("\n".join(missing), "fix the path under `packs:`, or add the file")
    return {path: _decoded(path, data) for path, data in found.items() if data is not None}


def _decoded(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8", f"save {path} as UTF-8") from None


def catalogue(packs: Mapping[str, str] = _NO_PACKS, packages: Iterable[Package] = _NO_PACKAGES) -> dict[str, Rule]:
    """Every rule by its id; `packs` are the texts of declared rules by origin, all of whose mistakes are told."""
    packages = tuple(packages)
    own, others = [*_own()], [*_written(packs, lazy=False), *_foreign(packages, lazy=False)]
    _refuse(own, others, packs, packages)
    return {rule.id: rule for rule in (*own, *others)}


def refuse_clashes(rules: Iterable[Rule], packs: Mapping[str, str], packages: Iterable[Package] = _NO_PACKAGES) -> None:
    """Raises ConfigError for ids that are taken, and for packs that are called like something else.

    The packs that come with the tool are what others clash with.
    """
    shipped = {pack.read_bytes() for pack in _shipped()}
    copies = {origin for origin, text in packs.items() if text.encode("utf-8") in shipped}
    _refuse([*_own()], [rule for rule in rules if rule.origin not in copies], packs, tuple(packages))


def cards(cache: Cache, packs: Mapping[str, str], packages: Collection[Package] = _NO_PACKAGES) -> dict[str, Rule]:
    """The catalogue as far as choosing among its rules needs it; loading them all takes longer than a small run."""
    if packs or packages:
        return catalogue(packs, packages)
    key = blake2b(b"cards\0" + stamp()).digest()
    kept = decoded(cache.get(key), list[Card])
    if kept is None:
        rules = catalogue()
        cache.put([(key, msgspec.msgpack.encode([card(rule) for rule in rules.values()]))])
        return rules
    return {each.id: each.rule() for each in kept}


def configured(
    settings: Iterable[Setting], packs: Mapping[str, str], packages: Iterable[Package] = _NO_PACKAGES
) -> list[Rule]:
    """The rules as a run wants them, of packs and packages that `catalogue` has accepted; only these are loaded."""
    settings = list(settings)
    known = {setting.id: rule for setting in settings if (rule := built_in(setting.id))}
    if len(known) < len(settings):
        known = {
            rule.id: rule for rule in (*_shipped_rules(), *_written(packs, lazy=True), *_foreign(packages, lazy=True))
        } | known
    return [_as_wanted(known[setting.id], setting) for setting in settings]


def _as_wanted(rule: Rule, setting: Setting) -> Rule:
    params = {**rule.params, **setting.params}
    return replace(rule, severity=setting.severity, params=params, scope=setting.scope)


def built_in(id: str) -> Rule | None:
    """A rule of schemactl.rules, without loading the others."""
    name = id.lower()
    if not (_HERE / "rules" / f"{name}.py").is_file():
        return None
    rule: Rule = import_module(f"{rules.__name__}.{name}").RULE
    return rule


def with_params(rule: Rule, params: Mapping[str, Any], where: str) -> Rule:
    """The rule with these parameters over its defaults; `where` is what a mistake's place starts with."""
    mistakes = list(_mistakes(rule.params, params, where))
    if mistakes:
        raise ConfigError("\n".join(mistakes), f"`schemactl explain {rule.id}` shows its parameters")
    return replace(rule, params={**rule.params, **params})


def _refuse(own: list[Rule], others: list[Rule], packs: Mapping[str, str], packages: tuple[Package, ...]) -> None:
    texts = {**packs, **{origin: text for package in packages for origin, text in package.packs.items()}}
    mistakes = [*_clashes(own, others, texts), *_misnamed(own, others, texts, packages)]
    if mistakes:
        raise ConfigError("\n".join(mistakes), _NAMING)


def _clashes(own: Iterable[Rule], others: Iterable[Rule], texts: Mapping[str, str]) -> Iterator[str]:
    ours, first = {rule.id for rule in own}, dict[str, Rule]()
    for rule in others:
        before = first.setdefault(rule.id, rule)
        if rule.id in ours or before is not rule:
            already = BUILT_IN if rule.id in ours else f"in {_place(before.origin, texts, rule.id)}"
            yield f"{_place(rule.origin, texts, rule.id)}: rule `{rule.id}` is already {already}"
        elif owner := _taken(rule.id):
            yield f"{_place(rule.origin, texts, rule.id)}: rule `{rule.id}` has the id of one of {owner}"


def _misnamed(
    own: Iterable[Rule], others: Iterable[Rule], texts: Mapping[str, str], packages: Iterable[Package]
) -> Iterator[str]:
    """Packs, of which `lint.use` could not tell which rules it means."""
    categories = {category for rule in own for category in rule.categories}
    ids = {*enginerules.RULES, *(rule.id for rule in (*own, *others))}
    named = {rule.origin: rule.categories[0] for rule in others if rule.origin in texts}
    named |= {package.distribution: package.name for package in packages}
    for origin, name in named.items():
        if name in ids or name in bufrules.table() or name in compatrules.RULES:
            yield f"{_place(origin, texts)}: the pack is called `{name}`, and so is a rule"
        elif name in categories or bufrules.is_known(name) or name == compatrules.CATEGORY:
            yield f"{_place(origin, texts)}: the pack is called `{name}`, and so is a category of rules"


def _place(origin: str, texts: Mapping[str, str], id: str | None = None) -> str:
    """Where in a pack the rule is called so, or the pack itself; a rule in Python is of a package."""
    if origin not in texts:
        return origin
    document = yamlfile.read(texts[origin].encode("utf-8"), origin, dict[str, Any])
    numbers = (number for number, rule in enumerate(document.value["rules"]) if rule["id"] == id)
    return document.place(*(("name",) if id is None else ("rules", next(numbers), "id")))


def _taken(id: str) -> str:
    if id in enginerules.RULES:
        return "the engine's"
    if id in compatrules.RULES:
        return "the compatibility verdict's"
    return "Buf's" if id in bufrules.table() else ""


def _own() -> Iterator[Rule]:
    """What comes with the tool."""
    for module in sorted(_HERE.joinpath("rules").glob("[a-z]*.py")):
        yield import_module(f"{rules.__name__}.{module.stem}").RULE
    yield from _shipped_rules()


def _shipped_rules() -> Iterator[Rule]:
    from schemactl import declared

    for pack in _shipped():
        yield from declared.load(pack.read_bytes(), f"rules/{pack.name}", lazy=True)


def _foreign(packages: Iterable[Package], *, lazy: bool) -> Iterator[Rule]:
    for package in packages:
        from schemactl import foreign

        yield from foreign.load(package, lazy=lazy)


def _written(packs: Mapping[str, str], *, lazy: bool) -> Iterator[Rule]:
    from schemactl import declared

    for origin, text in packs.items():
        yield from declared.load(text.encode("utf-8"), origin, lazy=lazy)


def _shipped() -> list[Path]:
    """The packs of the installed package; of a checkout, those beside it."""
    packs = sorted(_HERE.joinpath("packs").glob("*.yaml")) or sorted(_HERE.parent.joinpath("rules").glob("*.yaml"))
    if not packs:
        raise ToolError("the rules of schemactl are missing", "reinstall schemactl from where it came")
    return packs


def _mistakes(defaults: Mapping[str, Any], given: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, value in given.items():
        if name in defaults:
            yield from _unlike(defaults[name], value, f"{where}.{shown(name)}")
        else:
            close = nearest(name, defaults)
            yield f"{where}.{shown(name)}: unknown" + (f"; did you mean `{close}`?" if close else "")


def _unlike(default: Any, value: Any, where: str) -> Iterator[str]:
    """Where a value differs in kind from the default; the items of a list should be like the default's first."""
    if _kind(default) != _kind(value):
        yield f"{where}: should be {_kind(default)}, not {_kind(value)}"
    elif isinstance(default, list) and default:
        for index, item in enumerate(value):
            yield from _unlike(default[0], item, f"{where}[{index}]")
    elif isinstance(default, dict) and where.endswith("]"):
        yield from _mistakes(default, value, where)
        yield from (f"{where}: `{name}` is missing" for name in default if name not in value)
    elif isinstance(default, dict) and default:
        for name, item in value.items():
            yield from _unlike(next(iter(default.values())), item, f"{where}.{shown(name)}")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = {int: "a number", float: "a number", str: "a string", list: "a list", dict: "a mapping"}
    return kinds.get(type(value), "empty")
