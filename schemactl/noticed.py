"""What users of generated code notice of a changed file, and neither Buf's rules nor the difference tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemactl import descriptors
from schemactl.extensions import head
from schemactl.generate import features, gomembers
from schemactl.generate.features import EXPORT_ALL, EXPORT_TOP_LEVEL, HYBRID, OPAQUE, OPEN
from schemactl.schema import OPTIONS_FILE, schema
from schemactl.version import Level

Reason = tuple[Level, str]
Descriptors = Mapping[str, bytes]

_VISIBILITY = {"message": 11, "enum": 6}
_LOCAL, _EXPORT = 1, 2
_API = {OPEN: "open", HYBRID: "hybrid", OPAQUE: "opaque"}  # a copy of Go's features that somebody changed has others


class _Type(NamedTuple):
    kind: str
    proto: Any
    name: str
    is_nested: bool


def reasons(was: Descriptors, now: Descriptors, files: Iterable[str], *, go: bool) -> list[Reason]:
    """Of the files that are there on both sides; `go`: code for Go is made of them, and was."""
    found: list[Reason] = []
    for file in differing(was, now, files):
        found += _imports(file, was, now)
        old, new = (schema().FileDescriptorProto.FromString(each[file]) for each in (was, now))
        found += _extensions(old, new)
        found += _aliases(old, new)
        found += _visibility(old, new)
        found += _go(old, new) if go else ()
    return found


def differing(was: Descriptors, now: Descriptors, files: Iterable[str]) -> list[str]:
    """Those that differ in more than comments."""
    there = (file for file in files if file in was and file in now)
    return [file for file in there if not descriptors.alike(now[file], was[file])]


def rewritten(was: Descriptors, now: Descriptors, files: Iterable[str]) -> list[Reason]:
    """Why a release is needed where nothing else says it: a file that is in the code as a descriptor is another one."""
    found = differing(was, now, files)
    said = [f"`{file}`{_more(found)} is written in another way: its order, options or imports" for file in found[:1]]
    return [("patch", each) for each in said]


def _imports(file: str, was: Descriptors, now: Descriptors) -> Iterator[Reason]:
    old, new = _handed_on(file, was), _handed_on(file, now)
    if lost := [name for name in old if name not in new]:
        yield "major", f"`{file}` does not `import public` `{lost[0]}`{_more(lost)}: whoever uses that finds nothing"
    if fresh := [name for name in new if name not in old]:
        yield "minor", f"`{file}` hands on `{fresh[0]}`{_more(fresh)} by `import public`"
    before, after = _imported(was[file]), _imported(now[file])
    if added := [name for name in after if name not in {*before, *fresh}]:
        yield "patch", f"`{file}` imports `{added[0]}`{_more(added)}"
    if dropped := [name for name in before if name not in {*after, *lost}]:
        yield "patch", f"`{file}` does not import `{dropped[0]}`{_more(dropped)} any more"


def _imported(descriptor: bytes) -> list[str]:
    known = head(descriptor)
    return [name for name in (*known.dependency, *known.option_dependency) if name != OPTIONS_FILE]


def _handed_on(file: str, known: Descriptors) -> dict[str, None]:
    """What whoever imports the file can use, too."""
    found: dict[str, None] = {}
    pending = [file]
    while pending:
        descriptor = known.get(pending.pop())
        if descriptor is None:
            continue
        imports = head(descriptor)
        names = [imports.dependency[index] for index in imports.public_dependency]
        pending += [name for name in names if name not in found]
        found |= dict.fromkeys(names)
    return found


def _extensions(was: Any, now: Any) -> Iterator[Reason]:
    after = dict(_extending(now))
    for name, old in _extending(was):
        new = after.get(name, old)
        if old.extendee != new.extendee:
            old_name, new_name = old.extendee.lstrip("."), new.extendee.lstrip(".")
            yield "major", f"`{name}` extends `{new_name}` now, and did `{old_name}`: what was written is not read"
        elif old.number != new.number:
            yield (
                "major",
                f"`{name}` has the number {new.number} now, and had {old.number}: what was written is not read",
            )


def _extending(file: Any) -> Iterator[tuple[str, Any]]:
    package = f"{file.package}." if file.package else ""
    yield from ((package + each.name, each) for each in file.extension)
    for found in _types(file):
        if found.kind == "message":
            yield from ((f"{found.name}.{each.name}", each) for each in found.proto.extension)


def _aliases(was: Any, now: Any) -> Iterator[Reason]:
    """The first name of a number is the one that it is written by."""
    after = {each.name: _by_number(each.proto) for each in _types(now) if each.kind == "enum"}
    for enum in _types(was):
        if enum.kind != "enum" or enum.name not in after:
            continue
        for number, names in _by_number(enum.proto).items():
            new = after[enum.name].get(number, names)
            if names[0] != new[0] and names[0] in new:
                yield "major", f"{number} of `{enum.name}` is written as `{new[0]}` now, and was as `{names[0]}`"


def _by_number(enum: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for value in enum.value:
        found.setdefault(value.number, []).append(value.name)
    return found


def _visibility(was: Any, now: Any) -> Iterator[Reason]:
    old, new = _exported(was), _exported(now)
    if lost := [name for name in sorted(old) if old[name] and not new.get(name, True)]:
        yield "major", f"`{lost[0]}`{_more(lost)} is local now: no other file can use it"
    if fresh := [name for name in sorted(new) if new[name] and not old.get(name, True)]:
        yield "minor", f"`{fresh[0]}`{_more(fresh)} is no longer local: other files can use it"


def _exported(file: Any) -> dict[str, bool]:
    """By full name, whether other files can use a type."""
    default = features.of_file(file).visibility
    found: dict[str, bool] = {}
    for each in _types(file):
        said = features.number(each.proto, _VISIBILITY[each.kind]) if file.syntax == "editions" else 0
        open_ones = (EXPORT_ALL,) if each.is_nested else (EXPORT_ALL, EXPORT_TOP_LEVEL)
        found[each.name] = said == _EXPORT or (said != _LOCAL and default in open_ones)
    return found


def _types(file: Any) -> Iterator[_Type]:
    """Messages and enums, but no entries of maps."""
    package = f"{file.package}." if file.package else ""
    yield from (_Type("enum", each, package + each.name, False) for each in file.enum_type)
    pending = [_Type("message", each, package + each.name, False) for each in file.message_type]
    while pending:
        found = pending.pop()
        if not found.proto.options.map_entry:
            yield found
            inner = f"{found.name}."
            yield from (_Type("enum", each, inner + each.name, True) for each in found.proto.enum_type)
            pending += [_Type("message", each, inner + each.name, True) for each in found.proto.nested_type]


def _go(was: Any, now: Any) -> Iterator[Reason]:
    before, after = gomembers.levels(was), gomembers.levels(now)
    changed = {name: (level, after[name]) for name, level in before.items() if after.get(name, level) != level}
    for old, new in sorted(set(changed.values())):
        names = [name for name, levels in changed.items() if levels == (old, new)]
        level: Level = "minor" if new == HYBRID else "major"
        yield level, f"the Go API of `{names[0]}`{_more(names)} is {_api(new)} now, and was {_api(old)}"
    found = gomembers.names(now)
    known = {name: each for name, each in gomembers.names(was).items() if name.rpartition(".")[0] not in changed}
    yield from _called((each, found.get(name, each)) for name, each in known.items())


def _api(level: int) -> str:
    return _API.get(level, f"`{level}`")


def _called(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Iterator[Reason]:
    """All names in Go of each thing that stayed, as they were and as they are."""
    lost = [(gone, each, new) for each, new in pairs if (gone := [name for name in each if name not in new])]
    if lost:
        gone, old, new = lost[0]
        fresh = next((name for name in new if name not in old), None)
        more = f", like {len(lost) - 1:,} more" if len(lost) > 1 else ""
        yield "major", f"`{gone[0]}` is {f'called `{fresh}`' if fresh else 'gone'} in Go now{more}"


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 1:,} more" if len(names) > 1 else ""
