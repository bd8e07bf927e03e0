"""Paths that some disk cannot tell apart, roots that are free, and how findings about names are written."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from schemactl.finding import Finding, Location, fingerprint
from schemactl.image import Image
from schemactl.product import Product, python_path

# Packages of others that are installed whole: what is put into them is lost, or replaces a part of them.
_TAKEN = ("google.protobuf", "grpc", "grpc_tools", "schemactl")


class Clash(NamedTuple):
    """Two files whose paths clash, the later one first, with what clashes of each."""

    file: str
    path: str
    other: str
    other_path: str


class _Taken(NamedTuple):
    file: str
    whole: bool


def clashes(paths: Mapping[str, str], *, shared: bool = False) -> Iterator[Clash]:
    """Paths, and directories in them, that are the same, or on some disk; `shared`: a path is a directory.

    Those that are the same come first.
    """
    found: dict[str, dict[str, _Taken]] = {}
    told: set[str] = set()
    alike: list[Clash] = []
    for file in sorted(paths):
        parts = list(accumulate(paths[file].split("/"), "{}/{}".format))
        differs = False
        for part in parts:
            whole = part == parts[-1] and not shared
            known = found.setdefault(part.casefold(), {})
            if (same := known.get(part)) is not None and (whole or same.whole):
                if part not in told or whole:
                    yield Clash(file, part, same.file, part)
                told.add(part)
                break
            if same is None and known and not differs:
                other_path, other = next(iter(known.items()))
                alike.append(Clash(file, part, other.file, other_path))
                differs = True
            known.setdefault(part, _Taken(file, whole))
    yield from alike


def by_part(files: Iterable[str], path: Callable[[str], str]) -> dict[str, list[str]]:
    """The files below each directory of their paths, and of each path itself."""
    found: dict[str, list[str]] = {}
    for file in files:
        for part in accumulate(path(file).split("/"), "{}/{}".format):
            found.setdefault(part, []).append(file)
    return found


def hidden(module: str) -> str:
    """Why a module of that name would not be found, or nothing."""
    if module in sys.stdlib_module_names or module == "test":
        return "Python finds its own module of that name first"
    # On some disks names that differ by capitals are one directory.
    return "that package is installed by others" if module.casefold() in _TAKEN else ""


def free_root(product: Product) -> str:
    """A package of Python that the product's modules could move below."""
    name = product.name.replace("-", "_")
    if not name.isidentifier():
        name = f"schemas_{name}"
    taken = {python_path(file).partition("/")[0] for file in product.files}
    return f"{name}_schemas" if name in taken or keyword.iskeyword(name) or hidden(name) else name


def top(image: Image, file: str) -> Location:
    return Location(image.paths.get(file, file), 1, 1, 1, 1)


def more(files: Sequence[str]) -> str:
    return f" and {len(files) - 1} more" if len(files) > 1 else ""


def finding(
    rule: str, message: str, place: Location | None, help: str, key: str, element: str | None = None
) -> Finding:
    return Finding(rule, "error", "compile", message, place, element, help, fingerprint=fingerprint(rule, element, key))
