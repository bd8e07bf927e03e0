"""What to do about a breaking change: the exact lines to paste where there are any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemactl.element import Element

_KEEP = {
    "FIELD_SAME_NAME": "keep the old name: JSON carries it. To rename, add a new field and retire this one",
    "FIELD_SAME_JSON_NAME": "keep the JSON name: it is what readers look for",
    "FIELD_SAME_DEFAULT": "keep the default: it is what readers see where the field is not set",
    "ENUM_VALUE_SAME_NAME": "keep the old name first and add the new one behind it with `option allow_alias = true`",
    "ENUM_SAME_TYPE": "keep the enum as it was: open and closed enums treat unknown numbers differently",
    "ONEOF_NO_DELETE": "keep the oneof, with its fields in it: generated code names it",
    "EXTENSION_MESSAGE_NO_DELETE": "keep the whole range: there may be extensions with numbers in it",
    "PACKAGE_NO_DELETE": "bring the package back, or announce its end and let its readers move first",
    "FILE_NO_DELETE": "bring the file back: generated code imports it by its path",
}
_BY_WORD = (
    ("RESERVED_", "keep the reservation: it stops the name or number from coming back with another meaning"),
    ("FILE_SAME_", "undo the change: generated code moves or changes its shape with it"),
    ("RPC_SAME_", "keep the method as it was, and add a new one beside it"),
    ("_SAME_ONEOF", "leave the field where it was and add a new one: a oneof drops all but one of its members"),
    ("_TYPE", "keep the type, and add a field with a new number and name for the new one"),
    ("_CARDINALITY", "keep the field as it was, and add a field with a new number and name"),
    ("_DELETE", "bring it back, mark it `deprecated = true`, and remove it when nothing reads or writes it any more"),
    ("REQUIRED", "a required field can neither come nor go: readers and writers of the other side reject the message"),
)

_OTHERWISE = "undo the change, or make it under a new name beside the old one"


def remedy(rule: str, element: Element | None, was: Element | None) -> str | None:
    """`element` is the thing as it is now; of a deleted field or enum value, what it was deleted from."""
    if rule.startswith(("FIELD_NO_DELETE", "ENUM_VALUE_NO_DELETE")) and element and was:
        return _reserve(rule, element, was)
    return _KEEP.get(rule) or next((text for word, text in _BY_WORD if word in rule), _OTHERWISE)


def _reserve(rule: str, owner: Element, was: Element) -> str:
    """The missing `reserved` lines for a deleted field or enum value."""
    back = "bring it back" if rule.endswith("_RESERVED") else "bring it back: generated code of its readers names it"
    renumbered = next((each for each in _members(owner) if each.name == was.proto.name), None)
    if renumbered is not None:
        return f"give `{was.proto.name}` its number back: {was.proto.number} instead of {renumbered.number}"
    lines = _lines(owner, was)
    if not lines:
        return back
    return f"{back}; or, to delete it, paste into {owner.kind} `{owner.name}`:\n" + "\n".join(lines)


def _members(owner: Element) -> Iterable[Any]:
    return owner.proto.value if owner.kind == "enum" else owner.proto.field  # type: ignore[no-any-return]


def _lines(owner: Element, was: Element) -> list[str]:
    number, name = was.proto.number, was.proto.name
    inclusive = owner.kind == "enum"
    lines = []
    if not any(r.start <= number < r.end + inclusive for r in owner.proto.reserved_range):
        lines.append(f"reserved {number};")
    if name not in owner.proto.reserved_name:
        quoted = name if owner.file.proto.syntax == "editions" else f'"{name}"'
        lines.append(f"reserved {quoted};")
    return lines
