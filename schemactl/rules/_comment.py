"""What the rules about comments share: which elements of a file are not documented."""

from __future__ import annotations

from collections.abc import Iterator

from schemactl.element import Element, walk
from schemactl.rule import Check, Context, Hit

_IGNORE = "buf:lint:ignore"
_WHOLE = ()
_HELP = "write it above, without an empty line between"
_GROUP = 10  # its comment is the message's


def check(kind: str, what: str) -> Check:
    """A check of the file: one of each of its 100,000 fields would take twice as long."""

    def checked(file: Element, context: Context) -> Iterator[Hit]:
        for element in walk(file.file, (kind,)):
            comment = file.file.leading_comment(element.path)
            if comment is not None and not _says_something(comment) and not _is_group(element):
                yield Hit(f"{what} `{element.name}` should have a comment", _HELP, _WHOLE, element=element)

    return checked


def _says_something(comment: str) -> bool:
    if _IGNORE not in comment:
        return bool(comment.strip())
    return any(line.strip() and not line.strip().startswith(_IGNORE) for line in comment.split("\n"))


def _is_group(element: Element) -> bool:
    return element.kind == "field" and element.proto.type == _GROUP
