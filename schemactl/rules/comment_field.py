"""COMMENT_FIELD: fields are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_FIELD",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("field", "field"),
    title="Fields have a comment",
    why=(
        "A type does not say the unit, the time zone, whether tax is in it or what an empty value means. Each consumer "
        "guesses, and the wrong guess is valid data."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  int64 price = 1;  // error
  // When the customer confirmed.
  int64 ordered_at = 2;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  // In cents, with tax.
  int64 price = 1;
  // When the customer confirmed, in milliseconds.
  int64 ordered_at = 2;
}
""",
)
