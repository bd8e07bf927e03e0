"""COMMENT_ENUM_VALUE: enum values are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_ENUM_VALUE",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("enum_value", "enum value"),
    title="Enum values have a comment",
    why=(
        "When exactly is an order `SHIPPED`? Producers and consumers that answer for themselves answer differently, "
        "and no type checker notices."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;  // error
  // May sign in.
  USER_STATUS_ACTIVE = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {
  // Nobody said.
  USER_STATUS_UNSPECIFIED = 0;
  // May sign in.
  USER_STATUS_ACTIVE = 1;
}
""",
)
