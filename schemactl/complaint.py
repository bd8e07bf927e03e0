"""Turns what the compiler complains about into findings with the columns people count and a way out."""

from __future__ import annotations

import re
from functools import lru_cache

from schemactl.finding import Finding, Location, fingerprint
from schemactl.pool import mentioned
from schemactl.position import byte_offset, code_point_column
from schemactl.protoc import Complaint
from schemactl.texts import Sources
from schemactl.tree.flaw import unsafe

_WORD = re.compile(rb'"[^"]*"?|[\w.]+|.')
_LONGEST = 100_000  # counting columns of a longer line, once per complaint, would take minutes


def finding(complaint: Complaint, sources: Sources) -> Finding:
    text = sources.files.get(complaint.file, sources.imports.get(complaint.file, b""))
    path = sources.paths.get(complaint.file, complaint.file)
    message, help = complaint.message, complaint.help
    if complaint.kind == "UNRESOLVED_IMPORT":
        message, help = _unresolved(complaint, path)
    elif complaint.kind == "IMPORT_CYCLE":
        help = "move what they share into another file" if "->" in message else "delete the import"
    return Finding(
        complaint.kind,
        "error",
        "compile",
        mentioned(sources.paths, message),
        _place(complaint, path, text),
        help=help or None,
        fingerprint=fingerprint(complaint.kind, complaint.file, complaint.message),
    )


def _unresolved(complaint: Complaint, path: str) -> tuple[str, str]:
    name = complaint.message
    if unsafe(name):
        return f"import `{name}` of {path} is not a path below a root", (
            "import a file by its path from its module root: letters, digits, `_`, `.`, `+`, `-`, and `/` between names"
        )
    return f"import `{name}` of {path} is not found", (
        "provide it in one of three ways:\n"
        f"1. put the file into the repository, as `{name}` below a module root\n"
        "2. name the directory that holds it under `includes:` in schemactl.yaml (a submodule or a vendored copy)\n"
        "3. if it is a dependency in buf.yaml, run `buf dep update` and `buf build`: Buf's module cache is searched"
    )


# Complaints come sorted by file.
@lru_cache(maxsize=1)
def _lines(text: bytes) -> list[bytes]:
    return text.split(b"\n")


def _place(complaint: Complaint, path: str, text: bytes) -> Location:
    lines = _lines(text)
    if not 0 < complaint.line <= len(lines):
        return Location(path, 1, 1, 1, 1)
    line = lines[complaint.line - 1].removesuffix(b"\r")
    if len(line) > _LONGEST:
        return Location(path, complaint.line, 1, complaint.line, 1)
    column = code_point_column(line, complaint.column)
    word = _WORD.match(line, byte_offset(line, complaint.column))
    width = len(word.group().decode("utf-8", "replace")) if word else 0
    return Location(path, complaint.line, column, complaint.line, column + width)
