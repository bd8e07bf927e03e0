"""PACKAGE_DIRECTORY_MATCH: a file is in the directory of its package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import PACKAGE, Element
from schemactl.rule import Context, Hit, Rule

_HELP = "move the file, and change the imports of it; directories count from the root that imports start at"


def suspect(proto: Any) -> bool:
    return bool(proto.package and proto.name.rpartition("/")[0] != proto.package.replace(".", "/"))


def check(file: Element, context: Context) -> Iterator[Hit]:
    package = file.file.package
    if suspect(file.proto):
        directory = file.file.name.rpartition("/")[0] or "."
        message = f"package `{package}` should be in directory `{package.replace('.', '/')}`, not in `{directory}`"
        yield Hit(message, _HELP, (PACKAGE,))


RULE = Rule(
    id="PACKAGE_DIRECTORY_MATCH",
    target="file",
    categories=("MINIMAL", "BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="A file is in the directory of its package",
    why=(
        "The import then says which package a type comes from, and the type's name where to look for it. Code that is "
        "imported by path, as in Python and TypeScript, has the same address as the schema."
    ),
    bad="""\
syntax = "proto3";
package acme.users.v1;  // error

message User {
  string id = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message User {
  string id = 1;
}
""",
)
