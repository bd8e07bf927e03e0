"""One shard: compile some files and judge each; what a worker does, or the main process on small trees."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from schemactl import culprit, lint, outline, protoc
from schemactl.extensions import Extensions, head
from schemactl.file import File
from schemactl.finding import Finding
from schemactl.image import parse, split
from schemactl.outline import Outline
from schemactl.packed import pack
from schemactl.suppression import MARKER, Suppression

MEANING = 16  # bytes of the digest
_SOURCE_INFO = b"\x4a"  # the tag of field 9 of a file


class Task(Struct, frozen=True):
    """Compile `names` below `directory` into `output`; judge those in `paths` (import path → repository path).

    `policies`: which of the plan's policies judges a file, where it is not the first. `own_options`: the schema as a
    whole holds `schemactl/v1/options.proto`. `passed_on` are the files that hand on imports of theirs.
    """

    directory: str
    names: tuple[str, ...]
    output: str
    paths: dict[str, str]
    policies: dict[str, int] = {}
    own_options: bool = True
    passed_on: frozenset[str] = frozenset()
    timeout: float = protoc.TIMEOUT


class Record(Struct, frozen=True, array_like=True, gc=False):
    """All there is to know of a file that was judged by itself."""

    outline: Outline
    findings: list[Finding]
    suppressions: tuple[Suppression, ...] = ()


_RECORD = msgspec.msgpack.Decoder(Record)


class _Outlined(Struct, frozen=True, array_like=True, gc=False):
    """The beginning of a Record, for whoever needs no more."""

    outline: Outline


def decoded(record: bytes) -> Record:
    """Raises ValueError for what is none."""
    return _RECORD.decode(memoryview(record)[MEANING:])


def outline_of(record: bytes) -> Outline:
    return msgspec.msgpack.decode(memoryview(record)[MEANING:], type=_Outlined).outline


class Summary(Struct, frozen=True, array_like=True):
    """A compiled file: where its descriptor lies in the output, and what became known of it.

    `record` is a digest of what the file means, comments and layout apart, and behind it a Record, encoded.
    """

    name: str
    start: int
    end: int
    record: bytes


class Shard(Struct, frozen=True):
    output: str
    complaints: list[protoc.Complaint]
    files: list[Summary]


def work(task: Task, judge: lint.Judge) -> Shard:
    directory, output = Path(task.directory), Path(task.output)
    try:
        compiled = protoc.compile(directory, task.names, output, timeout=task.timeout, imports=judge.reads_options)
    except protoc.Crash as crash:
        raise culprit.find(directory, task.names, task.timeout) from crash
    if compiled.complaints:
        return Shard(task.output, compiled.complaints, [])
    descriptor_set, encoder = output.read_bytes(), msgspec.msgpack.Encoder()
    files = []
    places = list(split(descriptor_set))
    extensions = Extensions(_named(descriptor_set, places)) if judge.reads_options else None
    names = frozenset(task.names)
    for start, end in places:
        descriptor = descriptor_set[start:end]
        if judge.reads_options and head(descriptor).name not in names:
            continue
        file = parse(descriptor, "", None, own=task.own_options, extensions=extensions)
        record = _record(file, task, judge, compiled.unused.get(file.name, ()))
        files.append(Summary(file.name, start, end, _meaning(descriptor, file) + encoder.encode(record)))
    return Shard(task.output, [], files)


def _named(descriptor_set: bytes, places: Iterable[tuple[int, int]]) -> dict[str, bytes]:
    descriptors = (descriptor_set[start:end] for start, end in places)
    return {head(descriptor).name: descriptor for descriptor in descriptors}


def _record(file: File, task: Task, judge: lint.Judge, unused: Collection[str]) -> Record:
    judged = file.name in task.paths
    findings: list[Finding] = []
    suppressions: tuple[Suppression, ...] = ()
    if judged:
        file.path = task.paths[file.name]
        with open(f"{task.directory}/{file.name}", "rb") as source:  # noqa: PTH123  (Path costs 0.1 s on 7,000 files)
            file.source = source.read()
        findings = judge(file, task.policies.get(file.name, 0))
        suppressions = _suppressions(file)
    return Record(outline.of(file, unused, task.passed_on, judged=judged), findings, suppressions)


def _suppressions(file: File) -> tuple[Suppression, ...]:
    if MARKER not in (file.source or b""):
        return ()
    from schemactl import comments

    return comments.suppressions(file)


def _meaning(descriptor: bytes, file: File) -> bytes:
    """A digest of the descriptor without its source information."""
    info = file.proto.source_code_info
    field = _SOURCE_INFO + pack((len(info),)) + info
    start = descriptor.rfind(field) if info else len(descriptor)
    digest = hashlib.blake2b(descriptor[:start], digest_size=MEANING)
    digest.update(descriptor[start + len(field) :])
    return digest.digest()
