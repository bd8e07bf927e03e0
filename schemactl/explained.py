"""What `schemactl explain` prints: the documentation of a rule, and what the configuration here makes of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from schemactl import bufrules, bufyaml, compatrules, documented
from schemactl.bufrules import BufRule
from schemactl.catalogue import catalogue
from schemactl.compatdocs import CompatDocument
from schemactl.config import DEFAULT, EVENTS, Config
from schemactl.documented import Customs, Known, fenced, joined
from schemactl.errors import ConfigError, ToolError
from schemactl.here import Here
from schemactl.report.escape import terminal
from schemactl.report.summary import counted
from schemactl.rule import Rule
from schemactl.standing import Elsewhere, Standing, Standings

_MOST = 5  # paths that are named
_TAB = 2


def explained(id: str, directory: Path, explicit: Path | None) -> str:
    """Markdown, harmless in a terminal; only what a pack may hold needs the configuration to be right."""
    here = Here(directory, explicit)
    rule = documented.known(id) or catalogue().get(id)
    text = _group(id, here) if rule is None else ""
    if not text:
        rule = rule or documented.among(id, here.rules)
        text = joined([documented.text(rule, _customs(rule, here)).rstrip("\n"), "## Here", *_here(rule, here)])
    return "".join(f"{terminal(line.expandtabs(_TAB))}\n" for line in text.splitlines())


def _group(name: str, here: Here) -> str:
    """What a category or a pack holds; nothing for a name of neither."""
    if breaking := sorted(bufrules.breaking_ids([name])):
        held = {id: documented.title(bufrules.table()[id]) for id in breaking}
        return _holding(name, f"A category of Buf's, of {counted(len(held), 'rule')} for breaking changes.", held)
    if name == compatrules.CATEGORY:
        held = {id: document.title for id, document in documented.COMPAT.items()}
        return _holding(name, f"The compatibility verdict, of {counted(len(held), 'rule')} for changes.", held)
    if held := _held(name, catalogue()):
        kind = "pack" if name == EVENTS else "category"
        return _holding(name, f"A {kind} of {counted(len(held), 'lint rule')}.", held)
    held = _held(name, here.rules)
    return _holding(name, f"A pack of {counted(len(held), 'rule')}.", held) if held else ""


def _held(name: str, rules: Mapping[str, Rule]) -> dict[str, str]:
    """Rules by id, with their titles."""
    of_buf = bufrules.lint_ids_of_any([name])
    return {id: rule.title for id, rule in sorted(rules.items()) if id in of_buf or name in rule.categories}


def _holding(name: str, what: str, held: Mapping[str, str]) -> str:
    rules = "\n".join(f"- `{id}`: {title}" for id, title in held.items())
    return joined([f"# {name}", f"{what} `schemactl rules list` shows what is on here, and who says so.", rules])


def _customs(rule: Known, here: Here) -> Customs:
    """How findings can be suppressed here; as anywhere, where the configuration cannot be used."""
    try:
        config = here.breaking if _is_of_changes(rule) else here.lint
    except (ConfigError, ToolError):
        return Customs()
    policies = config.breaking if _is_of_changes(rule) else config.lint
    origins = dict.fromkeys(each.origin for each in policies if each.origin.rpartition("/")[2] in bufyaml.NAMES)
    counting = {each.comment_ignores for each in config.lint if each.origin != DEFAULT} or {True}
    of_buf = (
        "does the same" if counting == {True} else "does the same where buf.yaml allows it" if True in counting else ""
    )
    return Customs(config.suppress.comments, of_buf, _listed(origins))


def _is_of_changes(rule: Known) -> bool:
    return isinstance(rule, BufRule | CompatDocument)


def _listed(names: Collection[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(f"`{each}`" for each in [*names][:_MOST]) + (f" and {more} more" if more > 0 else "")


def _here(rule: Known, here: Here) -> Iterator[str]:
    if isinstance(rule, BufRule) and (rule.deprecated or rule.kind == "lint"):
        yield "It is not run by schemactl, whatever the configuration says."
        return
    try:
        config, standing = _standing(rule, here)
    except (ConfigError, ToolError) as failure:
        yield "What is set here is unknown, because the configuration has mistakes:"
        yield fenced(failure.message, "text")
        return
    if config.file is None:
        where = "in this repository" if here.place.repository else "here, outside of a repository"
        yield f"Nothing is configured {where}: the defaults apply."
    yield from _told(rule, standing)


def _standing(rule: Known, here: Here) -> tuple[Config, Standing]:
    if isinstance(rule, Rule):
        return here.lint, Standings(here.lint, {rule.id: rule}, here.written).lint(rule)
    if isinstance(rule, BufRule):
        return here.breaking, Standings(here.breaking, {}, here.written).breaking(rule.id)
    if isinstance(rule, CompatDocument):
        return here.breaking, Standings(here.breaking, {}, here.written).compat(rule.id)
    return here.settings, Standings(here.settings, {}, here.written).engine(rule.id)


def _told(rule: Known, standing: Standing) -> Iterator[str]:
    if standing.severity == "off":
        yield f"Off: {_by(standing.said_by)}."
        if standing.idle:
            yield f"{standing.idle} has no effect: it applies where the rule is on, and does not turn it on."
    elif standing.severe_by and standing.severe_by != standing.said_by:
        yield f"On: {_by(standing.said_by)}; severity {standing.severity} {_by(standing.severe_by)}."
    else:
        yield f"On, severity {standing.severity}: {_by(standing.said_by)}."
    if isinstance(rule, Rule) and standing.set_by:
        changed = {name: value for name, value in standing.params.items() if value != rule.params[name]}
        yield f"Its parameters are not the defaults: {_by(standing.set_by)}."
        yield fenced(
            "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in changed.items()), "yaml"
        )
    yield from (_otherwise(each) for each in standing.elsewhere if not (each.severity == standing.severity == "off"))


def _by(said: str) -> str:
    """Words of its own, such as "`x` does not name it", need no `by`."""
    return said if said.endswith(" it") else f"by {said}"


def _otherwise(other: Elsewhere) -> str:
    return f"{other.severity.capitalize()} in {_listed(other.where)}: {_by(other.said_by)}."
