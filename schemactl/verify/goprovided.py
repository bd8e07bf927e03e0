"""Files of others: what a schema was compiled with has to be in what the modules of others register."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from schemactl.names import camel
from schemactl.schema import schema

_SHOWN = 3
# Options and nothing else, of the compiler, which may be ahead of any runtime.
_OPTIONS = re.compile(r"google/protobuf/(descriptor|\w+_features)\.proto", re.ASCII)


class _Features(NamedTuple):
    """Numbers of `google.protobuf.FeatureSet`: those that change what a program or its peer sees."""

    presence: int
    enum: int
    encoding: int


# Resolved here, not by a pool: that would need all that the files import, and know their edition.
_EDITIONS = {"proto2": _Features(1, 2, 1), "proto3": _Features(2, 1, 1)}
_NEWER = _Features(1, 1, 1)
_IMPLICIT, _ALWAYS, _DELIMITED = 2, 3, 2
_REQUIRED, _REPEATED = 2, 3  # labels
_GROUP, _MESSAGE = 10, 11  # types


class _Facts(NamedTuple):
    same: tuple[Any, ...]
    presence: bool = False


def lacks(found: Mapping[str, str], provided: Mapping[str, bytes], imported: Collection[str]) -> Iterator[str]:
    """`found` are registered descriptors in base64. What they have besides does no harm, nor do options.

    Those of `imported` have to be there; a version of a module may do without a file that others of its files used.
    """
    for file, descriptor in sorted(provided.items()):
        if _OPTIONS.fullmatch(file):
            continue
        if file in found:
            theirs = dict(_elements(b64decode(found[file])))
            yield from _told(file, [name for name, said in _elements(descriptor) if not _holds(theirs.get(name), said)])
        elif file in imported:
            yield f"`{file}`: its Go module does not register it: import the file by the path that the module has it by"


def _told(file: str, names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield (
            f"`{file}`: what is here of {shown}{more} is not in what its Go module registers: take the file as that "
            "has it, or name another version of the module"
        )


def _holds(theirs: _Facts | None, ours: _Facts) -> bool:
    """A field that is `optional` there, and not here, only tells more."""
    return theirs is not None and theirs.same == ours.same and theirs.presence >= ours.presence


def _elements(descriptor: bytes) -> Iterator[tuple[str, _Facts]]:
    """Each element by its full name."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    package = f".{proto.package}" if proto.package else ""
    features = _resolved(_EDITIONS.get(proto.syntax or "proto2", _NEWER), proto)
    yield from _fields(package, proto, features)
    yield from _enums(package, proto.enum_type, features)
    for service in proto.service:
        name = f"{package}.{service.name}"
        yield name[1:], _Facts(("service",))
        for each in service.method:
            streams = each.client_streaming, each.server_streaming
            yield f"{name}.{each.name}"[1:], _Facts(("method", each.input_type, each.output_type, *streams))
    pending = [(f"{package}.{each.name}", each, features) for each in proto.message_type]
    while pending:
        name, message, around = pending.pop()
        features = _resolved(around, message)
        yield name[1:], _Facts(("message",))
        yield from _fields(name, message, features)
        yield from _enums(name, message.enum_type, features)
        pending += [(f"{name}.{each.name}", each, features) for each in message.nested_type]


def _fields(scope: str, holder: Any, around: _Features) -> Iterator[tuple[str, _Facts]]:
    """Those of a message and the extensions that stand there, or in a file."""
    of_map = hasattr(holder, "field") and holder.options.map_entry
    maps = {f"{scope}.{each.name}" for each in getattr(holder, "nested_type", ()) if each.options.map_entry}
    for each in (*getattr(holder, "field", ()), *holder.extension):
        oneof = holder.oneof_decl[each.oneof_index] if each.HasField("oneof_index") else None
        features = _resolved(_resolved(around, oneof) if oneof else around, each)
        delimited = features.encoding == _DELIMITED and not of_map and each.type_name not in maps
        kind = _GROUP if each.type == _MESSAGE and delimited else each.type
        label = _REQUIRED if features.presence == _ALWAYS else each.label
        # An editions file says otherwise what `optional` says.
        chosen = oneof.name if oneof and not each.proto3_optional else ""
        said = each.type_name, each.extendee, each.default_value, chosen, each.json_name or camel(each.name)
        told = oneof or each.extendee or kind in (_GROUP, _MESSAGE) or features.presence != _IMPLICIT
        presence = bool(told) and label != _REPEATED
        yield f"{scope}.{each.name}"[1:], _Facts(("field", each.number, label, kind, *said), presence)


def _enums(scope: str, enums: Any, around: _Features) -> Iterator[tuple[str, _Facts]]:
    for enum in enums:
        name = f"{scope}.{enum.name}"
        yield name[1:], _Facts(("enum", _resolved(around, enum).enum))
        yield from ((f"{name}.{each.name}"[1:], _Facts(("value", each.number))) for each in enum.value)


def _resolved(around: _Features, element: Any) -> _Features:
    said = element.options.features
    presence, enum, encoding = said.field_presence, said.enum_type, said.message_encoding
    return _Features(presence or around.presence, enum or around.enum, encoding or around.encoding)
