"""Traces Buf's annotations back to the elements they are about, in the new revision and in the old one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache, cached_property
from typing import NamedTuple

from msgspec.structs import replace

from schemactl.buf import Annotation
from schemactl.element import MESSAGE_FIELD, Element, children, walk
from schemactl.file import File
from schemactl.finding import Against, Finding, Location, fingerprint, ordered
from schemactl.image import Image
from schemactl.remedy import remedy
from schemactl.said import FILE_GONE, PACKAGE_GONE, Said, read, without_links
from schemactl.stood import Place, place, reservation

Span = tuple[int, ...]


class Subject(NamedTuple):
    """What an annotation is about: the thing now (None if it is gone), what holds it now, and the thing then."""

    now: Element | None = None
    holder: Element | None = None
    was: Element | None = None


class Trace:
    """Findings of one comparison; `revision` is how a person calls the old side, `compared` are its files in play."""

    def __init__(self, new: Image, old: Image, revision: str, compared: Collection[str]) -> None:
        self._new = new
        self._old = old
        self._revision = revision
        self._compared = sorted(compared)
        self._file = cache(new.file)
        self._old_file = cache(old.file)
        self._index = cache(_spans)

    def findings(self, annotations: Iterable[Annotation]) -> list[Finding]:
        return linked(ordered(self._finding(each) for each in annotations if not self._is_map_entry(each)))

    def _finding(self, annotation: Annotation) -> Finding:
        file = self._file(annotation.path) if annotation.path in self._new.descriptors else None
        said = read(annotation.message)
        subject = self._subject(annotation, said, file)
        message = without_links(annotation.message)
        against = self._against(subject, said, annotation)
        about = subject.now or subject.was
        gone = PACKAGE_GONE.match(annotation.message)
        name = about.full_name if about else gone["name"] if gone else None
        changed = [annotation.path or "", _about(subject.was or about) or message, (said and said.reserved) or ""]
        where = "" if name else self._whereabouts(file, against)
        return Finding(
            annotation.type,
            "error",
            "buf",
            message,
            _place(file, annotation) if file else None,
            name,
            remedy(annotation.type, subject.now or subject.holder, subject.was),
            against,
            change="\0".join(changed),
            fingerprint=fingerprint(annotation.type, name, f"{where}\0{message}"),
        )

    def _whereabouts(self, file: File | None, against: Against | None) -> str:
        """What identifies a file wherever it stands: its package and base name."""
        path = file.path if file else against.path if against else ""
        return f"{file.package if file else ''}:{path.rpartition('/')[2]}"

    def _subject(self, annotation: Annotation, said: Said | None, file: File | None) -> Subject:
        if said is None:
            return Subject()
        if said.kind == "file":
            return Subject(was=self._deleted(annotation, said))
        here = self._at(file, said.kind, annotation) if file else None
        before = self._counterpart(here) if here else None
        if not said.inner:
            return Subject(here, here, before)
        now, was = (_child(owner, said) if owner else None for owner in (here, before))
        return Subject(now, here, was if was or not now else before)

    def _at(self, file: File, kind: str, annotation: Annotation) -> Element | None:
        """The innermost element of the kind around the annotation's place (protoc's columns on both sides)."""
        where = (annotation.start_line - 1, annotation.start_column - 1)
        around = (element for span, element in self._index(file, kind) if _covers(span, where))
        return next(around, None)

    def _counterpart(self, element: Element) -> Element | None:
        """The same thing in the old revision: fields and enum values by number, everything else by name."""
        if element.kind in ("message", "enum", "service"):
            return self._old_elements.get(element.full_name)
        extension = element.kind == "field" and element.path[-2] != MESSAGE_FIELD
        before = self._counterpart(element.parent) if element.parent and not extension else None
        if before is None:
            return self._old_elements.get(element.full_name)
        number = str(element.proto.number) if element.kind in ("field", "enum_value") else None
        return _child(before, Said("", element.kind, number, element.name))

    def _is_map_entry(self, annotation: Annotation) -> bool:
        """Whether it tells of the message behind a map that is gone: nobody wrote it, the field tells what breaks."""
        said = read(annotation.message)
        if said is None or not (said.kind == "file" and said.name and "." in said.name):
            return False
        outer, _, name = said.name.rpartition(".")
        owner = self._deleted(annotation, said._replace(name=outer))
        nested = owner.proto.nested_type if owner and owner.kind == "message" else ()
        return any(each.name == name and each.options.map_entry for each in nested)

    def _deleted(self, annotation: Annotation, said: Said) -> Element | None:
        package = said.package
        if package is None and annotation.path in self._old.descriptors:
            package = self._old_file(annotation.path).package
        return self._old_elements.get(f"{package}.{said.name}" if package else said.name or "")

    @cached_property
    def _old_elements(self) -> dict[str, Element]:
        """Of the files in play: what may be deleted by itself."""
        files = [self._old_file(name) for name in self._compared if name in self._old.descriptors]
        return {e.full_name: e for file in files for e in walk(file, ("message", "enum", "service", "field"))}

    def _against(self, subject: Subject, said: Said | None, annotation: Annotation) -> Against | None:
        found = self._stood(subject.was, said, annotation)
        return Against(self._revision, *found) if found else None

    def _stood(self, was: Element | None, said: Said | None, annotation: Annotation) -> Place | None:
        if was is not None:
            return reservation(was, said) or place(was.file, was)
        if (gone := FILE_GONE.match(annotation.message)) and gone["name"] in self._old.descriptors:
            return self._old_file(gone["name"]).path, None, None
        if gone := PACKAGE_GONE.match(annotation.message):
            files = (self._old_file(name) for name in self._compared if name in self._old.descriptors)
            return next((place(file) for file in files if file.package == gone["name"]), None)
        if annotation.path in self._old.descriptors:
            return place(self._old_file(annotation.path), option=said.option if said else None)
        return None


def _place(file: File, annotation: Annotation) -> Location:
    return Location(
        file.path,
        annotation.start_line,
        file.column(annotation.start_line - 1, annotation.start_column - 1),
        annotation.end_line,
        file.column(annotation.end_line - 1, annotation.end_column - 1),
    )


def _spans(file: File, kind: str) -> list[tuple[Span, Element]]:
    """Elements with their spans, the last to start first: of those around a place that is the innermost."""
    found = [(span, element) for element in walk(file, (kind,)) if (span := file.span(element.path)) is not None]
    return sorted(found, key=lambda pair: pair[0][:2], reverse=True)


def _covers(span: Span, where: tuple[int, int]) -> bool:
    start, end = (span[0], span[1]), (span[-2] if len(span) == 4 else span[0], span[-1])
    return start <= where < end or start == where


def _child(owner: Element, said: Said) -> Element | None:
    """The field, value, method or oneof that is meant: by its number, where it has one."""
    mine = [child for child in (owner.fields if said.inner == "field" else children(owner)) if child.kind == said.inner]
    if said.number is not None:
        alike = [child for child in mine if str(child.proto.number) == said.number]
        return next((child for child in alike if child.name == said.name), alike[0] if alike else None)
    return next((child for child in mine if child.name == said.name), None)


def _about(element: Element | None) -> str:
    return f"{element.kind}\0{element.full_name}" if element else ""


def linked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings about one thing share a `change`: c1, c2, … in report order."""
    numbers: dict[str | None, str] = {}
    marked = []
    for finding in findings:
        number = numbers.setdefault(finding.change, f"c{len(numbers) + 1}")
        marked.append(replace(finding, change=number))
    return marked
