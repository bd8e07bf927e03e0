"""COMMENT_ENUM: enums are documented."""

from __future__ import annotations

from schemactl.rule import Rule
from schemactl.rules import _comment

RULE = Rule(
    id="COMMENT_ENUM",
    target="file",
    categories=("COMMENTS",),
    check=_comment.check("enum", "enum"),
    title="Enums have a comment",
    why=(
        "Whoever finds `UserStatus` in a catalogue or in generated code reads there what it distinguishes, and by "
        "what. The author knew; a year later nobody is sure."
    ),
    bad="""\
syntax = "proto3";
package acme.example.v1;

enum UserStatus {  // error
  // Nobody said.
  USER_STATUS_UNSPECIFIED = 0;
}
""",
    good="""\
syntax = "proto3";
package acme.example.v1;

// What a user may do.
enum UserStatus {
  USER_STATUS_UNSPECIFIED = 0;
}
""",
)
