"""SERVICE_PASCAL_CASE: the names of services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_PASCAL, pascal
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_CALLS, misnamed


def suspect(service: Any) -> bool:
    return not IS_PASCAL(service.name)


def check(service: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(service, "service", pascal(service.name), "PascalCase", IN_CALLS)


RULE = Rule(
    id="SERVICE_PASCAL_CASE",
    target="service",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Services are PascalCase",
    why=(
        "A service becomes a client and a server class in every language, and a part of the path of every call. "
        "Generators differ in how they repair an unusual name, so that the same service is found under several."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service userService {}  // error
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {}
""",
)
