"""Go code: what protoc-gen-go and protoc-gen-go-grpc make of descriptors, checked before anybody compiles it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from schemactl.errors import ConfigError, ToolError
from schemactl.generate import features, gonames
from schemactl.generate.bare import Bare, imported
from schemactl.generate.gocomments import put_back, set_aside
from schemactl.generate.plugin import answer, request
from schemactl.goplugins import Plugin, Plugins
from schemactl.product import Plan, Product

_REPORT = "report this with the file"
# No file imports what is mapped to this: the plugins want a path for every file, also of those that others import.
_NOWHERE = "schemactl.invalid/unmapped"
_NAME = re.compile(r"[A-Za-z0-9_.~+/-]+")
_PACKAGE = re.compile(rb"^package (.*)$", re.MULTILINE)
_CONDITION = re.compile(rb"^[ \t]*//(go:build\b|[ \t]*\+build\b)", re.MULTILINE)
# Which of the two Go compiles: programs that are built with `-tags protoopaque` get no open API.
_NOT_OPAQUE, _IS_OPAQUE, _OPAQUE_END = b"//go:build !protoopaque\n", b"//go:build protoopaque\n", "_protoopaque.pb.go"
_DIRECTIVE = re.compile(rb"^//(go:|line |export )", re.MULTILINE)


def has_services(bare: Bare, products: Iterable[Product]) -> bool:
    return any(_serving(bare, product) for product in products)


def code(plan: Plan, product: Product, bare: Bare, plugins: Plugins) -> dict[str, bytes]:
    """The product's files by their path below the root of its Go module."""
    assert product.go
    serving, hybrid = _serving(bare, product), _hybrid(bare, product)
    names = gonames.filenames(product.files, serving, hybrid)
    options = _options(plan, product, bare)
    made = _made(plugins.go, product.files, ".pb.go", options, bare, dict.fromkeys(hybrid, _OPAQUE_END))
    files = {names[file][0]: made[file, ".pb.go"] for file in product.files}
    files |= {names[file][-1]: made[file, _OPAQUE_END] for file in hybrid}
    if serving:
        assert plugins.grpc
        made = _made(plugins.grpc, serving, "_grpc.pb.go", options, bare, {})
        files |= {names[file][1]: made[file, "_grpc.pb.go"] for file in serving}
    for file in product.files:
        conditions = {names[file][0]: _NOT_OPAQUE, names[file][-1]: _IS_OPAQUE} if file in hybrid else {}
        package = gonames.package(gonames.import_path(product.go.module, file))
        for name in names[file]:
            _check(file, files[name], package, conditions.get(name, b""))
    return dict(sorted(files.items()))


def compiled(files: Mapping[str, bytes]) -> list[str]:
    """Those that Go compiles unless a program asks for the opaque API alone."""
    return [name for name, made in files.items() if _IS_OPAQUE not in made[: made.find(b"\npackage ") + 1]]


def _made(
    plugin: Plugin, files: Sequence[str], suffix: str, options: str, bare: Bare, more: Mapping[str, str]
) -> dict[tuple[str, str], bytes]:
    """The code by file and suffix, of some with one suffix `more`. The plugins name it like the file."""
    asked = [(file, suffix) for file in files] + list(more.items())
    named = {(file, end): file.removesuffix(".proto") + end for file, end in asked}
    parsed = {file: _parsed(bare.descriptors[file]) for file in files}
    editions = {file: int(each.edition) for file, each in parsed.items() if each.syntax == "editions"}
    aside = {file: set_aside(bare.sources.get(file, b"")) for file in files}
    said = request(files, options, bare.descriptors, {file: sources for file, (sources, _) in aside.items()})
    made = answer(plugin, said, named.values(), editions)
    return {key: put_back(made[name], aside[key[0]][1]) for key, name in named.items()}


def _check(file: str, made: bytes, package: str, condition: bytes) -> None:
    """Nothing that the schema says decides whether Go compiles the file, or what else it does."""
    found = _PACKAGE.search(made)
    if found is None or found[1].decode("utf-8", "replace") != package:
        raise ToolError(f"the code of `{file}` is not of package `{package}`", _REPORT)
    head, rest = made[: found.start()].replace(condition, b"", 1), made[found.start() :]
    if _CONDITION.search(head) or _DIRECTIVE.search(head) or _DIRECTIVE.search(rest):
        raise ToolError(f"a comment of `{file}` became an instruction to the Go compiler", _REPORT)


def _hybrid(bare: Bare, product: Product) -> tuple[str, ...]:
    """The files whose code is written twice: with the open API and the opaque one, and with the opaque one alone."""
    apis = {file: features.of_file(_parsed(bare.descriptors[file])).api for file in product.files}
    return tuple(file for file, api in apis.items() if api == features.HYBRID)


def _serving(bare: Bare, product: Product) -> tuple[str, ...]:
    return tuple(file for file in product.files if _parsed(bare.descriptors[file]).service)


def _parsed(descriptor: bytes) -> Any:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    return FileDescriptorProto.FromString(descriptor)


def _options(plan: Plan, product: Product, bare: Bare) -> str:
    """Where the package of every file is: what its own `go_package` says does not count."""
    owners, used = plan.owners, imported(product.files, bare)
    paths: dict[str, str] = {}
    for file in bare.descriptors:
        owner = owners.get(file)
        if owner and owner.go:
            path = gonames.import_path(owner.go.module, file)
            paths[file] = f"{path};{gonames.package(path)}"
        else:
            provider = plan.providers.get(file)
            paths[file] = (provider.go_import if provider else "") or _nowhere(file, used, product)
        if not (_NAME.fullmatch(file) and all(map(_NAME.fullmatch, paths[file].split(";", 1)))):
            raise ConfigError(f"`{paths[file]}`, for `{file}`, is not a Go import path", "correct it in schemactl.yaml")
    return ",".join(["paths=source_relative", *(f"M{file}={path}" for file, path in paths.items())])


def _nowhere(file: str, used: Collection[str], product: Product) -> str:
    if file not in used:
        return _NOWHERE
    raise ConfigError(
        f"no Go package is known for `{file}`, which `{product.name}` imports",
        f"add it to schemactl.yaml: `third_party: [{{paths: [{file}], go: {{package: …, module: …, version: …}}}}]`",
    )
