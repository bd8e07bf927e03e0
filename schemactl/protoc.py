"""Runs protoc, always in a process of its own, and turns what it says into complaints with a place."""

from __future__ import annotations

import os
import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct, structs

from schemactl import tools
from schemactl.errors import ToolError

TIMEOUT = 120.0
# A fresh interpreter without site starts protoc in 18 ms; the arguments come on stdin, past any limit of the system.
_START = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
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
_ROOM = "free some disk space, or set TMPDIR to another directory"
_MOST = 1000  # complaints of one run: nobody reads more, and a megabyte of nonsense has 100,000
_EVERYTHING = "every file.proto"  # no file of a tree is called so: a space is refused
_LINE = re.compile(r"(?P<file>[^:\n]*):(?:(?P<line>-?\d+):(?P<column>-?\d+):)? (?P<message>.*)", re.DOTALL)
_UNUSED = re.compile(r"^([^:\n]+):\d+:\d+: warning: Import (.+) is unused\.$", re.MULTILINE)
_NO_FILE = re.compile(r"File not found\.|Backslashes, consecutive slashes")  # its importer complains too
_IMPORT_FAILED = re.compile(r'Import "(?P<name>.*)" was not found or had errors\.', re.DOTALL)
_FOLLOWS_FROM_IMPORT = re.compile(
    r'".*" is not defined\.|.* seems to be defined in .*|.* is resolved to .*, which is not'
)


class Crash(ToolError):
    """protoc came to no end; `culprit.find` says on which file."""


class Complaint(Struct, frozen=True, order=True):
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


class Compiled(Struct, frozen=True):
    """What is wrong with the files, all of it; if nothing is, the imports of each that protoc warns are unused."""

    complaints: list[Complaint] = []
    unused: dict[str, set[str]] = {}


def compile(
    directory: Path, names: Sequence[str], output: Path, *, timeout: float = TIMEOUT, imports: bool = False
) -> Compiled:
    """Compile files of `directory` into a descriptor set, with all that they import if `imports` says so.

    Raises Crash when protoc itself crashes or does not finish.
    """
    options = ["--include_source_info", "--retain_options", f"-o{output}"]
    options += ["--include_imports"] if imports else []
    result = _protoc(directory, names, options, timeout)
    if result is not None and result.code == 0:
        unused: dict[str, set[str]] = {}
        for file, name in _UNUSED.findall(result.stderr.decode("utf-8", "replace")):
            unused.setdefault(file.removeprefix("./"), set()).add(name)
        return Compiled(unused=unused)
    # protoc stops at the first bad input; importing all of them from one file makes it read on.
    overview = _overview(Path(f"{output}.all"), names).as_posix()
    again = result and _protoc(directory, [f"{overview}/{_EVERYTHING}"], (f"-I{overview}", f"-o{output}"), timeout)
    if result is None or again is None:
        raise Crash(f"protoc crashed or did not finish within {timeout:g} s")
    for done in (again, result):
        said = done.stderr.decode("utf-8", "replace")
        if found := complaints(said, lambda name: is_file(directory, name)):
            return Compiled(found)
    raise ToolError(
        f"protoc failed: {said.strip().rpartition(': ')[2] or 'it does not say why'}",
        _ROOM,
    )


def _overview(directory: Path, names: Sequence[str]) -> Path:
    everything = "".join(f'import "{name}";\n' for name in names)
    try:
        directory.mkdir()
        (directory / _EVERYTHING).write_text(f'syntax = "proto3";\n{everything}', encoding="utf-8", newline="\n")
    except OSError as error:
        raise ToolError(f"the temporary directory cannot be written: {error.strerror}", _ROOM) from error
    return directory


def is_file(directory: Path, name: str) -> bool:
    """Whether an import path, which may be anything, is a file of the directory."""
    plain = posixpath.normpath(name) == name and not name.startswith(("/", "../")) and "\0" not in name
    return plain and os.path.isfile(f"{directory}{os.sep}{name}")  # noqa: PTH113  (Path raises for long names)


def complaints(stderr: str, exists: Callable[[str], bool]) -> list[Complaint]:
    """The errors in protoc's output, without warnings and without what merely follows from a broken import."""
    exists = cache(exists)
    return _complaints(_entries(stderr), exists) or _complaints(stderr.split("\n"), exists)


