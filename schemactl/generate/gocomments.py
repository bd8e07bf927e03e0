"""Comments of fields, values and methods, which every Go up to 1.26 lays out anew inside a plugin, and no later one.

The code must not depend on which Go a plugin was built with. So these comments wait outside meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schemactl.packed import unpack
from schemactl.schema import schema

# What is inside of what, by the numbers of descriptor.proto; what is in no key has no place of its own in Go.
_WITHIN: Mapping[str, Mapping[int, str]] = {
    "file": {4: "message", 5: "enum", 6: "service", 7: "extension"},
    "message": {2: "field", 3: "message", 4: "enum", 6: "extension", 8: "oneof"},
    "enum": {2: "value"},
    "service": {2: "method"},
}
_INDENTED = ("field", "extension", "oneof", "value", "method")
_TOKEN = re.compile(rb"^([ \t]*)// schemactl-comment-(\d+)$", re.MULTILINE)
_LISTED = re.compile(rb"^(\t+)// Types that are valid to be assigned to \w+:\n(?=\1//\t\*)", re.MULTILINE)


def set_aside(info: bytes) -> tuple[bytes, list[bytes]]:
    """The SourceCodeInfo with a word in place of each such comment, and the comments."""
    changed = schema().SourceCodeInfo.FromString(info)
    comments: list[bytes] = []
    for location in changed.location:
        if location.leading_comments and _kind(unpack(location.path)) in _INDENTED:
            location.leading_comments, comment = b" schemactl-comment-%d\n" % len(comments), location.leading_comments
            comments.append(comment)
    return bytes(changed.SerializeToString(deterministic=True)), comments


def put_back(code: bytes, comments: Sequence[bytes]) -> bytes:
    def lines(found: re.Match[bytes]) -> bytes:
        number = int(found[2])
        if number >= len(comments):
            return found[0]
        return b"\n".join((found[1] + b"//" + line).rstrip() for line in comments[number].rstrip(b"\n").split(b"\n"))

    return _TOKEN.sub(lines, _LISTED.sub(rb"\g<0>\1//\n", code))


def _kind(path: tuple[int, ...]) -> str:
    kind = "file"
    for number in path[::2]:
        kind = _WITHIN.get(kind, {}).get(number, "")
    return kind if len(path) % 2 == 0 else ""
