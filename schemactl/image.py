"""The compiled schema: descriptors by import path, read raw and only as far as somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from schemactl.finding import Location
from schemactl.position import code_point_column

OPTIONS_FILE = "schemactl/v1/options.proto"
OPTIONS_PACKAGE = "schemactl.v1"
_NUMBER = re.compile(rb"\x8a\x19")  # how every tag of field 51374, which our options have, ends
# A whole id, where Buf takes any beginning of the text for one.
_PATH = 0x0A  # the tag of a location's path
_MARKER = b"buf:lint:ignore"
_IGNORE = re.compile(r"^[ \t]*buf:lint:ignore ([A-Z][A-Z0-9_]*)", re.MULTILINE)
_PROTOS = Path(__file__).with_name("protos")  # importlib.resources costs 13 ms


@dataclass(frozen=True)
class Image:
    """One side of a comparison: `descriptors` are serialized FileDescriptorProtos by import path.

    `targets` are the files of the repository's own modules, in path order; the rest is only imported.
    `paths` and `sources` give the repository path and the bytes of each file, where there are any.
    """

    descriptors: Mapping[str, bytes]
    targets: tuple[str, ...]
    paths: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)

    def file(self, name: str) -> File:
        own = OPTIONS_FILE in self.descriptors
        return parse(self.descriptors[name], self.paths.get(name, name), self.sources.get(name), own=own)

    def files(self, names: Iterable[str] | None = None) -> Iterator[File]:
        return (self.file(name) for name in (self.targets if names is None else names))


EMPTY = Image({}, ())


def parse(descriptor: bytes, path: str, source: bytes | None, *, own: bool = True) -> File:
    """`own`: the schema holds our options. Without them their number is somebody else's, and read as nobody's."""
    from google.protobuf.message import DecodeError

    if own or not _NUMBER.search(descriptor):
        with suppress(DecodeError):  # two claim the number: the clash is told once all is compiled
            return File(schema().WithOptions.FromString(descriptor), path, source)
    return File(schema().WithOptions.FromString(_without_options(descriptor)), path, source)


def _without_options(descriptor: bytes) -> bytes:
    """The descriptor less the custom options of messages and fields."""
    proto = schema().FileDescriptorProto.FromString(descriptor)
    pending, fields = list(proto.message_type), list(proto.extension)
    while pending:
        message = pending.pop()
        pending += message.nested_type
        fields += [*message.field, *message.extension]
        if message.HasField("options"):
            message.options.DiscardUnknownFields()
    for each in fields:
        if each.HasField("options"):
            each.options.DiscardUnknownFields()
    return bytes(proto.SerializeToString())


def options_text() -> bytes:
    """The built-in copy of the option schema."""
    return (_PROTOS / OPTIONS_FILE).read_bytes()


@cache
def schema() -> SimpleNamespace:
    """Message classes of a private descriptor.proto: `FileDescriptorProto`, and `WithOptions`, which knows ours.

    There `source_code_info` is `bytes` (same wire type), as are the paths and spans in it: a file's positions are
    decoded when a finding needs them, not for every file (1.2 s saved on 1.36 million of them).
    """
    from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, message_factory

    private = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
    _as_bytes(private, "FileDescriptorProto", "source_code_info")
    _as_bytes(private, "SourceCodeInfo.Location", "path", "span", "leading_comments", "trailing_comments")
    _add_buf_extension(private)
    _add_head(private)
    _add_locations(private)
    pool = descriptor_pool.DescriptorPool()
    for serialized in (private.SerializeToString(), duration_pb2.DESCRIPTOR.serialized_pb, options_descriptor()):
        pool.AddSerializedFile(serialized)
    message_factory.GetMessageClassesForFiles([OPTIONS_FILE], pool)
    plain = descriptor_pool.DescriptorPool()
    plain.AddSerializedFile(private.SerializeToString())

    def message(name: str, pool: Any = pool) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))

    return SimpleNamespace(
        pool=pool,
        FileDescriptorProto=message("google.protobuf.FileDescriptorProto", plain),
        Head=message("google.protobuf.FileHead", plain),
        WithOptions=message("google.protobuf.FileDescriptorProto"),
        SourceCodeInfo=message("google.protobuf.SourceCodeInfo", plain),
        Locations=message("google.protobuf.Locations", plain),
        Location=message("google.protobuf.SourceCodeInfo.Location", plain),
        Topic=message("schemactl.v1.Topic"),
        topic=pool.FindExtensionByName("schemactl.v1.topic"),
        field=pool.FindExtensionByName("schemactl.v1.field"),
    )


def _as_bytes(file: Any, message_name: str, *names: str) -> None:
    outer, _, inner = message_name.partition(".")
    message = next(m for m in file.message_type if m.name == outer)
    if inner:
        message = next(m for m in message.nested_type if m.name == inner)
    for found in message.field:
        if found.name in names:
            found.type, found.label = found.TYPE_BYTES, found.LABEL_OPTIONAL
            found.ClearField("type_name")
            found.ClearField("options")


def _add_buf_extension(file: Any) -> None:
    """Field 8042 of a file in an image of Buf, which says among other things whether it is only imported."""
    message = next(m for m in file.message_type if m.name == "FileDescriptorProto")
    kind = type(message.field[0])
    message.field.add(name="buf_extension", number=8042, type=kind.TYPE_BYTES, label=kind.LABEL_OPTIONAL)


def _add_head(file: Any) -> None:
    """A message that reads a file's package and skips all else of it."""
    kind = type(file.message_type[0].field[0])
    head = file.message_type.add(name="FileHead")
    head.field.add(name="package", number=2, type=kind.TYPE_STRING, label=kind.LABEL_OPTIONAL)


