"""A compiled file: its raw descriptor, and places and comments in it for those who ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemactl.extensions import Extensions
from schemactl.finding import Location
from schemactl.packed import is_ignored, pack, placed, unpack
from schemactl.position import code_point_column
from schemactl.schema import schema
from schemactl.suppression import MARKER

_PATH = 0x0A  # the tag of a location's path
_HEAD = ((12,), (14,), (2,))  # `syntax`, which is protoc's path of `edition` too, `edition` and `package`
_MARKER = b"buf:lint:ignore"
_OWN_IGNORE = re.compile(rb"^[ \t/*]*%s.*\n?" % MARKER, re.MULTILINE)
# A whole id, where Buf takes any beginning of the text for one.
_IGNORE = re.compile(r"^[ \t]*buf:lint:ignore ([A-Z][A-Z0-9_]*)", re.MULTILINE)


@dataclass(eq=False)
class File:
    """One compiled file; `path` is where it stands in the repository.

    `extensions` read its custom options; of `full`, if it is there, since `proto` then is without them.
    """

    proto: Any
    path: str
    source: bytes | None
    extensions: Extensions | None = None
    full: Any = None

    @property
    def name(self) -> str:
        return str(self.proto.name)

    @property
    def package(self) -> str:
        return str(self.proto.package)

    @cached_property
    def _recorded(self) -> list[bytes]:
        encoded = schema().Locations.FromString(self.proto.source_code_info).location
        if self.source is not None:
            return list(encoded)
        # Of a descriptor set from elsewhere: their fields may stand in any order.
        again = (schema().Location.FromString(each).SerializeToString() for each in encoded)
        return [each for each in again if each]

    @cached_property
    def _locations(self) -> dict[bytes, bytes]:
        """The first location, encoded, of each packed path: several `extend` blocks share theirs.

        The path is its first field; the file as a whole has none. No path takes 128 bytes: compilers stop before.
        """
        return {each[2 : 2 + each[1]]: each for each in reversed(self._recorded) if each[0] == _PATH and each[1] < 0x80}

    def _location(self, path: tuple[int, ...]) -> Any:
        """protoc's record of exactly that path; None if there is none."""
        encoded = self._locations.get(pack(path))
        return None if encoded is None else schema().Location.FromString(encoded)

    @cached_property
    def ignores(self) -> dict[bytes, tuple[str, ...]]:
        """Rules that a `buf:lint:ignore` comment above a descriptor path, here packed, names."""
        if _MARKER not in self.proto.source_code_info:
            return {}
        marked = {path: encoded for path, encoded in self._locations.items() if path and _MARKER in encoded}
        comments = {path: schema().Location.FromString(encoded).leading_comments for path, encoded in marked.items()}
        found = {path: tuple(_IGNORE.findall(text.decode("utf-8", "replace"))) for path, text in comments.items()}
        return {path: ids for path, ids in found.items() if ids}

    @cached_property
    def lines(self) -> list[bytes]:
        return (self.source or b"").split(b"\n")

    def location(self, path: tuple[int, ...] = ()) -> Location:
        """Place of the descriptor path; of its nearest ancestor that has one, else the top of the file."""
        for end in range(len(path), 0, -1):
            if found := self._locations.get(pack(path[:end])):
                return self._place(unpack(_span(found)))
        return Location(self.path, 1, 1, 1, 1)

    def ignored(self, path: tuple[int, ...], rule: str) -> bool:
        """Whether a `buf:lint:ignore` comment on the path, or on what is around it, names the rule."""
        return bool(self.ignores) and is_ignored(self.ignores, pack(path), rule)

    def statements(self, path: tuple[int, ...]) -> list[tuple[Location, str]]:
        """Every statement recorded for the path (a message may have several `reserved`) with its trailing comment."""
        found = map(schema().Location.FromString, self._statements.get(pack(path), ()))
        return [(self._place(unpack(each.span)), each.trailing_comments.decode("utf-8", "replace")) for each in found]

    @cached_property
    def _statements(self) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for each in self._recorded:
            if each[0] == _PATH:
                found.setdefault(each[2 : 2 + each[1]], []).append(each)
        return found

    def recorded(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Every path that protoc says a place of, with its span: 0-based, three or four numbers."""
        for each in self._recorded:
            if each[0] == _PATH and each[1] < 0x80:
                yield unpack(each[2 : 2 + each[1]]), unpack(_span(each))

    def comment(self, path: tuple[int, ...]) -> str:
        """The comment above the element, else the one behind it; of the file, all that stand at its head."""
        if not path:
            return self._head_comment()
        found = self._location(path)
        return (_said(found.leading_comments) or _said(found.trailing_comments)).strip() if found else ""

    def _head_comment(self) -> str:
        """Without any of these statements, what stands apart from the first there is."""
        found = [location for path in _HEAD if (location := self._location(path))]
        texts = [text for each in found for text in (*each.leading_detached_comments, each.leading_comments)]
        if not found:
            first = next((each for each in self._recorded if each[0] == _PATH), b"")
            texts = list(schema().Location.FromString(first).leading_detached_comments)
        return "\n\n".join(said for text in texts if (said := _said(text).strip()))

    def leading_comment(self, path: tuple[int, ...]) -> str | None:
        """The comment right above the element; None where the path has no location."""
        found = self._location(path)
        return None if found is None else _said(found.leading_comments)

    def span(self, path: tuple[int, ...]) -> tuple[int, ...] | None:
        """protoc's span of exactly that descriptor path: 0-based, three or four numbers."""
        found = self._location(path)
        return unpack(found.span) if found else None

    def code_points(self, path: tuple[int, ...]) -> bytes:
        """The span of exactly that path, packed, with columns in code points; nothing if there is none."""
        found = self._locations.get(pack(path))
        if found is None:
            return b""
        if self._plain:
            return _span(found)
        place = self._place(unpack(_span(found)))
        return pack((place.line - 1, place.column - 1, place.end_line - 1, place.end_column - 1))

    @cached_property
    def _plain(self) -> bool:
        """Columns are the same however one counts."""
        return self.source is None or (self.source.isascii() and b"\t" not in self.source)

    def _place(self, span: tuple[int, ...]) -> Location:
        if self._plain or not span:
            return placed(self.path, span)
        line, column = span[0], span[1]
        end_line, end_column = (line, span[2]) if len(span) == 3 else (span[2], span[3])
        return Location(self.path, line + 1, self.column(line, column), end_line + 1, self.column(end_line, end_column))

    def column(self, line: int, column: int) -> int:
        """Code-point column of protoc's 0-based (line, column)."""
        if self._plain or line >= len(self.lines):
            return column + 1
        return code_point_column(self.lines[line].removesuffix(b"\r"), column)


def _said(comment: bytes) -> str:
    """What a comment says of its element, without lines that suppress something there."""
    return (_OWN_IGNORE.sub(b"", comment) if MARKER in comment else comment).decode("utf-8", "replace")


def _span(location: bytes) -> bytes:
    """The packed span of an encoded location: its second field."""
    start = 2 + location[1]
    return location[start + 2 : start + 2 + location[start + 1]] if location[start : start + 1] == b"\x12" else b""
