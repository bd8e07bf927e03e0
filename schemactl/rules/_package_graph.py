"""Which package imports which, and the circles in that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemactl.outline import Files

Graph = Mapping[str, Sequence[str]]

_STEPS = 1000  # a hostile schema has a thousand packages in one circle, and a way back for each


def graph(files: Files) -> Graph:
    """The packages that each imports, of the judged files and all that these lead to, in alphabetical order."""
    found: dict[str, dict[str, None]] = {}
    pending, known = list(files.judged), files.known
    seen = {file.name for file in pending}
    while pending:
        file = pending.pop()
        package = file.package
        imported = found.setdefault(package, {})
        for each in file.imports:
            other = known.get(each.name)
            if other is None:
                continue
            if other.name not in seen:
                seen.add(other.name)
                pending.append(other)
            if other.package != package:
                imported[other.package] = None
    found.pop("", None)
    return {package: sorted(imported.keys() - {""}) for package, imported in found.items()}


def circles(graph: Graph) -> dict[str, str]:
    """Of each package that is in a circle, one that stands for all that it is in a circle with."""
    importers: dict[str, list[str]] = {package: [] for package in graph}
    for package, imported in graph.items():
        for each in imported:
            importers[each].append(package)
    circle: dict[str, str] = {}
    for last in reversed(_finished(graph)):
        pending = [last]
        while pending:
            package = pending.pop()
            if package not in circle:
                circle[package] = last
                pending += importers[package]
    large = {circle[package] for package in graph if circle[package] != package}
    return {package: first for package, first in circle.items() if first in large}


def _finished(graph: Graph) -> list[str]:
    """The packages, each behind all that a walk in depth finds from it."""
    order: list[str] = []
    seen: set[str] = set()
    for first in graph:
        path = [] if first in seen else [(first, iter(graph[first]))]
        seen.add(first)
        while path:
            package, rest = path[-1]
            fresh = next((each for each in rest if each not in seen), None)
            if fresh is None:
                order.append(package)
                path.pop()
            else:
                seen.add(fresh)
                path.append((fresh, iter(graph[fresh])))
    return order


def way(graph: Graph, start: str, end: str, among: Iterable[str]) -> list[str]:
    """A shortest way through packages of a circle; empty where none is found soon."""
    before = {start: ""}
    queue, steps = [start], 0
    for package in queue:
        for each in graph[package]:
            steps += 1
            if each == end:
                return [*_back(before, package), end]
            if each not in before and each in among:
                before[each] = package
                queue.append(each)
        if steps > _STEPS:
            break
    return []


def _back(before: Mapping[str, str], package: str) -> list[str]:
    path = []
    while package:
        path.append(package)
        package = before[package]
    return path[::-1]
