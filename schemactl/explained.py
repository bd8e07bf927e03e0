"""What `schemactl explain` prints: the documentation of a rule, and what the configuration here makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from schemactl import documented
from schemactl.bufrules import BufRule
from schemactl.catalogue import catalogue
from schemactl.config import Config
from schemactl.documented import Known, fenced, joined
from schemactl.errors import ConfigError, ToolError
from schemactl.here import Here
from schemactl.report.escape import terminal
from schemactl.rule import Rule
from schemactl.standing import Elsewhere, Standing, Standings

_MOST = 5  # paths that are named
_TAB = 2


def explained(id: str, directory: Path, explicit: Path | None) -> str:
    """Markdown, harmless in a terminal; only a rule that a pack may hold needs the configuration to be right."""
    here = Here(directory, explicit)
    rule = documented.known(id) or catalogue().get(id) or documented.among(id, here.rules)
    text = joined([documented.text(rule).rstrip("\n"), "## Here", *_here(rule, here)])
    return "".join(f"{terminal(line.expandtabs(_TAB))}\n" for line in text.splitlines())


def _here(rule: Known, here: Here) -> Iterator[str]:
    if isinstance(rule, BufRule) and (rule.deprecated or rule.kind == "lint"):
        yield "It is not run by schemactl, whatever the configuration says."
        return
    try:
        config, standing = _standing(rule, here)
    except (ConfigError, ToolError) as failure:
        yield "What is set here cannot be said, because the configuration cannot be used:"
        yield fenced(failure.message, "text")
        return
    if config.file is None:
        where = "in this repository" if here.place.repository else "here, and there is no repository around"
        yield f"Nothing is configured {where}: defaults count."
    yield from _told(rule, standing)


def _standing(rule: Known, here: Here) -> tuple[Config, Standing]:
    if isinstance(rule, Rule):
        return here.lint, Standings(here.lint, {rule.id: rule}, here.written).lint(rule)
    if isinstance(rule, BufRule):
        return here.breaking, Standings(here.breaking, {}, here.written).breaking(rule.id)
    return here.settings, Standings(here.settings, {}, here.written).engine(rule.id)


def _told(rule: Known, standing: Standing) -> Iterator[str]:
    if standing.severity == "off":
        yield f"Off: {_by(standing.said_by)}."
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
    more = len(other.where) - _MOST
    where = ", ".join(f"`{each}`" for each in other.where[:_MOST]) + (f" and {more} more" if more > 0 else "")
    return f"{other.severity.capitalize()} in {where}: {_by(other.said_by)}."
