"""Go's names: the package that a file is in, and the file that its code is in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

_VERSION = re.compile(r"v\d+((p\d+)?(alpha|beta)\d*|test.*)?")
_FOREIGN = re.compile(r"[^a-z0-9]+")
# Go's keywords, what it declares itself, and names of which it compiles nothing or something else.
_TAKEN = re.compile(
    "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|"
    "range|return|select|struct|switch|type|var|"
    "any|bool|byte|comparable|complex64|complex128|error|float32|float64|int|int8|int16|int32|int64|rune|string|uint|"
    "uint8|uint16|uint32|uint64|uintptr|true|false|iota|nil|append|cap|clear|close|complex|copy|delete|imag|len|make|"
    "max|min|new|panic|print|println|real|recover|"
    "documentation|init|main"
)
# From Go's internal/syslist: `x_windows.go` is compiled for Windows only. What stands there stays there.
_SYSTEM = re.compile(
    "aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9|solaris|wasip1|windows|"
    "zos|386|amd64|amd64p32|arm|armbe|arm64|arm64be|loong64|mips|mipsle|mips64|mips64le|mips64p32|mips64p32le|ppc|"
    "ppc64|ppc64le|riscv|riscv64|s390|s390x|sparc|sparc64|wasm|test",
    re.IGNORECASE,
)
# No file of a module may be called so, whatever follows the first dot.
_DEVICE = re.compile("con|prn|aux|nul|com[1-9]|lpt[1-9]", re.IGNORECASE)

_GRPC, _OPAQUE = ("_grpc",), ("_protoopaque",)


def import_path(module: str, file: str) -> str:
    """Of the package that the file's code is in: one for every directory."""
    directory = posixpath.dirname(file)
    return f"{module}/{directory}" if directory else module


def package(path: str) -> str:
    """The name of the package with this import path: `usersv1` of `…/users/v1`, and always an identifier."""
    parts = path.split("/")
    words = parts[-2:] if _VERSION.fullmatch(parts[-1]) else parts[-1:]
    name = _FOREIGN.sub("", "".join(words).lower())
    if not name[:1].isalpha():
        return f"pb{name}"
    return f"{name}pb" if _TAKEN.fullmatch(name) else name


def filenames(
    files: Iterable[str], services: Collection[str], hybrid: Collection[str] = ()
) -> Mapping[str, Sequence[str]]:
    """Where the code of each file stands: its messages, for those in `services` what serves them, and last for those
    that are `hybrid` their messages once more.

    No two names are the same on any disk, and none is one that Go would skip.
    """
    taken: set[str] = set()
    ends = {file: ("", *(_GRPC if file in services else ()), *(_OPAQUE if file in hybrid else ())) for file in files}
    names = {file: _names(file, "", ends[file]) for file in ends}
    # Who can have the plain name has it, whatever else there is; services first, since they take two.
    for file in sorted(names, key=lambda file: (names[file][0] != _plain(file), file not in services, file)):
        number = 1
        while not taken.isdisjoint(name.lower() for name in names[file]):
            number += 1
            names[file] = _names(file, f"_{number}", ends[file])
        taken.update(name.lower() for name in names[file])
    return names


def _plain(file: str) -> str:
    return file.removesuffix(".proto") + ".pb.go"


def _names(file: str, mark: str, ends: Sequence[str]) -> Sequence[str]:
    directory, name = posixpath.split(file.removesuffix(".proto"))
    stem = posixpath.join(directory, _compiled(name, mark))
    return tuple(f"{stem}{end}.pb.go" for end in ends)


def _compiled(stem: str, mark: str) -> str:
    """The stem of a file that Go compiles on every system; it looks no further than the first dot."""
    stem = stem if stem[:1] not in ("_", ".") else f"proto{stem}"
    first, dot, rest = stem.partition(".")
    *before, last = first.split("_")
    if (before and _SYSTEM.fullmatch(last)) or _DEVICE.fullmatch(first):
        first += "_proto"
    return first + mark + dot + rest
