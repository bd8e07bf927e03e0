"""Buf as the breaking-change engine: two images in, annotations out; no file of the tree ever reaches it."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from schemactl import tools
from schemactl.cache import NOTHING, Cache, decoded
from schemactl.errors import ToolError
from schemactl.image import IS_IMPORT, framed
from schemactl.stamp import stamp
from schemactl.tools import ahead

TIMEOUT = 900.0
_FOUND = 100  # Buf's exit code for "there are annotations", and for compile errors, which an image cannot have
_REFUSED = 1
# Of the time that Buf takes for two images as small as these, 40 % is Go's garbage collector; without it, 100 MB more.
_SMALL = 2 * 1024 * 1024


class Annotation(msgspec.Struct, frozen=True):
    """One line of Buf's JSON; positions are 1-based and in protoc's columns. No path: the file is gone."""

    type: str
    message: str
    path: str | None = None
    start_line: int = 1
    start_column: int = 1
    end_line: int = 1
    end_column: int = 1


def begun(
    new: Mapping[str, bytes],
    old: Mapping[str, bytes],
    targets: tuple[Collection[str], Collection[str]],
    rules: Iterable[str],
    workspace: Path,
    living: Collection[str] = (),
    cache: Cache = NOTHING,
) -> Callable[[], list[Annotation]]:
    """`buf breaking` of two sets of descriptors by import path, left running; what is returned waits for it.

    `targets` (new, old) are judged, the rest imported. `living` are packages that the new side has, whether or not any
    of their files is among its descriptors.
    """
    names = token([*new.values(), *old.values()])
    images = image(new, targets[0], names, living), image(old, targets[1], names)
    config = msgspec.json.encode({"version": "v2", "breaking": {"use": sorted(rules)}})
    key = _key(*images, config)
    if (kept := decoded(cache.get(key), list[Annotation])) is not None:
        return lambda: kept
    running = ahead(lambda: _run(images, config.decode(), workspace))

    def annotations() -> list[Annotation]:
        found = running()
        cache.put([(key, msgspec.msgpack.encode(found))])
        return found

    return annotations


def _key(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(b"buf\0%s\0%d" % (stamp(), Path(executable()).stat().st_size))
    for part in parts:
        digest.update(b"%d\0" % len(part) + part)
    return digest.digest()


def _run(images: tuple[bytes, bytes], config: str, workspace: Path) -> list[Annotation]:
    sides = [str(workspace / "new.binpb"), str(workspace / "old.binpb")]
    for side, content in zip(sides, images, strict=True):
        _write(side, content)
    argv = (
        executable(), "breaking", sides[0], "--against", sides[1], "--config", config,
        "--exclude-imports", "--error-format", "json", "--log-format", "text",
    )  # fmt: skip
    home = {"BUF_CACHE_DIR": str(workspace / "buf-cache"), "BUF_BETA_SUPPRESS_WARNINGS": "1"}
    if sum(map(len, images)) < _SMALL:
        home["GOGC"] = "off"
    result = tools.run(argv, cwd=workspace, env=home, timeout=TIMEOUT, ok=(0, _FOUND, _REFUSED))
    if result.code == _REFUSED:
        raise _refusal(result.stderr)
    annotations = [msgspec.json.decode(line, type=Annotation) for line in result.stdout.splitlines() if line]
    if (result.code == _FOUND) != bool(annotations) or any(a.type == "COMPILE" for a in annotations):
        said = annotations[0].message if annotations else result.stderr.decode("utf-8", "replace").strip()
        raise ToolError(f"buf could not compare the two images: {said}", "report this with the two revisions")
    return annotations


def _refusal(stderr: bytes) -> ToolError:
    """Buf's last line; protobuf puts a no-break space behind its `proto:`, at random."""
    lines = [" ".join(line.split()) for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = lines[-1].removeprefix("Failure: ") if lines else "it does not say why"
    hint = "change what it names, or skip the comparison, `--against none`"
    return ToolError(f"buf cannot compare these schemas: {said}", hint)


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        hint = "free some disk space, or set TMPDIR to another directory"
        raise ToolError(f"the temporary directory cannot be written: {error.strerror}", hint) from error


def token(descriptors: Collection[bytes]) -> str:
    """A name that occurs in none of the descriptors, and is the same for the same ones."""
    digest = hashlib.sha256()
    for descriptor in sorted(descriptors):
        digest.update(descriptor)
    while any(_named(digest).encode() in descriptor for descriptor in descriptors):
        digest.update(b"next")
    return _named(digest)


def _named(digest: hashlib._Hash) -> str:
    return f"x{digest.hexdigest()[:16]}"


def image(
    descriptors: Mapping[str, bytes], targets: Collection[str], token: str, living: Collection[str] = ()
) -> bytes:
    """A Buf image of descriptors, each after what it imports; all names that are added begin with the token.

    Buf refuses an empty image, so each side also holds one empty file that nobody else has. And it passes the deletion
    of a package's last message (enum, service, extension) while the package lives on with something else (1.75.0):
    every package that is known to live on has one more file with one of each, so that none is ever the last.
    """
    added = [_nothing(token), *(_stand_in(token, number, each) for number, each in enumerate(sorted(living)))]
    parts = [data if name in targets else data + IS_IMPORT for name, data in descriptors.items()]
    return b"".join(framed(part) for part in (*added, *parts))


def _nothing(token: str) -> bytes:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    return FileDescriptorProto(name=f"{token}.proto", package=f"{token}_p", syntax="proto3").SerializeToString()


def _stand_in(token: str, number: int, package: str) -> bytes:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

    file = FileDescriptorProto(name=f"{token}_{number}.proto", package=package, syntax="proto2")
    file.message_type.add(name=f"{token}_m").extension_range.add(start=1, end=2)
    file.enum_type.add(name=f"{token}_e").value.add(name=f"{token}_v", number=0)
    file.service.add(name=f"{token}_s")
    extendee = f".{package}.{token}_m" if package else f".{token}_m"
    kind = FieldDescriptorProto.TYPE_BOOL
    label = FieldDescriptorProto.LABEL_OPTIONAL
    file.extension.add(name=f"{token}_x", number=1, type=kind, label=label, extendee=extendee)
    return file.SerializeToString()


@cache
def executable() -> str:
    """The `buf` that came with buf-bin into this Python's environment, never another one on PATH."""
    name = "buf.exe" if os.name == "nt" else "buf"
    schemes = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", f"{os.name}_user"),
        str(Path(sys.executable).parent),
    ]
    places = [Path(directory) / name for directory in schemes]
    places += [Path(directory) / "bin" / name for directory in sys.path]  # `pip install --target`
    for place in places:
        if place.is_file():
            return str(place)
    raise ToolError("the package `buf-bin` is not installed", "run `pip install --force-reinstall buf-bin`")


@cache
def version() -> str:
    return tools.run((executable(), "--version")).stdout.decode().strip()