def _complaints(entries: Iterable[str], exists: Callable[[str], bool]) -> list[Complaint]:
    found: dict[Complaint, None] = {}
    hints: dict[tuple[str, int, int], str] = {}
    for text in entries:
        if (parsed := _parse(text)) is None:
            continue
        if parsed.message.startswith("Suggested field numbers"):
            hints[parsed.file, parsed.line, parsed.column] = parsed.message
        elif exists(parsed.file):
            found[parsed] = None
    broken = {complaint.file for complaint in found if _IMPORT_FAILED.fullmatch(complaint.message)}
    kept = [_told(complaint, exists) for complaint in found]
    return _first(
        [
            structs.replace(each, help=hints.get((each.file, each.line, each.column), ""))
            for each in kept
            if each is not None and not (each.file in broken and _FOLLOWS_FROM_IMPORT.match(each.message))
        ]
    )


def _first(found: list[Complaint]) -> list[Complaint]:
    if len(found) <= _MOST:
        return found
    message = f"{len(found) - _MOST} more errors are not shown"
    return [*found[:_MOST], Complaint(found[_MOST].file, 0, 0, message, help="correct the others first")]


def _entries(stderr: str) -> list[str]:
    """protoc's messages: usually lines, but a name it quotes may hold a newline (or, rarer yet, a quote)."""
    entries: list[list[str]] = []
    quotes = 0
    for line in stderr.split("\n"):
        if quotes % 2:
            entries[-1].append(line)
        else:
            entries.append([line])
            quotes = 0
        quotes += line.count('"')
    return ["\n".join(lines) for lines in entries]


def _told(complaint: Complaint, exists: Callable[[str], bool]) -> Complaint | None:
    """The complaint with its kind; None for an import that failed only because the imported file is wrong."""
    if failed := _IMPORT_FAILED.fullmatch(complaint.message):
        return None if exists(failed["name"]) else _as(complaint, "UNRESOLVED_IMPORT", failed["name"])
    if complaint.message.startswith("File recursively imports itself"):
        cycle = complaint.message.partition(": ")[2].split(" -> ")[:-1]
        if len(cycle) == 1:
            return _as(complaint, "IMPORT_CYCLE", "the file imports itself")
        first = cycle.index(min(cycle))
        around = " -> ".join((*cycle[first:], *cycle[:first], cycle[first]))
        return _as(complaint, "IMPORT_CYCLE", f"the files import each other: {around}")
    if "is already defined in file" in complaint.message:
        return _as(complaint, "DUPLICATE_SYMBOL", complaint.message)
    return complaint


def _as(complaint: Complaint, kind: str, message: str) -> Complaint:
    return structs.replace(complaint, kind=kind, message=message)


def _parse(text: str) -> Complaint | None:
    found = _LINE.fullmatch(text)
    if found is None or found["message"].startswith("warning:") or _NO_FILE.match(found["message"]):
        return None
    line, column = int(found["line"] or 0), int(found["column"] or 1)
    return Complaint(found["file"].removeprefix("./"), max(line, 0), max(column - 1, 0), found["message"])


def _protoc(directory: Path, names: Sequence[str], options: Iterable[str], timeout: float) -> tools.Result | None:
    # Relative, because protoc splits a path at `:`, and a name could be an option or `@file`.
    paths = (name if os.path.isabs(name) else f"./{name}" for name in names)  # noqa: PTH117  (of a string)
    return run(directory, ["-I.", *options, *paths], timeout=timeout)


def run(
    directory: Path, arguments: Iterable[str], argv: Sequence[str] = (), *, timeout: float = TIMEOUT
) -> tools.Result | None:
    """The finished run, of the installed protoc or of that of `command`; None when it was killed or ran out of time."""
    try:
        result = tools.run(
            argv or _argv(),
            stdin="\0".join(arguments).encode("utf-8", "surrogateescape"),
            cwd=directory,
            env={"GLIBC_TUNABLES": _TUNABLES},
            timeout=timeout,
            ok=None,
        )
    except tools.Timeout:
        return None
    # On Windows its lines end as they do there, and 1 may be the code of a stack that overflowed: without a word.
    said = result.stderr.replace(b"\r\n", b"\n")
    return replace(result, stderr=said) if result.code == 0 or (result.code == 1 and said) else None


def survives(directory: Path, names: Sequence[str], timeout: float) -> bool:
    """Whether protoc comes to an end with these files, whatever it says about them."""
    return _protoc(directory, names, (f"-o{os.devnull}",), timeout) is not None


@cache
def _argv() -> tuple[str, ...]:
    spec = find_spec("grpc_tools")
    if spec is None or not spec.submodule_search_locations:
        raise ToolError("grpcio-tools is not installed", "run `pip install --force-reinstall grpcio-tools`")
    return command(Path(next(iter(spec.submodule_search_locations))).parent)


def command(site: Path) -> tuple[str, ...]:
    """What starts the protoc of the grpcio-tools in that directory."""
    return (sys.executable, "-I", "-S", "-c", _START, str(site))
