"""Runs a plugin of protoc without protoc, and holds it to what it was asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from schemactl import tools
from schemactl.errors import ToolError
from schemactl.goplugins import Plugin

TIMEOUT = 300.0
_PROTO_FILE, _SOURCE_CODE_INFO = b"\x7a", b"\x4a"  # tags: fields 15 and 9
_REPORT = "report this with the schema"


def request(
    files: Sequence[str], parameter: str, descriptors: Mapping[str, bytes], sources: Mapping[str, bytes]
) -> bytes:
    """A CodeGeneratorRequest; comments go with the files that code is made for.

    No version of protoc is in it: plugins write that into their code, and it says nothing about it.
    """
    from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest

    head = CodeGeneratorRequest(file_to_generate=files, parameter=parameter).SerializeToString()
    wanted = set(files)
    with_sources = (
        (descriptor, _framed(_SOURCE_CODE_INFO, sources.get(name, b""))) if name in wanted else (descriptor,)
        for name, descriptor in descriptors.items()
    )
    return b"".join((head, *(_framed(_PROTO_FILE, *parts) for parts in with_sources)))


def _framed(tag: bytes, *parts: bytes) -> bytes:
    length, prefix = sum(map(len, parts)), bytearray(tag)
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    prefix.append(length)
    return b"".join((prefix, *parts))


def answer(plugin: Plugin, asked: bytes, expected: Collection[str], editions: Mapping[str, int]) -> dict[str, bytes]:
    """The generated files by name: those that are expected, all of them and no other.

    `editions` are those of the files that are written in one.
    """
    result = tools.run((str(plugin.path),), stdin=asked, timeout=TIMEOUT, ok=None)
    response = _response(plugin, result)
    for file, edition in editions.items():
        if not response.minimum_edition <= edition <= response.maximum_edition:
            known, latest = _edition(edition), _edition(response.maximum_edition)
            message = f"`{file}` is of edition {known}, and {plugin.name} {plugin.version} knows none after {latest}"
            raise ToolError(message, f'write `edition = "{latest}";` in it')
    if response.error:
        raise ToolError(f"{plugin.name} {plugin.version} refuses the schema: {_line(response.error)}", _REPORT)
    names = [each.name for each in response.file]
    if sorted(names) != sorted(expected):
        strange = ", ".join(sorted({*names} ^ {*expected}) or names)
        raise ToolError(f"{plugin.name} {plugin.version} writes other files than it should: {_line(strange)}", _REPORT)
    return {each.name: each.content.encode() for each in response.file}


def _edition(number: int) -> str:
    from google.protobuf.descriptor_pb2 import Edition

    known = number in Edition.values()
    return Edition.Name(number).removeprefix("EDITION_") if known else str(number)  # type: ignore[arg-type]


def _response(plugin: Plugin, result: tools.Result) -> Any:
    from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse
    from google.protobuf.message import DecodeError

    if result.code != 0:
        said = result.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        why = said[0].removeprefix(f"{plugin.name}: ") if said else f"exit code {result.code}"
        raise ToolError(f"{plugin.name} {plugin.version} failed: {_line(why)}", f"change what it names, or {_REPORT}")
    try:
        return CodeGeneratorResponse.FromString(result.stdout)
    except DecodeError:
        raise ToolError(f"{plugin.name} {plugin.version} answers with nonsense", _REPORT) from None


def _line(text: str) -> str:
    return " ".join(text.split())
