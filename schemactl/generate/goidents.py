"""The names that generated Go code declares: those of one package share them, whichever files they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from schemactl.element import (
    ENUM_VALUE,
    FILE_ENUM,
    FILE_EXTENSION,
    FILE_MESSAGE,
    FILE_SERVICE,
    MESSAGE_ENUM,
    MESSAGE_EXTENSION,
    MESSAGE_FIELD,
    MESSAGE_NESTED,
    SERVICE_METHOD,
)
from schemactl.generate import features
from schemactl.generate.features import OPAQUE, Features

# Methods of every message: a field whose name is one of them gets another.
METHODS = frozenset(
    ("Reset", "String", "ProtoMessage", "Marshal", "Unmarshal", "ExtensionRangeArray", "ExtensionMap", "Descriptor")
)
_OF_SERVICE = ("{}Client", "{}Server", "Unimplemented{}Server", "Unsafe{}Server", "Register{}Server", "New{}Client")


class Identifier(NamedTuple):
    """A name in Go, and what it comes from: the full name and the descriptor path, both empty for the file itself."""

    name: str
    element: str
    path: tuple[int, ...]


def declared(file: Any) -> Iterator[Identifier]:
    """What the code of the file declares, an element before what it holds."""
    package = f"{file.package}." if file.package else ""
    yield Identifier(f"File_{_sanitized(file.name)}", "", ())
    outer = features.of_file(file)
    for index, message in enumerate(file.message_type):
        yield from _message(message, package, "", (FILE_MESSAGE, index), outer)
    for index, enum in enumerate(file.enum_type):
        yield from _enum(enum, package, "", (FILE_ENUM, index))
    for index, extension in enumerate(file.extension):
        name = f"E_{camel_cased(extension.name)}"
        yield Identifier(name, package + extension.name, (FILE_EXTENSION, index))
    for index, service in enumerate(file.service):
        yield from _service(service, package, (FILE_SERVICE, index))


def _message(message: Any, package: str, scope: str, path: tuple[int, ...], outer: Features) -> Iterator[Identifier]:
    full, own = scope + message.name, features.within(outer, message)
    name = camel_cased(full)
    yield Identifier(name, package + full, path)
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, package, f"{full}.", (*path, MESSAGE_NESTED, index), own)
    for index, enum in enumerate(message.enum_type):
        yield from _enum(enum, package, f"{full}.", (*path, MESSAGE_ENUM, index))
    for index, extension in enumerate(message.extension):
        called = f"E_{name}_{camel_cased(extension.name)}"
        yield Identifier(called, f"{package}{full}.{extension.name}", (*path, MESSAGE_EXTENSION, index))
    taken = {camel_cased(f"{full}.{each.name}") for each in (*message.nested_type, *message.enum_type)}
    # The opaque API hides the types that stand for the members of a oneof.
    for index, field in enumerate(message.field if own.api != OPAQUE and message.oneof_decl else ()):
        if field.HasField("oneof_index") and not field.proto3_optional:
            wrapper = free(f"{name}_{_method_free(camel_cased(field.name))}", taken)
            yield Identifier(wrapper, f"{package}{full}.{field.name}", (*path, MESSAGE_FIELD, index))


def _method_free(name: str) -> str:
    return f"{name}_" if name in METHODS else name


def free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _enum(enum: Any, package: str, scope: str, path: tuple[int, ...]) -> Iterator[Identifier]:
    """Its values are called after what it stands in, and after itself at the top."""
    full = scope + enum.name
    name, holder = camel_cased(full), camel_cased(scope.removesuffix(".") or full)
    yield from (Identifier(name + end, package + full, path) for end in ("", "_name", "_value"))
    for index, value in enumerate(enum.value):
        yield Identifier(f"{holder}_{value.name}", f"{package}{scope}{value.name}", (*path, ENUM_VALUE, index))


def _service(service: Any, package: str, path: tuple[int, ...]) -> Iterator[Identifier]:
    name, full = camel_cased(service.name), package + service.name
    yield from (Identifier(each.format(name), full, path) for each in (*_OF_SERVICE, "{}_ServiceDesc"))
    for index, method in enumerate(service.method):
        own = f"{name}_{camel_cased(method.name)}"
        streams = method.client_streaming or method.server_streaming
        for end in ("_FullMethodName", *(("Client", "Server") if streams else ())):
            yield Identifier(own + end, f"{full}.{method.name}", (*path, SERVICE_METHOD, index))


def camel_cased(name: str) -> str:
    """As protoc-gen-go does it: `foo_bar.Baz_Qux` is `FooBar_Baz_Qux`, and what starts with `_` starts with `X`."""
    made: list[str] = []
    for before, each, after in zip(f".{name}", name, f"{name[1:]}.", strict=False):
        if each in "._" and _is_lower(after) and not (each == "_" and before == "."):
            continue
        if each == "_" and before == ".":
            made.append("X")
        elif each == ".":
            made.append("_")
        else:
            made.append(each if _is_lower(before.lower()) else each.upper())
    return "".join(made)


def _is_lower(character: str) -> bool:
    return "a" <= character <= "z"


def _sanitized(path: str) -> str:
    made = "".join(each if each.isalpha() or each.isdecimal() else "_" for each in path)
    return made if made[:1].isalpha() else f"_{made}"
