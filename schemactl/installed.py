"""Finds packages of rules among the installed distributions, and never in the repository that is checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from schemactl.errors import ToolError
from schemactl.rulepackage import GROUP, Missing, Package

_HOME = Path(__file__).resolve().parents[1]
_LARGEST = 1 << 20


class _Point(NamedTuple):
    """One entry point, and where it is written down."""

    name: str
    module: str
    metadata: Path

    @property
    def distribution(self) -> str:
        return self.metadata.stem.replace("-", " ", 1).replace("_", "-")


def find(name: str, top: Path) -> Package:
    """The package that a distribution brings under this name; `top` is the repository that is checked.

    What lies in it is taken off `sys.path`, for good: code of another place is about to run.
    """
    inside = [entry for entry in sys.path if not _home(entry) and _checked(Path(entry), top)]
    sys.path[:] = [entry for entry in sys.path if entry not in inside]
    points = {(each.module, each.distribution): each for each in _points(top)}.values()
    found = [each for each in points if each.name == name]
    if not found:
        others = ", ".join(sorted({f"`{each.name}`" for each in points}))
        more = f"; there are {others}" if others else ""
        raise Missing(name, more)
    if len(found) > 1:
        raise ToolError(
            f"{' and '.join(each.distribution for each in found)} both bring a package of rules called `{name}`",
            "uninstall one of them",
        )
    return _package(found[0], top, inside)


def _checked(path: Path, top: Path) -> bool:
    """Whether a place belongs to what is checked; an environment in the repository is not part of it."""
    path, top, prefix = path.resolve(), top.resolve(), Path(sys.prefix).resolve()
    own = prefix.is_relative_to(top) and prefix != top and path.is_relative_to(prefix)
    return path.is_relative_to(top) and not own


def _home(entry: str) -> bool:
    """schemactl itself has to stay importable, also by its workers."""
    return Path(entry).resolve() == _HOME


def _points(top: Path) -> Iterator[_Point]:
    """importlib.metadata would say the same and takes 60 ms."""
    for entry in dict.fromkeys(sys.path):
        if _checked(Path(entry), top):
            continue
        for file in sorted(Path(entry).glob("*.dist-info/entry_points.txt")):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):  # somebody else's, and broken
                continue
            if GROUP in text:
                yield from (_Point(name, module, file.parent) for name, module in _entries(text))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    from configparser import ConfigParser, Error

    parser = ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(text)
    except Error:
        return
    for name, value in parser.items(GROUP) if parser.has_section(GROUP) else ():
        yield name, value.partition(":")[0].strip()


def _package(point: _Point, top: Path, inside: Iterable[str]) -> Package:
    """`inside` are directories of the repository that Python would have searched."""
    directory = _directory(point, inside)
    if _checked(directory, top):
        raise ToolError(
            f"`{point.name}` ({point.distribution}) is installed from within the repository that is checked",
            "what is checked must not bring its own judges: install it without `--editable`",
        )
    settings = directory / "schemactl.yaml"
    packs = sorted(directory.glob("rules/*.yaml"))
    return Package(
        point.name,
        point.distribution,
        point.module,
        str(directory),
        _state(point, directory),
        {f"{point.name}:rules/{path.name}": _text(path) for path in packs},
        _bytes(settings) if settings.is_file() else None,
    )


def _directory(point: _Point, inside: Iterable[str]) -> Path:
    """Where its module stands, be it in the repository, where it is refused."""
    own = (Path(entry, *point.module.split(".")) for entry in inside)
    try:
        spec = find_spec(point.module)
    except Exception as error:  # looking up `a.b` runs `a`
        raise ToolError(f"`{point.name}` ({point.distribution}): {_last(error)}", "install it again") from error
    if spec is None and (found := next((each for each in own if each.is_dir()), None)):
        return found
    if spec is None or not spec.submodule_search_locations or not spec.origin:
        problem = "is not there" if spec is None else "is not a package: it should be a directory with an `__init__.py`"
        raise ToolError(
            f"`{point.name}` ({point.distribution}): its module `{point.module}` {problem}", "install it again"
        )
    return Path(spec.origin).resolve().parent


def _last(error: BaseException) -> str:
    said = str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _state(point: _Point, directory: Path) -> str:
    """The checksums that were written when it was installed; of an editable one, what the file system says."""
    record = point.metadata / "RECORD"
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    start = f"{point.module.replace('.', '/')}/"
    recorded = sorted(line for line in lines if line.startswith(start) and "sha256=" in line)
    parts = recorded if any(line.startswith(f"{start}__init__.py,") for line in recorded) else _dated(directory)
    return blake2b("\0".join([point.name, point.distribution, *parts]).encode(), digest_size=16).hexdigest()


def _dated(directory: Path) -> list[str]:
    found = []
    for root, directories, names in os.walk(directory):
        directories[:] = sorted(set(directories) - {"__pycache__"})
        for path in (Path(root, name) for name in sorted(names)):
            status = path.stat()
            found.append(f"{path.relative_to(directory)} {status.st_size} {status.st_mtime_ns}")
    return found


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ToolError(f"{path} cannot be read: {error.strerror}", "install its package again") from error
    return data


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{path} is not UTF-8", "report it to the owners of its package") from None
