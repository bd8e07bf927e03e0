"""The names that Go's module tools accept: paths and versions of modules, files in their archives."""

from __future__ import annotations

import re

from schemactl import gopath

_DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)})
_PUNCTUATION = frozenset("!#$%&()+,-.=@[]^_{}~ ")


def require_module(path: str, version: str) -> None:
    """ValueError unless the go command takes the module at this version."""
    if wrong := gopath.of_module(path):
        raise ValueError(f"the Go module {path!r} {wrong}")
    if wrong := gopath.of_version(version, path):
        raise ValueError(f"the version {version!r} of the Go module {path!r} {wrong}")


def require_file(name: str) -> None:
    """ValueError unless the file may be in a module's archive, and would not be left out of it."""
    segments = name.split("/")
    for each in segments:
        if not each or each.endswith(".") or not all(_in_file(letter) for letter in each):
            raise ValueError(f"the Go file {name!r} cannot have the part {each!r} in its path: rename it")
        if each.split(".")[0].lower() in _DEVICES:
            raise ValueError(f"the Go file {name!r} has a part that is a device on Windows, {each!r}: rename it")
        if each.lower() == "go.mod":
            raise ValueError(f"the Go file {name!r} would make another module of its directory: rename it")
    if "vendor" in segments[:-1] or name == ".hg_archival.txt":
        raise ValueError(f"the Go file {name!r} would be left out: Go takes `vendor` for copies of others; rename it")


def escaped(text: str) -> str:
    """As a module proxy's addresses have it: capitals become `!` and the small letter."""
    return re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", text)


def _in_file(letter: str) -> bool:
    return letter.isalpha() or (letter.isascii() and letter.isdigit()) or letter in _PUNCTUATION
