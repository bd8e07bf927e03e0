"""Compiles sources into an image: over all cores in shards, or in this process when there is little to do."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from schemactl import crew, lint, pool, protoc, shard
from schemactl.complaint import finding
from schemactl.errors import ToolError
from schemactl.finding import Finding
from schemactl.image import EMPTY, Image
from schemactl.protoc import Complaint
from schemactl.schema import OPTIONS_FILE
from schemactl.texts import Sources

_SHARD = 8 * 1024 * 1024  # 1 MB shards parse every import 60 times; 8 MB costs 150 MB in protoc
_SMALL = 1024 * 1024  # below this a worker costs more than it saves
_DEVICE = re.compile(r"(?i)(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)")


@dataclass(frozen=True)
class Judging:
    """The rules that judge files one by one, and which of the plan's policies judges the file at a path."""

    plan: lint.Plan = lint.NO_RULES
    policy: Callable[[str], int] = lambda path: 0


NO_JUDGING = Judging()


@dataclass(frozen=True)
class Build:
    """What compiling gave: an image with a record of each file, encoded, or the findings that say why there is none."""

    image: Image = EMPTY
    problems: list[Finding] = field(default_factory=list)
    records: Mapping[str, bytes] = field(default_factory=dict)


class Compile(Protocol):
    """Builds sources; `build` says what the arguments mean."""

    def __call__(
        self,
        sources: Sources,
        names: Collection[str] | None = None,
        *,
        judging: Judging = NO_JUDGING,
        alone: bool = False,
        advance: Callable[[int], None] = lambda _: None,
    ) -> Build: ...


def build(
    sources: Sources,
    workspace: Path,
    *,
    judging: Judging = NO_JUDGING,
    names: Collection[str] | None = None,
    alone: bool = False,
    jobs: int = 1,
    timeout: float = protoc.TIMEOUT,
    advance: Callable[[int], None] = lambda _: None,
) -> Build:
    """Compile `names` (None: everything) of the sources and what they import; `alone`: what they import only serves.

    Then, too, nobody looks for names that two files declare: a few files do not show that.
    """
    texts = sources.everything
    needed = sources.facts.keys() if names is None else sources.closure(names)
    wanted = sorted(texts.keys() & names if alone and names is not None else needed)
    if not wanted:
        return Build()
    tasks = _tasks(workspace, wanted, sources, judging, jobs, timeout)
    write = partial(_write, workspace / "src", sources, needed)
    shards = []
    for done in _shards(tasks, write, judging.plan, jobs):
        shards.append(done)
        advance(sum(file.name in sources.files for file in done.files))
    if complaints := _told_once(complaint for done in shards for complaint in done.complaints):
        return Build(problems=[finding(complaint, sources) for complaint in complaints])
    image, records = _image(shards, sources), {file.name: file.record for done in shards for file in done.files}
    clashes = [] if alone else pool.clashes(shard.outline_of(record) for record in records.values())
    return Build(image, pool.told(image, clashes), records)


def _shards(tasks: list[shard.Task], write: Callable[[], None], plan: lint.Plan, jobs: int) -> Iterator[shard.Shard]:
    if len(tasks) == 1:
        write()
        yield shard.work(tasks[0], lint.judge(plan))
        return
    with crew.started(min(jobs, len(tasks)), plan) as work:
        write()
        yield from work(tasks)


def _told_once(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Every shard repeats what is wrong with its imports, and finds a cycle wherever it enters it."""
    kept: dict[tuple[str, ...], Complaint] = {}
    for complaint in sorted(complaints):
        cycle = complaint.kind == "IMPORT_CYCLE"
        key = (
            (complaint.message,)
            if cycle
            else (complaint.file, complaint.message, f"{complaint.line}:{complaint.column}")
        )
        kept.setdefault(key, complaint)
    return list(kept.values())


def _write(directory: Path, sources: Sources, names: Collection[str]) -> None:
    """The files as the compiler will find them; their texts are let go of, since it takes long and they are large."""
    sources.load(names)
    texts = sources.everything
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    if os.name == "nt" and (device := next(filter(_DEVICE.search, sorted(names)), None)):
        raise ToolError(f"`{device}` is the name of a device on Windows, and no file there", "rename it")
    try:
        for parent in {os.path.dirname(name) for name in names}:  # noqa: PTH120  (Path costs 0.1 s on 7,000 files)
            os.makedirs(f"{directory}/{parent}", exist_ok=True)  # noqa: PTH103
        for name in sorted(names):
            descriptor = os.open(f"{directory}/{name}", flags, 0o600)
            try:
                rest = memoryview(texts[name])
                while rest:  # a disk that is nearly full takes the first part without a word
                    rest = rest[os.write(descriptor, rest) :]
            finally:
                os.close(descriptor)
    except FileExistsError as error:
        message = f"`{name}` and another file differ by case alone, and are one file on this system"
        raise ToolError(message, "rename one of the two") from error
    except OSError as error:
        hint = "free some disk space, or set TMPDIR to another directory"
        raise ToolError(f"the temporary directory cannot be written: {error.strerror}", hint) from error
    sources.release()


def _tasks(
    workspace: Path, names: list[str], sources: Sources, judging: Judging, jobs: int, timeout: float
) -> list[shard.Task]:
    several = len(judging.plan.policies) > 1
    facts = sources.facts
    passed_on = frozenset(name for name, each in facts.items() if each.passes_on)
    tasks = []
    for number, piece in enumerate(_pieces(names, {name: facts[name].size for name in names}, jobs)):
        paths = {name: sources.paths[name] for name in piece if name in sources.files}
        task = shard.Task(
            str(workspace / "src"),
            tuple(piece),
            str(workspace / f"{number}.binpb"),
            paths,
            {name: judging.policy(path) for name, path in paths.items()} if several else {},
            own_options=OPTIONS_FILE in facts,
            passed_on=passed_on,
            timeout=timeout,
        )
        tasks.append(task)
    return tasks


def _pieces(names: list[str], sizes: Mapping[str, int], jobs: int) -> list[list[str]]:
    """Files in path order, so that neighbours share imports, in pieces of similar size."""
    total = sum(sizes.values())
    limit = total + 1 if total < _SMALL or (jobs == 1 and total < _SHARD) else min(_SHARD, total // (2 * jobs) + 1)
    pieces: list[list[str]] = [[]]
    size = 0
    for name in names:
        if size + sizes[name] > limit and pieces[-1]:
            pieces.append([])
            size = 0
        pieces[-1].append(name)
        size += sizes[name]
    return pieces


def _image(shards: list[shard.Shard], sources: Sources) -> Image:
    descriptors = Slices(
        {file.name: (done.output, file.start, file.end) for done in shards for file in done.files if done.output}
    )
    targets = tuple(sorted(name for name in descriptors if name in sources.files))
    return Image(descriptors, targets, sources.paths, sources.everything)


class Slices(Mapping[str, bytes]):
    """Descriptors left where protoc wrote them: an image of 80 MB costs no memory until somebody looks."""

    def __init__(self, places: Mapping[str, tuple[str, int, int]]) -> None:
        self._places = places
        self._maps: dict[str, mmap.mmap] = {}

    def __getitem__(self, name: str) -> bytes:
        output, start, end = self._places[name]
        if output not in self._maps:
            with open(output, "rb") as file:  # noqa: PTH123
                self._maps[output] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._maps[output][start:end]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
