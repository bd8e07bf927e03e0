"""COMMENT_ONEOF: oneofs are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_ONEOF",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("oneof", "oneof"),
    title="Oneofs have a comment",
    why=(
        "A oneof may be empty, and may get members that a reader does not know. What either means only a comment can "
        "say."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  oneof payment {  // error
    string card = 1;
    string invoice = 2;
  }
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

message Order {
  // None until the customer chose.
  oneof payment {
    string card = 1;
    string invoice = 2;
  }
}
""",
)
