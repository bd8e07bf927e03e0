"""What `schemactl rules test` does: finds packs, tests their rules, and says which lines of which file differ."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from schemactl import bufyaml, config, declared, foreign, reading, yamlfile
from schemactl.catalogue import refuse_clashes
from schemactl.configfile import is_path
from schemactl.errors import ConfigError, Failure, UsageError
from schemactl.here import Here
from schemactl.report import Style
from schemactl.report.escape import lines as harmless
from schemactl.report.escape import terminal
from schemactl.rule import Rule
from schemactl.rulepackage import Missing, Package
from schemactl.ruletest import Difference, Tested, tested
from schemactl.tree import Directory
from schemactl.workspace import workspace
from schemactl.yamlwalk import Keys

_NO_PACKS = {config.NAME, *bufyaml.NAMES, "buf.gen.yaml"}
_TAB = 2
_Places = Mapping[Keys, tuple[int, int]]


class Outcome(NamedTuple):
    text: str
    passed: bool


class _Pack(NamedTuple):
    """A file of rules, and where in it each of its rules stands."""

    origin: str
    lines: list[str]
    places: _Places
    numbers: Mapping[str, int]


def run(directory: Path, explicit: Path | None, named: str | None, style: Style) -> Outcome:
    """Tests the packs in a directory, one file, one installed package, or all that the configuration names."""
    here = Here(directory, explicit)
    texts, packages = _asked(here, directory, named)
    rules = _loaded(texts)
    for package in packages:
        rules += foreign.load(package)
        texts |= {origin: text.encode("utf-8") for origin, text in package.packs.items()}
    refuse_clashes(rules, {origin: text.decode("utf-8") for origin, text in texts.items()}, packages)
    packs = {origin: _pack(origin, text) for origin, text in texts.items()}
    with workspace() as room:
        results = list(tested(rules, room, _Imports(here).find))
    return Outcome(report(results, packs, style), not any(each.differences for each in results))


def _asked(here: Here, directory: Path, named: str | None) -> tuple[dict[str, bytes], tuple[Package, ...]]:
    if named is None:
        return _configured(here), here.settings.packages
    if (directory / named).exists() or is_path(named):
        return _given(directory, named), ()
    try:
        return {}, (here.package(named),)
    except Missing:
        problem = f"there is no directory `{named}`, and no installed package of rules is called so"
        raise UsageError(problem, "name a directory with packs, one of their files, or an installed package") from None


def _given(directory: Path, named: str) -> dict[str, bytes]:
    place = directory / named
    if place.is_dir():
        names = sorted(path.name for path in place.glob("*.yaml") if path.name not in _NO_PACKS)
        found = {(Path(named) / name).as_posix(): Directory(place, None).read(name) for name in names}
    else:
        found = {named: Directory(place.parent, None).read(place.name)}
    texts = {origin: text for origin, text in found.items() if text is not None}
    if not texts:
        problem = f"`{named}` holds no pack" if place.is_dir() else f"there is no such file or directory: `{named}`"
        raise UsageError(problem, "name a directory with packs: YAML files with `name` and `rules`")
    return texts


def _configured(here: Here) -> dict[str, bytes]:
    if not here.settings.packs and not here.settings.packages:
        raise UsageError("no pack is configured here", "name a directory with packs: `schemactl rules test DIR`")
    return {path: text.encode("utf-8") for path, text in here.packs.items()}


def _loaded(texts: Mapping[str, bytes]) -> list[Rule]:
    """The rules of all packs; ConfigError tells the mistakes of all of them."""
    rules, mistakes, hints = [], [], []
    for origin, text in texts.items():
        try:
            rules += declared.load(text, origin)
        except ConfigError as error:
            mistakes.append(error.message)
            hints.append(error.hint)
    if mistakes:
        raise ConfigError("\n".join(mistakes), "; ".join(hints))
    return rules


def _pack(origin: str, text: bytes) -> _Pack:
    document = yamlfile.read(text, origin, dict[str, Any])
    ids = {rule["id"]: number for number, rule in enumerate(document.value["rules"])}
    return _Pack(origin, text.decode("utf-8-sig").splitlines(), document.places, ids)


class _Imports:
    """The files of the repository by their import path, if anybody asks for one."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def find(self, name: str) -> bytes | None:
        return self._files.get(name)

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        try:
            here = self._here
            return reading.sources(here.tree, here.lint, here.place, os.environ).everything
        except Failure:  # it is the rules that are tested, and the missing import is told
            return {}


def report(results: Iterable[Tested], packs: Mapping[str, _Pack], style: Style) -> str:
    results = list(results)
    widest = max((len(each.rule.id) for each in results), default=0)
    blocks = [line for each in results for line in _block(each, packs.get(each.rule.origin), widest, style)]
    differing = sum(1 for each in results if each.differences)
    counts = f"{len(results)} rule{'' if len(results) == 1 else 's'}: {len(results) - differing} as marked"
    counts += f", {differing} not" if differing else ""
    return "\n".join([*blocks, counts, ""])


def _block(result: Tested, pack: _Pack | None, widest: int, style: Style) -> Iterator[str]:
    word, color = ("differs", "1;31") if result.differences else ("ok", "1;32")
    painted = f"\x1b[{color}m{word}\x1b[0m" if style.color else word
    yield f"{painted}{' ' * (9 - len(word))}{terminal(result.rule.id)}"
    for difference in result.differences:
        place = f"{_place(result.rule, difference, pack)}: " if pack else ""
        first, *rest = harmless(f"{place}{difference.example}: {difference.said}")
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)
        if difference.text.strip():
            yield f"      {terminal(difference.text.strip().expandtabs(_TAB))}"


def _place(rule: Rule, difference: Difference, pack: _Pack) -> str:
    """The line in the pack; of an example that does not stand there as it is, the line of its key."""
    number = pack.numbers[rule.id]
    key, _ = pack.places.get(("rules", number, difference.example), (1, 1))
    line = key + difference.line
    if difference.line and line <= len(pack.lines) and pack.lines[line - 1].strip() == difference.text.strip():
        return f"{pack.origin}:{line}"
    return f"{pack.origin}:{key}"
