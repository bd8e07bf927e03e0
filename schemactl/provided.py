"""Imports from outside the modules: configured include directories and what Buf has already downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from os.path import isdir
from pathlib import Path

from schemactl import wellknown
from schemactl.bufyaml import Dependency
from schemactl.errors import ConfigError, ToolError
from schemactl.source import Provide
from schemactl.tree import Tree
from schemactl.tree.flaw import MAX_FILE

# Buf stores modules by the kind of their digest; older versions did not.
_DIGESTS = ("b5", "b4", "shake256", "")


def includes(directories: Iterable[str], tree: Tree, top: Path) -> list[Provide]:
    """One provider per directory (from the top of the repository, may lead out of it).

    What the tree holds itself is read from the tree, so that an old revision sees its own copy.
    """
    directories = list(directories)
    if remote := next((directory for directory in directories if directory.startswith("//")), None):
        raise ConfigError(f"`includes` names `{remote}`, a share of another machine", "name a local directory")
    known = frozenset(path for path in tree.paths if path.endswith(".proto"))
    prefixes = ["" if directory == "." else f"{directory}/" for directory in directories]
    return [
        provider for prefix in prefixes for provider in (_in_tree(tree, known, prefix), _on_disk(top / prefix, prefix))
    ]


def buf_cache(dependencies: Iterable[Dependency], environ: Mapping[str, str]) -> list[Provide]:
    """Providers for the pinned dependencies that Buf's module cache holds; what comes with the tool goes first."""
    modules = _cache_root(environ) / "v3" / "modules"
    places = [modules / kind / pinned.name / pinned.commit / "files" for pinned in dependencies for kind in _DIGESTS]
    return [_behind_tool(_on_disk(place, "")) for place in places if isdir(place)]  # noqa: PTH112  (never raises)


def _cache_root(environ: Mapping[str, str]) -> Path:
    if own := environ.get("BUF_CACHE_DIR"):
        return Path(own)
    if os.name == "nt":
        return Path(environ.get("LOCALAPPDATA", ".")) / "buf"
    return Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", ".")) / ".cache") / "buf"


def _in_tree(tree: Tree, known: frozenset[str], prefix: str) -> Provide:
    def lookup(name: str) -> tuple[str, bytes] | None:
        path = prefix + name
        if path not in known or tree.flaw(path) is not None:
            return None
        text = tree.read_many([path], MAX_FILE)[path]
        if isinstance(text, int):
            raise _too_large(path)
        return path, text

    return lookup


def _on_disk(directory: Path, prefix: str) -> Provide:
    """What lies there on disk; only `.proto`, since a configuration under review may name any directory."""
    base = os.path.realpath(directory)

    def lookup(name: str) -> tuple[str, bytes] | None:
        found = f"{base}{os.sep}{name}"
        if not name.endswith(".proto") or not os.path.isfile(found):  # noqa: PTH113  (asked for every import)
            return None
        path = Path(os.path.realpath(found))
        return (prefix + name, _content(path, prefix + name)) if path.is_relative_to(base) else None

    return lookup


def _content(path: Path, shown: str) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise _too_large(shown)
        return path.read_bytes()
    except OSError as error:
        raise ToolError(
            f"`{shown}` cannot be read: {error.strerror}", "make it readable, or fix `includes:`"
        ) from error


def _too_large(shown: str) -> ToolError:
    return ToolError(f"`{shown}` is larger than {MAX_FILE >> 20} MB", "import a smaller file, or fix `includes:`")


def _behind_tool(provide: Provide) -> Provide:
    return lambda name: None if wellknown.provide(name) is not None else provide(name)
