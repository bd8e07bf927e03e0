"""ENVELOPE_FIELDS: the five fields every envelope has, each with its number and type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemactl import events
from schemactl.element import Element, Module
from schemactl.names import camel, short
from schemactl.rule import Context, Hit, Rule

_NAME, _NUMBER, _LABEL, _SCALAR, _TYPE, _JSON_NAME = (1,), (3,), (4,), (5,), (6,), (10,)
_KINDS = {events.MESSAGE_TYPE: "message", events.ENUM_TYPE: "enum"}
# Comments, in lines short enough for a terminal: a help of several lines is shown, and pasted, as it stands.
_ANEW = "// make a new envelope, in a new package version, on a new topic"
_PUBLISHED = f"// only while nothing is published; once it is, readers would break:\n{_ANEW}"


@dataclass(frozen=True)
class Wanted:
    """A field of the envelope; `types` are scalars, full names of types, or `message` and `enum` for any."""

    name: str
    number: int
    types: Sequence[str]


class Addition(NamedTuple):
    """A field as it should be declared, its type, and the file that has to be imported for it, if any."""

    line: str
    type: str
    imported: str


@dataclass(frozen=True)
class Standard:
    """The envelope as it should be, and what the module can offer for it."""

    module: Module
    fields: Sequence[Wanted]
    enum: str

    @property
    def names(self) -> set[str]:
        return {field.name for field in self.fields}


def check(module: Module, context: Context) -> Iterator[Hit]:
    standard = _standard(module, context.params)
    for event in events.events(module):
        for field in standard.fields:
            yield from _judge(standard, event, field)


def addition(module: Module, params: Mapping[str, Any], event: Element, wanted: Wanted, was: Any) -> Addition | None:
    """A missing field; None where its type is a guess. `was` is the field as it once was, if ever."""
    standard = _standard(module, params)
    type_name = _type(standard, event, wanted, was)
    carried = {each for field in event.fields if (each := events.carried(event, field.proto))}
    local = f"{event.file.package}.{events.payload_name(event)}".lstrip(".")
    known = {events.type_of(was)} if was is not None else {*carried, local}
    if "<" in type_name or ((was is not None or "message" in wanted.types) and type_name not in known):
        return None
    line, _, more = _line(standard, event, wanted, was).partition("\n")
    return Addition(line, type_name, more.removeprefix('import "').removesuffix('";'))


def _standard(module: Module, params: Mapping[str, Any]) -> Standard:
    name, segment = params["name"], params["segment"]
    enum = events.shared_enum(module, name, segment) or f"<{segment}.{name}>"
    return Standard(module, [Wanted(**field) for field in params["fields"]], enum)


def _judge(standard: Standard, event: Element, wanted: Wanted) -> Iterator[Hit]:
    field = events.field_named(event, wanted.name)
    if field is None and any(oneof.name == wanted.name for oneof in event.proto.oneof_decl):
        return  # ENVELOPE_NO_ONEOF_PAYLOAD says it
    if field is None:
        field = _in_its_place(event, wanted, standard.names)
    if field is None:
        line = _line(standard, event, wanted, None)
        message = f"`{event.name}` lacks field {wanted.number}: `{line.partition(chr(10))[0]}`"
        yield Hit(message, "\n".join([line, *_obstacles(event, wanted)]), key=wanted.name, element=event)
        return
    flaws = list(_flaws(event, field.proto, wanted))
    if flaws:
        at = flaws[0][0] if len(flaws) == 1 else _NAME
        message = f"field `{field.name}` of `{event.name}` should {_listed([flaw for _, flaw in flaws])}"
        moved = field.proto.number != wanted.number
        obstacles = _obstacles(event, wanted) if moved else ()
        line = _line(standard, event, wanted, field.proto)
        yield Hit(message, "\n".join([line, *obstacles, _PUBLISHED]), at, wanted.name, field)


def _listed(flaws: list[str]) -> str:
    return " and ".join(part for part in (", ".join(flaws[:-1]), flaws[-1]) if part)


def _in_its_place(event: Element, wanted: Wanted, names: set[str]) -> Element | None:
    """The field that has the number: probably the one that was meant, under another name."""
    holders = (field for field in event.fields if field.proto.number == wanted.number and field.name not in names)
    return next((field for field in holders if not events.is_payload_member(event, field.proto)), None)


def _flaws(event: Element, field: Any, wanted: Wanted) -> Iterator[tuple[tuple[int, ...], str]]:
    if field.name != wanted.name:
        yield _NAME, f"be called `{wanted.name}`"
    if field.json_name and field.json_name != camel(field.name):
        yield _JSON_NAME, f"be `{camel(wanted.name)}` in JSON, not `{field.json_name}`"
    if field.number != wanted.number:
        yield _NUMBER, f"have number {wanted.number}, not {field.number}"
    if events.map_entry(event, field):
        yield _TYPE, f"be {_described(wanted.types).replace('a message', 'one message')}, not a map"
        return
    if field.label == events.REPEATED:
        yield _LABEL, "be singular"
    if not _fits(field, wanted.types):
        where = _TYPE if field.type_name else _SCALAR
        yield where, f"be {_described(wanted.types)}, not `{short(events.type_of(field))}`"


def _fits(field: Any, types: Iterable[str]) -> bool:
    return bool({_KINDS.get(field.type), events.type_of(field)} & set(types))


def _described(types: Iterable[str]) -> str:
    return " or ".join({"message": "a message", "enum": "an enum"}.get(name, f"`{name}`") for name in types)


def _obstacles(event: Element, wanted: Wanted) -> Iterator[str]:
    """What in the envelope keeps the line from compiling."""
    number, name = wanted.number, wanted.name
    if any(block.start <= number < block.end for block in event.proto.reserved_range):
        yield _reserved(f"number {number}")
    if name in event.proto.reserved_name:
        yield _reserved(f"`{name}`")
    holders = [field.name for field in event.fields if field.proto.number == number]
    yield from (f"// number {number} is `{holder}`'s, which has to go first" for holder in holders if holder != name)


def _reserved(what: str) -> str:
    return f"// {what} is reserved: if no field ever had it, free it; else\n{_ANEW}"


def _line(standard: Standard, event: Element, wanted: Wanted, field: Any) -> str:
    """The declaration as it should stand in the file, and the import it needs."""
    type_name = _type(standard, event, wanted, field)
    optional = field is not None and field.proto3_optional
    return events.declaration(standard.module, event.file, type_name, f"{wanted.name} = {wanted.number}", optional)


def _type(standard: Standard, event: Element, wanted: Wanted, field: Any) -> str:
    if "message" in wanted.types:
        return _payload(standard.module, event)
    if field is not None and _fits(field, wanted.types):
        return events.type_of(field)
    return standard.enum if "enum" in wanted.types else wanted.types[0]


def _payload(module: Module, event: Element) -> str:
    """The message the envelope is named after, else the one it carries; in `<>` what there is not."""
    pairs = [field.proto for name in ("payload", "prev_payload") if (field := events.field_named(event, name))]
    types = [carried for field in pairs if (carried := events.carried(event, field))]
    wanted = events.payload_name(event)
    local = f"{event.file.package}.{wanted}".lstrip(".")
    known = [name for name, element in module.types.items() if element.kind == "message" and short(name) == wanted]
    named = [name for name in types if short(name) == wanted]
    offered = (*named, *(name for name in known if name == local), *types, *sorted(known))
    return next(iter(offered), f"<{wanted or 'Payload'}>")


_PARAMS: Mapping[str, Any] = {
    "fields": [
        {"name": "event_uuid", "number": 1, "types": ["string"]},
        {"name": "occurred_at", "number": 2, "types": ["google.protobuf.Timestamp", "int64"]},
        {"name": "event_type", "number": 3, "types": ["enum"]},
        {"name": "payload", "number": 4, "types": ["message"]},
        {"name": "prev_payload", "number": 5, "types": ["message"]},
    ],
    # The enum to propose for `event_type`.
    "name": "EventType",
    "segment": "shared",
}

RULE = Rule(
    id="ENVELOPE_FIELDS",
    target="module",
    scope="events",
    categories=("events",),
    module_check=check,
    params=_PARAMS,
    title="Every envelope has the five standard fields",
    why=(
        "Tools that know nothing of a topic (replay, deduplication, tracing, change capture) read the envelope alone. "
        "They find what they need under the same names in JSON, and under the same numbers in binary, or not at all."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;

message User {
  string id = 1;
}

message UserEnvelope {  // error
  string uuid = 1;  // error
  string occurred_at = 2;  // error
  User payload = 5;  // error
  repeated User prev_payload = 4;  // error
}
""",
    good="""\
syntax = "proto3";
package users;
import "shared/event_type.proto";

message User {
  string id = 1;
}

message UserEnvelope {
  string event_uuid = 1;
  int64 occurred_at = 2;
  shared.EventType event_type = 3;
  User payload = 4;
  User prev_payload = 5;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
