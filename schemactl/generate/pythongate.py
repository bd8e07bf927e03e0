"""Generated Python that is no Python: mended where a stub only says too much, refused where a name has to change."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemactl.extensions import head
from schemactl.finding import Finding, fingerprint
from schemactl.generate.bare import Bare
from schemactl.generate.refused import Refused
from schemactl.product import python_path

_KEYWORDS = "|".join(keyword.kwlist)
# A name is field 1 of whatever has one. Parsing all stubs of temporal-api takes 0.19 s, this 1 ms.
_NAMED = re.compile(b"|".join(b"\n" + bytes([len(each)]) + each.encode() for each in keyword.kwlist))
_DECLARED = re.compile(rf" *(?:class (?:{_KEYWORDS})\(|(?:{_KEYWORDS}):|from \S+ import (?:{_KEYWORDS}) as )")


def checked(written: Mapping[str, bytes], files: Sequence[str], bare: Bare) -> dict[str, bytes]:
    """The files, stubs mended. gRPC's are always parsed: they hold names of methods, and comments."""
    doubtful, found, problems = _doubtful(bare), dict(written), dict[str, Finding]()
    for file in files:
        module = python_path(file)
        paths = [f"{module}.py", f"{module}.pyi"] if file in doubtful else []
        for path in (*paths, f"{module}_grpc.py"):
            if path in found and not _parses(found[path]):
                found[path] = _mended(found[path]) if path.endswith(".pyi") else found[path]
                if not _parses(found[path]):
                    problems.setdefault(file, _finding(file, path, bare))
    if problems:
        raise Refused([problems[file] for file in sorted(problems)])
    return found


def _doubtful(bare: Bare) -> set[str]:
    """Files that hold a keyword as a name, or can get one by an import."""
    found: set[str] = set()
    for name, descriptor in bare.descriptors.items():
        imported = not found.isdisjoint(head(descriptor).dependency)
        if imported or _NAMED.search(descriptor) or _keyword_in(python_path(name).split("/")):
            found.add(name)
    return found


def _parses(content: bytes) -> bool:
    """Whether it compiles: a name such as `__debug__` is refused by no parser."""
    try:
        compile(content, "code", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _mended(stub: bytes) -> bytes:
    """The stub without what can only be reached by `getattr`: values, extensions and classes named by a keyword."""
    kept: list[str] = []
    skipped: int | None = None
    for line in stub.decode().split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if skipped is not None and line and indent <= skipped:
            skipped = None
        if skipped is None and _DECLARED.match(line):
            skipped = indent
        elif skipped is None:
            kept.append(line)
    return "\n".join(kept).encode()


def _finding(file: str, path: str, bare: Bare) -> Finding:
    name = next(_unspeakable(file, bare), "")
    what = f"`{name}` is a word of Python itself" if name else "it does not parse"
    return Finding(
        rule="PYTHON_PATH",
        severity="error",
        source="compile",
        message=f"`{file}` gives no Python code: {what} (in `{path}`)",
        element=file,
        help=f"rename `{name}`" if name else "pin another version as `generator`",
        fingerprint=fingerprint("PYTHON_PATH", file, name),
    )


def _unspeakable(file: str, bare: Bare) -> Iterator[str]:
    """The keywords among what the modules of a file have to spell: paths, services, methods, and their types."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    proto = FileDescriptorProto.FromString(bare.descriptors[file])
    for name in (file, *proto.dependency):
        yield from _among(python_path(name).split("/"))
    for service in proto.service:
        yield from _among((service.name, *(method.name for method in service.method)))
        for method in service.method:
            yield from _among(method.input_type.split("."))
            yield from _among(method.output_type.split("."))


def _among(names: Iterable[str]) -> list[str]:
    return [name for name in names if keyword.iskeyword(name) or name == "__debug__"]


def _keyword_in(names: Iterable[str]) -> bool:
    return bool(_among(names))
