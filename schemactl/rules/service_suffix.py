"""SERVICE_SUFFIX: services end in `Service`, or in whatever is configured."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import IN_CALLS, NAME

_SUFFIX = "service_suffix"


def check(service: Element, context: Context) -> Iterator[Hit]:
    suffix = context.params[_SUFFIX]
    if not service.name.endswith(suffix):
        yield Hit(f"service `{service.name}` should end in `{suffix}`", IN_CALLS, NAME)


RULE = Rule(
    id="SERVICE_SUFFIX",
    target="service",
    categories=("STANDARD",),
    check=check,
    params={_SUFFIX: "Service"},
    title="Services end in Service",
    why=(
        "Services and messages share one space of names: a service `User` keeps its package from having a message "
        "`User`. The suffix also tells in code, logs and metrics what kind of thing a name stands for."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

service Users {}  // error
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

service UserService {}
""",
)
