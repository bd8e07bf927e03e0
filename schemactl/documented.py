"""What is known of a rule, as Markdown: ours from the rule itself, Buf's and the engine's from their tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from schemactl import bufrules
from schemactl.bufdocs import BUF
from schemactl.catalogue import built_in, catalogue
from schemactl.enginedocs import ENGINE, Document
from schemactl.errors import UsageError
from schemactl.fixable import FIXABLE
from schemactl.names import nearest
from schemactl.rule import Rule

if TYPE_CHECKING:
    from schemactl.configfile import Profile

__all__ = ["BUILT_IN", "ENGINE", "Customs", "Known", "among", "explain_text", "known", "text"]

BUILT_IN = "built in"
_SHIPPED = "rules/events.yaml"
_PROFILES: tuple[Profile, ...] = ("json", "binary", "source")
_DEFAULTS = frozenset(("STANDARD", "events"))  # what lints where nothing is configured
_OF_EVENTS = "It belongs to the pack `events`, which comes with schemactl."
_SCOPES = {
    "events": "It looks at events: messages with a topic, and every `<X>Envelope` with a message as `payload`.",
    "reached": "It looks at files that an event reaches; at all files once the configuration names `events`.",
    "all": "It looks at every file.",
}
_APPROVAL = """approvals:
  - rule: {}
    {}  # or `fingerprint: …`, as `--format json` shows it
    {}  # may be left out
    reason: nobody reads it any more"""
_NO_COMMENTS = "Comments suppress nothing here: `suppress: {comments: false}`."
_FENCE = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)
_BUF_TITLE = re.compile(r"^Checks that |\.$")

_ALONE = {"FILE_NO_DELETE": "acme/users/v1/user.proto", "PACKAGE_NO_DELETE": "acme.users.v1"}  # nothing is around it
_NEAR = 3


class Customs(NamedTuple):
    """What a repository has settled; without it, what is so until somebody says otherwise.

    `comments`: whether any suppress. `of_buf`: what `buf:lint:ignore` does, if anything. `ruled_by`: the buf.yaml that
    says which rules lint, or what breaks.
    """

    comments: bool = True
    of_buf: str = "does the same"
    ruled_by: str = ""


# A rule of ours, one that only Buf has, or one of the engine.
Known = Rule | bufrules.BufRule | Document


_USUAL = Customs()


def explain_text(id: str, packs: Mapping[str, str] | None = None) -> str:
    """The documentation of a rule; UsageError for one that nobody knows."""
    return text(known(id) or among(id, catalogue(packs or {})))


def known(id: str) -> Known | None:
    """A rule that can be found without loading the others: not one of a pack."""
    alone = built_in(id) if id.isidentifier() and not id.startswith("_") else None
    return alone or ENGINE.get(id) or bufrules.table().get(id)


def among(id: str, rules: Mapping[str, Rule]) -> Known:
    """The rule among these and those that need no loading; UsageError, with the nearest, for one that is not there."""
    found = rules.get(id) or known(id)
    if found:
        return found
    ids = (*rules, *ENGINE, *bufrules.table())
    close = nearest(id, ids)
    likely = [close] if close else [each for each in ids if id.upper() in each][:_NEAR]
    meant = f"; did you mean {' or '.join(f'`{each}`' for each in likely)}?" if likely else ""
    raise UsageError(f"there is no rule or category `{id}`{meant}", "`schemactl rules list` shows what there is")


def text(rule: Known, customs: Customs = _USUAL) -> str:
    """All that is true of the rule where these customs are."""
    if isinstance(rule, Rule):
        return joined(_of_rule(rule, customs))
    return joined(_of_engine(rule) if isinstance(rule, Document) else _of_buf(rule, customs))


def title(rule: bufrules.BufRule) -> str:
    """Buf's purpose as a title: `fields have the same names in a given message`."""
    said = _BUF_TITLE.sub("", rule.purpose).replace("are have", "have")
    return said[:1].upper() + said[1:] if not said.startswith("rpcs") else f"RPCs{said[4:]}"


