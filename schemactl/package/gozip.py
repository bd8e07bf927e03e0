"""The Go module, as a module proxy serves it: the zip, its go.mod and what is known of its version."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping

from schemactl.artifact import Artifact, Kind
from schemactl.package.archive import unzipped, zipped
from schemactl.package.gopath import escaped, require_file, require_module

_LARGEST = 500 * 1024**2
_LARGEST_TEXT = 16 * 1024**2  # of go.mod and LICENSE
_TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ", re.ASCII)
_MODULE = re.compile(rb"^[ \t]*module[ \t]+\"?([^\s\"]+)\"?[ \t\r]*(?://.*)?$", re.MULTILINE)


def gomodule(
    name: str,
    module: str,
    version: str,
    files: Mapping[str, bytes],
    gomod: bytes,
    license: bytes | None = None,
    *,
    time: str,
) -> list[Artifact]:
    """`name` is the product's; `files` by their paths in the module; `time` is the commit's, RFC 3339 in UTC."""
    require_module(module, version)
    whole = {**files, "go.mod": gomod} | ({} if license is None else {"LICENSE": license})
    _require_valid(files, whole, module)
    if not _TIME.fullmatch(time):
        raise ValueError(f"{time!r} is not a time in UTC: write it like `2026-01-31T12:00:00Z`")
    info = json.dumps({"Version": version, "Time": time}, separators=(",", ":")).encode()
    packed = zipped({f"{module}@{version}/{path}": content for path, content in whole.items()})
    place = f"go/{escaped(module)}/@v/{escaped(version)}"
    made: tuple[tuple[Kind, str, bytes], ...] = (
        ("go-zip", "zip", packed), ("go-mod", "mod", gomod), ("go-info", "info", info),
    )  # fmt: skip
    return [Artifact(kind, name, version, f"{place}.{suffix}", content) for kind, suffix, content in made]


def h1(files: Mapping[str, bytes]) -> str:
    """The sum in a go.sum of files by their full names, `module@version/…`."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "h1:" + b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def h1_of_zip(content: bytes) -> str:
    return h1(unzipped(content))


def h1_mod(gomod: bytes) -> str:
    """The sum of the line whose version ends in `/go.mod`."""
    return h1({"go.mod": gomod})


def _require_valid(files: Mapping[str, bytes], whole: Mapping[str, bytes], module: str) -> None:
    for path in files:
        require_file(path)
    if not any(path.endswith(".go") for path in files):
        raise ValueError(
            f"the Go module {module!r} would have no code: give it protos, or take `go` out of the package"
        )
    if [found.decode("utf-8", "replace") for found in _MODULE.findall(whole["go.mod"])] != [module]:
        raise ValueError(f"its go.mod should say `module {module}`, once")
    for path in ("go.mod", "LICENSE"):
        if len(whole.get(path, b"")) > _LARGEST_TEXT:
            raise ValueError(f"{path} of the Go module {module!r} has more than {_LARGEST_TEXT // 1024**2} MB")
    if sum(map(len, whole.values())) > _LARGEST:
        raise ValueError(f"the Go module {module!r} has more than {_LARGEST // 1024**2} MB, which Go does not take")
