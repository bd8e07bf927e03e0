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
    numbers, names = unpaired(numbers, reserved.names(owner))
    several = owner.kind == "enum" and owner.proto.options.allow_alias  # one number may have had several names
    free = [number for number in numbers if not number.certain]
    yield from _by_place(owner, [number for number in numbers if number.certain or not names])
    if not free:
        yield from (_numberless(owner, name) for name in ([] if several else names[room:]))
    elif names and (len(free) > len(names) or not (several or len(names) <= len(free) + room)):
        yield _uneven(owner, free, names)


def unpaired(numbers: list[Entry], names: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What is left when numbers and names that a comment connects are taken away."""
    numbered = {entry.value: entry for entry in numbers}
    named = {entry.value: entry for entry in names}
    for number in numbers:
        if number.meant in named:
            del numbered[number.value], named[number.meant]
    for name in list(named.values()):
        if name.meant in numbered and not numbered[name.meant].certain:
            del numbered[name.meant], named[name.value]
    return list(numbered.values()), list(named.values())


def _uneven(owner: Element, numbers: list[Entry], names: list[Entry]) -> Hit:
    """Which number has which name nobody can tell: to accuse one of them would mostly be wrong."""
    missing = len(numbers) - len(names)
    what = _counted(abs(missing), "name" if missing > 0 else "number")
    message = (
        f"`{owner.name}` reserves {_counted(len(numbers), 'number')} ({', '.join(n.value for n in numbers)}) and "
        f"{_counted(len(names), 'name')} (`{'`, `'.join(name.value for name in names)}`): {what} missing"
    )
    line = f"reserved {quoted(owner, '<name>') if missing > 0 else '<number>'};"
    hints = ", ".join(f"{number.value} may be `{number.meant}`" for number in numbers if number.meant)
    hint = f" By the comments {hints}." if hints and missing > 0 else ""
    help = f"{_LOOK} what is missing: `{line}`.{hint} A comment says what belongs together: `reserved 1;  // [name]`"
    return Hit(message, help, numbers[0].at, what, owner)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}"


def _by_place(owner: Element, numbers: list[Entry]) -> Iterator[Hit]:
    """One hit for each number; for several of one range, which stand at one place, one."""
    places: dict[tuple[int, int], list[Entry]] = {}
    for number in numbers:
        places.setdefault(number.at, []).append(number)
    yield from (_nameless(owner, together) for together in places.values())


def _nameless(owner: Element, numbers: list[Entry]) -> Hit:
    values = " and ".join(filter(None, (", ".join(n.value for n in numbers[:-1]), numbers[-1].value)))
    if len(numbers) == 1:
        message = f"number {values} of `{owner.name}` is reserved without its name"
        look = f"{_LOOK} what number {values} was called: "
    else:
        message = f"numbers {values} of `{owner.name}` are reserved without their names"
        look = f"{_LOOK} what numbers {values} were called: "
    line = f"reserved {', '.join(quoted(owner, number.meant or '<name>') for number in numbers)};"
    help = line if all(number.meant for number in numbers) else f"{look}`{line}`"
    return Hit(message, help, numbers[0].at, _range(owner, numbers[0]), owner)


def _range(owner: Element, number: Entry) -> str:
    """A range is one thing, however many of its numbers have got their names."""
    block = owner.proto.reserved_range[number.at[1]]
    last = block.end if owner.kind == "enum" else block.end - 1
    return number.value if last == block.start else f"{block.start} to {last}"


def quoted(owner: Element, name: str) -> str:
    return name if owner.file.proto.syntax == "editions" else f'"{name}"'


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
  reserved 3, 4;  // error
  reserved "nick", "age", "street";
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
