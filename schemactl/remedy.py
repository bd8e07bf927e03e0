"""What to do about a breaking change: the exact lines to paste where there are any."""

from __future__ import annotations

from schemactl.element import Element

_KEEP = {
    "FIELD_SAME_NAME": "keep the old name: JSON carries it. To rename, add a new field and retire this one",
    "FIELD_SAME_JSON_NAME": "keep the JSON name: it is what readers look for",
    "ENUM_VALUE_SAME_NAME": "keep the old name first and add the new one behind it with `option allow_alias = true`",
    "PACKAGE_NO_DELETE": "bring the package back, or announce its end and let its readers move first",
    "FILE_NO_DELETE": "bring the file back: generated code imports it by its path",
}
_BY_WORD = (
    ("RESERVED_", "keep the reservation: it stops the name or number from coming back with another meaning"),
    ("_SAME_ONEOF", "leave the field where it was and add a new one: a oneof drops all but one of its members"),
    ("_TYPE", "keep the type, and add a field with a new number and name for the new one"),
    ("_CARDINALITY", "keep the field as it was, and add a field with a new number and name"),
    ("_DELETE", "bring it back, mark it `deprecated = true`, and remove it when nothing reads or writes it any more"),
    ("REQUIRED", "a required field can neither come nor go: readers and writers of the other side reject the message"),
)

_OTHERWISE = "undo the change, or make it under a new name beside the old one"


def remedy(rule: str, element: Element | None, was: Element | None) -> str | None:
    if rule.startswith(("FIELD_NO_DELETE", "ENUM_VALUE_NO_DELETE")) and element and was:
        return _reserve(element, was)
    return _KEEP.get(rule) or next((text for word, text in _BY_WORD if word in rule), _OTHERWISE)


def _reserve(owner: Element, was: Element) -> str | None:
    """The missing `reserved` lines for a deleted field or enum value."""
    number, name = was.proto.number, was.proto.name
    lines = []
    inclusive = owner.kind == "enum"
    if not any(r.start <= number < r.end + inclusive for r in owner.proto.reserved_range):
        lines.append(f"reserved {number};")
    if name not in owner.proto.reserved_name:
        quoted = name if owner.file.proto.syntax == "editions" else f'"{name}"'
        lines.append(f"reserved {quoted};")
    if not lines:
        return None
    return f"bring it back, or paste into {owner.kind} `{owner.name}`:\n" + "\n".join(lines)
