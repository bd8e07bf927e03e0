"""Our copy of descriptor.proto: message classes that read a file's descriptor raw, and the option schema beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

OPTIONS_FILE = "schemactl/v1/options.proto"
OPTIONS_PACKAGE = "schemactl.v1"
# What an outline keeps of a file's options.
KEPT_OPTIONS = (
    "java_package", "java_multiple_files", "go_package", "csharp_namespace", "swift_prefix", "php_namespace",
    "ruby_package",
)  # fmt: skip
_PROTOS = Path(__file__).with_name("protos")  # importlib.resources costs 13 ms


def options_text() -> bytes:
    """The built-in copy of the option schema."""
    return (_PROTOS / OPTIONS_FILE).read_bytes()


@cache
def schema() -> SimpleNamespace:
    """Message classes of a private descriptor.proto: `FileDescriptorProto`, and `WithOptions`, which knows ours.

    `pool` has what expressions are checked against: these, our options, and `schemactl.File`.

    There `source_code_info` is `bytes` (same wire type), as are the paths and spans in it: a file's positions are
    decoded when a finding needs them, not for every file (1.2 s saved on 1.36 million of them).
    """
    from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, message_factory

    private = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
    _as_bytes(private, "FileDescriptorProto", "source_code_info")
    comments = ("leading_comments", "trailing_comments", "leading_detached_comments")
    _as_bytes(private, "SourceCodeInfo.Location", "path", "span", *comments)
    _add_buf_extension(private)
    _add_head(private)
    _add_locations(private)
    pool = descriptor_pool.DescriptorPool()
    for serialized in (private.SerializeToString(), duration_pb2.DESCRIPTOR.serialized_pb, options_descriptor()):
        pool.AddSerializedFile(serialized)
    pool.AddSerializedFile(_outlined(type(private)).SerializeToString())
    message_factory.GetMessageClassesForFiles([OPTIONS_FILE], pool)
    plain = descriptor_pool.DescriptorPool()
    plain.AddSerializedFile(private.SerializeToString())

    def message(name: str, pool: Any = pool) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))

    return SimpleNamespace(
        pool=pool,
        message=message,
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
            found.label = found.label if found.type == found.TYPE_STRING else found.LABEL_OPTIONAL
            found.type = found.TYPE_BYTES
            found.ClearField("type_name")
            found.ClearField("options")


def _add_buf_extension(file: Any) -> None:
    """Field 8042 of a file in an image of Buf, which says among other things whether it is only imported."""
    message = next(m for m in file.message_type if m.name == "FileDescriptorProto")
    kind = type(message.field[0])
    message.field.add(name="buf_extension", number=8042, type=kind.TYPE_BYTES, label=kind.LABEL_OPTIONAL)


def _add_head(file: Any) -> None:
    """A message that reads a file's package and imports and skips all else of it."""
    kind = type(file.message_type[0].field[0])
    head = file.message_type.add(name="FileHead")
    head.field.add(name="name", number=1, type=kind.TYPE_STRING, label=kind.LABEL_OPTIONAL)
    head.field.add(name="package", number=2, type=kind.TYPE_STRING, label=kind.LABEL_OPTIONAL)
    head.field.add(name="dependency", number=3, type=kind.TYPE_STRING, label=kind.LABEL_REPEATED)
    head.field.add(name="public_dependency", number=10, type=kind.TYPE_INT32, label=kind.LABEL_REPEATED)
    head.field.add(name="option_dependency", number=15, type=kind.TYPE_STRING, label=kind.LABEL_REPEATED)


def _add_locations(file: Any) -> None:
    """A SourceCodeInfo that leaves its locations encoded: most of a file's are never looked at."""
    kind = type(file.message_type[0].field[0])
    locations = file.message_type.add(name="Locations")
    locations.field.add(name="location", number=1, type=kind.TYPE_BYTES, label=kind.LABEL_REPEATED)


def _outlined(kind: Any) -> Any:
    """The types of `files`, which is what a rule about packages sees: what is kept of a file."""
    file = kind(name="schemactl/file.proto", package="schemactl")
    options, outline = file.message_type.add(name="FileOptions"), file.message_type.add(name="File")
    field = type(outline.field.add(name="name", number=1))
    outline.field[0].type, outline.field[0].label = field.TYPE_STRING, field.LABEL_OPTIONAL
    outline.field.add(name="path", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    outline.field.add(name="imports", number=3, type=field.TYPE_STRING, label=field.LABEL_REPEATED)
    outline.field.add(name="declares", number=4, type=field.TYPE_STRING, label=field.LABEL_REPEATED)
    outline.field.add(
        name="options",
        number=5,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_OPTIONAL,
        type_name=".schemactl.FileOptions",
    )
    for number, name in enumerate(KEPT_OPTIONS, 1):
        type_ = field.TYPE_BOOL if name == "java_multiple_files" else field.TYPE_STRING
        options.field.add(name=name, number=number, type=type_, label=field.LABEL_OPTIONAL)
    return file


def options_descriptor() -> bytes:
    return (_PROTOS / "options.binpb").read_bytes()
