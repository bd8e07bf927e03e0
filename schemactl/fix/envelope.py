"""Fixes for envelopes: the standard fields that are missing."""

from __future__ import annotations

from collections.abc import Mapping

from schemactl.element import Element, Module
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
    if wanted is None or not _is_free(view, event, wanted):
        return None
    module = Module(tuple(map(view.file, sorted(view.sources.files))), tuple(map(view.file, sorted(_imported(view)))))
    line, path = envelope_fields.addition(module, params, event, wanted)
    edit = _inserted(view, event, wanted, line) if line else None
    needed = importing.add(view, event.file, path) if path else None
    if edit is None or (path and needed is None):
        return None
    touches = frozenset({f"{event.full_name}.{wanted.name}"})
    return Fix(f"add `{line}`", (edit, *([needed] if needed else [])), True, touches=touches)


def _is_about(finding: Finding, event: Element, wanted: Wanted) -> bool:
    return finding.fingerprint == fingerprint(finding.rule, event.full_name, wanted.name)


def _imported(view: View) -> set[str]:
    return view.image.descriptors.keys() - view.sources.files.keys()


def _is_free(view: View, event: Element, wanted: Wanted) -> bool:
    """Whether nobody has, or had, that number or name."""
    was = view.base.types.get(event.full_name) if view.base else None
    members = [*event.proto.field, *event.proto.oneof_decl, *(was.proto.field if was else ())]
    if any(each.name == wanted.name or getattr(each, "number", 0) == wanted.number for each in members):
        return False
    blocks = (*event.proto.reserved_range, *event.proto.extension_range)
    inside = any(block.start <= wanted.number < block.end for block in blocks)
    return not inside and wanted.name not in event.proto.reserved_name


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
