"""What the rules about comments share: whether an element is documented."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.element import Element
from schemactl.rule import Check, Context, Hit

_IGNORE = "buf:lint:ignore"
_WHOLE = ()
_HELP = "write it above, without an empty line between"
_GROUP = 10  # its comment is the message's


def check(what: str) -> Check:
    def checked(element: Element, context: Context) -> Iterator[Hit]:
        comment = element.file.leading_comment(element.path)
        if comment is not None and not _says_something(comment) and not _is_group(element):
            yield Hit(f"{what} `{element.name}` should have a comment", _HELP, _WHOLE)

    return checked


def _says_something(comment: str) -> bool:
    return any(line.strip() and not line.strip().startswith(_IGNORE) for line in comment.split("\n"))


def _is_group(element: Element) -> bool:
    return element.kind == "field" and element.proto.type == _GROUP
