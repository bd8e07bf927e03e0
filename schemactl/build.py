"""Compiles sources into an image: over all cores in shards, or in this process when there is little to do."""

from __future__ import annotations

import mmap
import os
import queue
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from schemactl import lint, pool, scan, shard, tools, worker
from schemactl.complaint import finding
from schemactl.errors import Failure, ToolError
from schemactl.finding import Finding
from schemactl.image import EMPTY, Image
from schemactl.source import Sources

_SHARD = 8 * 1024 * 1024  # 1 MB shards parse every import 60 times; 8 MB costs 150 MB in protoc
_SMALL = 1024 * 1024  # below this a worker costs more than it saves
_START = "import sys; sys.path[:] = sys.argv[1:]; from schemactl.worker import main; main()"


@dataclass(frozen=True)
class Build:
    """What compiling gave: an image, or (never both) the findings that say why there is none."""

    image: Image = EMPTY
    problems: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def build(
    sources: Sources,
    workspace: Path,
    *,
    plan: lint.Plan | None = None,
    names: Collection[str] | None = None,
    jobs: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> Build:
    """Compile `names` (None: everything) of the sources, judging the modules' own files by `plan`'s rules."""
    texts = sources.everything
    wanted = sorted(texts if names is None else closure(texts, names))
    if not wanted:
        return Build()
    directory = workspace / "src"
    _write(directory, {name: texts[name] for name in wanted})
    tasks = _tasks(workspace, wanted, sources, jobs)
    plan = plan or lint.Plan()
    if len(tasks) == 1:
        shards = [shard.work(tasks[0], lint.judge(plan))]
    else:
        shards = list(_in_workers(tasks, plan, jobs, advance))
    complaints = {complaint: None for done in shards for complaint in done.complaints}
    if complaints:
        return Build(problems=[finding(complaint, sources) for complaint in complaints])
    image = _image(shards, sources)
    clashes = pool.clashes((file for done in shards for file in done.files), image) if len(shards) > 1 else []
    return Build(image, clashes, [finding for done in shards for finding in done.findings])


def closure(texts: Mapping[str, bytes], names: Collection[str]) -> set[str]:
    """The names and everything they import, as far as it is there."""
    found: set[str] = set()
    pending = [name for name in names if name in texts]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += [imported for imported in scan.imports(texts[name]) if imported in texts]
    return found


def _write(directory: Path, texts: Mapping[str, bytes]) -> None:
    for parent in {os.path.dirname(name) for name in texts}:  # noqa: PTH120  (Path costs 0.1 s on 7,000 files)
        os.makedirs(f"{directory}/{parent}", exist_ok=True)  # noqa: PTH103
    try:
        for name, text in texts.items():
            descriptor = os.open(
                f"{directory}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                file.write(text)
    except OSError as error:
        raise ToolError(
            f"the temporary directory cannot be written: {error.strerror}", "make room, or set TMPDIR"
        ) from error


def _tasks(workspace: Path, names: list[str], sources: Sources, jobs: int) -> list[shard.Task]:
    """Files in path order, so that neighbours share imports, in pieces of similar size."""
    sizes = {name: len(sources.files.get(name, b"")) or len(sources.imports.get(name, b"")) for name in names}
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
    return [
        shard.Task(
            str(workspace / "src"),
            tuple(piece),
            str(workspace / f"{number}.binpb"),
            {name: sources.paths[name] for name in piece if name in sources.files},
            symbols=len(pieces) > 1,
        )
        for number, piece in enumerate(pieces)
    ]


def _in_workers(
    tasks: list[shard.Task], plan: lint.Plan, jobs: int, advance: Callable[[int], None]
) -> Iterator[shard.Shard]:
    """One worker process per core, each fed by a thread of this one; the first failure ends the run."""
    todo: queue.SimpleQueue[shard.Task] = queue.SimpleQueue()
    done: queue.SimpleQueue[worker.Reply] = queue.SimpleQueue()
    for task in tasks:
        todo.put(task)
    argv = (sys.executable, "-I", "-S", "-c", _START, *sys.path)
    children = [tools.start(argv) for _ in range(min(jobs, len(tasks)))]
    threads = [threading.Thread(target=_feed, args=(child, plan, todo, done), daemon=True) for child in children]
    try:
        for thread in threads:
            thread.start()
        for _ in tasks:
            reply = done.get()
            if reply.shard is None:
                raise Failure(reply.error, reply.hint)
            advance(len(reply.shard.files))
            yield reply.shard
    finally:
        for child in children:
            tools.stop(child)


def _feed(
    child: tools.Child, plan: lint.Plan, todo: queue.SimpleQueue[shard.Task], done: queue.SimpleQueue[worker.Reply]
) -> None:
    assert child.stdin
    assert child.stdout
    try:
        worker.send(child.stdin, plan)
        while True:
            task = todo.get_nowait()
            worker.send(child.stdin, task)
            frame = worker.receive(child.stdout)
            if frame is None:
                raise OSError("it ended early")
            done.put(msgspec.msgpack.decode(frame, type=worker.Reply))
    except queue.Empty:
        child.stdin.close()
    except (OSError, msgspec.MsgspecError) as error:
        done.put(worker.Reply(None, f"a worker process failed: {error}", "run again with `--jobs 1`"))


def _image(shards: list[shard.Shard], sources: Sources) -> Image:
    descriptors = Slices(
        {file.name: (done.output, file.start, file.end) for done in shards for file in done.files if done.output}
    )
    targets = tuple(sorted(name for name in descriptors if name in sources.files))
    return Image(descriptors, targets, sources.paths, {**sources.imports, **sources.files})


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
