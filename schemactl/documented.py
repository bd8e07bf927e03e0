"""What is known of a rule, as Markdown: ours from the rule itself, Buf's and the engine's from their tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from schemactl import bufrules
from schemactl.bufdocs import BUF
from schemactl.catalogue import built_in, catalogue
from schemactl.changedocs import approving, of_buf, of_compat, title
from schemactl.compatdocs import COMPAT, CompatDocument
from schemactl.doctext import NO_COMMENTS, USUAL, Customs, fenced, joined, replacing
from schemactl.enginedocs import ENGINE, Document
from schemactl.errors import UsageError
from schemactl.fixable import FIXABLE
from schemactl.names import nearest
from schemactl.report import RuleDoc
from schemactl.rule import Rule

__all__ = [
    "BUILT_IN",
    "COMPAT",
    "ENGINE",
    "Customs",
    "Known",
    "among",
    "brief",
    "explain_text",
    "fenced",
    "joined",
    "known",
    "text",
    "title",
]

BUILT_IN = "built in"
_SHIPPED = "rules/events.yaml"
_DEFAULTS = frozenset(("STANDARD", "events"))  # what lints where nothing is configured
_OF_EVENTS = "It belongs to the pack `events`, which comes with schemactl."
_SCOPES = {
    "events": "It looks at events: messages with a topic, and every `<X>Envelope` with a message as `payload`.",
    "reached": "It looks at files that an event reaches; at all files once the configuration names `events`.",
    "all": "It looks at every file.",
}
_NEAR = 3
_APPROVED = "BREAK_APPROVED"

# A rule of ours, one that only Buf has, one of the engine or of the compatibility verdict.
Known = Rule | bufrules.BufRule | Document | CompatDocument


def explain_text(id: str, packs: Mapping[str, str] | None = None) -> str:
    """The documentation of a rule; UsageError for one that nobody knows."""
    return text(known(id) or among(id, catalogue(packs or {})))


def known(id: str) -> Known | None:
    """A rule that can be found without loading the others: not one of a pack."""
    alone = built_in(id) if id.isidentifier() and not id.startswith("_") else None
    return alone or ENGINE.get(id) or COMPAT.get(id) or bufrules.table().get(id)


def among(id: str, rules: Mapping[str, Rule]) -> Known:
    """The rule among these and those that need no loading; UsageError, with the nearest, for one that is not there."""
    found = rules.get(id) or known(id)
    if found:
        return found
    ids = (*rules, *ENGINE, *COMPAT, *bufrules.table())
    close = nearest(id, ids)
    likely = [close] if close else [each for each in ids if id.upper() in each][:_NEAR]
    meant = f"; did you mean {' or '.join(f'`{each}`' for each in likely)}?" if likely else ""
    raise UsageError(f"there is no rule or category `{id}`{meant}", "`schemactl rules list` lists them")


def text(rule: Known, customs: Customs = USUAL) -> str:
    """All that is true of the rule where these customs are."""
    if isinstance(rule, Rule):
        return joined(_of_rule(rule, customs))
    if isinstance(rule, CompatDocument):
        return joined(of_compat(rule, customs))
    return joined(_of_engine(rule, customs) if isinstance(rule, Document) else of_buf(rule, customs))


def brief(rule: Known | None) -> RuleDoc:
    """What a report says of it; nothing of a rule that nobody knows."""
    if rule is None:
        return RuleDoc("", "", None)
    if isinstance(rule, Rule):
        return RuleDoc(rule.title, rule.why.strip(), rule.severity)
    if isinstance(rule, bufrules.BufRule):
        why, help = BUF.get(rule.id, ("", ""))
        return RuleDoc(title(rule), why, "error", help)
    severity = None if rule.severity == "by effect" else rule.severity
    return RuleDoc(rule.title, rule.why, severity, rule.help)


def _of_rule(rule: Rule, customs: Customs) -> Iterator[str]:
    yield f"# {rule.id}\n\n{rule.title}."
    yield f"## Why\n\n{rule.why.strip()}"
    yield f"## Wrong\n\n{fenced(rule.bad, 'proto')}"
    yield f"## Right\n\n{fenced(rule.good, 'proto')}"
    yield f"## Where it comes from\n\nComes from: {rule.origin}. {_origin(rule)}"
    yield _judges(rule)
    yield "## How to configure\n\nIn schemactl.yaml; these are the defaults:"
    yield fenced(_settings(rule), "yaml")
    if _DEFAULTS.isdisjoint(rule.categories):
        use = f"`lint: {{use: [STANDARD, events, {rule.id}]}}`"
        yield f"It is off until `lint.use` names it or a category of it: {use}."
        yield from replacing("lint", rule.id, customs)
    yield from _suppressing(rule.id, customs)
    yield f"## How to fix\n\n{_fixing(rule.id)}"


def _origin(rule: Rule) -> str:
    if rule.origin == BUILT_IN and rule.id in bufrules.table():
        return "It is Buf's rule of the same id, and says what that says."
    if rule.origin in (BUILT_IN, _SHIPPED):
        return _OF_EVENTS if "events" in rule.categories else "It is one of schemactl's own."
    pack = ", ".join(f"`{name}`" for name in rule.categories)
    if ":" not in rule.origin and rule.origin.endswith((".yaml", ".yml")):
        return f"It belongs to the pack {pack} of this repository."
    return f"It belongs to the pack {pack} of an installed package."


def _judges(rule: Rule) -> str:
    categories = ", ".join(f"`{name}`" for name in rule.categories) or "none"
    return f"Severity: {rule.severity}. Categories: {categories}. {_SCOPES[rule.scope]}"


def _settings(rule: Rule) -> str:
    """The rule's settings as they would stand there with their defaults (JSON is YAML)."""
    lines = ["rules:", f"  {rule.id}:", f"    severity: {rule.severity}  # error, warning, info or off"]
    lines += ["    params:"] if rule.params else []
    lines += [f"      {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in rule.params.items()]
    return "\n".join(lines)


def _suppressing(id: str, customs: Customs) -> Iterator[str]:
    if customs.comments:
        yield "## How to suppress\n\nBy a comment above the element or behind it on its line, with a reason:"
        yield fenced(f"// schemactl:ignore {id} until=2027-01-31 -- the partner's name for it", "proto")
        buf = f"`// buf:lint:ignore {id}` {customs.of_buf}. " if customs.of_buf else ""
        several = "It may name several ids, separated by commas; `until` may be left out. "
        yield f"{several}{buf}For whole files and directories:"
    else:
        yield f"## How to suppress\n\n{NO_COMMENTS} For whole files and directories:"
    yield fenced(f"lint:\n  ignore_only:\n    {id}: [proto/legacy]", "yaml")
    yield from replacing("lint", id, customs)


def _fixing(id: str) -> str:
    if id not in FIXABLE:
        return "By hand: each finding says what is right and what to write."
    return (
        "`schemactl lint --fix` does it where that changes nothing else; with `--unsafe-fixes` also where somebody has "
        "to look at it. `--diff` shows what would be written. Each finding says what is right."
    )


def _of_engine(document: Document, customs: Customs) -> Iterator[str]:
    yield f"# {document.id}\n\n{document.title}."
    yield f"## Why\n\n{document.why}"
    yield f"## How to fix\n\n{document.help}"
    if document.id == _APPROVED:
        yield from approving(customs)
    yield "## Where it comes from\n\nComes from: the engine of schemactl."
    yield f"Severity: {document.severity}."
    yield "## How to configure"
    if not document.settable:
        yield "It is always on, and always of this severity: without it a report would not be true."
        return
    yield "It is on unless schemactl.yaml says otherwise:"
    yield fenced(f"rules:\n  {document.id}: {document.severity}  # error, warning, info or off", "yaml")
