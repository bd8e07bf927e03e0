"""Options that are only for those who read the source: protoc leaves them out of what it generates."""

from __future__ import annotations

from collections.abc import Mapping

from schemactl import protoc
from schemactl.errors import ToolError
from schemactl.extensions import head
from schemactl.generate import wire
from schemactl.image import split
from schemactl.workspace import workspace

_MARK = b"\x88\x01\x02"  # `retention = RETENTION_SOURCE`
_DESCRIPTOR = "google/protobuf/descriptor.proto"
_EDITIONS, _EDITION_2023 = b"b\x08editions", b"p\xe8\x07"
_SET, _OUT, _FILES = "schema.binpb", "runtime.binpb", 1


def is_used(descriptors: Mapping[str, bytes]) -> bool:
    """Whether there may be such options: somebody declares one, or a file is of an edition that brings some."""
    return any(
        (_MARK in each and name != _DESCRIPTOR) or (_EDITIONS in each and _EDITION_2023 not in each)
        for name, each in descriptors.items()
    )


def runtime(descriptors: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same descriptors, in the same order, without these options; protoc adds every json_name."""
    with workspace() as directory:
        (directory / _SET).write_bytes(b"".join(wire.embedded(_FILES, each) for each in descriptors.values()))
        result = protoc.run(directory, (f"--descriptor_set_in={_SET}", "--include_imports", f"-o{_OUT}", *descriptors))
        if result is None or result.code:
            said = result.stderr.decode("utf-8", "backslashreplace").strip() if result else "it crashed"
            what = f"protoc cannot read the schema that it wrote: {said.splitlines()[-1]}"
            raise ToolError(what, "report this with the schema")
        written = (directory / _OUT).read_bytes()
    found = {str(head(each).name): each for each in (written[start:end] for start, end in split(written))}
    return {name: found[name] for name in descriptors}
