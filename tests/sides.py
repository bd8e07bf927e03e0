"""Two directories of schemas as the sides of a comparison, without git or a command line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from schemactl import breaking, config, place, reading
from schemactl.build import Build
from schemactl.cache import Nothing
from schemactl.configfile import profile_rules
from schemactl.finding import Finding
from schemactl.side import DoesNotCompile, Side, of_sources
from schemactl.tree import Directory, Tree

JSON = profile_rules("json")
EVERYTHING = JSON | profile_rules("both") | profile_rules("source")


class Sides:
    """Compiles on demand, each compile counted."""

    def __init__(self, workspace: Path) -> None:
        workspace.mkdir()
        self._compiler = reading.compiler(workspace, 1, Nothing())
        self.compiled: list[int] = []

    def of(self, top: Path) -> Side:
        return self.side(Directory(top, None), place.Place(top, ".", None))

    def side(self, tree: Tree, where: place.Place, whole: bool = False) -> Side:
        settings = config.load(tree.read, where.start, lambda: tree.paths)
        sources = reading.sources(tree, settings, where, {})
        if sources.problems:
            raise DoesNotCompile(list(sources.problems))
        built = self._compiler(sources) if whole else None

        def compile(names: Collection[str]) -> Build:
            if built is not None:
                return built
            self.compiled.append(len(names))
            return self._compiler(sources, names)

        return of_sources(sources, compile, partly=not whole)


def written(top: Path, files: Mapping[str, str]) -> Path:
    top.mkdir()
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top


def compared(new: Side, old: Side, rules: frozenset[str], workspace: Path, *, narrow: bool) -> list[Finding]:
    directory = workspace / f"{'narrow' if narrow else 'full'}-{len(rules)}"
    directory.mkdir(exist_ok=True)
    play = breaking.play(new, old, narrow=narrow)
    return breaking.begun(play, new, old, rules, directory, revision="old")() if play else []
