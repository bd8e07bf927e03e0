"""PACKAGE_VERSION_SUFFIX: a package ends in a version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.element import PACKAGE, Element
from schemactl.packageversion import stability
from schemactl.rule import Context, Hit, Rule

_HELP = "versions are `v1`, `v1beta1`, `v1p1alpha` or `v1test`; what is in use keeps its package, what is new gets one"


def suspect(proto: Any) -> bool:
    return bool(proto.package) and stability(proto.package) is None


def check(file: Element, context: Context) -> Iterator[Hit]:
    package = file.file.package
    if suspect(file.proto):
        yield Hit(f"package `{package}` should end in a version, like `{package}.v1`", _HELP, (PACKAGE,))


RULE = Rule(
    id="PACKAGE_VERSION_SUFFIX",
    target="file",
    categories=("STANDARD",),
    check=check,
    suspect=suspect,
    title="A package ends in a version",
    why=(
        "A change that breaks readers needs a second set of types beside the first. With a version in the package that "
        "is `v2` next to `v1`, in every language; without one there is no good name for it."
    ),
    bad="""\
// file: acme/users/user.proto
syntax = "proto3";
package acme.users;  // error

message User {
  string id = 1;
}
""",
    good="""\
// file: acme/users/v1/user.proto
syntax = "proto3";
package acme.users.v1;

message User {
  string id = 1;
}
""",
)
