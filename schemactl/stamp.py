"""The stamp of this installation: what a cached result follows from beside its input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from schemactl import __version__

_HERE = Path(__file__).parent
_OTHERS = ("grpcio_tools", "protobuf", "cel_expr_python", "buf_bin")


@cache
def stamp() -> bytes:
    """Changes with every file of the tool, and with the versions of what judges beside it; the same on two machines.

    importlib.metadata would say the same and takes 60 ms.
    """
    parts = [__version__, sys.version, *(_recorded() or _dated()), *_versions()]
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _recorded() -> list[str]:
    """The checksums that were written when the package was installed; nothing in a checkout."""
    record = _HERE.parent / f"schemactl-{__version__}.dist-info" / "RECORD"
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    return sorted(line for line in lines if line.startswith("schemactl/") and "sha256=" in line)


def _dated() -> Iterator[str]:
    packs = _HERE.parent.joinpath("rules")
    for path in sorted([*(each for each in _HERE.rglob("*") if each.suffix in _KINDS), *packs.glob("*.yaml")]):
        status = path.stat()
        yield f"{path} {status.st_size} {status.st_mtime_ns}"


_KINDS = (".py", ".binpb", ".proto", ".json", ".yaml")


def _versions() -> Iterator[str]:
    spec = find_spec("grpc_tools")
    site = Path(spec.origin).parents[1] if spec and spec.origin else _HERE.parent
    for distribution in _OTHERS:
        yield from sorted(found.name for found in site.glob(f"{distribution}-*.dist-info"))
