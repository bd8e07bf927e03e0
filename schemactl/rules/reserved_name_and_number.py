"""RESERVED_NAME_AND_NUMBER: what is reserved by number is reserved by name, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl import reserved
from schemactl.element import Element, walk
from schemactl.reserved import Entry
from schemactl.rule import Context, Hit, Rule

_LOOK = "look up in the history of the file"


def check(file: Element, context: Context) -> Iterator[Hit]:
    for owner in walk(file.file, ("message", "enum")):
        if owner.proto.reserved_range or owner.proto.reserved_name:
            yield from _judge(owner, context.params["max_range"])


def _judge(owner: Element, max_range: int) -> Iterator[Hit]:
    numbers, room = reserved.numbers(owner, max_range)
    numbers, names = _unpaired(numbers, reserved.names(owner))
    for number in numbers:
        yield _nameless(owner, number)
    if owner.kind == "enum" and owner.proto.options.allow_alias:
        return  # one number may have had several names
    for name in names[room:]:
        yield _numberless(owner, name)


def _unpaired(numbers: list[Entry], names: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What is left when numbers and names that a comment connects are taken away, then those in the same order."""
    numbered = {entry.value: entry for entry in numbers}
    named = {entry.value: entry for entry in names}
    for number in numbers:
        if number.meant in named:
            del numbered[number.value], named[number.meant]
    for name in list(named.values()):
        if name.meant in numbered and not numbered[name.meant].certain:
            del numbered[name.meant], named[name.value]
    free = [number for number in numbered.values() if not number.certain]
    for number, name in zip(free, list(named.values()), strict=False):
        del numbered[number.value], named[name.value]
    return list(numbered.values()), list(named.values())


def _nameless(owner: Element, number: Entry) -> Hit:
    quote = "" if owner.file.proto.syntax == "editions" else '"'
    line = f"reserved {quote}{number.meant or '<name>'}{quote};"
    help = line if number.meant else f"{_LOOK} what number {number.value} was called: `{line}`"
    message = f"number {number.value} of `{owner.name}` is reserved without its name"
    return Hit(message, help, number.at, number.value, owner)


def _numberless(owner: Element, name: Entry) -> Hit:
    line = f"reserved {name.meant or '<number>'};"
    help = line if name.meant else f"{_LOOK} what number `{name.value}` had: `{line}`"
    message = f"name `{name.value}` of `{owner.name}` is reserved without its number"
    return Hit(message, help, name.at, f'"{name.value}"', owner)


RULE = Rule(
    id="RESERVED_NAME_AND_NUMBER",
    target="file",
    scope="reached",
    categories=("events",),
    check=check,
    params={"max_range": 16},
    title="A reserved number has its name reserved too, and a name its number",
    why=(
        "Binary readers know a field by its number, JSON readers by its name. `reserved 1;` alone lets a later field "
        "take the old name: old records in JSON are then read as the new field, or not at all. Blocks of more than "
        "`max_range` numbers and blocks to `max` are set aside as a whole and need no names."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;

message User {
  reserved 1;  // deprecated field [name]  // error
  reserved 3, 4;
  reserved "nick", "age", "street";  // error
  string email = 2;
}

enum Plan {
  reserved 2;  // error
  PLAN_UNSPECIFIED = 0;
}

message UserEnvelope {
  User payload = 4;
  Plan plan = 16;
}
""",
    good="""\
syntax = "proto3";
package acme.users.v1;
import "google/protobuf/timestamp.proto";
import "shared/event_type.proto";

message User {
  reserved 1;  // deprecated field [name]
  reserved "name";
  reserved 3, 5 to 6;
  reserved "nick", "age", "street";
  reserved 100 to 199, 1000 to max;
  string email = 2;
}

enum Plan {
  reserved -1, 2;
  reserved "PLAN_UNKNOWN", "PLAN_FREE";
  PLAN_UNSPECIFIED = 0;
}

message UserEnvelope {
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  shared.EventType event_type = 3;
  User payload = 4;
  User prev_payload = 5;
  Plan plan = 16;
}
// file: shared/event_type.proto
syntax = "proto3";
package shared;

enum EventType {
  EVENT_TYPE_UNSPECIFIED = 0;
}
""",
)
