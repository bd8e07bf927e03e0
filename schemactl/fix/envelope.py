"""Fixes for envelopes: the standard fields that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from schemactl import references
from schemactl.element import FILE_IMPORT, Element
from schemactl.file import File
from schemactl.finding import Finding, fingerprint
from schemactl.fix import importing, inserting
from schemactl.fix.edit import Edit, Fix, Fixer
from schemactl.fix.view import View
from schemactl.rules import envelope_fields
from schemactl.rules.envelope_fields import Wanted


def missing(finding: Finding, view: View) -> Fix | None:
    """Safe: readers leave out fields that they do not know.

    Only with the standard number: under any other the finding stays.
    """
    event, params = view.element(finding), view.params(finding)
    if event is None or event.kind != "message":
        return None
    fields = [Wanted(**field) for field in params["fields"]]
    wanted = next((each for each in fields if _is_about(finding, event, each)), None)
    if wanted is None or not _is_free(event, wanted):
        return None
    before = _before(view, event, wanted)
    if before and (before[0].name, before[0].number) != (wanted.name, wanted.number):
        return None
    new = envelope_fields.addition(view.module, params, event, wanted, before[0] if before else None)
    edit = _inserted(view, event, wanted, new.line) if new else None
    if new is None or edit is None:
        return None
    needed = importing.add(view, event.file, new.imported) if new.imported else _held(view, event.file, new.type)
    if new.imported and needed is None:
        return None
    touches = frozenset({f"{event.full_name}.{wanted.name}"})
    return Fix(f"add `{new.line}`", (edit, *([needed] if needed else [])), True, touches=touches)


def _held(view: View, file: File, type_name: str) -> Edit | None:
    """The import of the type as it is, where nothing needs it yet: not to be deleted at the same time."""
    holder, imports = view.module.types.get(type_name), list(file.proto.dependency)
    if holder is None or holder.file.name not in imports:
        return None
    declared = set(references.declared(holder.file))
    if any(not declared.isdisjoint(accumulate(name.split("."), "{}.{}".format)) for name in references.of(file)):
        return None
    span = view.span(file, (FILE_IMPORT, imports.index(holder.file.name)))
    return Edit(file.name, *span, view.text(file.name)[slice(*span)]) if span else None


def _is_about(finding: Finding, event: Element, wanted: Wanted) -> bool:
    return finding.fingerprint == fingerprint(finding.rule, event.full_name, wanted.name)


def _is_free(event: Element, wanted: Wanted) -> bool:
    members = [*event.proto.field, *event.proto.oneof_decl]
    if any(each.name == wanted.name or getattr(each, "number", 0) == wanted.number for each in members):
        return False
    blocks = (*event.proto.reserved_range, *event.proto.extension_range)
    inside = any(block.start <= wanted.number < block.end for block in blocks)
    return not inside and wanted.name not in event.proto.reserved_name


def _before(view: View, event: Element, wanted: Wanted) -> list[Any]:
    """The fields that had the number or the name in the base: one that had another of both comes first."""
    was = view.base.types.get(event.full_name) if view.base else None
    found = [
        each for each in (was.proto.field if was else ()) if wanted.number == each.number or wanted.name == each.name
    ]
    return sorted(found, key=lambda each: (each.name, each.number) == (wanted.name, wanted.number))


def _inserted(view: View, event: Element, wanted: Wanted, line: str) -> Edit | None:
    """In the order of the numbers, as far as the other fields are."""
    own = [each for each in event.fields if not each.proto.HasField("oneof_index") or each.proto.proto3_optional]
    above = [each for each in own if each.proto.number < wanted.number]
    if not above:
        return inserting.before(view, event, own[0].path, [line]) if own else inserting.last(view, event, [line])
    nearest = max(above, key=lambda each: int(each.proto.number))
    span = view.span(event.file, nearest.path)
    return inserting.behind(view, event, span[1] - 1, [line]) if span else None


FIXERS: Mapping[str, Fixer] = {"ENVELOPE_FIELDS": missing}
