"""COMMENT_MESSAGE: messages are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_MESSAGE",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("message", "message"),
    title="Messages have a comment",
    why=(
        "What a message stands for, and when an event is sent, is in no field of it. Generators carry the comment into "
        "the code, where those who use the message see it."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

message Order {  // error
  // In cents.
  int64 price = 1;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

// What a customer confirmed.
message Order {
  int64 price = 1;
}
""",
)
