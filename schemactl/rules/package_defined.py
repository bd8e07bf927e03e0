"""PACKAGE_DEFINED: a file has a package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule

_DOTTED = re.compile(r"[a-z]\w*(?:\.[a-z]\w*)*", re.ASCII)


def suspect(proto: Any) -> bool:
    return not proto.package


def check(file: Element, context: Context) -> Iterator[Hit]:
    if suspect(file.proto):
        package = file.file.name.rpartition("/")[0].replace("/", ".")
        package = package if _DOTTED.fullmatch(package) else "acme.users.v1"
        help = f"write `package {package};` before anything uses the file: it is part of the name of every type in it"
        yield Hit("the file should have a package", help, ())


RULE = Rule(
    id="PACKAGE_DEFINED",
    target="file",
    categories=("MINIMAL", "BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="A file has a package",
    why=(
        "Without a package every type is in one global namespace: the second `User` anywhere, in another repository "
        "too, clashes with the first as soon as one program loads both."
    ),
    bad="""\
syntax = "proto3";  // error

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
