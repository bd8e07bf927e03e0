"""ONEOF_LOWER_SNAKE_CASE: the names of oneofs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemactl.casing import IS_LOWER_SNAKE, lower_snake
from schemactl.element import Element
from schemactl.rule import Context, Hit, Rule
from schemactl.rules._naming import misnamed

_HELP = "no encoding carries the name of a oneof: only generated code changes"


def suspect(oneof: Any) -> bool:
    return not IS_LOWER_SNAKE(oneof.name)


def check(oneof: Element, context: Context) -> Iterator[Hit]:
    yield from misnamed(oneof, "oneof", lower_snake(oneof.name), "lower_snake_case", _HELP)


RULE = Rule(
    id="ONEOF_LOWER_SNAKE_CASE",
    target="oneof",
    categories=("BASIC", "STANDARD"),
    check=check,
    suspect=suspect,
    title="Oneofs are lower_snake_case",
    why=(
        "Generators treat the name of a oneof like that of a field: its words become `getPaymentMethod()`, "
        "`PaymentMethodCase` or `payment_method`. They find the words by the underscores."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  oneof paymentMethod {  // error
    string card = 1;
    string invoice = 2;
  }
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  oneof payment_method {
    string card = 1;
    string invoice = 2;
  }
}
""",
)
