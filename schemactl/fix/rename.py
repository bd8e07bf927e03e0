"""Renames an element wherever the module writes its name, or not at all."""

from __future__ import annotations

from schemactl.element import Element
from schemactl.fix.edit import Edit, Fix
from schemactl.fix.view import View
from schemactl.names import is_identifier

_COMPILERS = "google.protobuf."  # protoc knows what is in there by its name


def rename(view: View, element: Element, new: str) -> Fix | None:
    """None where the new name is taken, or where what stands for the old one is not certain."""
    old, full_name = element.name, element.full_name
    scope = full_name.removesuffix(old)
    renamed = f"{scope}{new}"
    if new == old or not is_identifier(new) or full_name.startswith(_COMPILERS) or _taken(view, element, renamed):
        return None
    edits, touched = list[Edit](), set[str]()
    for name in view.writing(old, element.file):
        mentions = view.mentions(name)
        if old in mentions.doubtful or (mentions.of(full_name) and name not in view.sources.files):
            return None
        edits += [Edit(name, each.start, each.end, new.encode()) for each in mentions.of(full_name)]
        touched |= {each.holder for each in mentions.of(full_name) if each.holder}
    if any(view.text(edit.name)[edit.start : edit.end] != old.encode() for edit in edits):
        return None
    safe = _is_new(view, element, renamed) and old not in view.outside
    return Fix(f"rename `{old}` to `{new}`", tuple(edits), safe, {full_name: new}, frozenset(touched))


def _is_new(view: View, element: Element, renamed: str) -> bool:
    """Whether nobody can know the element: what has its number in the base is the same to most readers."""
    base = view.base
    if base is None or element.name in base.outside or base.names & {element.full_name, renamed}:
        return False
    was = base.types.get(element.parent.full_name) if element.parent else None
    members = [*was.proto.value] if was and was.kind == "enum" else [*was.proto.field] if was else []
    return element.kind not in ("field", "enum_value") or all(m.number != element.proto.number for m in members)


def _taken(view: View, element: Element, renamed: str) -> bool:
    scope, _, name = renamed.rpartition(".")
    around = scope.rpartition(".")[0] if element.kind == "enum_value" else scope
    return renamed in view.elements(element.file) or f"{around}.{name}".lstrip(".") in view.index.names
