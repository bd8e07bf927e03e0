"""What is made of a schema: packages as they are declared, the files of each, and who provides those of others.

The word package is Protobuf's in code; what users call a package of theirs is a product here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

Language = Literal["python", "go"]
LANGUAGES: tuple[Language, ...] = ("python", "go")


class PythonTarget(Struct, frozen=True):
    """`root` is dotted: modules stand below it; empty, they are imported by the path of their file.

    `generator` is the version of grpcio-tools that writes the code; empty, the one that is installed.
    """

    distribution: str
    root: str = ""
    generator: str = ""


class GoTarget(Struct, frozen=True):
    """Unless `required`, nothing is made for Go on a machine that cannot."""

    module: str
    required: bool = True


class Product(Struct, frozen=True):
    """One wheel and one Go module; `files` are import paths, sorted. Only a `declared` one can be published."""

    name: str
    files: tuple[str, ...]
    python: PythonTarget | None = None
    go: GoTarget | None = None
    description: str = ""
    license: str = ""
    declared: bool = True


class Provider(Struct, frozen=True):
    """Who provides a file of somebody else's.

    `requirement` is that of a Python distribution (PEP 508); `protobuf` alone, without a version, is the runtime,
    whose versions the generated code decides on. `go_import` is the path of the Go package, in `go_module` at
    `go_version`. What nobody said is empty.
    """

    requirement: str = ""
    go_import: str = ""
    go_module: str = ""
    go_version: str = ""


class Plan(Struct, frozen=True):
    """All products of one revision; `providers` know every other file that theirs import, directly or not."""

    products: tuple[Product, ...]
    providers: Mapping[str, Provider] = {}

    @property
    def owners(self) -> Mapping[str, Product]:
        return {file: product for product in self.products for file in product.files}


def python_path(file: str) -> str:
    """`acme/users/v1/user_pb2` for `acme/users/v1/user.proto`, as protoc names it: a dot is a directory, `-` is `_`."""
    return file.removesuffix(".proto").replace("-", "_").replace(".", "/") + "_pb2"


def rooted(product: Product) -> str:
    """The dotted package below which the modules move; empty where their files stand there already."""
    root = product.python.root if product.python else ""
    below = root.replace(".", "/") + "/"
    return "" if all(python_path(file).startswith(below) for file in product.files) else root


def python_module(product: Product, file: str) -> str:
    """What is imported to use the file's messages."""
    root, module = rooted(product), python_path(file).replace("/", ".")
    return f"{root}.{module}" if root else module


def ordered(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """What is needed comes first; of those that need each other, whatever is."""
    found: dict[str, None] = {}

    def visit(name: str, path: frozenset[str]) -> None:
        for need in sorted(needs[name]):
            if need not in path and need not in found:
                visit(need, path | {need})
        found.setdefault(name)

    for name in sorted(needs):
        if name not in found:
            visit(name, frozenset((name,)))
    return list(found)
