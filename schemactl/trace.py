"""Traces Buf's annotations back to the elements they are about, in the new revision and in the old one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property

from msgspec.structs import replace

from schemactl.buf import Annotation
from schemactl.element import Element, Module, children, walk
from schemactl.finding import Against, Finding, Location, fingerprint, ordered
from schemactl.image import File, Image
from schemactl.remedy import remedy

# How Buf's messages begin or name things; the numbers and names in them are the only link to the element.
_SUBJECTS = (
    (re.compile(r'Previously present field "(?P<number>-?\d+)"'), "message", "field"),
    (re.compile(r'Previously present enum value "(?P<number>-?\d+)"'), "enum", "enum_value"),
    (re.compile(r'Previously present RPC "(?P<name>[^"]+)" on service'), "service", "method"),
    (re.compile(r'Previously present oneof "(?P<name>[^"]+)" on message'), "message", "oneof"),
    (re.compile(r'Previously present (?P<kind>message|enum|service|extension) "(?P<name>[^"]+)" was'), "file", ""),
    (re.compile(r'Previously present (?:reserved|extension) .* on (?P<kind>message|enum) "'), "", ""),
    (re.compile(r'Field "(?P<number>\d+)"'), "field", ""),
    (re.compile(r'Enum value "'), "enum_value", ""),
    (re.compile(r'RPC "'), "method", ""),
    (re.compile(r'Message "'), "message", ""),
    (re.compile(r'Enum "'), "enum", ""),
)
_FILE_GONE = re.compile(r'Previously present file "(?P<name>[^"]+)" was deleted')
_PACKAGE_GONE = re.compile(r'Previously present package "(?P<name>[^"]+)" was deleted')
_SEE = re.compile(r" See https?://\S+(?: for [^.]*(?:and https?://\S+ for [^.]*)?)?\.?$")


class Trace:
    """Findings of one comparison; `revision` is how a person calls the old side."""

    def __init__(self, new: Image, old: Image, revision: str) -> None:
        self._new = new
        self._old = old
        self._revision = revision
        self._file = cache(new.file)
        self._old_file = cache(old.file)

    def findings(self, annotations: Iterable[Annotation]) -> list[Finding]:
        found = ordered(self._finding(annotation) for annotation in annotations)
        return _linked(found)

    def _finding(self, annotation: Annotation) -> Finding:
        file = self._file(annotation.path) if annotation.path in self._new.descriptors else None
        element, was = self._elements(annotation, file)
        message = _SEE.sub("", annotation.message)
        gone = was and (element is None or message.startswith("Previously present"))
        name = was.full_name if was and gone else element.full_name if element else None
        about = f"{annotation.path or ''}\0{was.kind if was else ''}\0{was.full_name if was else message}"
        return Finding(
            annotation.type,
            "error",
            "buf",
            message,
            _place(file, annotation) if file else None,
            name,
            remedy(annotation.type, element, was),
            self._stood(was, annotation.path or "", message),
            change=about,
            fingerprint=fingerprint(annotation.type, name or annotation.path, f"{annotation.path}\0{message}"),
        )

    def _elements(self, annotation: Annotation, file: File | None) -> tuple[Element | None, Element | None]:
        """The element in the new revision (of a deleted one: what held it) and the one in the old revision."""
        for pattern, kind, inner in _SUBJECTS:
            if (found := pattern.match(annotation.message)) is None:
                continue
            said = found.groupdict()
            if kind == "file":
                return None, self._deleted(annotation, said["kind"], said["name"])
            element = _at(file, kind or said["kind"], annotation) if file else None
            before = self._counterpart(element) if element else None
            return element, _child(before, inner, said) if inner and before else before
        return None, None

    def _counterpart(self, element: Element) -> Element | None:
        """The same thing in the old revision: fields and enum values by number, everything else by name."""
        if element.kind in ("message", "enum", "service"):
            return self._old_elements.get(element.full_name)
        before = self._counterpart(element.parent) if element.parent and element.parent.kind != "file" else None
        if before is None:
            return self._old_elements.get(element.full_name)
        number = element.kind in ("field", "enum_value")
        return _child(before, element.kind, {"number": str(element.proto.number)} if number else {"name": element.name})

    def _deleted(self, annotation: Annotation, kind: str, name: str) -> Element | None:
        package = ""
        if annotation.path in self._old.descriptors:
            package = self._old_file(annotation.path).package
        if found := re.search(r'from package "([^"]*)"', annotation.message):
            package = found[1]
        return self._old_elements.get(f"{package}.{name}" if package else name)

    @cached_property
    def _old_elements(self) -> dict[str, Element]:
        files = [self._old_file(name) for name in self._old.descriptors]
        kinds = ("message", "enum", "service", "field")
        return {e.full_name: e for file in files for e in walk(file, kinds)} | Module(tuple(files)).types

    def _stood(self, was: Element | None, path: str, message: str) -> Against | None:
        if was is not None:
            step = (1,) if was.kind in ("message", "enum", "service") else ()
            place = was.file.location((*was.path, *step))
            return Against(self._revision, place.path, place.line, place.column)
        if (gone := _FILE_GONE.match(message)) and gone["name"] in self._old.descriptors:
            return Against(self._revision, self._old_file(gone["name"]).path)
        if gone := _PACKAGE_GONE.match(message):
            files = (self._old_file(name) for name in self._old.targets)
            return next((self._declared(file) for file in files if file.package == gone["name"]), None)
        return self._declared(self._old_file(path)) if path in self._old.descriptors else None

    def _declared(self, file: File) -> Against:
        place = file.location((2,))
        return Against(self._revision, place.path, place.line, place.column)


def _place(file: File, annotation: Annotation) -> Location:
    return Location(
        file.path,
        annotation.start_line,
        file.column(annotation.start_line - 1, annotation.start_column - 1),
        annotation.end_line,
        file.column(annotation.end_line - 1, annotation.end_column - 1),
    )


def _at(file: File, kind: str, annotation: Annotation) -> Element | None:
    """The innermost element of the kind around the annotation's place (protoc's columns on both sides)."""
    where = (annotation.start_line - 1, annotation.start_column - 1)
    around = [
        (span[:2], element)
        for element in walk(file, (kind,))
        if (span := file.span(element.path)) is not None and _covers(span, where)
    ]
    return max(around, key=lambda pair: pair[0], default=(None, None))[1]


def _covers(span: tuple[int, ...], where: tuple[int, int]) -> bool:
    start, end = (span[0], span[1]), (span[-2] if len(span) == 4 else span[0], span[-1])
    return start <= where < end or start == where


def _child(owner: Element, kind: str, said: dict[str, str]) -> Element | None:
    mine = [child for child in (owner.fields if kind == "field" else children(owner)) if child.kind == kind]
    if "number" in said:
        return next((child for child in mine if str(child.proto.number) == said["number"]), None)
    return next((child for child in mine if child.name == said["name"]), None)


def _linked(findings: list[Finding]) -> list[Finding]:
    """Findings about one thing share a `change`: c1, c2, … in report order."""
    numbers: dict[str | None, str] = {}
    for finding in findings:
        numbers.setdefault(finding.change, f"c{len(numbers) + 1}")
    return [replace(finding, change=numbers[finding.change]) for finding in findings]
