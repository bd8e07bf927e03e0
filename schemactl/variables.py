"""What the expressions of a declared rule see beside the element itself, each computed only where it is named."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from schemactl import events
from schemactl.celtext import stand_in
from schemactl.element import Element
from schemactl.expression import MESSAGES, PARENTS
from schemactl.file import File
from schemactl.rule import Context
from schemactl.schema import schema

Values = Callable[[Element, Context], dict[str, Any]]


def reader(names: Collection[str]) -> Values:
    """A function to the values of those variables that are among the names."""
    wanted = [(stand_in(name), read) for name, read in _READ.items() if name in names]

    def values(element: Element, context: Context) -> dict[str, Any]:
        found = {name: read(element, context) for name, read in wanted}
        found[element.kind] = element.proto
        return found

    return values


def options(element: Element) -> Callable[[str, str], Any]:
    """What `option('…')`, `parent_option('…')` and `file_option('…')` are for the element."""
    return cache(lambda function, name: _OPTION_OF[function](element, name))


def _parent(element: Element) -> Any:
    """The descriptor around an element; an empty one for what stands in the file itself."""
    kind = PARENTS.get(element.kind, "")
    parent = element.parent
    if parent is None or parent.kind != kind:
        return schema().message(f"google.protobuf.{MESSAGES[kind]}")() if kind else None
    return parent.proto


def _event(element: Element) -> Element | None:
    owner = element if element.kind == "message" else element.parent
    return owner if owner and owner.kind == "message" and events.is_event(owner) else None


def _topic(element: Element) -> Any:
    event = _event(element)
    return (events.topic(event) if event else None) or schema().Topic()


def _has_topic(element: Element) -> bool:
    event = _event(element)
    return event is not None and events.topic(event) is not None


_READ: dict[str, Callable[[Element, Context], Any]] = {
    "file": lambda element, context: element.file.proto,
    "path": lambda element, context: element.file.path,
    "package": lambda element, context: element.file.package,
    "parent": lambda element, context: _parent(element),
    "full_name": lambda element, context: element.full_name,
    "comment": lambda element, context: element.comment,
    "params": lambda element, context: dict(context.params),
    "event": lambda element, context: _event(element) is not None,
    "topic": lambda element, context: _topic(element),
    "has_topic": lambda element, context: _has_topic(element),
}


def _own_option(element: Element, name: str) -> Any:
    file = element.file
    proto = _at(file.full, element.path) if file.full is not None else element.proto
    return _value(file, name, proto)


def _value(file: File, name: str, proto: Any) -> Any:
    assert file.extensions
    return file.extensions.value(file.name, name, proto.options)


def _parent_option(element: Element, name: str) -> Any:
    """Also where nothing is around it, so that an option of another kind is told everywhere."""
    parent = element.parent
    if parent and parent.kind == PARENTS.get(element.kind):
        return _own_option(parent, name)
    return _value(element.file, name, _parent(element))


def _file_option(element: Element, name: str) -> Any:
    while element.parent:
        element = element.parent
    return _own_option(element, name)


_OPTION_OF: dict[str, Callable[[Element, str], Any]] = {
    "option": _own_option,
    "parent_option": _parent_option,
    "file_option": _file_option,
}


def _at(proto: Any, path: tuple[int, ...]) -> Any:
    for step, index in zip(path[::2], path[1::2], strict=True):
        proto = getattr(proto, proto.DESCRIPTOR.fields_by_number[step].name)[index]
    return proto
