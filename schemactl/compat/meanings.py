"""Changes of what a field's values mean, which its type cannot say: unit, format and classification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemactl.compat.shape import Field, Message
from schemactl.compat.topicchange import Telling
from schemactl.file import File
from schemactl.finding import Against, Finding, fingerprint
from schemactl.schema import schema

_FIELD_OPTIONS = 8
_UNIT, _FORMAT, _CLASSIFICATION = 1, 2, 3
_PII = 3  # from here on, a field is treated with care


class _Side(NamedTuple):
    """A field on one side, with the schemactl.v1.Field of its options, which may be empty."""

    field: Field
    said: Any
    file: File


def meanings(old: Message, new: Message, old_file: File, new_file: File, revision: str) -> Iterator[Finding]:
    """Findings on the fields that both have, by number; the files are those that the messages stand in."""
    if not (_says(old) or _says(new)):
        return
    before = {side.field.number: side for side in _sides(old, old_file)}
    for now in _sides(new, new_file):
        was = before.get(now.field.number)
        if was is None or was.said == now.said:
            continue
        for rule, part, telling in (
            ("FIELD_UNIT_CHANGED", _UNIT, _unit(_name(was, "unit"), _name(now, "unit"))),
            ("FIELD_FORMAT_CHANGED", _FORMAT, _format(_name(was, "format"), _name(now, "format"))),
            ("FIELD_CLASSIFICATION_CHANGED", _CLASSIFICATION, _classification(was, now)),
        ):
            if telling:
                yield _finding(rule, part, telling, was, now, revision)


def _says(message: Message) -> bool:
    """Asked of every message there is: most have no options at all."""
    option = schema().field
    return any(each.HasField("options") and each.options.HasExtension(option) for each in message.proto.field)


def _sides(message: Message, file: File) -> Iterator[_Side]:
    option = schema().field
    for field, proto in zip(message.fields, message.proto.field, strict=True):
        yield _Side(field, proto.options.Extensions[option], file)


def _name(side: _Side, property: str) -> str:
    """As it is written less its prefix: `UNIX_MILLIS`; empty where nothing is said."""
    values = side.said.DESCRIPTOR.fields_by_name[property].enum_type.values_by_number
    number = getattr(side.said, property)
    if not number:
        return ""
    return str(values[number].name).removeprefix(f"{property.upper()}_") if number in values else str(number)


def _unit(was: str, now: str) -> Telling | None:
    if was == now:
        return None
    if was and now:
        message = f"is in {now} and was in {was}: whoever reads it by the other unit is off by a factor"
        help = f"keep {was}, and add a field with a new number and name for {now}"
        return Telling("error", message, help, was, now)
    message = f"now says that it is in {now}, and said nothing" if now else f"no longer says that it is in {was}"
    help = f"make sure that it has always been in {now}" if now else f"bring `unit: UNIT_{was}` back"
    return Telling("warning", message, help, was, now)


def _format(was: str, now: str) -> Telling | None:
    if was == now:
        return None
    said = f"was {was}" if was else "said nothing of its format"
    message = f"is {now} and {said}: readers that check it refuse what was written before" if now else ""
    message = message or f"is no longer {was}: readers that rely on it may get anything"
    help = f"make sure that all values are {now}, the old ones too" if now else f"keep {was}, and add another field"
    return Telling("warning", message, help, was, now)


def _classification(was: _Side, now: _Side) -> Telling | None:
    old, new = _name(was, "classification"), _name(now, "classification")
    before, after = was.said.classification, now.said.classification
    if before == after:
        return None
    message = f"is {new or 'not classified'} and was {old or 'not classified'}"
    if before >= _PII and after < before:
        message += ": what is kept and shown by that is treated with less care, records that are there too"
        return Telling("warning", message, "ask those who answer for the data", old, new)
    return Telling("info", message, "treat the records that are there accordingly", old, new)


def _finding(rule: str, part: int, telling: Telling, was: _Side, now: _Side, revision: str) -> Finding:
    path = (_FIELD_OPTIONS, schema().field.number, part)
    name = now.field.full_name
    stood = was.file.location((*was.field.place.path, *path))
    return Finding(
        rule,
        telling.severity,
        "compat",
        f"field `{now.field.name}` {telling.message}",
        now.file.location((*now.field.place.path, *path)),
        name,
        telling.help,
        Against(revision, stood.path, stood.line, stood.column),
        change=name,
        fingerprint=fingerprint(rule, name, f"{telling.was}\0{telling.now}"),
    )
