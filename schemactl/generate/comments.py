"""Comments that stay comments: no generator's output changes its meaning by what somebody wrote above a message."""

from __future__ import annotations

import re
from typing import Any

from schemactl.generate import wire
from schemactl.packed import unpack
from schemactl.schema import schema

_SYNTAX, _PACKAGE = (12,), (2,)
_SERVICE, _METHOD = 6, 2
_LOCATION = 1
_PLAIN = re.compile(rb"\n[\x01-\x7f]")  # a path stands first, and is short
_COMMENTED = re.compile(rb'[\x1a"2]')  # the tags of comments: few locations have any
_IMPORTS = (3, 10, 11, 15)  # dependency, public_, weak_ and option_dependency
_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, and what turns the direction of text around; a BOM and what is no character Go refuses.
_UNSEEN = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]"
)
_REPLACEMENT = "\ufffd"
# With or without a space, above a package clause, Go takes this for a condition on which it compiles the file; and
# gofmt, which the plugin runs, moves it there from wherever it stands.
_CONDITION = re.compile(r"^([ \t]*)\+(?=build\b)", re.MULTILINE)


def harmless(info: bytes) -> bytes:
    """The SourceCodeInfo with such comments only; without its imports, and nothing detached at the top of the file."""
    kept = []
    for encoded in schema().Locations.FromString(info).location:
        if _PLAIN.match(encoded) and not _COMMENTED.search(encoded):
            if encoded[2] not in _IMPORTS:
                kept.append(encoded)
            continue
        location = schema().Location.FromString(encoded)
        path = unpack(location.path)
        if not path or path[0] not in _IMPORTS:
            if path in ((), _SYNTAX, _PACKAGE):
                location.ClearField("leading_detached_comments")
            _clean(location)
            kept.append(location.SerializeToString(deterministic=True))
    return b"".join(wire.embedded(_LOCATION, each) for each in kept)


def _clean(location: Any) -> None:
    location.leading_detached_comments[:] = [_encoded(each) for each in location.leading_detached_comments]
    for name in ("leading_comments", "trailing_comments"):
        if location.HasField(name):
            setattr(location, name, _encoded(getattr(location, name)))


def _encoded(comment: bytes) -> bytes:
    return spaced(comment.decode("utf-8", "replace")).encode()


def spaced(comment: str) -> str:
    """Every line begins with a space: behind `//` none is then a directive of Go, and no condition is one any more."""
    plain = _CONDITION.sub(r"\1 + ", _UNSEEN.sub(_REPLACEMENT, _ENDS.sub("\n", comment)))
    return "\n".join(f" {line}" if line and not line.startswith(" ") else line for line in plain.split("\n"))


def docstrings(info: bytes) -> bytes:
    """Of what `harmless` gave, the comments of services and methods, in which no quote and no backslash counts."""
    kept = schema().SourceCodeInfo()
    for location in schema().SourceCodeInfo.FromString(info).location:
        path = unpack(location.path)
        if path[:1] == (_SERVICE,) and (len(path) == 2 or (len(path) == 4 and path[2] == _METHOD)):
            for name in ("leading_comments", "trailing_comments"):
                if location.HasField(name):
                    setattr(location, name, _escaped(getattr(location, name)))
            location.leading_detached_comments[:] = map(_escaped, location.leading_detached_comments)
            kept.location.append(location)
    return bytes(kept.SerializeToString(deterministic=True))


def _escaped(comment: bytes) -> bytes:
    return comment.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
