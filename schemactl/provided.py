"""Imports from outside the modules: configured include directories and what Buf has already downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from schemactl.bufyaml import Dependency
from schemactl.source import Provide
from schemactl.tree import Tree

# Buf stores modules by the kind of their digest; older versions did not.
_DIGESTS = ("b5", "b4", "shake256", "")


def includes(directories: Iterable[str], tree: Tree, top: Path) -> list[Provide]:
    """One provider per directory (from the top of the repository, may lead out of it).

    What the tree holds itself is read from the tree, so that an old revision sees its own copy.
    """
    return [provider for directory in directories for provider in (_in_tree(tree, directory), _on_disk(top, directory))]


def buf_cache(dependencies: Iterable[Dependency], environ: Mapping[str, str]) -> list[Provide]:
    """Providers for the pinned dependencies that Buf's module cache holds."""
    modules = _cache_root(environ) / "v3" / "modules"
    places = [modules / kind / pinned.name / pinned.commit / "files" for pinned in dependencies for kind in _DIGESTS]
    return [_on_disk(place, ".") for place in places if place.is_dir()]


def _cache_root(environ: Mapping[str, str]) -> Path:
    if own := environ.get("BUF_CACHE_DIR"):
        return Path(own)
    if os.name == "nt":
        return Path(environ.get("LOCALAPPDATA", ".")) / "buf"
    return Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", ".")) / ".cache") / "buf"


def _in_tree(tree: Tree, directory: str) -> Provide:
    def lookup(name: str) -> tuple[str, bytes] | None:
        path = name if directory == "." else f"{directory}/{name}"
        text = tree.read(path) if path in known else None
        return None if text is None else (path, text)

    known = frozenset(tree.paths)
    return lookup


def _on_disk(top: Path, directory: str) -> Provide:
    base = (top / directory).resolve()

    def lookup(name: str) -> tuple[str, bytes] | None:
        path = (base / name).resolve()
        if not path.is_relative_to(base) or not path.is_file():
            return None
        return f"{directory}/{name}" if directory != "." else name, path.read_bytes()

    return lookup
