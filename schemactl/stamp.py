"""The stamp of this installation: what a cached result follows from beside its input."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from schemactl import __version__

_HERE = Path(__file__).parent
# Of these it is enough to look at the file itself: every release has another one.
_OTHERS = ("grpc_tools", "cel_expr_python", "google.protobuf")


@cache
def stamp() -> bytes:
    """Changes with every installed file of the tool and of what judges beside it; asks no package for its version."""
    digest = blake2b(f"{__version__}\0{sys.version}".encode(), digest_size=16)
    for path in (*_own(), *_foreign()):
        status = path.stat()
        digest.update(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.digest()


def _own() -> list[Path]:
    packs = _HERE.parent.joinpath("rules")
    return sorted([*_HERE.rglob("*.py"), *_HERE.rglob("*.binpb"), *_HERE.rglob("*.yaml"), *packs.glob("*.yaml")])


def _foreign() -> list[Path]:
    specs = (find_spec(name) for name in _OTHERS)
    return [Path(spec.origin) for spec in specs if spec and spec.origin]
