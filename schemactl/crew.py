"""Worker processes: one per core, each fed by a thread of this process; the first failure ends the run."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from schemactl import lint, shard, tools, worker
from schemactl.errors import ToolError

# In a group of its own a worker can be ended together with the protoc it waits for.
_START = (
    "import os, sys; hasattr(os, 'setpgid') and os.setpgid(0, 0); sys.path[:] = sys.argv[1:]; "
    "from schemactl.worker import main; main()"
)
_HINT = "run again with `--jobs 1`; if memory is short, give it more"

Work = Callable[[Sequence[shard.Task]], Iterator[shard.Shard]]
_Tasks = queue.SimpleQueue[shard.Task | None]
_Replies = queue.SimpleQueue[worker.Reply]


@contextmanager
def started(count: int, plan: lint.Plan) -> Iterator[Work]:
    """Workers that get ready meanwhile; what it yields hands them tasks, once, and gives the shards as they come."""
    tasks, replies = _Tasks(), _Replies()
    children: list[tools.Child] = []
    try:
        _start(children, count)
        for child in children:
            threading.Thread(target=_feed, args=(child, plan, tasks, replies), daemon=True).start()
        yield lambda given: _work(given, tasks, replies)
    finally:
        for child in children:
            _stop(child)
            tasks.put(None)


def _start(children: list[tools.Child], count: int) -> None:
    with _undisturbed():
        try:
            for _ in range(count):
                children.append(tools.start((sys.executable, "-I", "-S", "-c", _START, *sys.path)))
        except OSError as error:
            raise ToolError(f"a worker process could not be started: {error.strerror}", _HINT) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A terminal's Ctrl-C goes to children too: those started here inherit that it waits, and say nothing."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(given: Sequence[shard.Task], tasks: _Tasks, replies: _Replies) -> Iterator[shard.Shard]:
    for task in given:
        tasks.put(task)
    for _ in given:
        reply = replies.get()
        if reply.bug:
            raise RuntimeError(reply.bug)
        if reply.shard is None:
            raise ToolError(reply.error, reply.hint)
        yield reply.shard


def _feed(child: tools.Child, plan: lint.Plan, tasks: _Tasks, replies: _Replies) -> None:
    assert child.stdin
    assert child.stdout
    try:
        worker.send(child.stdin, plan)
        while (task := tasks.get()) is not None:
            worker.send(child.stdin, task)
            frame = worker.receive(child.stdout)
            if frame is None:
                raise OSError("it ended early")
            replies.put(msgspec.msgpack.decode(frame, type=worker.Reply))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        replies.put(worker.Reply(None, f"a worker process failed: {error}", _HINT))


def _stop(child: tools.Child) -> None:
    """End a worker with the protoc it may be waiting for, which would write on into a directory that is going."""
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
    tools.stop(child)