def joined(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


def fenced(code: str, language: str) -> str:
    """Code between fences longer than any of its own."""
    body = code.strip("\n").rstrip()
    fence = "`" * max([3, *(len(each) + 1 for each in _FENCE.findall(code))])
    return f"{fence}{language}\n{body}\n{fence}"


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
        yield from _replacing("lint", rule.id, customs)
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
        yield f"## How to suppress\n\n{_NO_COMMENTS} For whole files and directories:"
    yield fenced(f"lint:\n  ignore_only:\n    {id}: [proto/legacy]", "yaml")
    yield from _replacing("lint", id, customs)


def _replacing(section: str, id: str, customs: Customs) -> Iterator[str]:
    """What to paste does more than it says where Buf's file has the word."""
    if not customs.ruled_by:
        return
    whole = f"a `{section}` section in schemactl.yaml takes the place of the one in {customs.ruled_by} as a whole"
    if id in bufrules.table():
        yield f"Write it in {customs.ruled_by}, which rules here: {whole}."
    else:
        yield f"Mind that {whole}: carry over what is to stay, and name `events` in `use`."


def _fixing(id: str) -> str:
    if id not in FIXABLE:
        return "By hand: each finding says what is right and what to write."
    return (
        "`schemactl lint --fix` does it where that changes nothing else; with `--unsafe-fixes` also where somebody has "
        "to look at it. `--diff` shows what would be written. Each finding says what is right."
    )


def _of_engine(document: Document) -> Iterator[str]:
    yield f"# {document.id}\n\n{document.title}."
    yield f"## Why\n\n{document.why}"
    yield f"## How to fix\n\n{document.help}"
    yield "## Where it comes from\n\nComes from: the engine of schemactl."
    yield f"Severity: {document.severity}."
    yield "## How to configure"
    if not document.settable:
        yield "It is always on, and always of this severity: without it a report would not be true."
        return
    yield "It is on unless schemactl.yaml says otherwise:"
    yield fenced(f"rules:\n  {document.id}: {document.severity}  # error, warning, info or off", "yaml")


def _of_buf(rule: bufrules.BufRule, customs: Customs) -> Iterator[str]:
    yield f"# {rule.id}\n\n{title(rule)}."
    if rule.id in BUF:
        yield f"## Why\n\n{BUF[rule.id][0]}"
    yield from _example(rule.id)
    yield f"## Where it comes from\n\nComes from: Buf ({rule.kind} rule)."
    yield f"Categories: {', '.join(f'`{name}`' for name in rule.categories.get('v2', ())) or 'none'}."
    if rule.deprecated:
        yield f"Deprecated; replaced by: {', '.join(f'`{each}`' for each in rule.replacements) or 'nothing'}."
    elif rule.kind == "lint":
        yield "schemactl does not run it: use `buf lint` for this one."
    else:
        yield from _breaking(rule.id, customs)


def _example(id: str) -> Iterator[str]:
    from schemactl.bufexamples import EXAMPLES

    if id in EXAMPLES:
        yield f"## Wrong\n\n{fenced(EXAMPLES[id], 'diff')}"


def _breaking(id: str, customs: Customs) -> Iterator[str]:
    from schemactl.configfile import profile_rules

    names = [f"`{name}`" for name in _PROFILES if id in profile_rules(name)]
    yield f"It judges changes in the profiles {' and '.join(names)}." if names else "It is in no profile."
    yield "## How to configure\n\nIn schemactl.yaml; this is the default severity:"
    yield fenced(f"rules:\n  {id}:\n    severity: error  # error, warning, info or off", "yaml")
    yield f"`breaking: {{except: [{id}]}}` takes it out of a profile, `ignore_only` there out of directories."
    yield from _replacing("breaking", id, customs)
    yield from _approving(id, customs)
    if id in BUF:
        yield f"## How to fix\n\n{BUF[id][1]}"


def _approving(id: str, customs: Customs) -> Iterator[str]:
    entry = "an entry in `schemactl-approvals.yaml`"
    if id in _ALONE:
        kind = "file, by its path" if id == "FILE_NO_DELETE" else "package"
        yield f"## How to suppress\n\nBy {entry}, for nothing is left that a comment could be on. It names the {kind}:"
    elif customs.comments:
        yield "## How to suppress\n\nBy a comment on the element, or on what is around it when it is gone:"
        yield fenced(f"// schemactl:ignore {id} -- nobody reads it any more", "proto")
        yield f"Or by {entry}, where the element is named as the finding names it:"
    else:
        yield f"## How to suppress\n\n{_NO_COMMENTS} By {entry}, where the element is named as the finding names it:"
    element = f"element: {_ALONE.get(id, 'acme.users.v1.User')}"
    yield fenced(_APPROVAL.format(id, element, f"{'until: 2027-01-31':<{len(element)}}"), "yaml")
