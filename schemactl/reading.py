"""Reads one side into sources and builds: configuration, modules, imports, one compile."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from schemactl import bufyaml, config, lint, provided, source
from schemactl.build import Build, build
from schemactl.config import Config
from schemactl.errors import ConfigError, UsageError
from schemactl.place import Place
from schemactl.repopath import contains, joined
from schemactl.source import Sources
from schemactl.tree import Tree


@dataclass(frozen=True)
class Compiler:
    """Builds sources below a workspace, as often as asked."""

    workspace: Path
    jobs: int
    _numbers: count[int]

    def __call__(
        self,
        sources: Sources,
        names: Collection[str] | None = None,
        plan: lint.Plan | None = None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> Build:
        directory = self.workspace / str(next(self._numbers))
        directory.mkdir()
        return build(sources, directory, plan=plan, names=names, jobs=self.jobs, advance=advance)


def compiler(workspace: Path, jobs: int) -> Compiler:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Compiler(workspace, jobs or cores, count())


def configuration(tree: Tree, place: Place, explicit: Path | None) -> Config:
    """The configuration of a tree; `--config FILE` stands in for its schemactl.yaml."""
    if explicit is None:
        return config.load(tree.read, place.start, lambda: tree.paths)
    try:
        given = (str(explicit), (place.top / place.start / explicit).read_bytes())
    except OSError as error:
        raise UsageError(f"--config: `{explicit}` cannot be read: {error.strerror}", "give an existing file") from error
    return config.load(tree.read, place.start, lambda: tree.paths, given)


def sources(tree: Tree, settings: Config, place: Place, environ: Mapping[str, str]) -> Sources:
    """The files of the configured modules, with what they import from wherever it may come."""
    directories = [joined(settings.directory, written) for written in settings.includes]
    pinned = [found for directory in settings.lock_directories for found in bufyaml.lock(tree.read, directory)]
    given = [*provided.includes(directories, tree, place.top), *provided.buf_cache(pinned, environ)]
    return source.collect(tree, settings.modules, given, settings.excludes)


def checked_directories(settings: Config, place: Place) -> None:
    """A directory named in the configuration must exist: a slip there would silently check less."""
    missing = [w for w in settings.includes if not (place.top / settings.directory / w).is_dir()]
    if missing:
        raise ConfigError(
            "\n".join(
                f"{settings.file}: `includes` names `{written}`, which is not a directory" for written in missing
            ),
            "fix the path; a submodule needs `git submodule update --init`",
        )


def adopted(base: Config, head: Config, tree: Tree) -> Config:
    """A base without any configuration is read with the head's modules, if it has them."""
    if base.file is not None or head.modules is None:
        return base
    held = [module for module in head.modules if any(contains(module.root, path) for path in tree.paths)]
    if len(held) < len(head.modules):
        return base
    return Config(
        directory=head.directory, modules=head.modules, includes=head.includes, lock_directories=head.lock_directories
    )
