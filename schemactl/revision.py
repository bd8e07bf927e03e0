"""One revision compiled whole: what code and packages are made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemactl import cache, place, reading
from schemactl.cache import Cache
from schemactl.config import Config
from schemactl.errors import UsageError
from schemactl.fact import Memory
from schemactl.finding import Finding
from schemactl.generate.refused import Refused
from schemactl.image import Image
from schemactl.place import Head, Place
from schemactl.texts import Sources
from schemactl.workspace import workspace


@dataclass(frozen=True)
class Revision:
    """`image` holds all files of the modules and what they import; `warnings` do not keep anything from being made.

    `directory` is the run's own, and gone after it.
    """

    place: Place
    head: Head
    settings: Config
    image: Image
    warnings: tuple[Finding, ...]
    directory: Path
    cache: Cache


@contextmanager
def compiled(where: Path, rev: str | None, config: Path | None, jobs: int, cached: bool) -> Iterator[Revision]:
    """The working tree, or a revision of it, which then touches no file there. Raises Refused if it is no schema."""
    found = place.find(where)
    place.require_own_cache(found)
    head = place.head(found, rev, staged=False)
    settings = reading.configuration(head.tree, found, config)
    reading.checked_directories(settings, found)
    if empty := reading.empty_roots(settings, head.tree):
        raise reading.no_files(settings, empty)
    with closing(cache.opened() if cached else cache.NOTHING) as results, workspace() as directory:
        memory = Memory(results, f"{'blobs' if rev else 'files'}\0{found.top}")
        sources = reading.sources(head.tree, settings, found, os.environ, memory)
        try:
            image = _image(sources, found, reading.compiler(directory, jobs, results))
            yield Revision(found, head, settings, image, sources.warnings, directory, results)
        except Refused as refused:
            refused.files = len(sources.files)
            refused.sources = _texts(sources)
            raise


def _image(sources: Sources, found: Place, compile: reading.Compiler) -> Image:
    if sources.problems:
        raise Refused(sources.problems)
    if not sources.files:
        raise UsageError(
            f"there are no .proto files below `{found.top.name}`",
            "name their directory, `-C DIR`, or list `roots:` in schemactl.yaml",
        )
    built = compile(sources, sources.files.keys())
    if built.problems:
        raise Refused(built.problems)
    return built.image


def _texts(sources: Sources) -> Callable[[str], bytes | None]:
    by_path = {path: name for name, path in sources.paths.items()}
    return lambda path: sources.everything.get(by_path.get(path, ""))
