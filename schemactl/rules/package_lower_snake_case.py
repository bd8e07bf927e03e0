"""PACKAGE_LOWER_SNAKE_CASE: the words of a package are lower_snake_case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_LOWER_SNAKE, lower_snake
from schemactl.element import PACKAGE, Element
from schemactl.rule import Context, Hit, Rule

_HELP = "a package is part of the name of every type in it: rename it while nothing is published, else start a new one"


def suspect(proto: Any) -> bool:
    return not all(map(IS_LOWER_SNAKE, proto.package.split(".")))


def check(file: Element, context: Context) -> Iterator[Hit]:
    package = file.file.package
    right = ".".join(map(lower_snake, package.split(".")))
    if package != right:
        yield Hit(f"package `{package}` should be `{right}`", _HELP, (PACKAGE,))


RULE = Rule(
    id="PACKAGE_LOWER_SNAKE_CASE",
    target="file",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Packages are lower_snake_case words joined by dots",
    why=(
        "A package becomes directories and packages in generated code. `acme.Users` and `acme.users` are two packages "
        "that share one directory on many disks, and a capital letter makes it look like a type."
    ),
    bad="""\
syntax = "proto3";
package acme.userEvents.v1;  // error

message User {
  string id = 1;
}
""",
    good="""\
// file: acme/user_events/v1/example.proto
syntax = "proto3";
package acme.user_events.v1;

message User {
  string id = 1;
}
""",
)
