"""Fixes for what is reserved by half, or not at all: the base knows the name of a number, and what was deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemactl import events, reserved
from schemactl.element import NAME, Element, walk
from schemactl.finding import Finding, Location, fingerprint
from schemactl.fix import inserting
from schemactl.fix.edit import Edit, Fix, Fixer
from schemactl.fix.view import View
from schemactl.reserved import Entry
from schemactl.rules.reserved_name_and_number import quoted, unpaired

_DELETED = {
    "message": "FIELD_NO_DELETE_UNLESS_{}_RESERVED",
    "enum": "ENUM_VALUE_NO_DELETE_UNLESS_{}_RESERVED",
}


def pair(finding: Finding, view: View) -> Fix | None:
    """The other half of what is reserved, as far as the base or a comment tells it for certain."""
    owner = view.element(finding)
    if owner is None or finding.location is None or owner.kind not in _DELETED:
        return None
    numbers, _ = reserved.numbers(owner, view.params(finding)["max_range"])
    numbers, names = unpaired(numbers, reserved.names(owner))
    statements = list(_missing(owner, _members(_before(view, owner)), numbers, names, finding.location))
    edit = _inserted(view, owner, statements) if statements else None
    title = f"reserve {_listed(statements)} too"
    return Fix(title, (edit,), True, touches=frozenset({owner.full_name})) if edit else None


def _missing(
    owner: Element, before: Mapping[int, list[str]], numbers: list[Entry], names: list[Entry], at: Location
) -> Iterator[str]:
    live = {member.name for member in _of(owner)}
    taken = live | {*owner.proto.reserved_name}

    def called(number: Entry) -> list[str]:
        known = before.get(int(number.value), []) or ([number.meant] if number.certain else [])
        return [name for name in known if name not in taken]

    def numbered(name: Entry) -> list[int]:
        found = [number for number, known in before.items() if name.value in known]
        return [n for n in found if _is_free(owner, n) and not _is_reserved(owner, n)]

    here = [entry for entry in numbers if _place(owner, entry) == at]
    if named := [entry for entry in names if _place(owner, entry) == at]:
        yield from (f"reserved {number};" for name in named for number in numbered(name))
    elif here and (here[0].certain or not names):
        if all(map(called, here)):
            yield _named(owner, [name for number in here for name in called(number)])
    elif here:  # as many names as numbers are there, or should be: nobody could tell whose is missing
        if found := [name for number in numbers for name in called(number)]:
            yield _named(owner, found)
        yield from (f"reserved {number};" for name in names for number in numbered(name))


def _named(owner: Element, names: Iterable[str]) -> str:
    return f"reserved {', '.join(quoted(owner, name) for name in dict.fromkeys(names))};"


def _place(owner: Element, entry: Entry) -> Location:
    return owner.file.location((*owner.path, *entry.at))


def _before(view: View, owner: Element) -> Element | None:
    """What it was in the base."""
    was = view.base.types.get(owner.full_name) if view.base else None
    return was if was and was.kind == owner.kind else None


def _of(owner: Element | None) -> Iterable[Any]:
    if owner is None:
        return ()
    return owner.proto.value if owner.kind == "enum" else owner.proto.field  # type: ignore[no-any-return]


def _members(owner: Element | None) -> dict[int, list[str]]:
    """Names by number: an enum may have several for one."""
    found: dict[int, list[str]] = {}
    for member in _of(owner):
        found.setdefault(member.number, []).append(member.name)
    return found


def _is_free(owner: Element, number: int) -> bool:
    """Neither used nor set aside for extensions."""
    return not any(member.number == number for member in _of(owner)) and not _extends(owner, number)


def _extends(owner: Element, number: int) -> bool:
    blocks = () if owner.kind == "enum" else owner.proto.extension_range
    return any(block.start <= number < block.end for block in blocks)


def _is_reserved(owner: Element, number: int) -> bool:
    inclusive = owner.kind == "enum"
    return any(block.start <= number < block.end + inclusive for block in owner.proto.reserved_range)


def _inserted(view: View, owner: Element, statements: list[str]) -> Edit | None:
    """Behind what is reserved already, else at the end."""
    counts = len(owner.proto.reserved_range), len(owner.proto.reserved_name)
    paths = [(*owner.path, step, n - 1) for step, n in zip(reserved.STEPS[owner.kind], counts, strict=True) if n]
    ends = [span[1] for path in paths if (span := view.span(owner.file, path))]
    return inserting.behind(view, owner, max(ends), statements) if ends else inserting.last(view, owner, statements)


def _listed(statements: Iterable[str]) -> str:
    return " and ".join(f"`{each.removeprefix('reserved ').rstrip(';')}`" for each in statements)


def deleted(view: View) -> Iterator[tuple[Finding, Fix]]:
    """Of what was deleted since the base, and can be taken again: for each owner what is wrong, and one fix."""
    base = view.base
    for name in sorted(view.sources.files) if base else ():
        if base and not base.holds(name, view.image.descriptors[name]):
            for owner in walk(view.file(name), tuple(_DELETED)):
                if (gone := _gone(view, owner, _before(view, owner))) and (fix := _kept(view, owner, gone)):
                    yield _finding(owner, gone), fix


def _gone(view: View, owner: Element, was: Element | None) -> list[Any]:
    """Neither number nor name is in use: else it was renamed or renumbered, and that is to be undone."""
    names, numbers = {member.name for member in _of(owner)}, {member.number for member in _of(owner)}
    gone = [each for each in _of(was) if each.name not in names and each.number not in numbers]
    back = _should_be_back(view, owner) if gone and was and was.kind == "message" and events.is_event(was) else ()
    free = [each for each in gone if each.name not in back and not _extends(owner, each.number)]
    return [each for each in free if view.asks(list(_told(owner, each)), owner.file.package)]


def _told(owner: Element, gone: Any) -> Iterator[Finding]:
    """What a comparison would find, all told, and the rule that goes with it."""
    place = owner.file.location((*owner.path, NAME))
    rule = _DELETED[owner.kind]
    for each in (rule.format("NUMBER"), rule.format("NAME"), rule.partition("_UNLESS_")[0]):
        yield Finding(each, "error", "buf", "", place, f"{owner.full_name}.{gone.name}")
    yield Finding("RESERVED_NAME_AND_NUMBER", "error", "lint", "", place, owner.full_name)


def _should_be_back(view: View, event: Element) -> set[str]:
    """Fields without which it is no proper event: what asks for them does not ask to reserve them."""
    place = event.file.location(event.path)
    about = Finding("ENVELOPE_FIELDS", "error", "lint", "", place, event.full_name)
    return {field["name"] for field in view.params(about).get("fields", ())}


def _kept(view: View, owner: Element, gone: list[Any]) -> Fix | None:
    numbers = {str(each.number) for each in gone if not _is_reserved(owner, each.number)}
    names = [each.name for each in gone if each.name not in owner.proto.reserved_name]
    statements = [f"reserved {', '.join(sorted(numbers, key=int))};"] if numbers else []
    statements += [_named(owner, names)] if names else []
    edit = _inserted(view, owner, statements) if statements else None
    title = f"reserve {_listed(statements)} in `{owner.name}`"
    return Fix(title, (edit,), True, touches=frozenset({owner.full_name})) if edit else None


def _finding(owner: Element, gone: list[Any]) -> Finding:
    by_number = any(not _is_reserved(owner, each.number) for each in gone)
    rule = _DELETED[owner.kind].format("NUMBER" if by_number else "NAME")
    names = ", ".join(f"`{each.name}`" for each in gone)
    message = f"`{owner.name}` should reserve what was deleted from it, {names}, by number and by name"
    place = owner.file.location((*owner.path, NAME))
    return Finding(
        rule, "error", "buf", message, place, owner.full_name, fingerprint=fingerprint(rule, owner.full_name, names)
    )


FIXERS: Mapping[str, Fixer] = {"RESERVED_NAME_AND_NUMBER": pair}
UNASKED = (deleted,)
