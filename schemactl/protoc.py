"""Runs protoc, always in a process of its own, and turns what it says into complaints with a place."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from schemactl import tools
from schemactl.errors import ToolError

TIMEOUT = 120.0
# A fresh interpreter without site starts protoc in 18 ms; the arguments come on stdin, past any limit of the system.
_START = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
except (ImportError, ValueError, OSError):
    pass
sys.path.insert(0, sys.argv[1])
from grpc_tools import _protoc_compiler
sys.exit(_protoc_compiler.run_main([b"protoc", *sys.stdin.buffer.read().split(b"\\0")]))
"""
# Measured on googleapis: a quarter of protoc's time is malloc; these settings take 10 % off. Ignored without glibc.
_TUNABLES = ":".join(
    f"glibc.malloc.{name}"
    for name in (
        "tcache_count=2000",
        "mxfast=0",
        "top_pad=16777216",
        "trim_threshold=1073741824",
        "mmap_threshold=1073741824",
    )
)
_EVERYTHING = "__everything__.proto"
_LINE = re.compile(r"(?P<file>[^:\n]+):(?:(?P<line>-?\d+):(?P<column>-?\d+):)? (?P<message>.*)")
_IMPORT_FAILED = re.compile(r'Import "(?P<name>.*)" was not found or had errors\.')
_FOLLOWS_FROM_IMPORT = re.compile(
    r'".*" is not defined\.|.* seems to be defined in .*|.* is resolved to .*, which is not'
)


class Complaint(Struct, frozen=True):
    """One error; `line` is 1-based and `column` protoc's 0-based; both 0 when the whole file is meant."""

    file: str
    line: int
    column: int
    message: str
    kind: str = "COMPILE"
    help: str = ""


@cache
def version() -> str:
    return tools.run(_argv(), stdin=b"--version").stdout.decode().split()[-1]


def compile(directory: Path, names: Sequence[str], output: Path, *, timeout: float = TIMEOUT) -> list[Complaint]:
    """Compile files of `directory` into a descriptor set; what is wrong with them is returned, all of it.

    Raises ToolError naming the file when protoc itself crashes or does not finish.
    """
    options = ("--include_source_info", "--retain_options", f"-o{output}")
    result = _protoc(directory, names, options, timeout)
    if result is None:
        raise _culprit(directory, names, timeout)
    if result.code == 0:
        return []
    # protoc stops at the first bad input; importing all of them from one file makes it read on.
    everything = "".join(f'import "{name}";\n' for name in names)
    (directory / _EVERYTHING).write_text(f'syntax = "proto3";\n{everything}', encoding="utf-8", newline="\n")
    again = _protoc(directory, [_EVERYTHING], (f"-o{output}",), timeout)
    if again is None:
        raise _culprit(directory, names, timeout)
    return complaints(again.stderr.decode("utf-8", "replace")) or complaints(result.stderr.decode("utf-8", "replace"))


def complaints(stderr: str) -> list[Complaint]:
    """The errors in protoc's output, without warnings and without what merely follows from a broken import."""
    found: list[Complaint] = []
    for text in stderr.splitlines():
        if (parsed := _parse(text)) is None:
            continue
        if parsed.message.startswith("Suggested field numbers") and found:
            found[-1] = _with_help(found[-1], parsed.message)
        elif parsed.file != _EVERYTHING and parsed not in found:
            found.append(parsed)
    missing = {complaint.file for complaint in found if complaint.message == "File not found."}
    broken = {complaint.file for complaint in found if _IMPORT_FAILED.fullmatch(complaint.message)}
    kept = [_told(complaint, missing) for complaint in found if complaint.file not in missing]
    return [c for c in kept if c is not None and not (c.file in broken and _FOLLOWS_FROM_IMPORT.match(c.message))]


def _told(complaint: Complaint, missing: set[str]) -> Complaint | None:
    """The complaint with its kind; None for an import that failed only because the imported file is wrong."""
    failed = _IMPORT_FAILED.fullmatch(complaint.message)
    if failed and failed["name"] in missing:
        return Complaint(complaint.file, complaint.line, complaint.column, failed["name"], "UNRESOLVED_IMPORT")
    if failed:
        return None
    if complaint.message.startswith("File recursively imports itself"):
        cycle = complaint.message.partition(": ")[2]
        return Complaint(
            complaint.file, complaint.line, complaint.column, f"the files import each other: {cycle}", "IMPORT_CYCLE"
        )
    if "is already defined in file" in complaint.message:
        return Complaint(complaint.file, complaint.line, complaint.column, complaint.message, "DUPLICATE_SYMBOL")
    return complaint


def _parse(text: str) -> Complaint | None:
    found = _LINE.fullmatch(text)
    if found is None or found["message"].startswith("warning:"):
        return None
    line, column = int(found["line"] or 0), int(found["column"] or 1)
    return Complaint(found["file"].removeprefix("./"), max(line, 0), max(column - 1, 0), found["message"])


def _with_help(complaint: Complaint, help: str) -> Complaint:
    return Complaint(complaint.file, complaint.line, complaint.column, complaint.message, complaint.kind, help)


def _protoc(directory: Path, names: Sequence[str], options: Iterable[str], timeout: float) -> tools.Result | None:
    """The finished run; None when protoc was killed, aborted or ran out of time."""
    arguments = [f"-I{directory}", *options, *(f"{directory}/{name}" for name in names)]
    try:
        result = tools.run(
            _argv(),
            stdin="\0".join(arguments).encode("utf-8", "surrogateescape"),
            env={"GLIBC_TUNABLES": _TUNABLES},
            timeout=timeout,
            ok=None,
        )
    except tools.Timeout:
        return None
    return result if result.code in (0, 1) else None


def _culprit(directory: Path, names: Sequence[str], timeout: float) -> ToolError:
    """Halve the files until the one that brings protoc down stands alone."""
    suspects = list(names)
    limit = min(timeout, 10.0)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        suspects = half if _protoc(directory, half, ("-o/dev/null",), limit) is None else suspects[len(half) :]
    return ToolError(
        f"{suspects[0]}: protoc crashed or did not finish on this file, or on what it imports",
        "look for options nested very deep or very large literals, and take them out",
    )


@cache
def _argv() -> tuple[str, ...]:
    spec = find_spec("grpc_tools")
    if spec is None or not spec.submodule_search_locations:
        raise ToolError("grpcio-tools is not installed", "pip install schemactl again")
    site = Path(next(iter(spec.submodule_search_locations))).parent
    return (sys.executable, "-I", "-S", "-c", _START, str(site))
