"""Pages about rules for changes: Buf's, and those of the compatibility verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from schemactl import bufrules, compatrules
from schemactl.bufdocs import BUF
from schemactl.compatdocs import CompatDocument
from schemactl.doctext import NO_COMMENTS, Customs, fenced, replacing

if TYPE_CHECKING:
    from schemactl.configfile import Profile

_PROFILES: tuple[Profile, ...] = ("json", "binary", "source")
_APPROVAL = """approvals:
  - rule: {}
    {}  # or `fingerprint: …`, as `--format json` shows it
    {}  # may be left out
    reason: {}"""

_BUF_TITLE = re.compile(r"^Checks that |\.$")
_ALONE = ("FILE_NO_DELETE", "PACKAGE_NO_DELETE")  # nothing is around it

# What a finding of the rule names, and why it may pass; by how ids start, the longest that fits.
_MAIL, _LIMIT, _STATUS = "acme.users.v1.User.mail", "acme.users.v1.User.limit", "acme.users.v1.Status"
_METHOD = "acme.users.v1.OrderService.Place"
_ELEMENTS: Mapping[str, str] = {
    "": "acme.users.v1.User",
    "ANY_TYPE_": "acme.users.v1.Address",
    "ENUM_": _STATUS,
    "ENUM_ALIAS_": f"{_STATUS}.STATUS_LOCKED",
    "ENUM_VALUE_": f"{_STATUS}.STATUS_BLOCKED",
    "ENUM_VALUE_RENAMED": f"{_STATUS}.STATUS_LOCKED",
    "EXTENSION_NO": "acme.users.v1.mail",
    "FIELD_": _MAIL,
    "FIELD_DEFAULT_": _LIMIT,
    "FIELD_FORMAT_": "acme.users.v1.User.owner",
    "FIELD_PRESENCE_": _LIMIT,
    "FIELD_RENAMED": "acme.users.v1.User.email",
    "FIELD_TYPE_": _LIMIT,
    "FIELD_UNIT_": "acme.users.v1.User.created_at",
    "FILE_": "acme/users/v1/user.proto",
    "JSON_NAME_": _MAIL,
    "MESSAGE_SAME_REQUIRED_": _MAIL,
    "NUMBER_": "acme.users.v1.User.phone",
    "ONEOF_": "acme.users.v1.User.contact",
    "OPTIONAL_": _LIMIT,
    "PACKAGE_ENUM_": _STATUS,
    "PACKAGE_EXTENSION_": "acme.users.v1.mail",
    "PACKAGE_NO_DELETE": "acme.users.v1",
    "PACKAGE_SERVICE_": "acme.users.v1.OrderService",
    "REQUIRED_": _MAIL,
    "RESERVED_ENUM_": _STATUS,
    "RPC_": _METHOD,
    "SERVICE_": "acme.users.v1.OrderService",
    "TOPIC_MESSAGE_": "acme.users.v1.Account",
    "TOPIC_SHARED": "acme.users.v1.Account",
}
_REASONS: Mapping[str, str] = {
    "": "nobody reads it any more",
    "ENUM_VALUE_ADDED": "every reader knows it by now",
    "FIELD_ADDED": "every reader knows it by now",
    "FILE_": "nobody imports it any more",
    "PACKAGE_SERVICE_": "nobody calls it any more",
    "REQUIRED_": "every record has it",
    "RPC_": "nobody calls it any more",
    "SERVICE_": "nobody calls it any more",
    "TOPIC_": "those who read the topic have agreed",
}


def title(rule: bufrules.BufRule) -> str:
    """Buf's purpose as a title: `fields have the same names in a given message`."""
    said = _BUF_TITLE.sub("", rule.purpose).replace("are have", "have")
    return said[:1].upper() + said[1:] if not said.startswith("rpcs") else f"RPCs{said[4:]}"


def of_buf(rule: bufrules.BufRule, customs: Customs) -> Iterator[str]:
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


