"""Reads one side into sources and builds: configuration, modules, imports, one compile."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from schemactl import bufyaml, config, kept, provided, source
from schemactl.bufyaml import Module, clashes
from schemactl.build import NO_JUDGING, Build, Judging, build
from schemactl.cache import Cache
from schemactl.config import Config
from schemactl.errors import ConfigError, UsageError
from schemactl.fact import Memory
from schemactl.place import Place
from schemactl.repopath import joined
from schemactl.rulepackage import Package
from schemactl.texts import Sources, borrowed
from schemactl.tree import Tree


@dataclass(frozen=True)
class Compiler:
    """Builds sources below a workspace, as often as asked; what is only compiled may have been before."""

    workspace: Path
    jobs: int
    cache: Cache
    _numbers: count[int]

    def __call__(
        self,
        sources: Sources,
        names: Collection[str] | None = None,
        *,
        judging: Judging = NO_JUDGING,
        alone: bool = False,
        advance: Callable[[int], None] = lambda _: None,
    ) -> Build:
        key = kept.key(sources, names) if names is not None and judging is NO_JUDGING else None
        if key and (found := kept.find(self.cache, key, sources)):
            return found
        directory = self.workspace / str(next(self._numbers))
        directory.mkdir()
        built = build(sources, directory, judging=judging, names=names, alone=alone, jobs=self.jobs, advance=advance)
        if key:
            kept.keep(self.cache, key, built)
        return built


def compiler(workspace: Path, jobs: int, cache: Cache) -> Compiler:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Compiler(workspace, jobs or cores, cache, count())


def configuration(tree: Tree, place: Place, explicit: Path | None) -> Config:
    """The configuration of a tree; `--config FILE` stands in for its schemactl.yaml."""

    def find(name: str) -> Package:
        from schemactl import installed

        return installed.find(name, place.top)

    if explicit is None:
        return config.load(tree.read, place.start, lambda: tree.paths, find=find)
    try:
        given = (str(explicit), (place.top / place.start / explicit).read_bytes())
    except OSError as error:
        raise UsageError(f"--config: `{explicit}` cannot be read: {error.strerror}", "check the path") from error
    return config.load(tree.read, place.start, lambda: tree.paths, given, find)


def sources(
    tree: Tree, settings: Config, place: Place, environ: Mapping[str, str], memory: Memory | None = None
) -> Sources:
    """The files of the configured modules, with what they import from wherever it may come."""
    directories = [joined(settings.directory, written) for written in settings.includes]
    pinned = [found for directory in settings.lock_directories for found in bufyaml.lock(tree.read, directory)]
    given = [*provided.includes(directories, tree, place.top), *provided.buf_cache(pinned, environ)]
    return source.collect(tree, settings.modules, given, settings.excludes, directories, memory)


def _is_directory(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  (Path.is_dir raises for a name too long or not permitted)


def checked_directories(settings: Config, place: Place) -> None:
    """A directory named in the configuration must exist: a slip there would silently check less."""
    missing = [w for w in settings.includes if not _is_directory(place.top / settings.directory / w)]
    if missing:
        raise ConfigError(
            "\n".join(
                f"{settings.file}: `includes` names `{written}`, which is not a directory" for written in missing
            ),
            "fix the path; a submodule needs `git submodule update --init`",
        )


def of_base(
    tree: Tree,
    base: Config,
    head: Config,
    place: Place,
    environ: Mapping[str, str],
    after: Tree,
    memory: Memory | None = None,
    *,
    given: bool = False,
) -> Sources:
    """The sources of a base by its own configuration.

    Without one it is read with the head's modules, but only if they hold all it has: the first configuration must not
    hide what it leaves out. Else its roots are inferred; where they are ambiguous the head's roots decide, if they
    hold everything once nothing is excluded, or what they leave out is the same in the head's tree, `after`.
    What `--config` leaves out is the caller's wish and not the change's: where it is `given`, the same is enough, too.
    """
    if base.file is not None or head.modules is None:
        return sources(tree, base, place, environ, memory)
    helped = replace(base, directory=head.directory, includes=head.includes, lock_directories=head.lock_directories)
    if holds_all(tree, head.modules) or (given and _same_outside(head.modules, tree, after)):
        return sources(tree, replace(helped, modules=head.modules), place, environ, memory)
    try:
        return sources(tree, helped, place, environ, memory)
    except ConfigError:
        whole = tuple(Module(root) for root in dict.fromkeys(module.root for module in head.modules))
        if not any(clashes(whole)) and holds_all(tree, whole):
            return borrowed(sources(tree, replace(helped, modules=whole), place, environ, memory))
        if not _same_outside(head.modules, tree, after):
            raise
        return borrowed(sources(tree, replace(helped, modules=head.modules), place, environ, memory))


def holds_all(tree: Tree, modules: Collection[Module]) -> bool:
    return all(any(source.holds(module, path) for module in modules) for path in _protos(tree))


def _same_outside(modules: Collection[Module], base: Tree, head: Tree) -> bool:
    """Whether the files that no module holds are the same on both sides."""
    outside = [path for path in _protos(base) if not any(source.holds(module, path) for module in modules)]
    return all(base.read(path) == head.read(path) for path in outside)


def empty_roots(settings: Config, tree: Tree) -> list[str]:
    """Configured roots without any file to judge; a directory with a buf.yaml of its own is there, and no slip."""
    protos, known = _protos(tree), set(tree.paths)
    return [
        module.root
        for module in settings.modules or ()
        if joined(module.root, "buf.yaml") not in known and not any(source.holds(module, path) for path in protos)
    ]


def left_out(settings: Config, tree: Tree) -> list[str]:
    """What is not looked into where no configuration names roots."""
    found = sorted({*tree.installed.values()}) if settings.modules is None else []
    names = ", ".join(f"`{each}`" for each in found[:3]) + (" and more" if len(found) > 3 else "")
    return [f"installed packages are not checked: {names}; `roots:` in schemactl.yaml would name them"] if found else []


def no_files(settings: Config, roots: Iterable[str]) -> ConfigError:
    return ConfigError(
        "\n".join(f"{settings.file}: root `{root}` holds no .proto file" for root in roots),
        "fix the path or take it out; a submodule needs `git submodule update --init`, and belongs under `includes:`",
    )


def _protos(tree: Tree) -> list[str]:
    return [path for path in tree.paths if path.endswith(".proto")]
