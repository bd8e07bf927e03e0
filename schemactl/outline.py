"""An outline: what rules over several files, and the pool, need to know of one; small enough to keep for thousands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from schemactl import references
from schemactl.element import FILE_IMPORT, FILE_OPTIONS, FILE_SERVICE, PACKAGE, SERVICE_METHOD
from schemactl.file import File
from schemactl.packed import pack

_OPTIONS = {
    "java_package": 1,
    "java_multiple_files": 10,
    "go_package": 11,
    "csharp_namespace": 37,
    "swift_prefix": 39,
    "php_namespace": 41,
    "ruby_package": 45,
}


class Statement(Struct, frozen=True, array_like=True, gc=False):
    """A descriptor path, packed, and its span in code points; the empty span is the top of the file."""

    path: bytes = b""
    span: bytes = b""


class Import(Struct, frozen=True, array_like=True, gc=False):
    name: str
    at: Statement
    unused: bool = False  # as far as protoc sees it: rules/import_used.py knows what it misses


class Option(Struct, frozen=True, array_like=True, gc=False):
    value: str
    at: Statement


class Method(Struct, frozen=True, array_like=True, gc=False):
    """`input` and `output` are full names without the dot in front."""

    full_name: str
    input: str
    output: str
    at: Statement


class Outline(Struct, frozen=True, array_like=True, gc=False):
    """`options` are those of the file that are set, of the ones that a package should agree on.

    `symbols` are full names that no other file of the pool may declare; nested ones follow from these. An enum's
    values stand beside the enum, not in it. `+.message:number` is an extension number.
    `references` are full names that the file may name; None where no import makes that interesting. `public` are the
    imports that it hands on.
    `ignores` are its `buf:lint:ignore` comments: rule ids by the packed descriptor path they stand above.
    """

    name: str
    path: str
    package: str
    symbols: tuple[str, ...]
    imports: tuple[Import, ...]
    package_at: Statement = Statement()
    options: dict[str, Option] = {}
    methods: tuple[Method, ...] = ()
    references: tuple[str, ...] | None = None
    public: tuple[str, ...] = ()
    ignores: dict[bytes, tuple[str, ...]] = {}


class Files(Struct, frozen=True):
    """The files of one module, in path order, and all that is known by import path: what they import, too."""

    judged: tuple[Outline, ...]
    known: dict[str, Outline]


def of(
    file: File, unused: Collection[str] = (), passed_on: frozenset[str] = frozenset(), *, judged: bool = True
) -> Outline:
    """The outline of a compiled file; of one that is only imported, what others need to know of it.

    `unused` are the imports protoc warned about, `passed_on` the files that hand on imports of theirs.
    """
    proto = file.proto
    imports = tuple(
        Import(name, _at(file, judged, FILE_IMPORT, index), name in unused)
        for index, name in enumerate(proto.dependency)
    )
    public = tuple(proto.dependency[index] for index in proto.public_dependency)
    symbols = tuple(references.declared(file))
    if not judged:
        return Outline(file.name, file.path, file.package, symbols, imports, public=public)
    interesting = references.DESCRIPTOR in proto.dependency or not passed_on.isdisjoint(proto.dependency)
    return Outline(
        file.name,
        file.path,
        file.package,
        symbols,
        imports,
        _at(file, judged, PACKAGE) if file.package else Statement(),
        dict(_options(file)),
        tuple(_methods(file)),
        tuple(sorted(references.of(file))) if interesting else None,
        public,
        file.ignores,
    )


def _at(file: File, judged: bool, *path: int) -> Statement:
    return Statement(pack(path), file.code_points(path)) if judged else Statement()


def _options(file: File) -> Iterator[tuple[str, Option]]:
    options = file.proto.options
    for name, number in _OPTIONS.items():
        if options.HasField(name):
            yield name, Option(_written(getattr(options, name)), _at(file, True, FILE_OPTIONS, number))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _methods(file: File) -> Iterator[Method]:
    prefix = f"{file.package}." if file.package else ""
    for index, service in enumerate(file.proto.service):
        for number, method in enumerate(service.method):
            at = _at(file, True, FILE_SERVICE, index, SERVICE_METHOD, number)
            names = (method.input_type.lstrip("."), method.output_type.lstrip("."))
            yield Method(f"{prefix}{service.name}.{method.name}", *names, at)