def of_compat(document: CompatDocument, customs: Customs) -> Iterator[str]:
    from schemactl.compatexamples import EXAMPLES

    id, severity = document.id, document.severity
    yield f"# {id}\n\n{document.title}."
    yield f"## Why\n\n{document.why}"
    yield f"## Wrong\n\n{fenced(EXAMPLES[id], 'diff')}"
    yield "## Where it comes from\n\nComes from: the compatibility verdict of schemactl."
    by_effect = severity == compatrules.BY_EFFECT
    graded = _BY_EFFECT if by_effect else f"{severity}, or less where the change harms less"
    yield f"Categories: `{compatrules.CATEGORY}`. Severity: {graded}."
    if by_effect:
        yield "It is reported where Buf reports nothing of the change; else its effects stand at Buf's finding."
    yield "## How to configure\n\nIt is on, whatever the profile. In schemactl.yaml:"
    yield fenced(f"rules:\n  {id}: warning  # error, warning, info or off", "yaml")
    yield f"`breaking: {{except: [{id}]}}` turns it off, too, `ignore_only` there for directories."
    yield from replacing("breaking", id, customs)
    yield from _approving(id, customs)
    yield f"## How to fix\n\n{document.help}"


_BY_EFFECT = (
    "by effect: an error where readers are harmed whose topic or package asks for it, a warning where only some values "
    "harm them, info where no topic, envelope or configured package reaches it"
)


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
    yield from replacing("breaking", id, customs)
    yield from _approving(id, customs)
    if id in BUF:
        yield f"## How to fix\n\n{BUF[id][1]}"


def _sample(of: Mapping[str, str], id: str) -> str:
    return of[max(filter(id.startswith, of), key=len)]


def approving(customs: Customs) -> Iterator[str]:
    """How to approve a break by whatever rule."""
    ids, reason = ("FIELD_SAME_JSON_NAME", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"), _REASONS[""]
    yield "## How to approve a break"
    if customs.comments:
        yield "By a comment on the element, or on what is around it when it is gone, with each rule that is reported:"
        yield fenced(f"// schemactl:ignore {', '.join(ids)} until=2027-01-31 -- {reason}", "proto")
        yield "Or by an entry for each rule in `schemactl-approvals.yaml`, beside schemactl.yaml:"
    else:
        yield f"{NO_COMMENTS} By an entry for each rule in `schemactl-approvals.yaml`, beside schemactl.yaml:"
    element = f"element: {_MAIL}"
    until = f"{'until: 2027-01-31':<{len(element)}}"
    first, *others = (_APPROVAL.format(id, element, until, reason) for id in ids)
    yield fenced("\n".join([first, *(each.removeprefix("approvals:\n") for each in others)]), "yaml")
    gone = "The `element` of a file that is gone is its path, that of a package its name."
    yield f"{gone} `schemactl explain RULE` has both forms for a rule."


def _approving(id: str, customs: Customs) -> Iterator[str]:
    entry, reason = "an entry in `schemactl-approvals.yaml`", _sample(_REASONS, id)
    if id in _ALONE:
        kind = "file, by its path" if id == "FILE_NO_DELETE" else "package"
        yield f"## How to suppress\n\nBy {entry}, for nothing is left that a comment could be on. It names the {kind}:"
    elif customs.comments:
        yield "## How to suppress\n\nBy a comment on the element, or on what is around it when it is gone:"
        yield fenced(f"// schemactl:ignore {id} -- {reason}", "proto")
        yield f"Or by {entry}, where the element is named as the finding names it:"
    else:
        yield f"## How to suppress\n\n{NO_COMMENTS} By {entry}, where the element is named as the finding names it:"
    element = f"element: {_sample(_ELEMENTS, id)}"
    yield fenced(_APPROVAL.format(id, element, f"{'until: 2027-01-31':<{len(element)}}", reason), "yaml")