def _add_locations(file: Any) -> None:
    """A SourceCodeInfo that leaves its locations encoded: most of a file's are never looked at."""
    kind = type(file.message_type[0].field[0])
    locations = file.message_type.add(name="Locations")
    locations.field.add(name="location", number=1, type=kind.TYPE_BYTES, label=kind.LABEL_REPEATED)


def options_descriptor() -> bytes:
    return (_PROTOS / "options.binpb").read_bytes()


@dataclass(eq=False)
class File:
    """One compiled file; `path` is where it stands in the repository."""

    proto: Any
    path: str
    source: bytes | None

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
        return bool(self.ignores) and is_ignored(self.ignores.items(), pack(path), rule)

    def statements(self, path: tuple[int, ...]) -> list[tuple[Location, str]]:
        """Every statement recorded for the path (a message may have several `reserved`) with its trailing comment."""
        return [
            (self._place(unpack(found.span)), found.trailing_comments.decode("utf-8", "replace"))
            for found in map(schema().Location.FromString, self._recorded)
            if found.path == pack(path)
        ]

    def comment(self, path: tuple[int, ...]) -> str:
        """The comment above the element, else the one behind it."""
        found = self._location(path)
        text: bytes = (found.leading_comments or found.trailing_comments) if found else b""
        return text.decode("utf-8", "replace").strip()

    def leading_comment(self, path: tuple[int, ...]) -> str | None:
        """The comment right above the element; None where the path has no location."""
        found = self._location(path)
        return None if found is None else found.leading_comments.decode("utf-8", "replace")

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


def _span(location: bytes) -> bytes:
    """The packed span of an encoded location: its second field."""
    start = 2 + location[1]
    return location[start + 2 : start + 2 + location[start + 1]] if location[start : start + 1] == b"\x12" else b""


def placed(path: str, span: tuple[int, ...]) -> Location:
    """The place of a 0-based span in code points; of an empty one the top of the file."""
    if not span:
        return Location(path, 1, 1, 1, 1)
    end_line, end_column = (span[0], span[2]) if len(span) == 3 else (span[2], span[3])
    return Location(path, span[0] + 1, span[1] + 1, end_line + 1, end_column + 1)


def is_ignored(ignores: Iterable[tuple[bytes, tuple[str, ...]]], path: bytes, rule: str) -> bool:
    return any(path.startswith(above) and rule in ids for above, ids in ignores)


def pack(numbers: tuple[int, ...]) -> bytes:
    """The varints of a packed repeated int32 (descriptor paths and spans are never negative)."""
    if not numbers or max(numbers) < 0x80:
        return bytes(numbers)
    packed = bytearray()
    for number in numbers:
        while number > 0x7F:
            packed.append(number & 0x7F | 0x80)
            number >>= 7
        packed.append(number)
    return bytes(packed)


def unpack(packed: bytes) -> tuple[int, ...]:
    if not packed or max(packed) < 0x80:
        return tuple(packed)
    numbers, value, shift = [], 0, 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return tuple(numbers)


def split(descriptor_set: bytes) -> Iterator[tuple[int, int]]:
    """(start, end) of every file in a serialized FileDescriptorSet or Buf image (both: repeated field 1)."""
    at = 0
    while at < len(descriptor_set):
        if descriptor_set[at] != 0x0A:
            raise ValueError(f"unexpected byte at {at}")
        length, shift = 0, 0
        while True:
            at += 1
            length |= (descriptor_set[at] & 0x7F) << shift
            shift += 7
            if descriptor_set[at] < 0x80:
                break
        at += 1
        if at + length > len(descriptor_set):
            raise ValueError("it ends in the middle of a file")
        yield at, at + length
        at += length
