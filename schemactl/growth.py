"""Whether a file has only grown: all that stood in it still does, word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from schemactl.schema import schema

_REQUIRED = 2
_IMPORTS = ("dependency", "public_dependency", "weak_dependency", "option_dependency", "source_code_info")
_Same = Callable[[Any, Any], bool]


def only_grown(new: bytes | None, old: bytes | None) -> bool:
    """Whether the new file without what is new in it is the old one, comments, places and imports apart.

    No rule of Buf can find anything on such a file then: each looks for what was there and is gone or another. The
    exceptions, a required field and a second name for the number of an enum, are no growth. Nor is anything in a file
    of an edition: what is added may inherit features that make it required.
    """
    if new is None or old is None:
        return old is None
    here, before = (schema().FileDescriptorProto.FromString(each) for each in (new, old))
    if here.syntax == "editions":
        return False
    for file in (here, before):
        for name in _IMPORTS:
            file.ClearField(name)
    return _without_new_of_file(here, before) and _bytes(here) == _bytes(before)


def _without_new_of_file(new: Any, old: Any) -> bool:
    """Takes out of `new` what `old` does not have; False where that would hide a change."""
    return (
        _held(new, old, "message_type")
        and _cut(new.service, old.service, lambda mine, was: _cut(mine.method, was.method))
        and _message_parts(new, old)
    )


def _message_parts(new: Any, old: Any) -> bool:
    """What files and messages hold alike."""
    return _cut(new.enum_type, old.enum_type, _enum) and _cut(new.extension, old.extension, added=_optional)


def _held(new: Any, old: Any, name: str) -> bool:
    return _cut(getattr(new, name), getattr(old, name), _message)


def _message(new: Any, old: Any) -> bool:
    for name in ("reserved_name", "reserved_range", "extension_range"):
        _keep(getattr(new, name), [*getattr(old, name)])
    return (
        _oneofs(new, old)
        and _held(new, old, "nested_type")
        and _message_parts(new, old)
        and _cut(new.field, old.field, added=_optional)
    )


def _oneofs(new: Any, old: Any) -> bool:
    """Fields name their oneof by its index: as the indices were, once the new oneofs are gone."""
    was = {each.name: index for index, each in enumerate(old.oneof_decl)}
    known = {each.name for each in old.field}
    names = [each.name for each in new.oneof_decl]
    for field in new.field:
        if field.HasField("oneof_index") and field.name in known:
            if names[field.oneof_index] not in was:
                return False
            field.oneof_index = was[names[field.oneof_index]]
    return _cut(new.oneof_decl, old.oneof_decl)


def _enum(new: Any, old: Any) -> bool:
    for name in ("reserved_name", "reserved_range"):
        _keep(getattr(new, name), [*getattr(old, name)])
    numbers = {each.number for each in old.value}
    return _cut(new.value, old.value, added=lambda value: value.number not in numbers)


def _optional(field: Any) -> bool:
    return bool(field.label != _REQUIRED)


def _cut(
    new: Any,
    old: Iterable[Any],
    inner: _Same = lambda mine, was: True,
    *,
    added: Callable[[Any], bool] = lambda _: True,
) -> bool:
    was = {each.name: each for each in old}
    for index in range(len(new) - 1, -1, -1):
        mine = new[index]
        if mine.name in was:
            if not inner(mine, was[mine.name]):
                return False
        elif added(mine):
            del new[index]
        else:
            return False
    return True


def _keep(new: Any, old: list[Any]) -> None:
    kept = [each for each in new if each in old]
    del new[:]
    new.extend(kept)


def _bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))
